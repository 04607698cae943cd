"""`mlenv-doctor check`: examine this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .asking import examined, exit_code, order
from .completing import demonstrations, formats
from .help import WithExamples
from .options import about_depth, about_look, about_names, about_target, about_wishes

if TYPE_CHECKING:
    from ..model import Report


@click.command(cls=WithExamples)
@about_names
@about_target
@about_depth
@click.option("--write", is_flag=True, help="With --deep: also write a run to the configured MLflow server, and delete it again.")
@about_wishes
@click.option(
    "--demo",
    is_flag=False,
    flag_value="list",
    metavar="[NAME]",
    shell_complete=demonstrations,
    help="Show a stored machine instead, such as cpu-only-torch; without a name, list them.",
)
@click.option("--strict", is_flag=True, help="Also fail on warnings and on what could not be verified.")
@click.option(
    "--format",
    "form",
    metavar="FORMAT",
    shell_complete=formats,
    help="text, short, json, junit, sarif, github, gitlab, markdown or html.",
)
@click.option("--nagios", is_flag=True, help="Output for Nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")
@click.option("--output", multiple=True, metavar="FORMAT:PATH", help="Also write a report to a file; may be repeated.")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="A saved JSON report: only new problems count.")
@click.option("--recursive", is_flag=True, help="Also check the projects below this folder; one table for all.")
@click.option("-v", "--verbose", is_flag=True, help="Also show what passed, what was skipped, and the evidence.")
@about_look
def check(
    names: tuple[str, ...],
    form: str | None,
    nagios: bool,
    output: tuple[str, ...],
    baseline: Path | None,
    recursive: bool,
    demo: str | None,
    verbose: bool,
    color: str,
    ascii: bool,
    **asked: Any,
) -> None:
    """Check this machine and say what is wrong with it."""
    from ..documents.saved import known_from
    from ..examine.limit import SAVED, within
    from ..report import output as outputs
    from ..report import prepare
    from ..report.look import look_for

    refuse_what_does_not_go_together(nagios, form, recursive=recursive, other=bool(output or asked["saved"]))
    form = "nagios" if nagios else form or "text"
    files = outputs.understood(output, form)
    look = look_for(sys.stdout, color=color, ascii=ascii, verbose=verbose)
    if demo is not None:
        from .demo import demonstrate

        raise SystemExit(demonstrate(demo, names, form, files, look, {**asked, "baseline": baseline, "recursive": recursive}))
    if recursive:
        from .recursive import examine_all

        raise SystemExit(examine_all(lambda folder: order(names, folder, baseline=known_from(baseline), **asked), look))
    with within(SAVED):
        wanted = order(names, baseline=known_from(baseline), **asked)
    report = examined(wanted, meanwhile=lambda: prepare(form, look))
    with within(SAVED):
        outputs.deliver(report, form, look, files)
    if form == "text":
        tell_of_an_interrupted_repair(report)
    raise SystemExit(exit_code(report, nagios))


def refuse_what_does_not_go_together(nagios: bool, form: str | None, *, recursive: bool, other: bool) -> None:
    """Raises UsageError. other: whether reports go to files, or one is judged."""
    if nagios and form:
        raise click.UsageError("--nagios prints its own format; write others to files with --output FORMAT:PATH")
    if recursive and (nagios or form or other):
        raise click.UsageError("--recursive prints a table; run the doctor in each folder for another format")


def tell_of_an_interrupted_repair(report: Report) -> None:
    """What was killed half-way explains much of what was found; the next repair or undo finishes it."""
    prefix = Path(os.path.realpath(Path(report.target.get("python", "")).parent.parent))
    if (prefix.parent / ".mlenv-doctor" / prefix.name / "journal.json").is_file():
        from ..repair.lock import is_held
        from ..repair.states import Store

        what = "is running" if is_held(Store(prefix)) else "was interrupted; mlenv-doctor undo brings back what was before"
        click.echo(f"mlenv-doctor: a repair of {prefix} {what}", err=True)
