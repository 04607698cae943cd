"""`mlenv-doctor schema`: the JSON schemas of what the doctor writes."""

from __future__ import annotations

import click

from .help import WithExamples


@click.command(cls=WithExamples)
@click.argument("what", type=click.Choice(["report", "snapshot", "fleet"]), default="report")
def schema(what: str) -> None:
    """Print the JSON schema of the report (default), of a snapshot or of a fleet."""
    if what == "snapshot":
        from ..documents.snapshot_schema import text
        from .asking import plugins

        plugins()  # a snapshot holds the facts of every family
    elif what == "fleet":
        from ..fleet.show.json import schema as text
    else:
        from ..report.json import schema as text
    click.echo(text(), nl=False)
