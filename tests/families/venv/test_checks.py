"""Every branch of the checks of virtual environments, by plain calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlenv_checks.venv.checks import environment_is_active, environment_is_whole, in_an_environment
from mlenv_checks.venv.facts import Prefix
from mlenv_checks.venv.installing import pip_belongs_to_python
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Environment, OnPath, Place, Python, Venv

HOME = "/usr/bin"
OWN = Environment("/p/.venv", "/p/.venv", "/p/.venv/bin/python", home=HOME, activates="/p/.venv", pip_prefix="/p/.venv")
OTHER = replace(OWN, path="/q/env", real="/q/env", python="/q/env/bin/python", activates="/q/env", pip_prefix="/q/env")
UV = replace(OWN, maker="uv", pip_prefix="")
LAPTOP = Place(kinds=("machine",))
DOCKER = Place(kinds=("container", "machine"))
CI = Place(kinds=("ci", "machine"))
IN_VENV = Python(version="3.12.4", prefix="/p/.venv", base_prefix="/usr", purelib="/p/.venv/lib/site")
SYSTEM = Python(version="3.12.4", executable="/usr/bin/python3", prefix="/usr", base_prefix="/usr")
DEAD = Missing("python", "not-started", "could not be started", "No such file or directory")
BIN_PYTHON = OnPath("python", "/usr/bin/python", "/usr", "3.12")
BIN_PIP = OnPath("pip", "/usr/bin/pip", "/usr", "3.12")
OWN_PYTHON = OnPath("python", "/p/.venv/bin/python", "/p/.venv", "3.12")
OWN_PIP = OnPath("pip", "/p/.venv/bin/pip", "/p/.venv", "3.12")
FRESH = Venv(chosen_by="project", target=OWN, target_prefix="/p/.venv", project=(OWN,), commands=(BIN_PYTHON,))
ACTIVE = replace(
    FRESH,
    chosen_by="VIRTUAL_ENV",
    virtual_env="/p/.venv",
    virtual_env_real="/p/.venv",
    virtual_env_exists=True,
    commands=(OWN_PYTHON, OWN_PIP),
)
NOWHERE = replace(ACTIVE, virtual_env="/gone", virtual_env_real="/gone", virtual_env_exists=False, commands=(BIN_PYTHON,))
ELSEWHERE = replace(
    NOWHERE, virtual_env="/q/env", virtual_env_real="/q/env", virtual_env_exists=True, target=OTHER, target_prefix="/q/env"
)


def said(found: Any) -> tuple[str, str]:
    assert isinstance(found, Finding)
    if found.status.value in ("warn", "fail"):
        assert found.fix
    return found.status.value, found.cause


NOT_READ = Missing("venv", "error", "could not be read")
NOT_ASKED = Missing("venv", "not-asked", "not checked")
NONE = Venv(chosen_by="PATH")


@pytest.mark.parametrize(
    ("venv", "python", "place", "status", "cause", "remedy"),
    [
        (NOT_READ, IN_VENV, LAPTOP, "unknown", "", ""),
        (NOT_ASKED, IN_VENV, LAPTOP, "skip", "", ""),
        (ACTIVE, IN_VENV, LAPTOP, "pass", "", ""),
        (NONE, replace(SYSTEM, conda=True), LAPTOP, "pass", "", ""),
        (replace(NONE, target_conda=True), SYSTEM, LAPTOP, "pass", "", ""),
        (NONE, SYSTEM, DOCKER, "pass", "", ""),
        (NONE, replace(SYSTEM, externally_managed=True, ensurepip=False), CI, "pass", "", ""),
        (NONE, SYSTEM, Place(kinds=("colab", "machine")), "pass", "", ""),
        (NONE, SYSTEM, Place(kinds=("wsl", "machine")), "warn", "not-in-venv", "venv.make"),
        (NONE, SYSTEM, LAPTOP, "warn", "not-in-venv", "venv.make"),
        (NONE, replace(SYSTEM, externally_managed=True), LAPTOP, "warn", "externally-managed", "venv.make"),
        (NONE, replace(SYSTEM, externally_managed=True, ensurepip=False), LAPTOP, "fail", "no-ensurepip", "venv.enable"),
        (NONE, replace(SYSTEM, ensurepip=False), replace(LAPTOP, uv="/bin/uv"), "warn", "not-in-venv", "venv.make-with-uv"),
        (replace(FRESH, chosen_by="--python"), replace(SYSTEM, ensurepip=False), LAPTOP, "warn", "not-in-venv", "venv.activate"),
    ],
    ids=[
        "unreadable", "not asked", "in one", "conda", "conda by its folder", "container", "ci", "colab", "wsl", "laptop",
        "PEP 668", "no ensurepip", "no ensurepip but uv", "the project has one",
    ],
)  # fmt: skip
def test_environment(venv: Venv | Missing, python: Python, place: Place, status: str, cause: str, remedy: str) -> None:
    found = in_an_environment(venv, python, place)
    assert isinstance(found, Finding)
    assert said(found) == (status, cause)
    assert (found.fix.id if found.fix else "") == remedy


@pytest.mark.parametrize("sudo", [True, False])
def test_sudo_is_named(sudo: bool) -> None:
    for found in (
        in_an_environment(replace(NONE, sudo=sudo), SYSTEM, LAPTOP),
        environment_is_active(replace(FRESH, sudo=sudo), IN_VENV, LAPTOP),
    ):
        assert isinstance(found, Finding)
        assert ("sudo" in found.message) == sudo


CONDA = replace(FRESH, chosen_by="CONDA_PREFIX", target=None, conda_prefix="/c/envs/x")
COPY = replace(OWN, activates="/q/env")


@pytest.mark.parametrize(
    ("venv", "place", "status", "cause", "says"),
    [
        (ACTIVE, LAPTOP, "pass", "", "/p/.venv is active"),
        (replace(FRESH, commands=(OWN_PYTHON,)), LAPTOP, "pass", "", "first on PATH"),
        (replace(FRESH, lock="uv"), LAPTOP, "pass", "", "uv selects"),
        (FRESH, CI, "pass", "", "pipeline"),
        (replace(FRESH, chosen_by="--python"), LAPTOP, "pass", "", "--python"),
        (replace(NOWHERE, chosen_by="--python"), LAPTOP, "pass", "", "--python"),
        (replace(FRESH, chosen_by="kernel"), LAPTOP, "pass", "", "this program"),
        (replace(NOWHERE, chosen_by="caller"), LAPTOP, "pass", "", "this program"),
        (NONE, LAPTOP, "skip", "", "no virtual environment"),
        (FRESH, LAPTOP, "fail", "venv-not-active", "`python` is /usr/bin/python"),
        (FRESH, DOCKER, "fail", "venv-not-active", "not active"),
        (replace(FRESH, commands=()), LAPTOP, "fail", "venv-not-active", "`python` is not on PATH"),
        (replace(FRESH, started_within=True), LAPTOP, "warn", "venv-not-active", "not active"),
        (replace(FRESH, sudo=True), LAPTOP, "warn", "venv-not-active", "not active"),
        (ELSEWHERE, LAPTOP, "fail", "venv-not-active", "environment /q/env is not"),
        (replace(ELSEWHERE, lock="uv"), LAPTOP, "warn", "venv-not-active", "environment /q/env is not"),
        (CONDA, LAPTOP, "warn", "venv-not-active", "conda environment /c/envs/x"),
        (replace(CONDA, conda_base=True), LAPTOP, "fail", "venv-not-active", "not active"),
        (replace(CONDA, commands=(OWN_PYTHON,)), LAPTOP, "pass", "", "first on PATH"),
        (NOWHERE, LAPTOP, "fail", "virtual-env-mismatch", "/gone"),
        (replace(NOWHERE, project=()), LAPTOP, "fail", "virtual-env-mismatch", "/gone"),
        (replace(NOWHERE, lock="uv"), LAPTOP, "warn", "virtual-env-mismatch", "/gone"),
        (replace(NOWHERE, commands=(OWN_PYTHON,)), LAPTOP, "warn", "virtual-env-mismatch", "/gone"),
        (replace(FRESH, target=None, project=(replace(OWN, alive=False),)), LAPTOP, "skip", "", "no virtual environment"),
    ],
    ids=[
        "active", "on PATH", "uv.lock", "ci", "--python", "--python and a stale variable", "a notebook's", "a program's", "none", "fresh shell",
        "fresh shell in a container", "no python at all",
        "started from it", "sudo", "another is active", "another is active and uv",
        "conda", "conda base",
        "conda and on PATH", "nowhere", "nowhere and none", "nowhere and uv", "nowhere and on PATH", "only a dead one",
    ],
)  # fmt: skip
def test_active(venv: Venv, place: Place, status: str, cause: str, says: str) -> None:
    found = environment_is_active(venv, IN_VENV, place)
    assert isinstance(found, Finding)
    assert said(found) == (status, cause)
    assert says in found.message
    assert found.blocked_by is None


def test_the_environment_to_activate_is_one_that_lives() -> None:
    dead = replace(OWN, path="/p/env", alive=False)
    found = environment_is_active(replace(FRESH, project=(dead, OWN)), IN_VENV, LAPTOP)
    assert isinstance(found, Finding)
    assert found.fix and found.fix.values == {"path": "/p/.venv"}


DAMAGED: list[tuple[str, Venv, Python | Missing, str, str]] = [
    ("dangling", replace(FRESH, target=replace(OWN, alive=False)), DEAD, "venv-base-gone", HOME),
    ("copied binary, base gone", replace(FRESH, target=replace(OWN, home_exists=False)), DEAD, "venv-base-gone", HOME),
    ("no Python interpreter", replace(FRESH, target=replace(OWN, alive=False, there=False)), DEAD, "half-made-venv", "no Python interpreter"),
    (
        "of Windows",
        replace(FRESH, target=replace(OWN, alive=False, there=False, foreign=True)),
        DEAD,
        "venv-of-other-os",
        "operating",
    ),
    ("moved", replace(FRESH, target=replace(OWN, activates="/old")), IN_VENV, "venv-moved", "/old"),
    ("pip moved", replace(FRESH, target=replace(OWN, activates="", pip_prefix="/old")), IN_VENV, "venv-moved", "/old"),
    ("copy activates the original", replace(ELSEWHERE, project=(COPY,)), IN_VENV, "venv-moved", "/q/env"),
    (
        "moved, then activated",
        replace(NOWHERE, target=None, project=(replace(OWN, activates="/gone"),)),
        SYSTEM,
        "venv-moved",
        "/gone",
    ),
]


@pytest.mark.parametrize(("venv", "python", "cause", "says"), [case[1:] for case in DAMAGED], ids=[case[0] for case in DAMAGED])
def test_damage_is_one_red_line(venv: Venv, python: Python | Missing, cause: str, says: str) -> None:
    found = environment_is_whole(venv, python, Prefix())
    assert isinstance(found, Finding)
    assert said(found) == ("fail", cause)
    assert says in found.message
    others = (environment_is_active(venv, python, LAPTOP), pip_belongs_to_python(venv, python, LAPTOP))
    assert [other.blocked_by for other in others if isinstance(other, Finding)] == ["venv.intact"] * 2


@pytest.mark.parametrize(
    ("venv", "python", "status"),
    [
        (ACTIVE, IN_VENV, "pass"),
        (replace(FRESH, target=replace(OWN, home_exists=False)), IN_VENV, "pass"),
        (replace(FRESH, target=replace(OWN, home_exists=False)), Missing("python", "timeout", "did not answer"), "pass"),
        (replace(FRESH, target=OWN), DEAD, "pass"),
        (replace(FRESH, target=UV), IN_VENV, "pass"),
        (replace(FRESH, target=replace(OWN, activates="", pip_prefix="")), IN_VENV, "pass"),
        (NONE, SYSTEM, "skip"),
        (replace(NONE, project=(replace(OWN, activates="/q/env"),)), SYSTEM, "skip"),
    ],
    ids=[
        "whole",
        "base gone but it runs",
        "base gone and it hangs",
        "whole but dead",
        "uv",
        "relocatable",
        "none",
        "a copy unused",
    ],
)
def test_whole(venv: Venv, python: Python | Missing, status: str) -> None:
    assert said(environment_is_whole(venv, python, Prefix())) == (status, "")


@pytest.mark.parametrize(
    ("site", "version", "id", "values"),
    [
        ("/p/.venv/lib/python3.12/site-packages", "", "venv.relink", {"path": "/p/.venv", "minor": "3.12"}),
        ("", "3.10.4", "venv.relink", {"path": "/p/.venv", "minor": "3.10"}),
        ("", "", "venv.remake", {"path": "/p/.venv", "site": "/p/.venv"}),
    ],
)
def test_the_python_that_comes_back_is_that_of_the_packages(site: str, version: str, id: str, values: dict[str, str]) -> None:
    found = environment_is_whole(replace(FRESH, target=replace(OWN, alive=False, site=site, version=version)), DEAD, Prefix())
    assert isinstance(found, Finding)
    assert found.fix and (found.fix.id, found.fix.values) == (id, values)


@pytest.mark.parametrize(
    ("prefix", "python", "status", "cause"),
    [
        (Prefix(made_for="3.11", has_own_site=False), IN_VENV, "fail", "venv-minor-upgraded"),
        (Prefix(made_for="3.11"), IN_VENV, "pass", ""),
        (Prefix(made_for="", has_own_site=False), IN_VENV, "pass", ""),
        (Prefix(made_for="{}.{}".format(*IN_VENV.minor), has_own_site=False), IN_VENV, "pass", ""),
        (Prefix(made_for="3.11", has_own_site=False), SYSTEM, "pass", ""),
        (Missing("prefix", "error", "broke"), IN_VENV, "pass", ""),
    ],
    ids=["moved on", "both are there", "not written down", "the same", "no environment", "not read"],
)
def test_an_environment_whose_python_moved_on(prefix: Prefix | Missing, python: Python, status: str, cause: str) -> None:
    assert said(environment_is_whole(ACTIVE, python, prefix)) == (status, cause)


def test_an_environment_that_moved_on_is_named_without_its_files() -> None:
    found = environment_is_whole(replace(ACTIVE, target=None), IN_VENV, Prefix(made_for="3.11", has_own_site=False))
    assert IN_VENV.prefix in found.message and "created for Python 3.11" in found.message
