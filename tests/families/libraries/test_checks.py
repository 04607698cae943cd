"""Are the libraries there, whole, and in versions that fit? Plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlenv_checks.imports.dependency_conflicts import libraries_fit_together
from mlenv_checks.libraries.checks import (
    libraries_installed,
    libraries_not_shadowed,
    libraries_readable,
    libraries_versions,
    libraries_whole,
    project_declarations,
)
from mlenv_checks.venv.facts import Prefix
from mlenv_doctor import Finding, Location, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Declared, Distribution, Libraries, Module, Project, Python, Unreadable, Wanted, WantedLibrary

SITE = "/v/lib/site-packages"
NOT_RUN = Missing("imports", Why.NOT_ASKED, "not checked")
PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr", purelib=SITE)
SYSTEM = replace(PYTHON, prefix="/usr")
PANDAS = WantedLibrary("pandas", imports=("pandas",))
SKLEARN = WantedLibrary("scikit-learn", imports=("sklearn.ensemble",))
JUPYTER = WantedLibrary("jupyter", imports=("jupyter_core", "notebook"))
UNKNOWN = WantedLibrary("some-thing")
FILES = Module("pandas", f"{SITE}/pandas/__init__.py", locations=(f"{SITE}/pandas",))
FOLDER = Module("pandas", None, True, ("/p/pandas",))


def dist(name: str = "pandas", version: str | None = "3.0.3", *requires: str, **more: Any) -> Distribution:
    return Distribution(name, version, SITE, requires=requires, **more)


def said(finding: Finding) -> tuple[str, str]:
    return finding.status.value, finding.cause or finding.blocked_by or ""


def test_the_list_is_readable() -> None:
    assert said(libraries_readable(PYTHON, Libraries((dist(),)))) == ("pass", "")
    assert said(libraries_readable(PYTHON, Missing("libraries", "error", "broke"))) == ("unknown", "")


@pytest.mark.parametrize(
    "project, expected",
    [
        (Missing("project", "error", "broke"), [("unknown", "")]),
        (Project(), []),
        (Project(requirements=(Declared("numpy", "r.txt"),)), [("pass", "")]),
        (
            Project(requirements=(Declared("numpy", "r.txt"),), unreadable=(Unreadable("/p/r.txt", 2, "bad"),)),
            [("warn", "requirement-unreadable")],
        ),
    ],
    ids=["missing", "empty", "declares", "unreadable"],
)
def test_declarations(project: Project | Missing, expected: list[tuple[str, str]]) -> None:
    findings = list(project_declarations(project))
    assert [said(finding) for finding in findings] == expected
    assert all(f.location == Location("/p/r.txt", 2) for f in findings if f.cause)


@pytest.mark.parametrize(
    "library, libraries, python, expected",
    [
        (PANDAS, Libraries((dist(),), modules=(FILES,)), PYTHON, ("pass", "")),
        (PANDAS, Libraries((dist(version=None),), modules=(FILES,)), PYTHON, ("pass", "")),
        (PANDAS, Libraries(modules=(FILES,)), PYTHON, ("skip", "libraries.leftovers:pandas")),
        (PANDAS, Libraries(modules=(FILES,)), SYSTEM, ("pass", "")),
        (WantedLibrary("wheel", source="pyproject.toml", line=3), Libraries(), PYTHON, ("skip", "")),
        (PANDAS, Libraries(modules=(replace(FILES, origin="/elsewhere/pandas.py"),)), PYTHON, ("pass", "")),
        (PANDAS, Libraries(modules=(FILES,)), replace(PYTHON, purelib=""), ("pass", "")),
        (JUPYTER, Libraries(modules=(Module("jupyter_core", f"{SITE}/jupyter_core.py"),)), PYTHON, ("pass", "")),
        (PANDAS, Libraries((dist("pandas-skinny"),), modules=(replace(FILES, owner="pandas-skinny"),)), PYTHON, ("pass", "")),
        (JUPYTER, Libraries((dist("ipykernel", None),)), PYTHON, ("pass", "")),
        (
            JUPYTER,
            Libraries(modules=(replace(FILES, name="jupyter_core", owner="jupyter-core"),)),
            PYTHON,
            ("fail", "not-installed"),
        ),
        (replace(UNKNOWN, name="sklearn"), Libraries((dist("scikit-learn"),)), PYTHON, ("pass", "")),
        (PANDAS, Libraries(), PYTHON, ("fail", "not-installed")),
        (WantedLibrary("tensorflow"), Libraries(), replace(PYTHON, version="3.14.0"), ("skip", "python.version")),
        (SKLEARN, Libraries(modules=(Module("sklearn"),)), PYTHON, ("fail", "not-installed")),
        (UNKNOWN, Libraries(modules=(FILES,)), PYTHON, ("fail", "not-installed")),
        (PANDAS, Libraries(modules=(FOLDER,)), PYTHON, ("fail", "namespace-folder")),
        (PANDAS, Libraries(local=(FOLDER,)), PYTHON, ("fail", "namespace-folder")),
        (PANDAS, Libraries(local=(replace(FOLDER, name="data"),)), PYTHON, ("fail", "not-installed")),
        (replace(PANDAS, required=False), Libraries(local=(FOLDER,)), PYTHON, ("skip", "")),
        (PANDAS, Libraries((dist(),), local=(FOLDER,), modules=(FILES,)), PYTHON, ("pass", "")),
    ],
    ids=[
        "there",
        "no-version",
        "orphan",
        "system-package",
        "an-installer",
        "elsewhere",
        "no-purelib",
        "part-of-jupyter",
        "another-brings-it",
        "kernel-of-jupyter",
        "core-of-jupyter",
        "called-otherwise",
        "absent",
        "no-wheel-yet",
        "submodule",
        "unknown",
        "folder-found",
        "folder-here",
        "other-folder",
        "not-required",
        "folder-beside",
    ],
)
def test_installed(library: WantedLibrary, libraries: Libraries, python: Python, expected: tuple[str, str]) -> None:
    [finding] = libraries_installed(Wanted((library,)), libraries, python, Prefix())
    assert said(finding) == expected
    assert bool(finding.fix) is (expected[0] == "fail")


def test_what_is_called_otherwise_on_the_index_is_installed_under_that_name() -> None:
    [finding] = libraries_installed(Wanted((WantedLibrary("sklearn", ">=0.0"),)), Libraries(), PYTHON, Prefix())
    assert "is called scikit-learn" in finding.message
    assert finding.fix and finding.fix.values["packages"] == ("scikit-learn",)


def test_many_unreadable_lines_are_one_warning() -> None:
    lines = tuple(Unreadable("/p/r.txt", line, "bad") for line in range(3, 43))
    one, other = project_declarations(Project(unreadable=(*lines, Unreadable("/p/s.txt", 2, "bad"))))
    assert "40 unreadable lines" in one.message and one.location == Location("/p/r.txt", 3)
    assert other.location == Location("/p/s.txt", 2)


def test_a_declared_library_that_is_missing_points_to_its_line() -> None:
    wanted = replace(PANDAS, specifier=">=2", source="/p/requirements.txt", line=3)
    [finding] = libraries_installed(Wanted((wanted,)), Libraries(), PYTHON, Prefix())
    assert finding.location == Location("/p/requirements.txt", 3)
    assert finding.fix and finding.fix.values["packages"] == ("pandas>=2",)


@pytest.mark.parametrize(
    "specifier, line, version, expected",
    [
        (">=2", 0, "3.0.3", ("pass", "")),
        (">=4", 0, "3.0.3", ("fail", "too-old-version")),
        ("<3", 0, "3.0.3", ("fail", "requirement-unmet")),
        ("<3", 7, "3.0.3", ("fail", "requirement-unmet")),
        (">=4", 7, "3.0.3", ("fail", "requirement-unmet")),
        (">=4", 0, None, ("pass", "")),
        ("", 0, "3.0.3", None),
    ],
)
def test_versions(specifier: str, line: int, version: str | None, expected: tuple[str, str] | None) -> None:
    wanted = Wanted((replace(PANDAS, specifier=specifier, line=line, source="/p/requirements.txt"), SKLEARN))
    found = list(libraries_versions(wanted, Libraries((dist(version=version),)), PYTHON))
    assert [said(finding) for finding in found] == ([expected] if expected else [])


def test_no_conflict() -> None:
    libraries = Libraries((dist("pandas", "3.0", "numpy>=1"), dist("numpy", "2.4")))
    assert [said(f) for f in libraries_fit_together(Wanted((PANDAS,)), libraries, PYTHON, NOT_RUN, NOT_RUN)] == [("pass", "")]


@pytest.mark.parametrize(
    "requires, expected",
    [
        ({"pandas": "numpy<2"}, [("fail", "dependency-conflict", "numpy"), ("skip", "libraries.dependencies:numpy", "pandas")]),
        ({"stranger": "numpy<2"}, [("warn", "dependency-conflict", "numpy")]),
        ({"pandas": "gone"}, [("fail", "dependency-conflict", "gone"), ("skip", "libraries.dependencies:gone", "pandas")]),
        (
            {"pandas": "scikit-learn"},
            [
                ("skip", "libraries.installed:scikit-learn", "scikit-learn"),
                ("skip", "libraries.installed:scikit-learn", "pandas"),
            ],
        ),
    ],
    ids=["version", "stranger", "missing", "missing-and-wanted"],
)
def test_conflicts(requires: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    libraries = Libraries((dist("numpy", "2.4"), *(dist(owner, "1.0", text) for owner, text in requires.items())))
    found = list(libraries_fit_together(Wanted((PANDAS, SKLEARN)), libraries, PYTHON, NOT_RUN, NOT_RUN))
    assert [(*said(finding), finding.subject) for finding in found] == expected


def test_one_fault_of_many_owners_is_one_line_with_the_wanted_first() -> None:
    owners = [dist(name, "1.0", "numpy<2") for name in ("a", "b", "c", "d", "e", "pandas")]
    found = list(libraries_fit_together(Wanted((PANDAS,)), Libraries((dist("numpy", "2.4"), *owners)), PYTHON, NOT_RUN, NOT_RUN))
    [red] = [finding for finding in found if finding.cause]
    assert red.message.startswith("pandas 1.0 requires numpy<2, a 1.0 requires")
    assert "2 more require it" in red.message


@pytest.mark.parametrize(
    "libraries, library, expected",
    [
        (Libraries((dist(),), modules=(FILES,)), PANDAS, [("pass", "")]),
        (Libraries((dist(),)), PANDAS, [("fail", "interrupted-install")]),
        (Libraries((dist(),), local=(FOLDER,)), PANDAS, [("fail", "interrupted-install")]),
        (Libraries((dist(editable="/p"),)), PANDAS, [("pass", "")]),
        (Libraries((dist(record=False),)), PANDAS, [("pass", "")]),
        (Libraries((dist(installer="conda"),)), PANDAS, [("pass", "")]),
        (Libraries((dist("some-thing"),)), UNKNOWN, [("pass", "")]),
        (Libraries(modules=(FILES,)), PANDAS, [("fail", "interrupted-install")]),
        (Libraries((dist(),), (f"{SITE}/~umpy",), modules=(FILES,)), PANDAS, [("warn", "interrupted-install")]),
        (
            Libraries((), (f"{SITE}/~umpy",), modules=(FILES,)),
            PANDAS,
            [("fail", "interrupted-install"), ("warn", "interrupted-install")],
        ),
    ],
    ids=["whole", "no-files", "folder-beside", "editable", "no-record", "conda", "unknown", "no-metadata", "leftovers", "both"],
)
def test_whole(libraries: Libraries, library: WantedLibrary, expected: list[tuple[str, str]]) -> None:
    assert [said(finding) for finding in libraries_whole(Wanted((library,)), libraries, PYTHON)] == expected


def local(name: str, *, package: bool = False) -> Module:
    return Module(name, f"/p/{name}/__init__.py" if package else f"/p/{name}.py", locations=(f"/p/{name}",) if package else ())


@pytest.mark.parametrize(
    "libraries, project, expected",
    [
        (Libraries((dist(),), modules=(FILES,), local=(local("pandas"),)), Project(), "shadowed-by-file"),
        (Libraries((dist(),), modules=(FILES,), local=(local("pandas", package=True),)), Project(name="lab"), "shadowed-by-file"),
        (Libraries((dist(),), modules=(FILES,), local=(FOLDER,)), Project(), None),
        (Libraries((dist(),), modules=(FILES,), local=(local("pandas"), local("__init__"))), Project(), None),
        (Libraries(modules=(Module("pandas"),), local=(local("pandas"),)), Project(), None),
        (Libraries(modules=(FILES,), local=(local("pandas", package=True),)), Project(name="Pandas"), None),
        (Libraries((dist(),), modules=(local("pandas"),), local=(local("pandas"),)), Project(), "shadowed-by-file"),
        (Libraries((dist(editable="/p"),), modules=(local("pandas"),), local=(local("pandas"),)), Project(), None),
        (Libraries((replace(dist(), folder="/p"),), modules=(local("pandas"),), local=(local("pandas"),)), Project(), None),
        (Libraries(modules=(local("sklearn"),), local=(local("sklearn"),)), Project(), None),
        (Libraries(modules=(Module("notebook", f"{SITE}/notebook.py"),), local=(local("notebook"),)), Project(), None),
        (Libraries(local=(local("random"),)), Project(), "shadowed-stdlib-module"),
        (Libraries(local=(local("queue", package=True),)), Project(), "shadowed-stdlib-module"),
        (Libraries(local=(local("test"),)), Project(), None),
    ],
    ids=[
        "file",
        "package",
        "folder",
        "inside-a-package",
        "not-there",
        "the-library-itself",
        "on-pythonpath",
        "editable",
        "egg-link",
        "only-here",
        "program",
        "random",
        "queue",
        "test",
    ],
)
def test_shadowing(libraries: Libraries, project: Project, expected: str | None) -> None:
    [finding] = libraries_not_shadowed(Wanted((PANDAS, SKLEARN)), libraries, project, PYTHON)
    assert said(finding) == (("fail", expected) if expected else ("pass", ""))


@pytest.mark.parametrize(
    "wanted, expected",
    [((WantedLibrary("datasets"),), "fail"), ((PANDAS,), "fail"), ((SKLEARN,), "warn"), ((), "warn")],
    ids=["wanted", "needed by what is wanted", "not needed", "nothing wanted"],
)
@pytest.mark.parametrize("owner", ["datasets", "the-real-name"])
def test_a_hidden_library_that_nothing_uses_is_a_warning(wanted: tuple[WantedLibrary, ...], owner: str, expected: str) -> None:
    library = replace(wanted[0], name=owner) if wanted and wanted[0].name == "datasets" else None
    wanted = (library,) if library else wanted
    real = Module("datasets", f"{SITE}/datasets/__init__.py", owner=owner)
    libraries = Libraries((dist("pandas", "3", owner), dist(owner, "4", "pandas")), modules=(real,), local=(local("datasets"),))
    [finding] = libraries_not_shadowed(Wanted(wanted), libraries, Project(), PYTHON)
    assert said(finding) == (expected, "shadowed-by-file")


def test_a_module_that_is_only_used_later_is_a_warning() -> None:
    [finding] = libraries_not_shadowed(Wanted(), Libraries(local=(local("gzip"),)), Project(), PYTHON)
    assert said(finding) == ("warn", "shadowed-stdlib-module")


@pytest.mark.parametrize("package, old, new", [(False, "/p/random.py", "/p/my_random.py"), (True, "/p/random", "/p/my_random")])
def test_what_is_renamed(package: bool, old: str, new: str) -> None:
    [finding] = libraries_not_shadowed(Wanted(), Libraries(local=(local("random", package=package),)), Project(), PYTHON)
    assert finding.fix and finding.fix.values == {"file": old, "new": new}


def test_libraries_of_another_minor_version_are_told_once() -> None:
    moved_on = Prefix(made_for="3.10", has_own_site=False)
    found = libraries_installed(Wanted((PANDAS,)), Libraries(), PYTHON, moved_on)
    assert [(finding.status.value, finding.blocked_by) for finding in found] == [("skip", "venv.intact")]


def test_what_comes_from_an_address_is_not_sought_on_the_index() -> None:
    own = WantedLibrary("our-tools", address="git+https://example.org/tools.git", source="/p/requirements.txt", line=3)
    [finding] = libraries_installed(Wanted((own,)), Libraries(), PYTHON, Prefix())
    assert finding.fix and finding.fix.values["packages"] == ("our-tools @ git+https://example.org/tools.git",)
