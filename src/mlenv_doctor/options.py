"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

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
    from .settings import LONGEST

    try:
        if 0 < float(text) <= LONGEST:
            return float(text)
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} is no number of seconds above 0, at most a week")


def which_python(*names: str) -> Callable[[F], F]:
    """The option that names the Python to examine."""
    return click.option(
        *names, "python", metavar="PATH", help="The Python to examine: an interpreter, a command or an environment."
    )


about_target = which_python("--python", "--target")
about_depth = option_list(
    click.option("--quick", is_flag=True, help="Read files only: import nothing, connect to nothing."),
    click.option(
        "--online", is_flag=True, help="Also ask the package index, and of each key its provider: one free request each."
    ),
    click.option("--env-file", metavar="PATH", help="The file with the keys, instead of .env."),
    click.option("--mlflow-uri", metavar="URI", help="The MLflow server or store to look at, instead of MLFLOW_TRACKING_URI."),
    click.option("--wait", type=seconds, metavar="SECONDS", help="How long an MLflow server that is starting may take."),
    click.option("--timeout", type=seconds, metavar="SECONDS", help="Deadline of one probe."),
    click.option("--budget", type=seconds, metavar="SECONDS", help="Deadline of everything."),
)
about_wishes = option_list(
    click.option("--skip", multiple=True, metavar="NAME", help="A family or check to leave out; may be repeated."),
    click.option("--profile", multiple=True, metavar="STAGE", help="Require what a stage of the roadmap uses; `all` for all."),
    click.option("--require", multiple=True, metavar="WHAT", help="gpu, mlflow, key:NAME or lib:REQUIREMENT; may be repeated."),
    click.option(
        "--from",
        "saved",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Judge a snapshot, or a pasted report of torch.utils.collect_env and its like, instead; - reads standard input.",
    ),
    click.option("--symptom", metavar="TEXT|FILE", help="Also explain the words of an error; - reads standard input."),
)
about_look = option_list(
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Default: on a terminal."),
    click.option("--ascii", is_flag=True, help="No other signs than those of ASCII."),
)
