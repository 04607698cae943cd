"""`mlenv-doctor diff`: what differs between two machines or days."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..options import about_look


@click.command()
@click.argument("a", type=click.Path(path_type=Path), metavar="A")
@click.argument("b", type=click.Path(path_type=Path), metavar="B")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
@about_look
def diff(a: Path, b: Path, form: str, color: str, ascii: bool) -> None:
    """Say what differs between two saved reports (`check --format json`) or snapshots.

    Exit code: 0 no difference, 1 different, 2 usage.
    """
    from ..diff import difference, side
    from ..registry import find_plugins
    from ..report.difference import as_json, words
    from ..report.look import look_for
    from ..report.output import emit

    plugins = find_plugins()
    found = difference(side(a, plugins), side(b, plugins))
    emit((as_json if form == "json" else words)(found, look_for(sys.stdout, color=color, ascii=ascii)))
    raise SystemExit(int(not found.same))
