"""`mlenv-doctor list`: all checks, a line each."""

from __future__ import annotations

import click

from .asking import plugins
from .help import WithExamples


@click.command(name="list", cls=WithExamples)
def list_checks() -> None:
    """List all checks."""
    from ..running.printing import emit

    emit("".join(f"{found.id:26} {found.title}\n" for plugin in plugins() for found in plugin.checks))
