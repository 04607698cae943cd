"""The checks of the terminal: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.venv.shell import powershell_may_activate, python_is_that_of_the_active_environment
from mlenv_doctor.patient import Environment, OnPath, Place, Python, Venv

OWN = Environment("/p/.venv", real="/p/.venv", python="/p/.venv/bin/python")
OTHER = Environment("/q/.venv", real="/q/.venv", python="/q/.venv/bin/python")
BEHIND = OnPath("python", "/usr/bin/python", "/usr")
RIGHT = OnPath("python", "/p/.venv/bin/python", "/p/.venv")
HIDDEN = Venv(
    chosen_by="VIRTUAL_ENV", virtual_env="/p/.venv", virtual_env_real="/p/.venv", virtual_env_exists=True,
    virtual_env_on_path=True, target=OWN, project=(OWN,), commands=(BEHIND,),
)  # fmt: skip
LAPTOP, DOCKER = Place(kinds=("machine",)), Place(kind="container", kinds=("container",))


def seen(venv: Venv, place: Place = LAPTOP) -> tuple[str, str, str]:
    found = python_is_that_of_the_active_environment(venv, Python(), place)
    return found.status.value, found.cause or "", found.blocked_by or ""


@pytest.mark.parametrize(
    ("venv", "expected"),
    [
        (HIDDEN, ("fail", "virtual-env-mismatch", "")),
        (replace(HIDDEN, lock="uv"), ("warn", "virtual-env-mismatch", "")),
        (replace(HIDDEN, virtual_env_on_path=False), ("warn", "virtual-env-mismatch", "")),
        (replace(HIDDEN, virtual_env_on_path=False, lock="uv"), ("pass", "", "")),
        (replace(HIDDEN, commands=(RIGHT,)), ("pass", "", "")),
        (replace(HIDDEN, commands=()), ("skip", "", "")),
        (replace(HIDDEN, commands=(replace(BEHIND, prefix=""),)), ("skip", "", "")),
        (replace(HIDDEN, chosen_by="--python"), ("skip", "", "")),
        (replace(HIDDEN, virtual_env_exists=False), ("skip", "", "")),
        (replace(HIDDEN, conda_real="/usr"), ("skip", "", "venv.nesting")),
        (replace(HIDDEN, conda_prefix="/usr", commands=(replace(BEHIND, prefix="/opt"),)), ("skip", "", "venv.nesting")),
        (replace(HIDDEN, conda_prefix="/opt", conda_real="/opt"), ("fail", "virtual-env-mismatch", "")),
        (replace(HIDDEN, commands=(BEHIND, replace(RIGHT, name="pip"))), ("skip", "", "venv.pip")),
        (replace(HIDDEN, commands=(BEHIND, replace(BEHIND, name="pip"))), ("fail", "virtual-env-mismatch", "")),
        (replace(HIDDEN, project=(OTHER,)), ("skip", "", "venv.active")),
        (replace(HIDDEN, project=()), ("fail", "virtual-env-mismatch", "")),
        (replace(HIDDEN, project=(OTHER,), commands=(OnPath("python", "/q/.venv/bin/python", "/q/.venv"),)), ("warn", "virtual-env-mismatch", "")),
        (replace(HIDDEN, target=replace(OWN, alive=False)), ("skip", "", "venv.intact")),
    ],
    ids=[
        "behind", "behind, with uv", "only the variable", "only the variable, for uv", "the right one", "no python", "a shim",
        "--python", "gone", "conda first", "conda first, by a link", "conda is not first", "pip is its own", "pip is another, too", "the project's own is not active",
        "no project", "the project's own comes first", "damaged",
    ],
)  # fmt: skip
def test_terminal(venv: Venv, expected: tuple[str, str, str]) -> None:
    assert seen(venv) == expected


def test_an_image_may_only_name_its_environment() -> None:
    assert seen(replace(HIDDEN, virtual_env_on_path=False), DOCKER)[0] == "pass"
    assert seen(HIDDEN, DOCKER)[0] == "fail"


def test_what_is_said() -> None:
    found = python_is_that_of_the_active_environment(HIDDEN, Python(), LAPTOP)
    assert found.message == "/p/.venv is active, but `python` on PATH is /usr/bin/python"
    assert found.fix is not None and found.fix.values == {"path": "/p/.venv"}
    theirs = replace(HIDDEN, project=(OTHER,), commands=(OnPath("python", "/q/.venv/bin/python", "/q/.venv"),))
    found = python_is_that_of_the_active_environment(theirs, Python(), LAPTOP)
    assert found.message.endswith("is /q/.venv/bin/python (this project)")
    assert found.fix is not None and found.fix.values == {"path": "/q/.venv"}


INACTIVE = Venv(project=(OWN,))
WINDOWS = Place(os="windows", shell="powershell", script_policy="Restricted", kinds=("machine",))


@pytest.mark.parametrize(
    ("venv", "place", "status"),
    [
        (INACTIVE, WINDOWS, "warn"),
        (INACTIVE, replace(WINDOWS, script_policy="restricted"), "warn"),
        (INACTIVE, replace(WINDOWS, script_policy="RemoteSigned"), "pass"),
        (INACTIVE, replace(WINDOWS, script_policy="AllSigned"), "pass"),
        (INACTIVE, replace(WINDOWS, script_policy=""), "skip"),
        (INACTIVE, replace(WINDOWS, shell="cmd"), "skip"),
        (INACTIVE, LAPTOP, "skip"),
        (replace(INACTIVE, virtual_env="/p/.venv"), WINDOWS, "skip"),
        (Venv(), WINDOWS, "skip"),
    ],
    ids=["restricted", "in small letters", "own scripts", "signed ones", "PowerShell 7", "cmd", "Linux", "active", "none"],
)
def test_powershell(venv: Venv, place: Place, status: str) -> None:
    found = powershell_may_activate(venv, place)
    assert (found.status.value, found.cause) == (status, "powershell-execution-policy" if status == "warn" else "")
    assert status != "warn" or (found.fix is not None and found.fix.values == {"path": "/p/.venv"})
