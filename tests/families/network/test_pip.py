"""Every branch of the checks of installing into an environment, by plain calls; and the fixes of environments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from families.venv.test_checks import (
    ACTIVE,
    BIN_PIP,
    BIN_PYTHON,
    DOCKER,
    IN_VENV,
    LAPTOP,
    OWN,
    OWN_PIP,
    OWN_PYTHON,
    SYSTEM,
    UV,
    said,
)
from mlenv_checks.venv.installing import environment_is_writable, pip_belongs_to_python
from mlenv_doctor import Finding, fix
from mlenv_doctor.patient import Environment, OnPath, Place, Python, Venv
from mlenv_doctor.repair import CheatSheet
from support.builtin import CHEATSHEET


def commands(*found: OnPath, target: Environment = OWN, target_prefix: str = "/p/.venv", lock: str = "") -> Venv:
    return replace(ACTIVE, commands=found, target=target, target_prefix=target_prefix, lock=lock)


SHIM = OnPath("python", "/shims/python")
PIP_SHIM = OnPath("pip", "/shims/pip")


@pytest.mark.parametrize(
    ("venv", "status", "cause"),
    [
        (ACTIVE, "pass", ""),
        (commands(OWN_PYTHON), "skip", ""),
        (commands(OWN_PIP), "skip", ""),
        (commands(SHIM, OWN_PIP), "skip", ""),
        (commands(OWN_PYTHON, PIP_SHIM), "skip", ""),
        (commands(OWN_PYTHON, BIN_PIP), "fail", "pip-python-mismatch"),
        (commands(BIN_PYTHON, OWN_PIP), "fail", "pip-python-mismatch"),
        (commands(replace(OWN_PYTHON, name="python3"), replace(BIN_PIP, name="pip3", minor="")), "fail", "pip-python-mismatch"),
        (commands(BIN_PYTHON, replace(BIN_PIP, prefix="/usr/local")), "skip", ""),
        (commands(BIN_PYTHON, replace(BIN_PIP, prefix="/usr/local"), target_prefix="/usr"), "fail", "pip-python-mismatch"),
        (commands(BIN_PYTHON, replace(BIN_PIP, minor="3.11"), target_prefix="/usr"), "fail", "pip-python-mismatch"),
        (commands(BIN_PYTHON, replace(BIN_PIP, minor=""), target_prefix="/usr"), "pass", ""),
        (commands(replace(BIN_PYTHON, minor=""), BIN_PIP, target_prefix="/usr"), "pass", ""),
        (commands(OWN_PYTHON, BIN_PIP, target=UV, lock="uv"), "pass", ""),
        (commands(OWN_PYTHON, BIN_PIP, target=UV), "fail", "no-pip-in-venv"),
        (commands(OWN_PYTHON, BIN_PIP, target=replace(UV, pip_prefix="/p/.venv")), "fail", "pip-python-mismatch"),
    ],
    ids=[
        "same", "no pip", "no python", "python shim", "pip shim", "pip elsewhere", "python elsewhere", "python3 and pip3",
        "neither is examined", "two system Pythons", "two minors", "pip without minor", "python without minor", "uv project",
        "uv without pip", "uv with pip",
    ],
)  # fmt: skip
def test_pip(venv: Venv, status: str, cause: str) -> None:
    assert said(pip_belongs_to_python(venv, IN_VENV, LAPTOP)) == (status, cause)


@pytest.mark.parametrize(
    ("python", "place", "mine", "status", "says", "remedy"),
    [
        (IN_VENV, LAPTOP, True, "pass", "can be installed", ""),
        (replace(SYSTEM, purelib_writable=False), LAPTOP, True, "skip", "shared", ""),
        (
            replace(IN_VENV, purelib_writable=False, purelib_obstacle="owner", purelib_owner="root"),
            LAPTOP,
            True,
            "fail",
            "root",
            "venv.own",
        ),
        (replace(IN_VENV, purelib_writable=False, purelib_obstacle="owner"), LAPTOP, False, "fail", "somebody", "venv.own"),
        (replace(IN_VENV, purelib_writable=False, purelib_obstacle="owner"), DOCKER, True, "fail", "somebody", "venv.own"),
        (replace(IN_VENV, purelib_writable=False, purelib_obstacle="owner"), DOCKER, False, "warn", "somebody", "venv.own"),
        (
            replace(IN_VENV, purelib_writable=False, purelib_obstacle="mode"),
            LAPTOP,
            True,
            "fail",
            "belongs to you",
            "venv.unlock",
        ),
        (
            replace(IN_VENV, purelib_writable=False, purelib_obstacle="read-only"),
            LAPTOP,
            True,
            "warn",
            "read-only",
            "venv.elsewhere",
        ),
    ],
    ids=[
        "writable",
        "shared",
        "made with sudo",
        "of nobody known",
        "sudo in a container",
        "frozen image",
        "own rights",
        "read-only",
    ],
)
def test_writable(python: Python, place: Place, mine: bool, status: str, says: str, remedy: str) -> None:
    found = environment_is_writable(python, replace(ACTIVE, project_writable=mine), place)
    assert isinstance(found, Finding)
    assert said(found) == (status, "env-not-writable" if remedy else "")
    assert says in found.message
    assert (found.fix.id if found.fix else "") == remedy


PATIENT = {
    "python": "/p/.venv/bin/python", "prefix": "/p/.venv", "project": "/p", "venv": "/p/.venv", "base_python": "/usr/bin/python3",
    "python_minor": "3.12", "venv_python": "/p/.venv/bin/python",
}  # fmt: skip
FIXES = [
    "make", "make-with-uv", "enable", "activate", "deactivate", "repair", "relink", "complete", "remake", "use-its-pip", "own",
    "unlock", "elsewhere",
]  # fmt: skip
PLACES: list[dict[str, str]] = [
    {"os": system, "shell": shell, "manager": manager, "distro": distro, "root": root, "place": "machine"}
    for system, shell in (("linux", "sh"), ("linux", "fish"), ("macos", "sh"), ("windows", "powershell"), ("windows", "cmd"))
    for manager in ("pip", "uv", "conda", "none")
    for distro in ("debian", "alpine", "other")
    for root in ("yes", "no")
]


@pytest.mark.parametrize("id", FIXES)
def test_every_fix_fits_everywhere_and_says_something(id: str) -> None:
    sheet = CheatSheet([CHEATSHEET])
    for place in PLACES:
        made = sheet.prescribe(
            fix(f"venv.{id}", path="/p/.venv", site="/p/.venv/lib/site", minor="3.12"), {**PATIENT, **place}, "verify"
        )
        assert made.commands or made.notes
        assert not [command.text for command in made.commands if command.argv[0] == "pip"]


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("sh", "/p/a b/bin/activate"),
        ("fish", "/p/a b/bin/activate.fish"),
        ("powershell", "Activate.ps1"),
        ("cmd", "activate.bat"),
    ],
)
def test_activation_is_written_for_the_shell(shell: str, script: str) -> None:
    made = CheatSheet([CHEATSHEET]).prescribe(fix("venv.activate", path="/p/a b"), {**PATIENT, "shell": shell}, "verify")
    assert made.commands[0].argv[-1].endswith(script)


def test_who_has_uv_needs_no_pip() -> None:
    found = pip_belongs_to_python(commands(OWN_PYTHON, BIN_PIP, target=UV), IN_VENV, replace(LAPTOP, uv="/bin/uv"))
    assert said(found) == ("warn", "no-pip-in-venv") and "which has no pip" in found.message
