"""`mlenv-doctor completion`: the script that lets a shell complete our commands, options and names."""

from __future__ import annotations

import click

from .help import WithExamples

SHELLS = ("bash", "zsh", "fish")
NAME = "mlenv-doctor"


@click.command(cls=WithExamples)
@click.argument("shell", type=click.Choice(SHELLS), metavar="|".join(SHELLS))
def completion(shell: str) -> None:
    """Print the script that turns on completion in a shell: commands, options, checks, causes and stages.

    It works where `mlenv-doctor` is on the PATH. The shell asks it at each press of Tab; nothing is installed.
    """
    from ..running.printing import emit

    emit(script(shell))


def script(shell: str) -> str:
    """The script for a shell, as click makes it. No shell is started for that: click would ask bash for its version."""
    from click.shell_completion import ShellComplete, get_completion_class

    from .app import cli

    found = get_completion_class(shell)
    assert found is not None, "click knows all three"
    return ShellComplete.source(found(cli, {}, NAME, f"_{NAME.replace('-', '_').upper()}_COMPLETE"))
