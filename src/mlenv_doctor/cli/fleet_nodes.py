"""The runners of `mlenv-doctor fleet`: how nodes are reached, and what each of them answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from .fleet import about_output, fleet, showing
from .help import WithExamples
from .options import about_names, about_wanted, option_list, seconds, which_python

if TYPE_CHECKING:
    from ..fleet.asking import Asked
    from ..fleet.fold import Fold

PASSED = ("python", "quick", "online", "env_file", "skip", "profile", "require")  # options of `check` that go along
about_check = option_list(
    which_python("--python"),
    click.option("--quick", is_flag=True, help="Read files only: import nothing, connect to nothing."),
    click.option("--online", is_flag=True, help="Also ask the package index, and the provider of each API key."),
    click.option("--env-file", metavar="PATH", help="The file with the keys, instead of .env."),
    about_wanted,
)
about_time = option_list(
    click.option("--timeout", type=seconds, default="120", metavar="SECONDS", help="Time limit for one node; default 120."),
    click.option("--deadline", type=seconds, default="900", metavar="SECONDS", help="Time limit for all nodes; default 900."),
    click.option("--installed", is_flag=True, help="Send nothing: use the mlenv-doctor that each node has."),
)
about_folder = click.option("--folder", default="", metavar="PATH", help="The project's folder on the nodes.")


def asked(names: tuple[str, ...], folder: str, options: dict[str, Any]) -> Asked:
    """What each node is asked; the options that are about that are taken out of `options`."""
    from ..fleet.asking import Asked

    given = {name: options.pop(name) for name in PASSED}
    time = {name: options.pop(name) for name in ("timeout", "deadline", "installed")}
    return Asked((*words(given), *names), folder=folder, **time)


def words(given: Mapping[str, Any]) -> list[str]:
    """Options as a command line has them."""
    found: list[str] = []
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        for each in value if isinstance(value, tuple) else (value,):
            if each is True:
                found.append(option)
            elif each:
                found.append(f"{option}={each}")
    return found


class Unanswered(click.ClickException):
    """Nobody could be asked."""

    exit_code = 3


def reached(collect: Callable[[Fold], None], shown: Mapping[str, Any]) -> None:
    """Collect and show; where nobody could be asked say why, with exit code 3."""
    from ..errors import Failed

    with showing(**shown) as fold:
        try:
            collect(fold)
        except Failed as why:
            raise Unanswered(str(why)) from None


@click.command(cls=WithExamples)
@click.argument("nodes", metavar="NODES")
@about_names
@about_check
@about_time
@about_folder
@about_output
def ssh(nodes: str, names: tuple[str, ...], folder: str, **options: Any) -> None:
    """Ask nodes by ssh, as ClusterShell names them: node[1-8], @group. Needs the extra `ssh`.

    Each must let you in without a password, and have a Python 3.10. What is sent there is removed again.
    """
    from ..fleet.runners.ssh import collect

    question = asked(names, folder, options)
    reached(lambda fold: collect(fold, nodes, question), options)


class WithForeignOptions(WithExamples):
    """A command whose words behind `--` are for another program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        mine, _, foreign = (
            (args, None, []) if "--" not in args else (args[: args.index("--")], "--", args[args.index("--") + 1 :])
        )
        ctx.obj = tuple(foreign)
        return super().parse_args(ctx, mine)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- SRUN OPTIONS]"]


@click.command(cls=WithForeignOptions)
@about_names
@about_check
@about_time
@about_folder
@about_output
@click.pass_context
def slurm(ctx: click.Context, /, names: tuple[str, ...], folder: str, **options: Any) -> None:
    """Ask nodes of Slurm, with one task on each: those of the job that this runs in, or those that srun gets.

    Words behind -- are options of srun, such as --nodes=4 --partition=gpu.
    """
    from ..fleet.runners.slurm import collect

    question = asked(names, folder, options)
    reached(lambda fold: collect(fold, ctx.obj, question), options)


@click.command(cls=WithExamples)
@click.option("--address", metavar="ADDRESS", help="The Ray cluster; default: the one that this machine belongs to.")
@about_names
@about_check
@about_time
@about_output
def ray(address: str | None, names: tuple[str, ...], **options: Any) -> None:
    """Ask every living node of a Ray cluster, in its own environment. Needs the extra `ray`."""
    from ..fleet.runners.ray import collect

    question = asked(names, "", options)
    reached(lambda fold: collect(fold, address, question), options)


@click.command(cls=WithExamples)
@click.argument("address", metavar="ADDRESS")
@about_names
@about_check
@about_time
@about_output
def dask(address: str, names: tuple[str, ...], **options: Any) -> None:
    """Ask every host of a Dask cluster, by one of its workers. ADDRESS is the scheduler's. Needs the extra `dask`."""
    from ..fleet.runners.dask import collect

    question = asked(names, "", options)
    reached(lambda fold: collect(fold, address, question), options)


@click.command(cls=WithExamples)
@about_names
@about_check
@click.option("--budget", type=seconds, metavar="SECONDS", help="Time limit for everything.")
@click.option("--as", "name", metavar="NODE", help="Print lines that `fleet files -` finds in a log, under this name.")
def answer(names: tuple[str, ...], name: str | None, **options: Any) -> None:
    """Print what this machine would answer as a node of a fleet: one line of JSON, without its name and without any time.

    Save it as NODE.json for `fleet files`. Exit code: 0 answered, whatever the verdict.
    """
    from ..examine.examination import examine_and_tell
    from ..fleet.lines import written
    from ..fleet.names import safe
    from ..fleet.node import of_examination, to_document
    from ..running.printing import emit
    from .asking import order, plugins

    text = to_document(of_examination(*examine_and_tell(order(names, **options), plugins(names))))
    emit("\n".join(written(safe(name), text) if name else [text]) + "\n")


for command in (ssh, slurm, ray, dask, answer):
    fleet.add_command(command)
