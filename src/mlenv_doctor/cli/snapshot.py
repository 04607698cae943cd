"""`mlenv-doctor snapshot`: the facts of this machine as data."""

from __future__ import annotations

from typing import Any

import click

from .asking import order, plugins
from .help import WithExamples
from .options import about_depth, about_target


@click.command(cls=WithExamples)
@about_target
@about_depth
def snapshot(**asked: Any) -> None:
    """Print the facts of this machine as JSON, to check elsewhere with `check --from`. It contains no secrets."""
    import json

    from ..examine.examination import look_at_everything
    from ..running.printing import emit

    emit(json.dumps(look_at_everything(order((), **asked), plugins()), indent=1) + "\n")
