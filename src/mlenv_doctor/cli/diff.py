"""`mlenv-doctor diff`: what differs between two machines or days."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .help import WithExamples
from .options import about_look

if TYPE_CHECKING:
    from ..examine.registry import Plugin
    from ..model import Report


@click.command(cls=WithExamples)
@click.argument("a", type=click.Path(path_type=Path), metavar="A")
@click.argument("b", type=click.Path(path_type=Path), metavar="B")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
@about_look
def diff(a: Path, b: Path, form: str, color: str, ascii: bool) -> None:
    """Say what differs between two saved reports (`check --format json`) or snapshots.

    Exit code: 0 no difference, 1 different, 2 usage.
    """
    from ..documents.diff import difference, side
    from ..examine.limit import SAVED, within
    from ..examine.registry import find_plugins
    from ..report.difference import as_json, words
    from ..report.look import look_for
    from ..running.printing import emit

    with within(2 * SAVED):
        judged = judging(find_plugins())
        found = difference(side(a, judged), side(b, judged))
        emit((as_json if form == "json" else words)(found, look_for(sys.stdout, color=color, ascii=ascii)))
    raise SystemExit(int(not found.same))


def judging(plugins: Iterable[Plugin]) -> Callable[[Path], Report]:
    """What judges a snapshot, without any project's settings."""
    from ..examine.examination import examine
    from ..examine.order import Order
    from ..patient.settings import Settings

    return lambda snapshot: examine(Order(Path(), Settings(), saved=snapshot), plugins)
