"""What a shell may complete a word to, besides commands and options: ids of checks, causes, stages, formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def checks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Families and checks."""
    return beginning(_checks(), incomplete)


def explained(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What `explain` knows by name: checks, families, causes."""
    from .asking import plugins

    causes = (cause for plugin in plugins() for cause in plugin.causes.items())
    return beginning((*_checks(), *causes), incomplete) or files(incomplete)


def stages(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The stages of the roadmap, and `all`."""
    from .asking import plugins

    names = [stage.name for plugin in plugins() for stage in plugin.stages]
    return beginning([("all", "every stage"), *((name, "") for name in names)], incomplete)


def wishes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What --require understands."""
    known = {"gpu": "a GPU that works", "mlflow": "an MLflow server", "key:": "an API key", "lib:": "a library"}
    return beginning(known.items(), incomplete)


def formats(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The formats of a report."""
    from ..report import FORMATS

    return beginning(((name, "") for name in FORMATS), incomplete)


def demonstrations(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The machines of --demo."""
    from ..documents.demo import titles

    return beginning(titles().items(), incomplete)


def _checks() -> Iterator[tuple[str, str]]:
    from .asking import plugins

    found = [check for plugin in plugins() for check in plugin.checks]
    yield from dict.fromkeys((check.family, "all checks of this family") for check in found)
    yield from ((check.id, check.title) for check in found)


def beginning(known: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    """Those that begin with what was typed, with what they mean; each once."""
    from click.shell_completion import CompletionItem

    found = {name: CompletionItem(name, help=meaning or None) for name, meaning in known if name.startswith(incomplete)}
    return list(found.values())


def files(incomplete: str) -> list[CompletionItem]:
    """Whatever file the shell finds."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]
