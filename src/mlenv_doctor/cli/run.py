"""`mlenv-doctor run`: run a command, and explain why it failed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .entry import GIVEN_PATH
from .help import WithExamples

if TYPE_CHECKING:
    from ..running.ended import Ended


@click.command(cls=WithExamples, context_settings={"allow_interspersed_args": False}, options_metavar="[--]")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGUMENT]...")
def run(command: tuple[str, ...]) -> None:
    """Run a command, and explain why it failed if it does.

    Its terminal, input, output and signals are those that it would have without the doctor, and the exit code is that of the
    command: 127 where it is not found, 128+n where signal n ended it. Nothing is added where it succeeds, and nothing is kept.
    """
    if not command:
        raise click.UsageError("a command is missing; write it after run, such as: mlenv-doctor run -- python train.py")
    if sys.platform == "win32":
        from ..running.windows import run as run_to_its_end
    else:
        os.environ.pop("NODEFAULTCURRENTDIRECTORYINEXEPATH", None)  # ours, and for Windows only
        from ..running.command import run as run_to_its_end
    ours = os.environ.get("PATH", "")
    os.environ["PATH"] = os.environ.pop(GIVEN_PATH, ours)
    ended = run_to_its_end(command)
    os.environ["PATH"] = ours
    if ended.code:
        explain(command, ended)
    raise SystemExit(ended.code)


def explain(command: tuple[str, ...], ended: Ended) -> None:
    """Say on stderr why it failed. Whatever goes wrong here, the exit code stays that of the command."""
    from .program import complain, understood

    try:
        answer = _answer(command, ended)
    except KeyboardInterrupt:
        return
    except Exception as why:
        complain(understood(why)[0], ended.code)
        return
    if answer:
        click.echo(f"\n{answer}", err=True, nl=False)


def _answer(command: tuple[str, ...], ended: Ended) -> str:
    """The explanation as text; empty where there is nothing to explain."""
    from ..examine.failure import explained_failure, is_silent
    from ..report.look import look_for
    from ..report.reading import as_text
    from ..running.interpreter import interpreter_of
    from .asking import order, plugins

    if is_silent(ended):
        return ""
    python = interpreter_of(command, Path.cwd())
    wished = order((), python=python if python and os.path.lexists(python) else None)
    try:
        reading, facts = explained_failure(command, ended, wished, plugins())
    finally:
        wished.waiting(())
    return as_text(reading, look_for(sys.stderr), facts)
