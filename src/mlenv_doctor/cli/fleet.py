"""`mlenv-doctor fleet`: the same question on many machines, and what differs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .help import GroupWithExamples
from .options import about_look, option_list

if TYPE_CHECKING:
    from ..fleet.fold import Fold

about_output = option_list(
    click.option("--format", "form", metavar="FORMAT", help="text, json, junit or html."),
    click.option("--nagios", is_flag=True, help="Output for Nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."),
    click.option("--output", multiple=True, metavar="FORMAT:PATH", help="Also write a report to a file; may be repeated."),
    click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FLEET.json",
        help="A saved JSON of this command: only drift counts.",
    ),
    about_look,
)


@click.group(cls=GroupWithExamples)
def fleet() -> None:
    """Check many machines and show which differ from the rest, and how.

    Exit code: 0 all ready and alike, 1 something differs, is not ready or silent, 2 usage, 3 nobody answered.
    """


@fleet.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...|-")
@about_output
def files(paths: tuple[str, ...], **shown: Any) -> None:
    """Compare saved snapshots and reports: files, folders, patterns, tar archives; - reads `kubectl logs`.

    A node is called by its file's name without the ending.
    """
    from ..fleet.files import collect

    with showing(**shown) as fold:
        collect(fold, paths, sys.stdin.buffer)


class showing:  # a statement, as contextlib has them
    """Collect into a fold, then show the fleet and end with its exit code. Bad options are said before anything is done."""

    def __init__(self, form: str | None, nagios: bool, output: tuple[str, ...], baseline: Path | None, color: str, ascii: bool):
        from ..documents.saved import saved_document
        from ..fleet.drift import before
        from ..fleet.show import FORMATS
        from ..report import output as outputs
        from ..report.look import look_for

        if nagios and form:
            raise click.UsageError("--nagios prints its own format; write others to files with --output FORMAT:PATH")
        self.form = "nagios" if nagios else form or "text"
        self.files = outputs.understood(output, self.form, FORMATS)
        self.look = look_for(sys.stdout, color=color, ascii=ascii)
        asked = f"--baseline {baseline}"
        self.before = before(saved_document(baseline, asked), asked) if baseline else None

    def __enter__(self) -> Fold:
        from ..fleet.documents import Reader
        from ..fleet.fold import Fold
        from .asking import plugins

        self.fold = Fold(Reader(plugins))
        return self.fold

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        from ..fleet.drift import drift
        from ..fleet.show import Shown, exit_code, renderer
        from ..report import output as outputs
        from ..report.look import Look
        from ..running.printing import emit

        found = self.fold.fleet()
        shown = Shown(found, drift(self.before, found) if self.before else None)
        emit(renderer(self.form)(shown, self.look))
        outputs.save((form, path, renderer(form)(shown, Look(ascii=False))) for form, path in self.files)
        raise SystemExit(exit_code(shown, self.form))
