"""Conda and the user's folder: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.venv.conda import conda_base_is_left_alone, conda_packages_are_condas, one_environment_at_a_time
from mlenv_checks.venv.user_site import libraries_come_from_the_environment
from mlenv_doctor import Missing
from mlenv_doctor.patient import Distribution, Libraries, OnPath, Place, Python, Venv, Wanted, WantedLibrary
from mlenv_checks.venv.facts import Prefix
from mlenv_doctor.facts import Why

CONDA = Python(version="3.12.1", prefix="/opt/conda", base_prefix="/opt/conda", conda=True, user_site="/home/me/site")
PYENV = Python(version="3.12.1", prefix="/pyenv/3.12", base_prefix="/pyenv/3.12", user_site="/home/me/site")
SYSTEM = replace(PYENV, prefix="/usr", base_prefix="/usr")
LAPTOP, DOCKER = Place(kinds=("machine",)), Place(kind="container", kinds=("container",))


@pytest.mark.parametrize(
    ("prefix", "place", "status", "cause"),
    [
        (Prefix(conda_base=True), LAPTOP, "warn", "conda-base-in-use"),
        (Prefix(conda_base=True), DOCKER, "pass", ""),
        (Prefix(conda_base=True), Place(kinds=("jupyterhub", "machine")), "pass", ""),
        (Prefix(), LAPTOP, "skip", ""),
        (Missing("prefix", Why.NOT_ASKED, "x"), LAPTOP, "skip", ""),
        (Missing("prefix", Why.ERROR, "x"), LAPTOP, "unknown", ""),
    ],
    ids=["base", "an image", "JupyterHub", "an environment", "not asked", "not read"],
)
def test_base(prefix: Prefix | Missing, place: Place, status: str, cause: str) -> None:
    found = conda_base_is_left_alone(prefix, CONDA, place)
    assert (found.status.value, found.cause) == (status, cause)
    assert found.status.value != "warn" or "base environment /opt/conda" in found.message


BOTH = Venv(
    virtual_env="/p/.venv",
    virtual_env_real="/p/.venv",
    virtual_env_exists=True,
    conda_prefix="/opt/conda",
    conda_real="/opt/conda",
)
OF_CONDA, OF_VENV = OnPath("python", "/opt/conda/bin/python", "/opt/conda"), OnPath("python", "/p/.venv/bin/python", "/p/.venv")


@pytest.mark.parametrize(
    ("venv", "warned"),
    [
        (replace(BOTH, commands=(OF_CONDA,)), True),
        (replace(BOTH, commands=(OF_VENV,)), False),
        (replace(BOTH, commands=(replace(OF_CONDA, prefix=""),)), False),
        (replace(BOTH, commands=(OnPath("python", "/usr/bin/python", "/usr"),)), False),
        (replace(BOTH, commands=(OF_CONDA,), virtual_env_real="/opt/conda"), False),
        (BOTH, False),
        (replace(BOTH, commands=(OF_CONDA,), conda_prefix=None), False),
        (replace(BOTH, commands=(OF_CONDA,), virtual_env=None), False),
        (replace(BOTH, commands=(OF_CONDA,), virtual_env_exists=False), False),
    ],
    ids=[
        "conda wins",
        "the venv wins",
        "a shim",
        "neither wins",
        "VIRTUAL_ENV names conda's",
        "no python",
        "no conda",
        "no venv",
        "a dead venv",
    ],
)
def test_nesting(venv: Venv, warned: bool) -> None:
    found = one_environment_at_a_time(venv, Prefix(conda_levels=2))
    assert (found.status.value, found.cause) == (("warn", "conda-venv-nested") if warned else ("pass", ""))
    if warned:
        assert found.message == "/p/.venv is active, but `python` is /opt/conda/bin/python of conda, which was activated later"
        assert found.evidence == {"CONDA_SHLVL": "2"} and found.fix is not None and found.fix.values == {"path": "/p/.venv"}


def by(installer: str, *names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/opt/conda/site", installer=installer) for name in names))


@pytest.mark.parametrize(
    ("packages", "libraries", "status"),
    [
        (("numpy", "python"), by("pip", "numpy", "click"), "warn"),
        (("numpy",), by("uv", "numpy"), "warn"),
        (("pytorch",), by("pip", "torch"), "warn"),
        (("numpy",), by("conda", "numpy"), "pass"),
        (("click", "numpy"), by("pip", "click"), "pass"),
        ((), by("pip", "numpy"), "skip"),
    ],
    ids=["pip over conda", "uv over conda", "by another name", "conda's own", "pure Python", "no conda"],
)
def test_mixed(packages: tuple[str, ...], libraries: Libraries, status: str) -> None:
    found = conda_packages_are_condas(Prefix(conda_packages=packages), libraries)
    assert found.status.value == status
    if status == "warn":
        theirs = "torch" if "pytorch" in packages else "numpy"
        assert found.message == f"pip installed {theirs} 1.0 over conda's build"
        assert found.fix is not None and found.fix.values == {"packages": packages[:1], "installed": (theirs,)}


def numpy(version: str, folder: str) -> Distribution:
    return Distribution("numpy", version, folder)


MINE, OWN = numpy("1.26", "/home/me/site"), numpy("2.4", "/opt/conda/site")


@pytest.mark.parametrize(
    ("python", "found", "status"),
    [
        (CONDA, (MINE, OWN), "fail"),
        (PYENV, (MINE, OWN), "fail"),
        (SYSTEM, (MINE, OWN), "skip"),
        (replace(PYENV, externally_managed=True), (MINE, OWN), "skip"),
        (replace(PYENV, prefix="/v"), (MINE, OWN), "skip"),
        (CONDA, (OWN, MINE), "pass"),
        (CONDA, (numpy("2.4", "/home/me/site"), OWN), "pass"),
        (CONDA, (MINE,), "pass"),
        (CONDA, (), "pass"),
    ],
    ids=["conda", "pyenv", "system", "managed", "venv", "the environment first", "the same", "only there", "nowhere"],
)
def test_user_site(python: Python, found: tuple[Distribution, ...], status: str) -> None:
    wanted = Wanted((WantedLibrary("numpy"),))
    [finding] = libraries_come_from_the_environment(python, Prefix(), Libraries(found), wanted)
    assert finding.status.value == status
    if status == "fail":
        assert (finding.cause, finding.subject) == ("user-site-leak", "numpy")
        assert finding.message == "numpy 1.26 from /home/me/site is used instead of 2.4 in the environment (/opt/conda/site)"


def test_a_library_that_nobody_wants_may_come_from_anywhere() -> None:
    [finding] = libraries_come_from_the_environment(CONDA, Prefix(), Libraries((MINE, OWN)), Wanted())
    assert finding.status.value == "pass"


def test_packages_of_the_base_are_a_remark() -> None:
    [finding] = libraries_come_from_the_environment(PYENV, Prefix(system_site=True), Libraries(), Wanted())
    assert finding.message == "the environment also sees the packages of its base Python"
