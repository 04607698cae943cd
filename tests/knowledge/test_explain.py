"""`mlenv-doctor explain` as people call it: texts, files, standard input, other machines, and what it refuses."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlenv_doctor.cli.explain import explain
from mlenv_doctor.errors import BadInput
from mlenv_doctor.knowledge.commands import commands as commands_of
from mlenv_doctor.knowledge.reader import read
from mlenv_doctor.knowledge.reading import Cure
from mlenv_doctor.knowledge.surroundings import Surroundings
from mlenv_doctor.knowledge.world import Knowledge

from .reading import of

SMALL = "numpy==1.26.4\n"


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text(SMALL)
    return tmp_path


def call(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(explain, arguments, input=given)


def answer(*arguments: str, given: str | None = None) -> dict[str, object]:
    found = call(*arguments, "--format", "json", "--from", "list.txt", given=given)
    data: dict[str, object] = json.loads(found.output)
    return data


def test_a_text_a_file_and_standard_input_say_the_same(room: Path) -> None:
    text = "OSError: [Errno 122] Disk quota exceeded"
    (room / "error.log").write_text(text)
    said = [answer(text), answer("error.log"), answer("-", given=text)]
    assert said[0] == said[1] == said[2]
    assert (said[0]["kind"], said[0]["cause"]) == ("environment", "disk-quota")


def test_the_document_holds_what_is_promised() -> None:
    said = answer("RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cpu and cuda:0!")
    assert said["kind"] == "program"
    assert {"kind", "cause", "culprit", "message", "candidates", "fix", "evidence"} <= set(said)
    candidates = answer("OSError: libcudart.so.12: cannot open shared object file")["candidates"]
    assert isinstance(candidates, list) and {"cause", "message", "likelihood", "decides"} <= set(candidates[0])


def test_exit_codes() -> None:
    assert call("OSError: [Errno 122] Disk quota exceeded", "--from", "list.txt").exit_code == 0
    strange = call("Gugus: strange things", "--from", "list.txt")
    assert strange.exit_code == 3
    assert "not in the knowledge base" in strange.output


def test_a_mistake_of_the_program_says_where_to_look() -> None:
    text = '  File "/home/u/train.py", line 41, in step\nRuntimeError: Expected all tensors to be on the same device'
    found = call(text, "--from", "list.txt")
    assert "train.py:41" in found.output and "nothing is wrong with the environment" in found.output


def test_the_facts_of_another_machine_count() -> None:
    found = call("ModuleNotFoundError: No module named 'torch'", "--from", "list.txt")
    assert found.exit_code == 0 and "torch is not installed" in found.output
    assert "numpy 1.26.4" not in found.output


def test_checks_and_causes_are_explained_as_before() -> None:
    assert "numpy2-abi:" in call("numpy2-abi").output
    assert "torch.gpu-build:" in call("torch.gpu-build").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("",), "the text is empty"),
        ((" \n",), "the text is empty"),
        (("binary",), "binary file"),
        (("no-such-cause",), "no check, family or cause"),
        (("x y", "--from", "nothing"), "cannot be read"),
        (("x y", "--from", "prose"), "not a snapshot, report or list of packages"),
        ((".",), "not a regular file"),
    ],
)
def test_bad_input_gets_one_sentence(room: Path, arguments: tuple[str, ...], says: str) -> None:
    (room / "binary").write_bytes(bytes(range(256)) * 20)
    (room / "prose").write_text("once upon a time")
    found = call(*arguments)
    assert isinstance(found.exception, BadInput)
    assert says in str(found.exception) and "\n" not in str(found.exception)


def test_error_and_list_cannot_both_come_from_standard_input() -> None:
    assert call("-", "--from", "-", given="x").exit_code == 2


HOSTILE = {
    "one line": "a" * 10_000_000,
    "words": "Error: cannot import name from module has no attribute " * 200_000,
    "frames": '  File "/v/site-packages/torch/x.py", line 1, in f\n    x\n' * 200_000,
    "quotes": "No module named '" * 600_000,
    "brackets": "((((([[[[[{{{{{<<<<<" * 500_000,
    "lines": "\n" * 10_000_000,
    "spaces": " " * 10_000_000,
    "paths": "/".join(["lib.so.1"] * 1_000_000),
    "exceptions": "ValueError: x\n" * 700_000,
    "colons": "a.b.c.D.E.F:" * 800_000,
    "columns": "E   " * 2_500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_megabytes_of_anything_take_less_than_two_seconds(name: str) -> None:
    of("warm up")
    started = time.process_time()
    of(HOSTILE[name])
    assert time.process_time() - started < 2


def test_an_error_at_the_end_of_a_long_log_is_found() -> None:
    assert of("step 1 of 10 done\n" * 500_000 + "OSError: [Errno 122] Disk quota exceeded\n").cause == "disk-quota"


def test_nothing_in_a_text_begins_a_line_or_controls_the_terminal() -> None:
    text = "ModuleNotFoundError: No module named 'x'\x1b[31m\n\u202e✓ Ready\nValueError: \x1b]0;title\x07 y"
    output = call(text, "--from", "list.txt").output
    assert "\x1b" not in output and "\u202e" not in output
    assert not any(line.startswith("✓") for line in output.splitlines())


def test_a_secret_in_a_text_is_not_shown() -> None:
    key = "sk-proj-" + "A1b2C3d4E5f6G7h8" * 3
    output = call(f"StrangeError: the key {key} is strange", "--from", "list.txt").output
    assert key not in output


def test_without_any_knowledge_nothing_is_claimed() -> None:
    assert not read("ValueError: x", Surroundings(), Knowledge()).explained


def test_words_of_a_text_do_no_harm_in_commands() -> None:
    hostile = "fatal: detected dubious ownership in repository at '/x; rm -rf ~ $(reboot)'"
    cure = of(hostile).cure
    assert cure and cure.run == ("git config --global --add safe.directory '/x; rm -rf ~ $(reboot)'",)
    renamed = of("Exception: The package has been renamed from `numpy` to `evil-package-of-somebody`.").cure
    assert renamed and "evil-package-of-somebody" not in renamed.install
    needed = of("DistributionNotFound: The 'evil-package-of-somebody' distribution was not found and is required by x").cure
    assert needed and needed.install == ()


@pytest.mark.parametrize(
    ("installer", "commands"),
    [
        ("pip", ["/p/python -m pip install peft"]),
        ("uv", ["uv pip install --python /p/python peft"]),
        ("ensurepip", ["/p/python -m ensurepip --upgrade", "/p/python -m pip install peft"]),
    ],
)
def test_the_cure_installs_with_what_is_there(installer: str, commands: list[str]) -> None:
    """An environment that uv made has no pip: a command for pip would fail there."""
    cure = Cure("Install peft", install=("peft",))
    assert list(commands_of(cure, Surroundings(executable="/p/python", installer=installer))) == commands
