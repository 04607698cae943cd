"""The order of one examination: what is to be examined, what the probes are told of it, and what no output may show."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..foreign.clean import beginning, secrets_of_dotenv, secrets_of_environment, secrets_of_setting
from ..patient import WantedLibrary
from ..patient.settings import Settings
from ..patient.target import Target
from ..patient.wanted import Wishes
from ..records import dataclass
from .limit import SAVED, USUAL

WAIT_OF_A_PROJECT = 10.0  # seconds
LONGEST_OF_A_PROJECT = 120.0

if TYPE_CHECKING:
    from ..documents.saved import SavedReport


@dataclass(frozen=True)
class Order:
    """What is to be examined: the settings of the project with the options of the command line laid over them.

    saved: a snapshot, or a pasted report, to be judged instead of this machine. symptom: the words of an error, or their file.
    called: what to type to call the doctor again. own: the project's part of the settings.
    baseline: a saved report whose findings are known; only what is new counts.
    session: what that is typed into, if it is no shell (see fixes.describe). target: the Python, where it is chosen already.
    path: where the program that asks looks for modules, if it is itself the patient.
    alone: whether this process is the doctor's own, not one of the user's that called it.
    deep: whether the libraries also do a small piece of real work. write: whether a part of it may go to a configured server.
    told: what the probes are told besides.
    """

    project: Path
    settings: Settings
    names: tuple[str, ...] = ()
    python: str | None = None
    quick: bool = False
    online: bool = False
    deep: bool = False
    write: bool = False
    saved: Path | None = None
    symptom: str | None = None
    called: str = "mlenv-doctor"
    own: Settings = field(default_factory=Settings)
    baseline: SavedReport | None = None
    session: str = ""
    target: Target | None = None
    path: tuple[str, ...] = ()
    alone: bool = False
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
        "mlflow_uri": mlflow_uri(order)[0],
        "mlflow_uri_from": mlflow_uri(order)[1],
        "wait": patience(order),
        "keys": list(wished.keys),
        "quick": order.quick,
        "added": list(order.path),
        **{name: list(words) for name, words in order.told.items()},
    }


def mlflow_uri(order: Order) -> tuple[str | None, str]:
    """The address that the doctor is told, and who says so. The user's own word counts more than that of a project."""
    named = order.settings.mlflow_uri
    if named != order.own.mlflow_uri:
        return named, "--mlflow-uri"
    return (None, "") if os.environ.get("MLFLOW_TRACKING_URI") else (named, "pyproject.toml")


def patience(order: Order) -> float:
    """How long a server that is starting is waited for: as long as the user says, and a little where only the project does."""
    wait = order.settings.wait or 0.0
    return wait if wait != order.own.wait else min(wait, WAIT_OF_A_PROJECT)


def deadline(order: Order) -> float:
    """Seconds for everything: a project can only make them fewer."""
    asked = order.settings.budget
    usual = SAVED if order.saved else USUAL + patience(order)
    if asked is None:
        return usual
    return asked if asked != order.own.budget else min(asked, usual)


def probe_limit(order: Order) -> float | None:
    """Seconds for one probe, where somebody says so; a project can only make them fewer than the longest of ours."""
    asked = order.settings.timeout
    return asked if asked is None or asked != order.own.timeout else min(asked, LONGEST_OF_A_PROJECT)


def secrets(order: Order) -> list[str]:
    """Every value that no output may show: those of the environment, of the named file, and of each `.env` from here upwards.

    python-dotenv looks in the folders above as well, and so may any library that is imported.
    """
    files = [order.project / (order.settings.env_file or ".env"), *(folder / ".env" for folder in order.project.parents)]
    own = secrets_of_setting(order.settings.mlflow_uri or "") + secrets_of_setting(order.own.mlflow_uri or "")
    return secrets_of_environment() + own + [secret for file in files for secret in secrets_of_dotenv(beginning(file))]
