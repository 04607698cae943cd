"""The cheat sheet: every fix that a check names is there, fits every patient, and can be pasted."""

from __future__ import annotations

import ast
import itertools
import json
import shutil
import string
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlenv_checks
from mlenv_checks.error_texts import knowledge
from mlenv_checks.gpu.facts import Card, Gpu
from mlenv_checks.imports.import_errors import import_cures
from mlenv_doctor import Fix, fix
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Environment, Libraries, Place, Python, Venv
from mlenv_doctor.patient.target import Target
from mlenv_doctor.repair import CheatSheet, Unfit, describe
from mlenv_doctor.repair.sheet import INSTALLERS, united
from mlenv_doctor.running.quote import quote
from support.builtin import CHEATSHEET

SHEET = CheatSheet([CHEATSHEET])
TARGET = Target("/p/.venv/bin/python", "/p/.venv", "project")


@cache
def named_in_checks() -> dict[str, set[str]]:
    """Every `fix("id", blank=...)` in the checks, with its blanks."""
    found: dict[str, set[str]] = {}
    for file in Path(mlenv_checks.__file__).parent.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("fix"), args=[ast.Constant(str(id)), *_], keywords=words):
                    found.setdefault(id, set()).update(word.arg for word in words if word.arg)
                case ast.Constant(str(text)) if text in SHEET.entries:
                    found.setdefault(text, set())
    for table in Path(mlenv_checks.__file__).parent.glob("*/data/*_codes.csv"):  # a code of the driver names its fix
        for word in table.read_text("utf-8").replace("\n", ",").split(","):
            if word in SHEET.entries:
                found.setdefault(word, set())
    for entry in knowledge().entries:
        if entry.sheet not in ("", "torch"):  # which stands for the build that fits
            found.setdefault(entry.sheet, set()).update(("packages", *entry.values))
    for cure in import_cures():
        found.setdefault(cure.fix, set()).update(("packages", "options", "library", "apt", "dnf", "brew", "conda"))
    return found


PATIENT = dict(describe({}, TARGET, "/p"))


FOLLOWS = {entry.otherwise: entry.id for entry in SHEET.entries.values() if entry.otherwise}  # what is tried after which


def test_every_fix_is_on_the_sheet_and_every_entry_is_used() -> None:
    assert named_in_checks().keys() | FOLLOWS.keys() == SHEET.entries.keys()
    assert set(FOLLOWS.values()) <= SHEET.entries.keys()


def patients() -> Iterator[dict[str, str]]:
    """A spread of machines."""
    shells = {"linux": ("sh", "fish"), "macos": ("sh",), "windows": ("powershell", "cmd")}
    for system, manager, env in itertools.product(
        shells, ("pip", "uv", "conda", "none"), ("venv", "conda", "system", "externally-managed")
    ):
        for shell, place in itertools.product(
            shells[system], ("machine", "container", "colab", "wsl", "ci", "kubernetes", "slurm")
        ):
            for distro, session in (("debian", ""), ("other", ""), ("debian", "notebook")):
                machine = {"os": system, "manager": manager, "env": env, "shell": shell, "place": place, "distro": distro}
                yield {**PATIENT, **machine, "session": session}


@pytest.mark.parametrize("id", SHEET.entries)
def test_some_way_fits_every_machine(id: str) -> None:
    entry = SHEET.entries[id]
    for patient in patients():
        way = next((way for way in entry.ways if way.fits(patient)), None)
        assert way is not None, patient
        assert way.commands or way.notes


@pytest.mark.parametrize("id", SHEET.entries)
def test_no_blank_stays_blank(id: str) -> None:
    for way in SHEET.entries[id].ways:
        for word in (*(word for command in way.commands for word in command), *way.notes):
            blanks = {name.lstrip("*") for _, name, _, _ in string.Formatter().parse(word) if name}
            assert blanks <= values_of(id) | PATIENT.keys(), word


@cache
def sources() -> str:
    """The text of all checks."""
    return " ".join(file.read_text("utf-8") for file in Path(mlenv_checks.__file__).parent.glob("**/*.py"))


def values_of(id: str) -> set[str]:
    """The values that the checks hand over, also those in dictionaries of a helper."""
    given_here = named_in_checks()[id if id in named_in_checks() else FOLLOWS[id]]
    texts = sources()
    blanks = ("uri", "port", "version", "packages", "index", "path", "module", "options", "title", "note", "cuda", "cards")
    return given_here or {word for word in blanks if f"{word}=" in texts or f'"{word}":' in texts}


@pytest.mark.parametrize("id", SHEET.entries)
def test_no_command_is_a_bare_pip_or_needs_a_shell(id: str) -> None:
    for way in SHEET.entries[id].ways:
        for command in way.commands:
            assert command[0] not in ("pip", "pip3")
            assert not {"&&", "||", "|", ">", ">>", ";"} & set(command)
            assert not command[0].startswith("@") or command[0] in INSTALLERS


MINIMAL = '["a.b"]\ntitle="T {x}"\nrisk="nothing"\nwho="you"\ntopic="libs"\nways=[{commands=[["@install","{*names}","{x}"]], notes=["n {names}"]}]\n'


@pytest.mark.parametrize(
    ("manager", "text"),
    [
        ("pip", "/p/.venv/bin/python -m pip install one 'two three' 1"),
        ("uv", "uv pip install --python /p/.venv/bin/python one 'two three' 1"),
        ("conda", "/p/.venv/bin/python -m pip install one 'two three' 1"),
        ("none", "/p/.venv/bin/python -m pip install one 'two three' 1"),
    ],
)
def test_a_fix_is_made_out(manager: str, text: str) -> None:
    made = CheatSheet([MINIMAL]).prescribe(
        fix("a.b", names=("one", "two three"), x="1"), {**PATIENT, "manager": manager}, "again"
    )
    assert made.commands[-1].text == text
    assert [c.argv[2] for c in made.commands[:-1]] == (["ensurepip"] if manager == "none" else [])
    assert (made.title, made.notes, made.verify) == ("T 1", ("n one two three",), "again")


@pytest.mark.parametrize(
    ("texts", "asked", "says"),
    [
        ([MINIMAL], fix("x.y"), "no fix x.y"),
        ([MINIMAL], fix("a.b", names=("n",)), "blank without a value"),
        ([MINIMAL], fix("a.b", names="n", x="1"), "needs a list"),
        ([MINIMAL], Fix("a.b", {"names": (3,), "x": "1"}), "blank without a value"),  # type: ignore[dict-item]
        ([MINIMAL.replace("T {x}", "T {x.y}")], fix("a.b", names=("n",), x="1"), "blank without a value"),
        ([MINIMAL.replace("ways=[{", 'ways=[{when={os="amiga"}, ')], fix("a.b", names=("n",), x="1"), "no way"),
    ],
)
def test_what_the_sheet_cannot_serve(texts: list[str], asked: Fix, says: str) -> None:
    with pytest.raises(Unfit, match=says):
        CheatSheet(texts).prescribe(asked, PATIENT, "")


@pytest.mark.parametrize(
    "texts",
    [
        [MINIMAL, MINIMAL],
        [MINIMAL.replace('"nothing"', '"everything"')],
        [MINIMAL.replace("title", "titel")],
        [MINIMAL.replace('"you"', '"me"')],
        ['["a.b"]\ntitle="T"\nrisk="nothing"\nwho="you"\ntopic="libs"\nways=[]\n'],
        [MINIMAL.replace('[["@install","{*names}","{x}"]]', '["a b"]')],
        [MINIMAL.replace('[["@install","{*names}","{x}"]]', "[[]]")],
        [MINIMAL.replace('[["@install","{*names}","{x}"]]', "[[3]]")],
        [MINIMAL.replace("@install", "@instal")],
        [MINIMAL.replace('["n {names}"]', '"n"')],
        [MINIMAL.replace("ways=[{", "ways=[3, {")],
        ["x = 3"],
        ["["],
    ],
)
def test_a_malformed_sheet_is_refused(texts: list[str]) -> None:
    with pytest.raises(Unfit):
        CheatSheet(texts)


def test_fixes_are_united_by_their_lists() -> None:
    made = united([fix("i", p=("a",), x="1"), fix("i", p=("b", "a"), x="1"), fix("i", p=("c",), x="2"), fix("other")])
    assert [(f.id, dict(f.values)) for f in made.values()] == [
        ("i", {"p": ("a", "b"), "x": "1"}), ("i", {"p": ("c",), "x": "2"}), ("other", {}),
    ]  # fmt: skip


WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=("Cs",)), max_size=12), min_size=1, max_size=4
)


@given(WORDS)
def test_sh_reads_back_what_was_written(words: list[str]) -> None:
    script = "printf '%s\\0' " + quote(words, "sh")
    said = subprocess.run(["sh", "-c", script], capture_output=True).stdout
    assert said.decode().split("\0")[:-1] == words


@pytest.mark.parametrize(
    ("shell", "argv", "text"),
    [
        ("sh", ["/my env/python", "-m", "pip"], "'/my env/python' -m pip"),
        ("fish", ["/my env/python", "it's", "back\\slash", ""], "'/my env/python' 'it'\\''s' 'back'\\\\'slash' ''"),
        ("powershell", ["C:\\my env\\python.exe", "-m", "it's", "$x"], "& 'C:\\my env\\python.exe' -m 'it''s' '$x'"),
        ("powershell", ["C:\\python.exe", "a>=2"], "C:\\python.exe 'a>=2'"),
        ("powershell", ["a", "it\u2019s"], "a 'it\u2019\u2019s'"),
        ("cmd", ["a", "b&c", "d e&f"], 'a "b&c" "d e&f"'),
        ("cmd", ["C:\\my env\\python.exe", "torch>=2.6", "plain"], '"C:\\my env\\python.exe" "torch>=2.6" plain'),
    ],
)
def test_words_are_quoted_for_the_shell(shell: str, argv: list[str], text: str) -> None:
    assert quote(argv, shell) == text


def test_fish_reads_back_what_was_written() -> None:
    if not shutil.which("fish"):
        pytest.skip("no fish here")
    words = ["it's", "a b", "$HOME", "\\", '"']
    said = subprocess.run(["fish", "-c", "printf '%s\\n' " + quote(words, "fish")], capture_output=True, text=True).stdout
    assert said.splitlines() == words


IN_VENV = Python(executable="/p/.venv/bin/python", prefix="/p/.venv", base_prefix="/usr", version="3.12.4")
SYSTEM = Python(executable="/usr/bin/python3", prefix="/usr", base_prefix="/usr", version="3.11.2", externally_managed=True)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, {"manager": "pip", "env": "venv", "python": "/p/.venv/bin/python", "base_python": "python3", "gpu": "no"}),
        ({Python: IN_VENV}, {"manager": "pip", "env": "venv", "python_minor": "3.12"}),
        ({Python: SYSTEM}, {"env": "externally-managed", "manager": "pip"}),
        ({Python: Python(prefix="/usr", base_prefix="/usr")}, {"env": "system"}),
        ({Python: Python(prefix="/c", base_prefix="/c"), Venv: Venv(target_conda=True)}, {"env": "conda", "manager": "conda"}),
        ({Python: Python(prefix="/v", base_prefix="/u", pip=False)}, {"manager": "none"}),
        ({Python: Python(prefix="/v", base_prefix="/u", pip=False), Place: Place(uv="/bin/uv")}, {"manager": "uv", "uv": "yes"}),
        ({Python: IN_VENV, Place: Place(uv="/bin/uv"), Venv: Venv(target=Environment("/v", maker="uv"))}, {"manager": "uv"}),
        ({Python: IN_VENV, Place: Place(uv="/bin/uv"), Venv: Venv(lock="uv")}, {"manager": "uv"}),
        ({Python: IN_VENV, Place: Place(uv="/bin/uv")}, {"manager": "pip"}),
        ({Gpu: Gpu(cards=(Card(index=0),))}, {"gpu": "yes"}),
        ({Gpu: Missing("gpu", Why.TIMEOUT, "slow"), Libraries: Libraries()}, {"gpu": "no", "mlflow": "no"}),
        ({Place: Place(os="windows", shell="powershell")}, {"venv": "\\p\\.venv", "base_python": "python"}),
        ({Place: Place(root=True, system_python="/usr/bin/python3")}, {"root": "yes", "base_python": "/usr/bin/python3"}),
    ],
)
def test_the_patient_is_described(facts: dict[type, object], says: dict[str, str]) -> None:
    described = describe(facts, TARGET, "\\p" if Place in facts and facts[Place].os == "windows" else "/p")  # type: ignore[arg-type, attr-defined]
    assert {key: described[key] for key in says} == says


def test_installing_with_no_stand_in_for_the_interpreter() -> None:
    for manager in ("pip", "uv", "conda"):
        made = SHEET.prescribe(fix("libs.install", packages=("numpy",)), {**PATIENT, "manager": manager}, "")
        assert "/p/.venv/bin/python" in json.dumps(made.commands[0].argv)


def test_a_sheet_is_added_whole_or_not_at_all() -> None:
    sheet = CheatSheet([MINIMAL])
    with pytest.raises(Unfit, match=r"a\.b is on the sheet twice"):
        sheet.add(MINIMAL.replace("a.b", "c.d") + MINIMAL)
    assert list(sheet.entries) == ["a.b"]


def test_a_command_of_its_own_is_left_as_it_is() -> None:
    sheet = CheatSheet([MINIMAL.replace('"@install","{*names}"', '"sudo","apt"')])
    assert sheet.prescribe(fix("a.b", names=("n",), x="x y"), PATIENT, "").commands[0].argv == ("sudo", "apt", "x y")
