"""What a command line asks for, as an order; and the examination that answers it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..examine.order import Order
    from ..examine.registry import Plugin
    from ..model import Report


PLACE = ("python", "quick", "online", "deep", "write", "saved", "symptom", "baseline")  # what no settings of a project say


def order(names: tuple[str, ...], folder: str = ".", **asked: Any) -> Order:
    """What is to be examined: the settings of the project in a folder, the options laid over them. Raises BadSettings."""
    from ..examine.order import Order
    from ..patient.settings import overlaid, read_settings
    from ..report.progress import progress

    try:
        project = Path(os.path.abspath(folder))  # not resolve(): people know their folder by this name
    except FileNotFoundError:
        raise click.UsageError("the folder that this was started in is gone; change to another one") from None
    place: dict[str, Any] = {key: asked.pop(key) for key in PLACE if key in asked}
    if str(place.get("saved")) == place.get("symptom") == "-":
        raise click.UsageError("--from - and --symptom - cannot both read standard input; give one of them as a file")
    if names and (place.get("saved") or place.get("symptom")):
        names = (*names, "symptom")  # whoever gives the words of an error wants to know what they mean
    refuse_contradictions(place)
    own = read_settings(project)
    return Order(
        project, overlaid(own, **asked), names, called=called(), waiting=progress(sys.stderr), own=own, alone=True, **place
    )


def refuse_contradictions(place: Mapping[str, Any]) -> None:
    """Real work needs this machine, and imports. Raises UsageError."""
    if place.get("write") and not place.get("deep"):
        raise click.UsageError("--write adds a write to the MLflow server to the real work of --deep; use --deep --write")
    if place.get("deep") and place.get("quick"):
        raise click.UsageError("--deep runs the libraries and --quick imports none; leave one of them out")
    if place.get("deep") and place.get("saved"):
        raise click.UsageError("--deep runs the libraries of this machine, and --from judges a saved file; leave one of them out")


def called() -> str:
    """How the doctor was called, to be called so again: by its name, as one file, or by a script that says so."""
    if sys.argv[0].endswith(".pyz"):
        from ..running.quote import typed

        return typed(("python" if os.name == "nt" else "python3", sys.argv[0]))
    return os.environ.get("MLENV_DOCTOR_CALLED", "mlenv-doctor")


def plugins(names: Iterable[str] = ()) -> tuple[Plugin, ...]:
    """All plug-ins that are installed; of their checks only those that are named, if some are."""
    from ..examine.registry import find_plugins

    return find_plugins(names=names)


def examined(asked: Order, meanwhile: Callable[[], object] = lambda: None) -> Report:
    """Examine, and leave no trace of the progress on the screen."""
    from dataclasses import replace

    from ..errors import BadInput
    from ..examine.examination import examine
    from ..patient.settings import origin

    try:
        return examine(replace(asked, meanwhile=meanwhile), plugins(asked.names))
    except BadInput as why:
        raise BadInput(f"{origin(asked.own, asked.project, str(why))}{why}") from None
    finally:
        asked.waiting(())


def exit_code(report: Report, nagios: bool = False) -> int:
    """0 ready, 1 not ready, 3 no verdict; with --nagios as its plug-ins end."""
    from ..model import EXIT_CODES

    if nagios:
        from ..report.nagios import exit_code as of_a_plugin

        return of_a_plugin(report)
    return EXIT_CODES[report.verdict]
