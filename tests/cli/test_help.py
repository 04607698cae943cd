"""What `--help` says: options in groups, and examples that are true."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lab.ward import Ward
from mlenv_doctor.cli.app import cli
from mlenv_doctor.cli.examples import EXAMPLES
from mlenv_doctor.cli.help import GROUPS, REST, grouped

OF_OUTPUT = {"form", "nagios", "output", "name", "verbose", "color", "ascii", "listing"}


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command by its path, such as "fleet ssh"."""
    for name in cli.list_commands(None):
        command = cli.get_command(None, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", found) for sub, found in command.commands.items())


COMMANDS = dict(every_command())


def help_of(path: str, width: int = 80) -> str:
    """The help of a command as a terminal of this width shows it."""
    context = click.Context(cli, info_name="mlenv-doctor", terminal_width=width)
    command: click.Command = cli
    for name in path.split():
        assert isinstance(command, click.Group)
        found = command.get_command(context, name)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name, terminal_width=width)
    return command.get_help(context)


def ours(line: str) -> list[str]:
    """The words that the shell hands to us, of a line that may have a pipe, a redirection or an eval around it."""
    inner = re.search(r"\$\((.*)\)", line)
    line = inner[1] if inner else re.split(r" \| ", line)[-1]
    words = shlex.split(line.partition(" > ")[0])
    assert words[0] == "mlenv-doctor", line
    return words[1:]


def lines(paths: dict[str, tuple[tuple[str, str], ...]]) -> list[str]:
    return sorted({line for found in paths.values() for line, _ in found})


@pytest.mark.parametrize("line", lines(EXAMPLES))
def test_every_example_is_understood(line: str) -> None:
    words = ours(line)
    context = cli.make_context("mlenv-doctor", list(words))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None and name
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("path", ["", *COMMANDS])
def test_the_help_of_every_command_ends_with_its_examples(path: str) -> None:
    said = help_of(path)
    assert said.count("\nExamples:\n") == 1
    shown = said.partition("\nExamples:\n")[2]
    for line, meaning in EXAMPLES[path]:
        assert f"  {line}\n" in shown, "a command is in one piece"
        assert " ".join(meaning.split()) in " ".join(shown.split())
    assert any(path in line for line, _ in EXAMPLES[path])


def test_three_examples_wherever_there_is_something_to_choose() -> None:
    assert set(EXAMPLES) == {"", *COMMANDS}
    few = {path for path, found in EXAMPLES.items() if len(found) < 3}
    assert few == {"list", "schema"}, "list has no options, schema only names of documents"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_has_its_place(path: str) -> None:
    context = click.Context(COMMANDS[path], info_name=path)
    found = list(grouped(COMMANDS[path], context))
    shown = [param for _, params in found for param in params]
    assert len(shown) == len({id(param) for param in shown})
    assert {param.name for param in shown} >= {p.name for p in COMMANDS[path].params if isinstance(p, click.Option)}
    last = dict(found).get(REST, [])
    if len(found) > 1:
        assert {p.name for p in last if "--help" not in p.opts} <= OF_OUTPUT


def test_long_lists_are_in_groups() -> None:
    said = help_of("check")
    headings = [line for line in said.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["What to check:", "Where:", "How deep:", "Output:", "Examples:"]
    assert "Repair:" in help_of("fix") and list(GROUPS)[-1] == "Repair"
    assert "--help" in said


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("path", ["", *COMMANDS])
def test_no_line_is_wider_than_the_terminal(path: str, width: int) -> None:
    commands = {f"  {line}" for line, _ in EXAMPLES[path]}
    assert [line for line in help_of(path, width).splitlines() if len(line) > width and line not in commands] == []


QUIET = ["mlenv-doctor list", "mlenv-doctor explain cpu-only-torch", "mlenv-doctor schema snapshot", "mlenv-doctor init gitlab -"]
FOUND_OUT = ["mlenv-doctor explain \"ModuleNotFoundError: No module named 'cv2'\""]


@pytest.mark.parametrize("line", [*QUIET, *FOUND_OUT])
def test_examples_that_need_nothing_do_what_they_say(tmp_path: Path, line: str) -> None:
    assert line in lines(EXAMPLES)
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    assert ward.doctor(*ours(line)).code == 0


def test_an_example_with_a_file_does_what_it_says(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    (ward.project / "patient.json").write_text(ward.doctor(*ours("mlenv-doctor snapshot --quick > patient.json")).stdout)
    assert "Python 3" in ward.doctor(*ours("mlenv-doctor check --from patient.json")).stdout
