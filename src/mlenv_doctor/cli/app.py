"""The command line: one group, `check` by default; each command is a file of its own, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from .. import __version__
from .help import GroupWithExamples

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NAMES = ("check", "completion", "diff", "explain", "fix", "fleet", "init", "list", "run", "schema", "setup", "snapshot", "undo")
ELSEWHERE = {"list": ("list_checks", "list_checks"), "fleet": ("fleet_nodes", "fleet")}  # the module and the name in it
COMMANDS = {name: ELSEWHERE.get(name, (name, name)) for name in NAMES}


def command(name: str) -> click.Command:
    """One of the commands."""
    module, own = COMMANDS[name]
    found: click.Command = getattr(import_module(f"{__package__}.{module}"), own)
    return found


class DefaultsToCheck(GroupWithExamples):
    """`check` is what is meant when no command is named."""

    def list_commands(self, ctx: click.Context | None) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context | None, cmd_name: str) -> click.Command | None:
        return command(cmd_name) if cmd_name in COMMANDS else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing and not args:
            return super().parse_args(ctx, args)  # a shell asks what the first word could be
        if not args or args[0] not in (*COMMANDS, "-h", "--help", "--version"):
            self._refuse_mistyped_command(args[0] if args else "")
            self._refuse_late_command(args)
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """A first word is a command, or one of the words of `check`."""
        check = command("check")
        words = check.params[0].shell_complete(ctx, incomplete) if incomplete[:1].isalpha() else []
        return [*super().shell_complete(ctx, incomplete), *words, *check.shell_complete(ctx, incomplete)]

    def _refuse_mistyped_command(self, word: str) -> None:
        """A word that is nearly a command was meant as one."""
        if word and not word.startswith("-"):
            import difflib

            near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.7)
            if near:
                raise click.UsageError(f"there is no command {word!r}; did you mean {near[0]!r}?")

    def _refuse_late_command(self, args: list[str]) -> None:
        """Options belong behind the command: before it they are taken for those of `check`, and it for a family."""
        late = next((word for word in args if word in COMMANDS), None)
        before = args[: args.index(late)] if late else []
        if late and all(word.startswith("-") for word in before):
            raise click.UsageError(f"options come after the command: mlenv-doctor {' '.join([late, *before])}")


@click.group(cls=DefaultsToCheck, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mlenv-doctor")
def cli() -> None:
    """Find out what is wrong with this machine learning environment, and the command that repairs it.

    Without a command it runs `check`. Exit code: 0 ready, 1 not ready, 2 usage, 3 no verdict, 130 interrupted.
    """
    from ..patient.shell import restore  # here, because --help and --version need nothing of a patient

    restore()
