"""`mlenv-doctor init`: write a ready file for a place where machines call the doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .help import WithExamples

if TYPE_CHECKING:
    from .ready_files import Template

PLACES = ("github", "gitlab", "pre-commit", "slurm", "slurm-health", "kubernetes", "docker")
STDOUT = "-"


@click.command(cls=WithExamples)
@click.argument("place", type=click.Choice(PLACES), metavar="|".join(PLACES))
@click.argument("path", required=False, metavar="[PATH|-]")
@click.option("--force", is_flag=True, help="Do not ask; an existing file is kept next to the new one.")
@click.option("--stdout", is_flag=True, help="Print it and write nothing, as with - for the path.")
def init(place: str, path: str | None, force: bool, stdout: bool) -> None:
    """Write a ready file that lets CI, git, a cluster or an image ask the doctor.

    Where there is such a file it asks before it writes. Exit code: 0 done, 1 you said no, 2 usage.
    """
    from ..running.printing import emit
    from .ready_files import TEMPLATES, ready

    if stdout or path == STDOUT:
        emit(ready(place))
    else:
        put(Path(path or TEMPLATES[place].path), place, TEMPLATES[place], force=force)


def put(path: Path, place: str, template: Template, *, force: bool) -> None:
    """Write the file, if that is wanted. Raises BadInput."""
    from ..running.printing import emit
    from .ready_files import ready, there, write

    text = ready(place)
    old = there(path)
    if old == text.encode("utf-8"):
        emit(f"{path} is already so\n")
        return
    if old is not None and not force:
        ask(path, place)
    kept = write(path, text)
    note = f"; what was there is now {kept}" if kept else ""
    emit(f"wrote {path}{note}; next: {template.then}\n")


def ask(path: Path, place: str) -> None:
    """Ask whether to write over a file. Raises BadInput where nobody can answer."""
    from ..errors import BadInput

    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise BadInput(
            f"{path} exists; write over it with --force, name another path, or print with `mlenv-doctor init {place} -`"
        )
    if not click.confirm(f"{path} exists. Overwrite it, and keep the old file next to it?", err=True):
        click.echo("nothing was written", err=True)
        raise SystemExit(1)
