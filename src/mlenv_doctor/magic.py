"""`%mlenv check` and `%mlenv fix` in a notebook: the options of the command line, the answer of `mlenv_doctor.check()`."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .session import WIDTH, Report, beginning, check

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# A notebook shows what it gets; a pasted report has no kernel, and a kernel no exit code.
NOT_HERE = ("form", "nagios", "output", "baseline", "color", "ascii", "saved")


@dataclass(frozen=True)
class Repairs:
    """The guidance of `%mlenv fix`: it shows itself as a report does."""

    report: Report
    optional: bool

    def __repr__(self) -> str:
        from .report.guide import render
        from .report.look import Look, can_show_glyphs

        return beginning(render(self.report, Look(WIDTH, False, not can_show_glyphs(sys.stdout)), self.optional))

    def _repr_html_(self) -> str:
        from .report.notebook import render_repairs

        return render_repairs(self.report, self.optional)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext mlenv_doctor` calls."""
    shell.register_magic_function(mlenv, "line", "mlenv")


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext mlenv_doctor` calls."""
    shell.magics_manager.magics["line"].pop("mlenv", None)


def mlenv(line: str) -> Report | Repairs | None:
    """Examine this notebook's Python: %mlenv check, or see how it is repaired: %mlenv fix. Options: %mlenv check --help"""
    import click
    from IPython.core.error import UsageError

    try:
        words = split(line, windows=os.name == "nt")
        command = words.pop(0) if words and words[0] in ("check", "fix") else "check"
        asked = understood(command, words)
        return None if asked is None else answer(command, asked)
    except click.ClickException as why:
        raise UsageError(why.format_message()) from None
    except ValueError as why:  # BadInput, and shlex's: no closing quotation
        raise UsageError(str(why)) from None


def split(line: str, *, windows: bool) -> list[str]:
    """The words of a line, as a shell splits them; on Windows a backslash belongs to a path. Raises ValueError."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if windows:
        lexer.escape = ""
    return list(lexer)


def understood(command: str, arguments: list[str]) -> dict[str, Any] | None:
    """The options of a line, as the command line understands them; None where help was asked for. Raises click's errors."""
    import click

    from .cli import cli

    known = cli.commands[command]
    options = [option for option in known.params if option.name not in NOT_HERE]
    parser = click.Command(command, params=options, help=known.help, context_settings=cli.context_settings)
    with contextlib.suppress(click.exceptions.Exit), parser.make_context(f"%mlenv {command}", arguments) as context:
        return dict(context.params)
    return None


def answer(command: str, asked: dict[str, Any]) -> Report | Repairs:
    """What a command comes to. Raises BadInput."""
    from .cli import TOPICS

    names, topics = asked.pop("names"), asked.pop("topics", ())
    families = tuple(family for topic in topics for family in TOPICS[topic])
    report = check(*families, *names, **asked)
    return Repairs(report, bool(topics or names)) if command == "fix" else report
