"""Fixes in the language of cells: what goes into a cell, and what only a terminal can do."""

from __future__ import annotations

import pytest

from mlenv_doctor.model import Command, Prescription
from mlenv_doctor.repair.cells import FIRST, FUNCTION, RESTARTS, TERMINAL, cell, spoken
from mlenv_doctor.repair.prescribing import verify
from mlenv_doctor.running.quote import quote

NOTEBOOK = {"python": "/e/bin/python", "shell": "sh", "session": "notebook", "root": "no", "place": "machine"}
ROOT, WINDOWS = {**NOTEBOOK, "root": "yes"}, {**NOTEBOOK, "python": "C:\\e\\python.exe", "shell": "cmd"}


def made(*argvs: tuple[str, ...], risk: str = "nothing", patient: dict[str, str] = NOTEBOOK, note: str = "note") -> Prescription:
    commands = tuple(Command(argv, quote(argv, patient["shell"])) for argv in argvs)
    return spoken(Prescription("a.b", "T", risk, "you", commands, (note,), "again"), patient)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/e/bin/python -m pip install numpy", "%pip install numpy"),
        ("/e/bin/python -m pip install packaging<2", "%pip install 'packaging<2'"),
        ("/e/bin/python -m pip install {x}", "!/e/bin/python -m pip install '{{x}}'"),
        ("/usr/bin/python3 -m pip install numpy", "!/usr/bin/python3 -m pip install numpy"),
        ("uv pip install --python /e/bin/python numpy", "!uv pip install --python /e/bin/python numpy"),
        ("export A=b C=", "import os; os.environ['A'] = 'b'; os.environ.pop('C', None)"),
        ("unset A", "import os; os.environ.pop('A', None)"),
        ("export LD_PRELOAD=x", None),
        ("unset PYTHONIOENCODING", None),
        ("source /p/.venv/bin/activate", None),
        ("conda activate ml", None),
        ("C:\\p\\Scripts\\activate.bat", None),
        ("sudo apt-get install gcc", None),
        ("/e/bin/python -m mlflow ui --port 5001", None),
        ("/e/bin/python -c getpass.getpass()", None),
        ("echo $x'y", None),
        ("rm -r /p/numpy.py", "!rm -r /p/numpy.py"),
    ],
)
def test_a_command_in_a_cell(line: str, expected: str | None) -> None:
    argv = tuple(line.split())
    assert cell(Command(argv, quote(argv, "sh")), NOTEBOOK) == expected


def test_some_depend_on_the_machine() -> None:
    sudo = ("sudo", "apt-get", "update")
    assert cell(Command(sudo, quote(sudo, "sh")), ROOT) == "!sudo apt-get update"
    dollar = ("echo", "$x")
    assert cell(Command(dollar, quote(dollar, "sh")), NOTEBOOK) == "!echo '$x'"
    assert cell(Command(dollar, quote(dollar, "cmd")), WINDOWS) is None
    several = ("echo", "a\nb")
    assert cell(Command(several, quote(several, "sh")), NOTEBOOK) is None


def test_all_commands_of_a_fix_go_to_one_place() -> None:
    pip, activate = ("/e/bin/python", "-m", "pip", "install", "x"), ("source", "a")
    both = made(pip, activate)
    assert [c.text for c in both.commands] == ["/e/bin/python -m pip install x", "source a"]
    assert both.notes == (TERMINAL, "note")
    assert [c.text for c in made(pip).commands] == ["%pip install x"] and made(pip).notes == ("note",)


def test_a_note_names_the_magic() -> None:
    pip = ("/e/bin/python", "-m", "pip", "install", "x")
    assert made(pip, note="Then: mlenv-doctor fix --libs").notes == ("Then: %mlenv fix --libs",)


def test_what_is_in_memory_needs_a_restart() -> None:
    pip = ("/e/bin/python", "-m", "pip", "install", "x")
    for place, session, words in (
        ("machine", "notebook", "Kernel > Restart Kernel"),
        ("machine", "ipython", "leave IPython"),
        ("colab", "notebook", "Runtime > Restart session"),
        ("kaggle", "notebook", "Run > Restart"),
    ):
        (*_, last) = made(pip, risk="replaces packages", patient={**NOTEBOOK, "place": place, "session": session}).notes
        assert words in last
    assert made(("export", "A=b")).notes == ("note", FIRST)
    assert RESTARTS["notebook"] not in made(pip, risk="adds packages").notes


def test_a_shell_is_spoken_to_as_ever() -> None:
    pip = ("/e/bin/python", "-m", "pip", "install", "x")
    assert made(pip, patient={**NOTEBOOK, "session": ""}).commands[0].text == "/e/bin/python -m pip install x"
    assert made().notes == ("note",)


def test_how_to_look_again() -> None:
    assert verify(FUNCTION, "gpu.driver") == 'mlenv_doctor.check("gpu.driver")'
    assert verify(FUNCTION, "symptom.words") == "mlenv_doctor.check()"
    assert verify("%mlenv", "gpu.driver") == "%mlenv check gpu.driver"
