"""`%mlenv check`, `fix` and `why` in a notebook: the options of the command line, the answer of `mlenv_doctor.check()`."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from ..records import dataclass
from .session import WIDTH, Report, beginning, check, examined, the_order
from .why import Why, explained

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# A notebook shows what it gets; a pasted report has no kernel, and a kernel no exit code.
NOT_HERE = ("form", "nagios", "output", "baseline", "color", "ascii", "saved", "recursive", "search", "demo")


@dataclass(frozen=True)
class Repairs:
    """The guidance of `%mlenv fix`: it shows itself as a report does."""

    report: Report
    optional: bool

    def __repr__(self) -> str:
        from ..report.guide import render
        from ..report.look import Look, can_show_glyphs

        return beginning(render(self.report, Look(WIDTH, False, not can_show_glyphs(sys.stdout)), self.optional))

    def _repr_html_(self) -> str:
        from ..report.notebook import render_repairs

        return render_repairs(self.report, self.optional)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext mlenv_doctor` calls."""
    shell.register_magic_function(mlenv, "line", "mlenv")


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext mlenv_doctor` calls."""
    shell.magics_manager.magics["line"].pop("mlenv", None)


def mlenv(line: str) -> Report | Repairs | Why | None:
    """Examine this notebook's Python: %mlenv check, see how to repair it: %mlenv fix, repair it: %mlenv fix --apply --yes.

    Explain the last exception: %mlenv why.
    """
    import click
    from IPython.core.error import UsageError

    try:
        words = split(line, windows=os.name == "nt")
        if words[:1] == ["why"]:
            return explained(words[1:])
        command = words.pop(0) if words and words[0] in ("check", "fix", "undo") else "check"
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

    from ..cli import app

    known = app.command(command)
    options = [option for option in known.params if option.name not in NOT_HERE]
    parser = click.Command(command, params=options, help=known.help, context_settings=app.cli.context_settings)
    with contextlib.suppress(click.exceptions.Exit), parser.make_context(f"%mlenv {command}", arguments) as context:
        return dict(context.params)
    return None


def answer(command: str, asked: dict[str, Any]) -> Report | Repairs | None:
    """What a command comes to. Raises BadInput."""
    from ..cli.fix import TOPICS

    if command == "undo":
        undone(asked)
        return None
    names, topics = asked.pop("names"), asked.pop("topics", ())
    families = tuple(family for topic in topics for family in TOPICS[topic])
    apply, dry_run, yes = (asked.pop(name, False) for name in ("apply", "dry_run", "yes"))
    if apply or dry_run:
        repaired((*families, *names), yes=yes, dry_run=dry_run, **asked)
        return None
    report = check(*families, *names, **asked)
    return Repairs(report, bool(topics or names)) if command == "fix" else report


def repaired(chosen: tuple[str, ...], *, yes: bool, dry_run: bool, **asked: Any) -> None:
    """Repair this notebook's environment, or show how; it says what it does while it does it. Raises BadInput."""
    from ..cli import repairs
    from ..report.look import Look, can_show_glyphs

    order = the_order((), strict=False, **asked)
    look = Look(WIDTH, False, not can_show_glyphs(sys.stdout))
    if dry_run:
        repairs.dry_run(order, chosen, lambda: examined(order), look, form="text")
    else:
        repairs.apply(order, chosen, lambda: examined(order), look, yes=yes)


def undone(asked: dict[str, Any]) -> None:
    """Bring this notebook's environment back. Raises BadInput."""
    from ..cli.undo import bring_back

    bring_back(asked["id"], listing=asked["listing"], yes=asked["yes"], python=asked["python"] or sys.prefix)
