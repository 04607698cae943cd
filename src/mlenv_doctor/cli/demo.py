"""`mlenv-doctor check --demo`: what the doctor says of typical machines, from stored snapshots. This machine is not examined."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .asking import called, exit_code, plugins

if TYPE_CHECKING:
    from ..model import Report
    from ..report.look import Look

LIST = "list"  # --demo without a name
OF_THIS_MACHINE = {
    "python": "--python", "saved": "--from", "symptom": "--symptom", "baseline": "--baseline", "quick": "--quick",
    "online": "--online", "deep": "--deep", "env_file": "--env-file", "mlflow_uri": "--mlflow-uri", "wait": "--wait",
    "nagios": "--nagios", "recursive": "--recursive",
}  # fmt: skip


def demonstrate(
    name: str, names: tuple[str, ...], form: str, files: list[tuple[str, Path]], look: Look, asked: Mapping[str, Any]
) -> int:
    """Show a stored machine, or which there are; the exit code that the machine would have. Raises BadInput, UsageError."""
    from ..documents.demo import titles
    from ..report import renderer
    from ..report.demo import FORMATS, marked
    from ..report.look import Look
    from ..report.output import save
    from ..running.printing import emit

    refuse(asked, [form, *(form for form, _ in files)], FORMATS)
    if name == LIST:
        emit(listed(titles()))
        return 0
    report = judged(name, names, asked)  # an unknown name ends here
    note = f"Demonstration, not this machine: {titles()[name]}"
    emit(marked(form, renderer(form)(report, look), name, note))
    if form == "text":
        emit(f"End of the demonstration. To check this machine: {called()} check\n")
    save((each, path, marked(each, renderer(each)(report, Look(ascii=False)), name, note)) for each, path in files)
    return exit_code(report)


def refuse(asked: Mapping[str, Any], forms: list[str], possible: tuple[str, ...]) -> None:
    """Raises UsageError for what makes no sense without a machine, and for formats that other programs act on."""
    if given := [option for key, option in OF_THIS_MACHINE.items() if asked.get(key)]:
        raise click.UsageError(f"--demo shows a stored machine; leave {' and '.join(given)} out")
    if other := [form for form in forms if form not in possible]:
        raise click.UsageError(f"--demo has the formats {', '.join(possible)}; {other[0]} is for programs that act on it")


def listed(titles: Mapping[str, str]) -> str:
    """Which machines there are, a line each, and how to see one."""
    lines = [f"  {name:16} {title[0].upper()}{title[1:]}" for name, title in titles.items()]
    first = next(iter(titles))
    return "\n".join(
        ["Demonstrations: stored machines, this one is not examined", *lines, "", f"Next: {called()} check --demo {first}", ""]
    )


def judged(name: str, names: tuple[str, ...], asked: Mapping[str, Any]) -> Report:
    """The report on a stored machine, on the way of `check --from`, without the settings of the folder that this runs in."""
    from ..documents.demo import snapshot
    from ..examine.examination import examine
    from ..examine.order import Order
    from ..patient.settings import Settings, overlaid

    wishes = {key: asked[key] for key in ("skip", "profile", "require", "strict", "timeout", "budget")}
    with tempfile.TemporaryDirectory(prefix="mlenv-doctor-") as folder:
        saved = Path(folder) / "snapshot.json"
        saved.write_text(snapshot(name), "utf-8")
        project = Path(json.loads(saved.read_text("utf-8"))["project"])
        order = Order(project, overlaid(Settings(), **wishes), names, saved=saved, called=called(), alone=True)
        return examine(order, plugins(names))
