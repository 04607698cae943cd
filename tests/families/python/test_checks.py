"""Every branch of the Python checks, by plain calls."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.python.checks import python_build, python_fits_project, python_starts, python_version
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Environment, Libraries, Project, Python, Venv, Wanted, WantedLibrary
from mlenv_doctor.repair import CheatSheet
from support.builtin import CHEATSHEET

NO_PROJECT = Project()
NO_FACT = Missing("x", "error", "could not be read")
HERE = Venv(chosen_by="PATH")
WHOLE = Environment("/p/.venv", home="/usr/bin")
EXIT_SAID = (
    'Failed to import the site module\n  File "/p/.venv/lib/python3.11/site-packages/sitecustomize.py", line 1, in <module>\n'
    "    import sys; sys.exit(3)\nSystemExit: 3"
)
DEAD = "python-does-not-start"


def one(found: Any) -> Finding:
    assert isinstance(found, Finding)
    return found


def silent(kind: str, reason: str = "ended with exit code 1 and no answer", detail: str = "") -> Missing:
    return Missing("python", kind, reason, detail)


def test_a_python_that_answers_has_started() -> None:
    found = one(python_starts(Python(version="3.12.4"), HERE, NO_PROJECT))
    assert (found.status.value, found.message) == ("pass", "CPython 3.12.4")


@pytest.mark.parametrize(
    ("missing", "status", "cause", "says", "remedy"),
    [
        (silent("too-old", "is Python 2.7, too old to be examined"), "fail", "python-too-old", "Python 2.7", "python.install"),
        (silent("not-asked", "not checked"), "skip", "", "not checked", ""),
        (silent("absent", "is not in the snapshot"), "skip", "", "not in the snapshot", ""),
        (silent("budget", "did not end within the time budget"), "unknown", "", "time budget", ""),
        (silent("not-started", "was not reached within the time budget"), "unknown", "", "not reached", ""),
        (silent("error", "could not be read", "KeyError: 'purelib'"), "unknown", "", "KeyError: 'purelib'", ""),
        (silent("not-started", "could not be started", "Permission denied"), "fail", DEAD, "Permission", "python.repair"),
        (silent("no-answer"), "fail", DEAD, "exit code 1", "python.repair"),
        (silent("timeout", "did not answer within 15 s"), "fail", DEAD, "may hang", "python.repair"),
        (silent("killed", "was killed by SIGSEGV"), "fail", DEAD, "SIGSEGV", "python.repair"),
    ],
    ids=[
        "2.7", "not asked", "not in the snapshot", "no time", "not reached", "not readable", "no right", "silent", "hang", "crash",
    ],
)  # fmt: skip
def test_why_it_does_not_start(missing: Missing, status: str, cause: str, says: str, remedy: str) -> None:
    for venv in (HERE, NO_FACT):
        found = one(python_starts(missing, venv, NO_PROJECT))
        assert (found.status.value, found.cause) == (status, cause)
        assert says in found.message
        assert (found.fix.id if found.fix else "") == remedy


def test_the_last_words_are_evidence_and_the_file_is_in_the_fix() -> None:
    found = one(python_starts(silent("no-answer", detail=EXIT_SAID), HERE, NO_PROJECT))
    assert found.evidence["it said"].endswith("sys.exit(3)\nSystemExit: 3")
    assert found.fix and found.fix.values == {"file": "/p/.venv/lib/python3.11/site-packages/sitecustomize.py"}
    assert one(python_starts(silent("killed", "was killed by SIGSEGV"), HERE, NO_PROJECT)).evidence == {}


@pytest.mark.parametrize(
    ("venv", "kind", "owner"),
    [
        (Venv(target=Environment("/p/.venv", alive=False)), "not-started", "venv.intact"),
        (Venv(target=Environment("/p/.venv", alive=False)), "budget", "venv.intact"),
        (Venv(target=Environment("/p/.venv", home_exists=False)), "no-answer", "venv.intact"),
        (Venv(target=Environment("/p/.venv", home_exists=False)), "timeout", None),
        (Venv(target=WHOLE), "no-answer", None),
        (Venv(chosen_by="VIRTUAL_ENV", virtual_env="/gone"), "not-started", "venv.active"),
        (Venv(chosen_by="VIRTUAL_ENV", virtual_env="/p/.venv", virtual_env_exists=True, target=WHOLE), "no-answer", None),
    ],
    ids=[
        "dangling",
        "dangling and late",
        "base gone",
        "base gone and hangs",
        "whole",
        "VIRTUAL_ENV is no environment",
        "VIRTUAL_ENV is one",
    ],
)
def test_a_broken_environment_is_the_one_red_line(venv: Venv, kind: str, owner: str | None) -> None:
    found = one(python_starts(silent(kind, "could not be started", "No such file or directory"), venv, NO_PROJECT))
    assert found.blocked_by == owner
    assert found.status.value == ("skip" if owner else "fail")


def libraries(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/site") for name in names))


def wanted(*names: str, declared: bool = False, required: bool = True) -> Wanted:
    return Wanted(tuple(WantedLibrary(name, required=required) for name in names), declared=declared)


OLD = Project(requires_python=">=3.8,<3.10", requires_python_file="/p/pyproject.toml")
NEW = Project(requires_python=">=3.13", requires_python_file="/p/pyproject.toml")
OPTIONAL = wanted("numpy", declared=True, required=False)
FROZEN = wanted("numpy", declared=True)


@pytest.mark.parametrize(
    ("version", "level", "wished", "there", "project", "status", "cause"),
    [
        ("3.9.18", "final", wanted("numpy"), libraries("numpy"), NO_PROJECT, "fail", "python-too-old"),
        ("3.6.15", "final", wanted(), libraries(), NO_FACT, "fail", "python-too-old"),
        ("3.9.18", "final", wanted(), libraries(), OLD, "warn", "python-too-old"),
        ("3.9.18", "final", FROZEN, libraries("numpy"), NO_PROJECT, "warn", "python-too-old"),
        ("3.9.18", "final", FROZEN, libraries(), NO_PROJECT, "fail", "python-too-old"),
        ("3.9.18", "final", FROZEN, NO_FACT, NO_PROJECT, "fail", "python-too-old"),
        ("3.9.18", "final", OPTIONAL, libraries(), NO_PROJECT, "warn", "python-too-old"),
        ("3.10.13", "final", wanted("numpy"), libraries(), NO_PROJECT, "warn", "python-too-old"),
        ("3.13.1", "final", wanted("numpy"), libraries(), NEW, "pass", ""),
        ("3.11.0", "final", wanted("numpy"), libraries(), NO_PROJECT, "pass", ""),
        ("3.13.1", "final", wanted("tensorflow"), libraries(), NO_PROJECT, "pass", ""),
        ("3.14.0", "final", wanted("numpy", "torch"), libraries(), NO_PROJECT, "pass", ""),
        ("3.14.0", "final", wanted("tensorflow"), libraries(), NO_PROJECT, "fail", "python-too-new"),
        ("3.14.0", "final", wanted("tensorflow"), NO_FACT, NO_PROJECT, "fail", "python-too-new"),
        ("3.14.0", "final", wanted("tensorflow"), libraries("tensorflow"), NO_PROJECT, "pass", ""),
        ("3.14.0", "final", wanted("tensorflow", required=False), libraries(), NO_PROJECT, "pass", ""),
        ("3.16.0", "final", wanted("numpy"), libraries(), NO_PROJECT, "warn", "python-too-new"),
        ("3.15.0", "candidate", wanted("numpy"), libraries(), NO_PROJECT, "warn", "python-too-new"),
    ],
    ids=[
        "3.9", "3.6", "old on purpose", "frozen and complete", "frozen and incomplete", "frozen and unreadable",
        "frozen but for an extra", "3.10", "3.13 as asked", "3.11", "3.13", "3.14", "3.14 and tensorflow",
        "3.14 and nothing known",
        "3.14 with tensorflow",
        "not required", "3.16", "3.15rc1",
    ],
)  # fmt: skip
def test_version(
    version: str, level: str, wished: Wanted, there: Libraries | Missing, project: Project | Missing, status: str, cause: str
) -> None:
    found = one(python_version(Python(version=version, release_level=level), wished, there, project))
    assert (found.status.value, found.cause) == (status, cause)
    assert version in found.message
    assert ("candidate" in found.message) == (level != "final")
    assert (found.fix is not None) == bool(cause)


def test_what_the_project_forbids_is_one_red_line() -> None:
    project = Project(requires_python=">=3.13", requires_python_file="/p/pyproject.toml", requires_python_line=4)
    python = Python(version="3.9.18")
    assert one(python_version(python, wanted("numpy"), libraries(), project)).blocked_by == "python.project"
    found = one(python_fits_project(python, project))
    assert (found.status.value, found.cause) == ("fail", "requires-python-unmet")
    assert found.message == "pyproject.toml requires Python >=3.13; this is 3.9.18"
    assert found.location and (found.location.file, found.location.line) == ("/p/pyproject.toml", 4)


@pytest.mark.parametrize(
    ("asked", "version", "status"),
    [
        (None, "3.11.7", "skip"),
        (">=3.10", "3.11.7", "pass"),
        ("==3.11.*", "3.11.7", "pass"),
        (">=3.13", "3.13.0", "pass"),
        ("<3.11", "3.11.7", "fail"),
    ],
)
def test_project(asked: str | None, version: str, status: str) -> None:
    project = Project(requires_python=asked, requires_python_file="/p/pyproject.toml")
    assert one(python_fits_project(Python(version=version), project)).status.value == status


@pytest.mark.parametrize(
    ("asked", "version"),
    [("", "3.12"), (">=3.13", "3.13"), ("==3.10.*", "3.10"), (">=3.8,<3.10", "3.9"), ("==3.11.*", "3.11"), (">=4", "3.12")],
)
def test_the_python_to_install_is_one_that_the_project_allows(asked: str, version: str) -> None:
    found = one(python_fits_project(Python(version="2.9.0"), Project(requires_python=asked or ">=3", requires_python_file="p")))
    assert found.fix and found.fix.values == {"version": version}


@pytest.mark.parametrize(("bits", "status"), [(64, "pass"), (32, "fail")])
def test_build(bits: int, status: str) -> None:
    found = one(python_build(Python(bits=bits, machine="x86_64")))
    assert found.status.value == status
    assert found.cause == ("python-32bit" if bits == 32 else "")


PATIENT = {
    "python": "/p/.venv/bin/python", "prefix": "/p/.venv", "project": "/p", "venv": "/p/.venv", "base_python": "/usr/bin/python3",
    "python_minor": "3.9", "venv_python": "/p/.venv/bin/python",
}  # fmt: skip
FIXES = [("python.install", {"version": "3.12"}), ("python.install-64bit", {"version": "3.12"}), ("python.repair", {}),
         ("python.unset-home", {}), ("python.unset-path", {}), ("python.store", {}), ("python.xcode", {}),
         ("python.glibc", {}), ("python.arm64", {}), ("python.intel-mac", {}), ("python.own-library", {}), ("python.rebuild", {}),
         ("python.command", {}), ("python.with-lock", {"version": "3.14"}),
         ("python.start-file", {"file": "/p/a b/sitecustomize.py"})]  # fmt: skip
PLACES: list[dict[str, str]] = [
    {"os": system, "shell": shell, "env": env, "uv": uv, "place": place, "manager": "pip", "distro": "debian", "root": "no"}
    for system, shell in (
        ("linux", "sh"),
        ("linux", "fish"),
        ("macos", "sh"),
        ("windows", "powershell"),
        ("windows", "cmd"),
        ("freebsd", "sh"),
    )
    for env in ("venv", "conda")
    for uv in ("yes", "no")
    for place in ("machine", "colab")
]


@pytest.mark.parametrize(("id", "values"), FIXES, ids=[id for id, _ in FIXES])
def test_every_fix_fits_everywhere_and_says_something(id: str, values: dict[str, str]) -> None:
    from mlenv_doctor import fix

    sheet = CheatSheet([CHEATSHEET])
    for place in PLACES:
        made = sheet.prescribe(fix(id, **values), {**PATIENT, **place}, "verify")
        assert made.commands or made.notes
        assert not [command.text for command in made.commands if command.argv[0] == "pip"]
