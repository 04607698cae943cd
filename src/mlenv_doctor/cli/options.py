"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from . import completing

F = TypeVar("F", bound=Callable[..., Any])


def option_list(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def seconds(text: str) -> float:
    """A time, as an option names it."""
    from ..patient.settings import LONGEST

    try:
        if 0 < float(text) <= LONGEST:
            return float(text)
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} is not a number of seconds above 0, at most a week")


def which_python(*names: str) -> Callable[[F], F]:
    """The option that names the Python to examine."""
    return click.option(
        *names, "python", metavar="PATH", help="The Python to check: an interpreter, a command or an environment."
    )


about_names = click.argument("names", nargs=-1, metavar="[FAMILY|CHECK]...", shell_complete=completing.checks)
about_target = which_python("--python", "--target")
about_depth = option_list(
    click.option("--quick", is_flag=True, help="Only read files: import nothing, connect to nothing."),
    click.option(
        "--online", is_flag=True, help="Also contact the package index, and the provider of each API key (one free request each)."
    ),
    click.option(
        "--deep", is_flag=True, help="Also let each library do a small piece of real work: at most a minute in all, no network."
    ),
    click.option("--env-file", metavar="PATH", help="The file with the keys, instead of .env."),
    click.option("--mlflow-uri", metavar="URI", help="The MLflow server or store to check, instead of MLFLOW_TRACKING_URI."),
    click.option("--wait", type=seconds, metavar="SECONDS", help="How long to wait for an MLflow server that is starting."),
    click.option("--timeout", type=seconds, metavar="SECONDS", help="Time limit for one probe."),
    click.option("--budget", type=seconds, metavar="SECONDS", help="Time limit for everything."),
)
about_wanted = option_list(
    click.option(
        "--skip",
        multiple=True,
        metavar="NAME",
        shell_complete=completing.checks,
        help="A family or check to leave out; may be repeated.",
    ),
    click.option(
        "--profile",
        multiple=True,
        metavar="STAGE",
        shell_complete=completing.stages,
        help="Require what a stage of the roadmap uses; `all` for all.",
    ),
    click.option(
        "--require",
        multiple=True,
        metavar="WHAT",
        shell_complete=completing.wishes,
        help="gpu, mlflow, key:NAME or lib:REQUIREMENT; may be repeated.",
    ),
)
about_wishes = option_list(
    about_wanted,
    click.option(
        "--from",
        "saved",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Check a snapshot, or a pasted report such as that of torch.utils.collect_env, instead; - reads standard input.",
    ),
    click.option("--symptom", metavar="TEXT|FILE", help="Also explain an error message; - reads standard input."),
)
about_look = option_list(
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Default: on a terminal."),
    click.option("--ascii", is_flag=True, help="Use ASCII characters only."),
)
