"""The help texts of the commands: long lists of options in groups, and examples at the end."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import click

GROUPS = {
    "What to check": ("topics", "skip", "profile", "require", "symptom", "baseline", "recursive", "strict"),
    "Where": ("python", "saved", "demo", "env_file", "mlflow_uri", "address", "folder"),
    "How deep": ("quick", "online", "deep", "write", "wait", "timeout", "budget", "deadline", "installed"),
    "Repair": ("apply", "dry_run", "search", "yes"),
}
REST = "Output"  # the heading of all others
FEW = 6  # so many options are read at a glance


class WithExamples(click.Command):
    """A command whose help groups its options and ends with examples."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, params in grouped(self, ctx):
            with formatter.section(heading):
                formatter.write_dl([record for param in params if (record := param.get_help_record(ctx))])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if found := examples(ctx.command_path):
            with formatter.section("Examples"):
                for line, meaning in found:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")  # a command is never wrapped
                    with formatter.indentation():
                        formatter.write_text(meaning)


class GroupWithExamples(WithExamples, click.Group):
    """The same for a command that has commands of its own."""

    command_class = WithExamples


def grouped(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, list[click.Option]]]:
    """The options of a command, by the heading that they stand under."""
    options = [p for p in command.get_params(ctx) if isinstance(p, click.Option) and p.get_help_record(ctx)]
    if len(options) <= FEW:
        yield "Options", options
        return
    headings = {name: heading for heading, names in GROUPS.items() for name in names}
    for heading in (*GROUPS, REST):
        if found := [param for param in options if headings.get(param.name or "", REST) == heading]:
            yield heading, found


def examples(path: str) -> tuple[tuple[str, str], ...]:
    """The examples of a command such as "mlenv-doctor fleet ssh": what to type, and what it does."""
    found: dict[str, tuple[tuple[str, str], ...]] = import_module(".examples", __package__).EXAMPLES
    return found.get(path.partition(" ")[2], ())
