"""The order of one examination: what is to be examined, what the probes are told of it, and what no output may show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clean import beginning, secrets_of_dotenv, secrets_of_environment, secrets_of_setting
from .facts import WantedLibrary
from .settings import Settings
from .target import Target
from .wanted import Wishes

if TYPE_CHECKING:
    from .saved import SavedReport


@dataclass(frozen=True)
class Order:
    """What is to be examined: the settings of the project with the options of the command line laid over them.

    saved: a snapshot, or a pasted report, to be judged instead of this machine. symptom: the words of an error, or their file.
    called: what to type to call the doctor again. own: the project's part of the settings.
    baseline: a saved report whose findings are known; only what is new counts.
    session: what that is typed into, if it is no shell (see fixes.describe). target: the Python, where it is chosen already.
    path: where the program that asks looks for modules, if it is itself the patient.
    """

    project: Path
    settings: Settings
    names: tuple[str, ...] = ()
    python: str | None = None
    quick: bool = False
    online: bool = False
    saved: Path | None = None
    symptom: str | None = None
    called: str = "mlenv-doctor"
    own: Settings = field(default_factory=Settings)
    baseline: SavedReport | None = None
    session: str = ""
    target: Target | None = None
    path: tuple[str, ...] = ()
    waiting: Callable[[tuple[str, ...]], None] = lambda labels: None
    meanwhile: Callable[[], object] = lambda: None


def question(order: Order, target: Target, known: Iterable[WantedLibrary], wished: Wishes) -> dict[str, Any]:
    """What every probe is told."""
    return {
        "project": str(order.project),
        "target": target.python,
        "prefix": target.prefix,
        "chosen_by": target.chosen_by,
        "names": sorted({name.partition(".")[0] for library in known for name in library.imports}),
        "env_file": order.settings.env_file,
        "mlflow_uri": order.settings.mlflow_uri,
        "mlflow_uri_from": "--mlflow-uri" if order.settings.mlflow_uri != order.own.mlflow_uri else "pyproject.toml",
        "wait": order.settings.wait or 0,
        "keys": list(wished.keys),
        "quick": order.quick,
        "added": list(order.path),
    }


def secrets(order: Order) -> list[str]:
    """Every value that no output may show: those of the environment, of the named file, and of each `.env` from here upwards.

    python-dotenv looks in the folders above as well, and so may any library that is imported.
    """
    files = [order.project / (order.settings.env_file or ".env"), *(folder / ".env" for folder in order.project.parents)]
    own = secrets_of_setting(order.settings.mlflow_uri or "")
    return secrets_of_environment() + own + [secret for file in files for secret in secrets_of_dotenv(beginning(file))]
