"""`mlenv-doctor fix`: the repairs that this machine needs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .asking import examined, exit_code, order, plugins
from .help import WithExamples
from .options import about_depth, about_look, about_names, about_wishes, option_list, which_python

if TYPE_CHECKING:
    from ..report.look import Look

TOPICS = {
    "gpu": ("gpu", "torch"),
    "python": ("python",),
    "venv": ("venv",),
    "libs": ("libraries",),
    "mlflow": ("mlflow",),
    "llm": ("llm",),
}


@click.command(cls=WithExamples)
@about_names
@option_list(
    *(
        click.option(f"--{topic}", "topics", flag_value=topic, multiple=True, help=f"Guidance about {', '.join(families)}.")
        for topic, families in TOPICS.items()
    )
)
@click.option("--apply", is_flag=True, help="Repair: show the plan, ask, do it, look again, and undo what did not help.")
@click.option("--dry-run", is_flag=True, help="Show what --apply would do: packages, files, downloads. Changes nothing.")
@click.option(
    "--search", is_flag=True, help="Try versions in a copy of the environment until a failing import works. Changes nothing."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Of --dry-run and --search: text or json."
)
@click.option("--yes", is_flag=True, help="With --apply: do not ask.")
@which_python("--target")
@about_depth
@about_wishes
@click.option("-v", "--verbose", is_flag=True, help="Also show all of a long list, and what verifies each repair.")
@about_look
def fix(names: tuple[str, ...], topics: tuple[str, ...], verbose: bool, color: str, ascii: bool, **asked: Any) -> None:
    """Print the repairs that this machine needs, in order; with --apply, carry them out."""
    from ..report.look import look_for

    chosen = (*(family for topic in topics for family in TOPICS[topic]), *names)
    look = look_for(sys.stdout, color=color, ascii=ascii, verbose=verbose)
    how = How(**{name: asked.pop(name) for name in ("apply", "dry_run", "search", "form", "yes")})
    refuse_what_does_not_go_together(how, quick=asked["quick"])
    if how.search:
        from .search import search

        raise SystemExit(search(order(chosen, strict=False, **asked), look, form=how.form))
    if how.apply or how.dry_run:
        raise SystemExit(repaired(chosen, look, how, **asked))
    from ..report.guide import render
    from ..running.printing import emit

    report = examined(order(chosen, strict=False, **asked))
    emit(render(report, look, optional=bool(chosen)))
    raise SystemExit(int(exit_code(report) == 1))  # where nothing can be verified there may still be advice


class How(NamedTuple):
    """The options that are about repairing."""

    apply: bool
    dry_run: bool
    search: bool
    form: str
    yes: bool


def refuse_what_does_not_go_together(how: How, *, quick: bool) -> None:
    """Raises UsageError for options without the one that they belong to."""
    if how.apply and how.dry_run:
        raise click.UsageError("--apply and --dry-run exclude each other: choose one")
    if how.search and (how.apply or how.dry_run):
        raise click.UsageError("--search prints the command that it proved and changes nothing: leave out --apply and --dry-run")
    if how.search and quick:
        raise click.UsageError("--search imports libraries and --quick imports none: leave one of them out")
    if how.yes and not how.apply:
        raise click.UsageError("--yes needs --apply: without it nothing is changed or asked")
    if how.form != "text" and not (how.dry_run or how.search):
        raise click.UsageError(
            "--format json needs --dry-run or --search; `mlenv-doctor check --format json` has the printed fixes"
        )


def repaired(chosen: tuple[str, ...], look: Look, how: How, **asked: Any) -> int:
    """Have it repaired, or planned; the exit code. Everything is examined, since nothing else may turn red."""
    from ..examine.registry import select
    from . import repairs

    select((check for plugin in plugins() for check in plugin.checks), chosen)  # an unknown name is said before all else
    wanted = order((), strict=False, **asked)
    if how.dry_run:
        return repairs.dry_run(wanted, chosen, lambda: examined(wanted), look, form=how.form)
    return repairs.apply(wanted, chosen, lambda: examined(wanted), look, yes=how.yes)
