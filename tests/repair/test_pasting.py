"""What is printed can be pasted: every command of the cheat sheet, byte for byte, into the shells that are here.

PowerShell and cmd are read by their documented rules (support/shells.py).
"""

from __future__ import annotations

import re
import shutil
import string
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlenv_doctor import Fix
from mlenv_doctor.model import Command, Prescription
from mlenv_doctor.repair import CheatSheet
from mlenv_doctor.repair.sheet import Entry, Way
from mlenv_doctor.report.look import Look
from mlenv_doctor.report.page import Page
from mlenv_doctor.report.text import steps
from mlenv_doctor.running.quote import quote
from support import shells
from support.builtin import CHEATSHEET

SHEET = CheatSheet([CHEATSHEET])
POSIX = ("sh", "dash", "bash", "zsh")
NASTY = 'it\'s {a} $HOME & `b` "c" %d !e ~ é'
PATIENT = {
    "os": "linux", "distro": "debian", "place": "machine", "root": "no", "mlflow": "yes", "gpu": "yes", "env": "venv", "manager": "pip",
    "uv": "yes", "python_minor": "3.12", "session": "", "project_name": "my-project",
    **dict.fromkeys(("python", "prefix", "base_python", "project", "venv", "venv_python"), f"/home/{NASTY}"),
}  # fmt: skip


def commands(shell: str, value: str, **circumstances: str) -> Iterator[Command]:
    """Every command that the sheet can print for this shell, on a machine where everything has an awkward name."""
    patient = {**PATIENT, **circumstances, "shell": shell}
    patient |= {name: word for name, word in patient.items() if NASTY not in word}
    patient |= {name: word.replace(NASTY, value) for name, word in patient.items() if NASTY in word}
    for entry in SHEET.entries.values():
        for way in reachable(entry, {"os": patient["os"], "shell": shell}):
            alone = CheatSheet(())
            alone.entries[entry.id] = Entry(entry.id, "T", entry.risk, entry.who, entry.topic, (Way({}, way.commands, ()),))
            yield from alone.prescribe(Fix(entry.id, blanks(way, value, patient)), patient, "").commands


def reachable(entry: Entry, here: dict[str, str]) -> Iterator[Way]:
    """The ways that some machine with this system and shell takes: the first that fits wins."""
    for way in entry.ways:
        if all(here[key] in way.when[key] for key in here.keys() & way.when.keys()):
            yield way
            if not way.when.keys() - here.keys():
                return


def blanks(way: Way, value: str, patient: dict[str, str]) -> dict[str, str | tuple[str, ...]]:
    """A value for each blank that is the check's to fill."""
    names = {name for words in way.commands for word in words for _, name, _, _ in string.Formatter().parse(word) if name}
    own: dict[str, str | tuple[str, ...]] = {name: value for name in names - patient.keys() if not name.startswith("*")}
    return own | {name[1:]: (value, "numpy<2", "=a") for name in names if name.startswith("*")}


@cache
def found(shell: str) -> str:
    """The shell's program; the test is skipped where there is none."""
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"no {shell} here")
    return program


def read_back(shell: str, lines: list[str], *options: str) -> list[list[str]]:
    """The words that a shell makes of each line."""
    script = "\n".join(f"printf '%s\\0' {line}; printf '\\n\\0'" for line in lines)
    done = subprocess.run([found(shell), *options], input=script.encode(), capture_output=True, timeout=60)
    groups = done.stdout.decode().split("\n\0")[:-1]
    return [group.split("\0")[:-1] for group in groups]


@pytest.mark.parametrize("shell", [*POSIX, "fish"])
def test_every_command_of_the_sheet_is_read_as_it_was_meant(shell: str) -> None:
    """The first word is left out: for the shell it is a program, a function or its own."""
    found(shell)
    made = [c for c in commands("fish" if shell == "fish" else "sh", NASTY) if len(c.argv) > 1]
    language = "fish" if shell == "fish" else "sh"
    lines = [command.text.removeprefix(quote(command.argv[:1], language)) for command in made]
    assert len(lines) > 200
    assert read_back(shell, lines) == [list(command.argv[1:]) for command in made]


WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=("Cs",)), max_size=12), min_size=1, max_size=4
)


@pytest.mark.parametrize("shell", [*POSIX, "fish"])
def test_any_words_are_read_back(shell: str) -> None:
    language = "fish" if shell == "fish" else "sh"
    found(shell)

    @given(st.lists(WORDS, min_size=20, max_size=20))
    def reads(groups: list[list[str]]) -> None:
        assert read_back(shell, [quote(words, language) for words in groups]) == groups

    reads()


@pytest.mark.parametrize(("shell", "options"), [("bash", ("--norc", "--noprofile", "-i")), ("zsh", ("-f", "-i"))])
def test_typed_by_hand_nothing_is_taken_from_the_history(shell: str, options: tuple[str, ...]) -> None:
    words = ["it's!", "!!", "a!b", "=ls", "~", "{a,b}", "a b", "x=~"]
    (said,) = read_back(shell, [quote(words, "sh")], *options)
    assert [re.sub(r"\x1b\[[?0-9]*[a-zA-Z]", "", word) for word in said] == words


def test_a_program_with_an_awkward_name_is_called(tmp_path: Path) -> None:
    for shell in ("sh", "bash", "dash", "zsh", "fish"):
        if shutil.which(shell):
            program = tmp_path / NASTY / "python"
            program.parent.mkdir(exist_ok=True)
            program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
            program.chmod(0o755)
            line = quote([str(program), "-m", "pip", "a<2"], "fish" if shell == "fish" else "sh")
            said = subprocess.run([shell], input=line, capture_output=True, text=True)
            assert said.stdout == "-m\npip\na<2\n", (shell, said.stderr)


WINDOWS = {"os": "windows"}
NO_DOUBLE = NASTY.replace('"', "")  # PowerShell hands a double quote on in two ways, by its version; no command of ours needs one


def test_every_command_for_powershell_is_read_as_it_was_meant() -> None:
    made = list(commands("powershell", NO_DOUBLE, **WINDOWS))
    assert len(made) > 150
    for command in made:
        assert shells.powershell(command.text) == list(command.argv)
    quotes = [command.text for command in made if '"' in "".join(command.argv)]
    assert not quotes, "PowerShell up to 7.2 loses a double quote on the way to a program"


def test_every_command_for_cmd_is_read_as_it_was_meant() -> None:
    made = list(commands("cmd", NASTY.replace('"', "").replace("%", ""), **WINDOWS))
    assert len(made) > 150
    for command in made:
        assert shells.cmd(command.text) == list(command.argv)


ANY = st.text(st.characters(exclude_characters="\0\r\n\t", exclude_categories=("Cs",)), max_size=12)
ASCII = st.text(st.sampled_from("ab1 ._:-=/\\'\"%^&|<>()!$`@,;{}#"), max_size=12)


@given(st.lists(ANY.filter(lambda word: '"' not in word) | ASCII.filter(lambda word: '"' not in word), max_size=4))
def test_any_words_are_read_back_by_powershell(words: list[str]) -> None:
    assert shells.powershell(quote(["python", *words], "powershell")) == ["python", *words]


def test_a_word_that_looks_like_a_parameter_stays_one_word() -> None:
    words = ["-a.b", "-Dfoo:bar", "--a.b", "-m", "-1.5", "--index-url"]
    assert shells.powershell(quote(["python", *words], "powershell")) == ["python", *words]
    assert quote(words, "powershell") == "& '-a.b' '-Dfoo:bar' --a.b -m -1.5 --index-url"


@given(st.lists(ANY | ASCII, max_size=4))
def test_any_words_are_read_back_by_cmd(words: list[str]) -> None:
    assert shells.cmd(quote(["C:\\my env\\python.exe", *words], "cmd")) == ["C:\\my env\\python.exe", *words]


@pytest.mark.parametrize(
    "look", [Look(20, False, False), Look(80, True, False), Look(0, False, True), Look(80, True, False, True)], ids=str
)
def test_a_screen_has_each_command_whole_on_one_line(look: Look) -> None:
    made = [c for c in commands("sh", NASTY) if "\n" not in c.text]
    page = Page(look)
    steps(page, Prescription("a.b", "T", "nothing", "you", tuple(made), (), "mlenv-doctor check a.b"))
    shown = page.text().replace("\x1b[36m", "").replace("\x1b[0m", "").splitlines()
    if look.verbose:
        assert shown.pop() == "  Then: mlenv-doctor check a.b"
    assert [line.removeprefix("    ") for line in shown] == [command.text.rstrip() for command in made]
