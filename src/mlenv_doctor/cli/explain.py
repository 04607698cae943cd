"""`mlenv-doctor explain`: what an error means, or what a check or a cause means."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from . import completing
from .asking import order, plugins
from .help import WithExamples
from .options import about_look, about_target

NAME = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*")
UNKNOWN = 3


@click.command(cls=WithExamples)
@click.argument("what", metavar="TEXT|FILE|-|CHECK|CAUSE", shell_complete=completing.explained)
@about_target
@click.option(
    "--from",
    "saved",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read it against another machine: a snapshot, a report, a list of packages (pip, uv, conda), uv.lock, or nvidia-smi.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
@about_look
def explain(what: str, python: str | None, saved: Path | None, form: str, color: str, ascii: bool) -> None:
    """Explain an error: its cause, in the environment or in the program, and what to do. Also explains a check or a cause.

    Exit code: 0 explained, 2 usage, 3 not understood.
    """
    from ..running.printing import emit

    if NAME.fullmatch(what) and not os.path.exists(what):
        from ..knowledge.catalogue import explanation

        emit(explanation(what, plugins()))
        return
    from ..examine.explanation import explained
    from ..knowledge.symptom import error_text
    from ..report.look import look_for
    from ..report.reading import as_json, as_text

    asked = "explain" if what != "-" and not os.path.exists(what) else f"explain {what}"
    if what == "-" and str(saved) == "-":
        raise click.UsageError("the error and --from cannot both be read from standard input; give one of them as a file")
    text = error_text(what, asked)
    try:
        wished = order((), python=python, saved=saved)
        reading, facts = explained(text, wished, plugins())
    finally:
        wished.waiting(())
    emit(as_json(reading, facts) if form == "json" else as_text(reading, look_for(sys.stdout, color=color, ascii=ascii), facts))
    raise SystemExit(0 if reading.explained else UNKNOWN)
