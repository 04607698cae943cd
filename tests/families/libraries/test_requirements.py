"""Limits and lock files: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlenv_checks.libraries.facts import Lock, Locked
from mlenv_checks.libraries.requirements import libraries_as_locked, libraries_within_limits
from mlenv_doctor import Finding, Location, Missing
from mlenv_doctor.patient import Declared, Distribution, Libraries, Project, Python, Unreadable, Wanted, WantedLibrary

PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr")
FILE = "/p/constraints.txt"
NOTHING = Project()
RED = (WantedLibrary("pandas", "==3.0"), WantedLibrary("xgboost"))


def installed(*words: str, **more: Any) -> Libraries:
    """Such as "numpy 2.4"."""
    pairs = (word.partition(" ") for word in words)
    return Libraries(tuple(Distribution(name, version or None, "/s", **more) for name, _, version in pairs))


def limits(*texts: str) -> Project:
    return Project(limits=tuple(Declared(text, FILE, line) for line, text in enumerate(texts, 1)))


def grouped(*texts: str, group: str = "group dev") -> Project:
    return Project(grouped=tuple(Declared(text, "/p/pyproject.toml", line, group) for line, text in enumerate(texts, 1)))


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.status.value, finding.message) for finding in findings]


def judged(project: Project, libraries: Libraries, *wanted: WantedLibrary) -> list[Finding]:
    return list(libraries_within_limits(project, Wanted(wanted), libraries, PYTHON))


@pytest.mark.parametrize(
    ("project", "libraries"),
    [
        (Project(), installed("numpy 2")),
        (limits("numpy<2"), installed("pandas 2")),
        (limits("numpy<2"), installed("numpy 1.26")),
        (limits("numpy<2"), installed("numpy")),
        (limits("numpy<2; python_version < '3.9'"), installed("numpy 2")),
        (limits("numpy<2; platform_release ~= 'x'"), installed("numpy 2")),
        (limits("no requirement at all"), installed("numpy 2")),
        (grouped("numpy"), installed("numpy 2")),
        (grouped("numpy<2", group="extra old"), installed()),
        (Project(grouped=(*grouped("numpy<2", group="extra a").grouped, *grouped("numpy>2", group="extra b").grouped)), installed("numpy 2.1")),
    ],
    ids=["nothing", "other", "kept", "no-version", "marker", "odd-marker", "odd", "group", "extra", "one-of-two"],
)  # fmt: skip
def test_nothing_is_beyond_the_limits(project: Project, libraries: Libraries) -> None:
    assert said(judged(project, libraries)) == [("pass", "all versions are within the project's limits")]


def test_a_constraint_is_broken() -> None:
    [finding] = judged(limits("pandas", "numpy<2"), installed("numpy 2.4"), WantedLibrary("numpy", ">=1.2"))
    assert said([finding]) == [("warn", "numpy 2.4 is installed; constraints.txt allows <2")]
    assert (finding.cause, finding.location) == ("requirement-unmet", Location(FILE, 2))
    assert finding.fix and finding.fix.values == {"packages": ("numpy>=1.2,<2",)}


def test_constraints_of_one_file_are_one_finding() -> None:
    names = [f"lib{n}" for n in range(7)]
    [finding] = judged(limits(*(f"{name}<2" for name in names)), installed(*(f"{name} 2" for name in names)))
    some = ", ".join(f"{name} 2 (<2)" for name in names[:5])
    assert said([finding]) == [("warn", f"installed versions are not allowed by constraints.txt: {some} and 2 more")]


def test_what_the_project_requires_is_judged_once() -> None:
    asked = WantedLibrary("numpy", "<1", source="/p/r.txt", line=1)
    assert said(judged(limits("numpy<2"), installed("numpy 2.4"), asked)) == [
        ("pass", "all versions are within the project's limits")
    ]
    assert said(judged(grouped("numpy<2"), installed("numpy 2.4"), replace(asked, specifier=""))) == [
        ("pass", "all versions are within the project's limits")
    ]


def test_a_group_is_judged_where_it_is_installed() -> None:
    found = judged(grouped("pytest>=8", "ruff", "mypy; sys_platform == 'win32'"), installed("pytest 7.4"))
    assert said(found) == [
        ("skip", "pytest 7.4 is installed; pyproject.toml (group dev) allows >=8"),
        ("skip", "the group dev is not completely installed (not required): ruff"),
    ]


LOCK = Lock("/p/uv.lock", "uv", (Locked("numpy", "2.4.1", 7), Locked("pandas", "3.0", 9), Locked("own", "", 11)))


def locked(lock: Lock | Missing, *words: str, project: Project = NOTHING, python: Python = PYTHON, **more: Any) -> list[Finding]:
    return list(libraries_as_locked(lock, project, Wanted(RED), installed(*words, **more), python))


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        (Missing("lock", "not-asked", "not checked with --quick"), [("skip", "the lock file: not checked with --quick")]),
        (
            Missing("lock", "timeout", "did not answer"),
            [("unknown", "the lock file could not be read: the probe did not answer")],
        ),
        (Lock(), [("skip", "the project has no lock file")]),
        (Lock("/p/uv.lock", "uv", (), (Unreadable("/p/uv.lock", 3, "bad"),)), [("warn", "uv.lock: bad")]),
        (Lock("/p/uv.lock", "uv"), []),
    ],
    ids=["quick", "late", "none", "unreadable", "empty"],
)
def test_without_a_lock_nothing_is_compared(lock: Lock | Missing, expected: list[tuple[str, str]]) -> None:
    assert said(locked(lock, "numpy 2")) == expected


@pytest.mark.parametrize(
    "words",
    [
        ["numpy 2.4.1", "pandas 3.0.0"],
        ["numpy 2.4.1+cpu"],
        ["own 7"],
        ["numpy"],
        ["numpy nonsense"],
        ["numpy " + "9" * 5000],
        ["scipy 1"],
        [],
    ],
    ids=["same", "build", "own", "no-version", "no-number", "endless", "others", "nothing"],
)
def test_what_is_locked_is_installed(words: list[str]) -> None:
    assert said(locked(LOCK, *words)) == [("pass", "the installed versions match uv.lock")]


def test_what_every_environment_brings_or_is_worked_on_is_not_compared() -> None:
    lock = Lock("/p/uv.lock", "uv", (Locked("setuptools", "80"), Locked("numpy", "2")))
    assert said(locked(lock, "setuptools 82"))[0][0] == "pass"
    assert said(locked(lock, "numpy 3", editable="/src/numpy"))[0][0] == "pass"


def test_one_differs() -> None:
    [finding] = locked(LOCK, "numpy 2.4.6", "pandas 3")
    assert said([finding]) == [("warn", "an installed library has another version than uv.lock: numpy 2.4.6 (locked: 2.4.1)")]
    assert (finding.cause, finding.location) == ("lock-out-of-step", Location("/p/uv.lock", 7))


def test_many_differ_in_one_line() -> None:
    names = [f"lib{n}" for n in range(8)]
    lock = Lock("/p/poetry.lock", "poetry", tuple(Locked(name, "1") for name in names))
    [finding] = locked(lock, *(f"{name} 2" for name in names))
    some = ", ".join(f"{name} 2 (locked: 1)" for name in names[:5])
    assert finding.message == f"8 installed libraries differ from poetry.lock: {some} and 3 more"
    assert finding.evidence["differing"].count("\n") == 7


@pytest.mark.parametrize(
    ("markers", "differs"),
    [
        (("python_version < '3.9'",), "locked: 1"),
        (("python_version < '3.9'", "python_version > '3.9'"), "locked: 2"),
        (("no marker",), "locked: 1"),
        ((), "locked: 2"),
    ],
)
def test_the_version_for_this_python_counts(markers: tuple[str, ...], differs: str) -> None:
    lock = Lock("/p/uv.lock", "uv", (Locked("numpy", "2", markers=markers), Locked("numpy", "1")))
    assert differs in locked(lock, "numpy 3")[0].message
    assert said(locked(lock, f"numpy {differs[-1]}"))[0][0] == "pass"


def test_where_none_is_for_this_python_any_will_do() -> None:
    lock = Lock("/p/uv.lock", "uv", (Locked("numpy", "2", markers=("extra == 'x'",)),))
    assert said(locked(lock, "numpy 2"))[0][0] == "pass"


@pytest.mark.parametrize(
    ("python", "status"),
    [(replace(PYTHON, prefix="/usr"), "skip"), (replace(PYTHON, prefix="/usr", conda=True), "warn"), (PYTHON, "warn")],
    ids=["system", "conda", "venv"],
)
def test_a_python_of_the_system_is_for_no_lock(python: Python, status: str) -> None:
    assert [finding.status.value for finding in locked(LOCK, "numpy 2.4.6", python=python)] == [status]


@pytest.mark.parametrize(
    ("tool", "file", "fix"),
    [
        ("uv", "uv.lock", "libs.sync-uv"),
        ("poetry", "poetry.lock", "libs.sync-poetry"),
        ("pdm", "pdm.lock", "libs.sync-pdm"),
        ("pipenv", "Pipfile.lock", "libs.sync-pipenv"),
        ("pylock", "pylock.toml", "libs.install-lock"),
    ],
)
def test_each_tool_has_its_command(tool: str, file: str, fix: str) -> None:
    [finding] = locked(replace(LOCK, tool=tool, file=f"/p/{file}"), "numpy 1")
    assert finding.fix and finding.fix.id == fix


@pytest.mark.parametrize(
    ("tool", "file", "remark"),
    [("uv", "pyproject.toml", True), ("uv", "requirements.txt", False), ("pipenv", "Pipfile", True), ("pipenv", "pyproject.toml", False)],
)  # fmt: skip
def test_a_lock_that_was_not_renewed(tool: str, file: str, remark: bool) -> None:
    project = Project(
        requirements=tuple(Declared(text, f"/p/{file}") for text in ("seaborn", "numpy", "mac; sys_platform == 'darwin'"))
    )
    found = said(locked(replace(LOCK, tool=tool), "numpy 2.4.1", project=project))
    renew = ("skip", "uv.lock does not contain seaborn: it was not updated since the project requires it")
    assert (renew in found) is remark and len(found) == 1 + remark


def test_what_is_red_already_is_not_told_twice() -> None:
    [finding] = locked(LOCK, "pandas 2")
    assert (finding.status.value, finding.blocked_by) == ("skip", "libraries.versions:pandas")
    assert "pandas" not in locked(LOCK, "pandas 2", "numpy 1")[0].message
