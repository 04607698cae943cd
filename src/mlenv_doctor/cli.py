"""The command line: understand what is asked, have it done, show it, and end with the right exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .commands.diff import diff
from .commands.init import init
from .options import about_depth, about_look, about_target, about_wishes, option_list, which_python

if TYPE_CHECKING:
    from .model import Report
    from .order import Order
    from .registry import Plugin

TOPICS = {
    "gpu": ("gpu", "torch"),
    "python": ("python",),
    "venv": ("venv",),
    "libs": ("libraries",),
    "mlflow": ("mlflow",),
    "llm": ("llm",),
}


class DefaultsToCheck(click.Group):
    """`check` is what is meant when no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "-h", "--help", "--version"):
            self._refuse_mistyped_command(args[0] if args else "")
            self._refuse_late_command(args)
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def _refuse_mistyped_command(self, word: str) -> None:
        """A word that is nearly a command was meant as one."""
        if word and not word.startswith("-"):
            import difflib

            near = difflib.get_close_matches(word, self.commands, n=1, cutoff=0.7)
            if near:
                raise click.UsageError(f"there is no command {word!r}; did you mean {near[0]!r}?")

    def _refuse_late_command(self, args: list[str]) -> None:
        """Options belong behind the command: before it they are taken for those of `check`, and it for a family."""
        late = next((word for word in args if word in self.commands), None)
        before = args[: args.index(late)] if late else []
        if late and all(word.startswith("-") for word in before):
            raise click.UsageError(f"options come after the command: mlenv-doctor {' '.join([late, *before])}")


@click.group(cls=DefaultsToCheck, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mlenv-doctor")
def cli() -> None:
    """Name what is wrong with this machine learning environment, and the command that repairs it.

    Without a command it runs `check`. Exit code: 0 ready, 1 not ready, 2 usage, 3 no verdict, 130 interrupted.
    """


@cli.command()
@click.argument("names", nargs=-1, metavar="[FAMILY|CHECK]...")
@about_target
@about_depth
@about_wishes
@click.option("--strict", is_flag=True, help="Warnings and what is unknown count as well.")
@click.option("--format", "form", metavar="FORMAT", help="text, short, json, junit, sarif, github, gitlab, markdown or html.")
@click.option("--nagios", is_flag=True, help="Answer as a plug-in of Nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")
@click.option("--output", multiple=True, metavar="FORMAT:PATH", help="Write a report to a file as well; may be repeated.")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="A saved JSON report: only what is new counts.")
@click.option("-v", "--verbose", is_flag=True, help="Show what passed, and the evidence.")
@about_look
def check(
    names: tuple[str, ...],
    form: str | None,
    nagios: bool,
    output: tuple[str, ...],
    baseline: Path | None,
    verbose: bool,
    color: str,
    ascii: bool,
    **asked: Any,
) -> None:
    """Examine this machine and say what is wrong with it."""
    from .report import output as outputs
    from .report import prepare
    from .report.look import look_for
    from .saved import known_from

    if nagios and form:
        raise click.UsageError("--nagios is a format of its own; write others to files with --output FORMAT:PATH")
    form = "nagios" if nagios else form or "text"
    files = outputs.understood(output, form)
    look = look_for(sys.stdout, color=color, ascii=ascii, verbose=verbose)
    report = examined(order(names, baseline=known_from(baseline), **asked), meanwhile=lambda: prepare(form, look))
    outputs.show(report, form, look)
    outputs.write(report, files)
    outputs.summarize(report, {form, *(form for form, _ in files)})
    raise SystemExit(exit_code(report, nagios))


@cli.command()
@click.argument("names", nargs=-1, metavar="[FAMILY|CHECK]...")
@option_list(
    *(
        click.option(f"--{topic}", "topics", flag_value=topic, multiple=True, help=f"Guidance about {', '.join(families)}.")
        for topic, families in TOPICS.items()
    )
)
@which_python("--target")
@about_depth
@about_wishes
@about_look
def fix(names: tuple[str, ...], topics: tuple[str, ...], color: str, ascii: bool, **asked: Any) -> None:
    """Print the repairs that this machine needs, in order, fit for it."""
    from .report import output as outputs
    from .report.guide import render
    from .report.look import look_for

    families = tuple(family for topic in topics for family in TOPICS[topic])
    report = examined(order((*families, *names), strict=False, **asked))
    outputs.emit(render(report, look_for(sys.stdout, color=color, ascii=ascii), optional=bool(topics or names)))
    raise SystemExit(int(exit_code(report) == 1))  # where nothing can be verified there may still be advice


@cli.command(name="list")
def list_checks() -> None:
    """List all checks."""
    from .report.output import emit

    emit("".join(f"{found.id:26} {found.title}\n" for plugin in plugins() for found in plugin.checks))


@cli.command()
@click.argument("name", metavar="CHECK|CAUSE")
def explain(name: str) -> None:
    """Explain a check or a cause: what it means, why it matters, what can be done."""
    from .explain import explanation
    from .report.output import emit

    emit(explanation(name, plugins()))


@cli.command()
@about_target
@about_depth
def snapshot(**asked: Any) -> None:
    """Print the facts of this machine as JSON, to be judged elsewhere with `check --from`. It holds no secret."""
    import json

    from .examination import look_at_everything
    from .report.output import emit

    emit(json.dumps(look_at_everything(order((), **asked), plugins()), indent=1) + "\n")


@cli.command()
@click.argument("what", type=click.Choice(["report", "snapshot"]), default="report")
def schema(what: str) -> None:
    """Print the JSON schema of the report (default) or of a snapshot."""
    if what == "snapshot":
        from .snapshot_schema import text
    else:
        from .report.json import schema as text
    click.echo(text(), nl=False)


for command in (diff, init):
    cli.add_command(command)


def order(names: tuple[str, ...], **asked: Any) -> Order:
    """What is to be examined: the project's settings with the options laid over them. Raises BadSettings."""
    from .order import Order
    from .report.progress import progress
    from .settings import overlaid, read_settings

    try:
        project = Path(os.path.abspath("."))  # not resolve(): people know their folder by this name
    except FileNotFoundError:
        raise click.UsageError("the folder that this was started in is gone; change to another one") from None
    place = {key: asked.pop(key) for key in ("python", "quick", "online", "saved", "symptom", "baseline") if key in asked}
    if str(place.get("saved")) == place.get("symptom") == "-":
        raise click.UsageError("--from - and --symptom - cannot both read standard input; give one of them as a file")
    if names and (place.get("saved") or place.get("symptom")):
        names = (*names, "symptom")  # whoever gives the words of an error wants to know what they mean
    own = read_settings(project)
    return Order(project, overlaid(own, **asked), names, called=called(), waiting=progress(sys.stderr), own=own, **place)


def called() -> str:
    """How the doctor was called, to be called so again: by its name, as one file, or by a script that says so."""
    if sys.argv[0].endswith(".pyz"):
        import shlex

        return f"python3 {shlex.quote(sys.argv[0])}"
    return os.environ.get("MLENV_DOCTOR_CALLED", "mlenv-doctor")


def plugins() -> tuple[Plugin, ...]:
    """All plug-ins that are installed."""
    from .registry import find_plugins

    return find_plugins()


def examined(asked: Order, meanwhile: Callable[[], object] = lambda: None) -> Report:
    """Examine, and leave no trace of the progress on the screen."""
    from dataclasses import replace

    from .errors import BadInput
    from .examination import examine
    from .settings import origin

    try:
        return examine(replace(asked, meanwhile=meanwhile), plugins())
    except BadInput as why:
        raise BadInput(f"{origin(asked.own, asked.project, str(why))}{why}") from None
    finally:
        asked.waiting(())


def exit_code(report: Report, nagios: bool = False) -> int:
    """0 ready, 1 not ready, 3 no verdict; with --nagios as its plug-ins end."""
    from .model import EXIT_CODES

    if nagios:
        from .report.nagios import exit_code as of_a_plugin

        return of_a_plugin(report)
    return EXIT_CODES[report.verdict]
