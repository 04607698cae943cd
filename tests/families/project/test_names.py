"""What is said about names that libraries no longer have. Plain calls, facts built by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.libraries.api_changes import change_of
from mlenv_checks.project.facts import Code, ImportedModule, LibraryNames, MissingName
from mlenv_checks.project.names import names_are_in_the_libraries
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Libraries, Project, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.12.1", prefix="/usr", base_prefix="/usr")
INSTALLED = Libraries(tuple(Distribution(name, version, "/v") for name, version in (("numpy", "2.1.0"), ("openai", "0.28.0"))))
USES = tuple(ImportedModule(name, "found", "needed", "app.py", owner=name) for name in ("numpy", "openai"))


def missing(module: str, name: str, **more: Any) -> MissingName:
    return MissingName(module, name, **{"weight": "needed", "file": "app.py", "line": 3, **more})


def judged(
    *names: MissingName, uses: tuple[ImportedModule, ...] = USES, wanted: tuple[WantedLibrary, ...] = (), **more: Any
) -> list[Finding]:
    fact = LibraryNames(**{"engine": "/v/bin/ty", "files": 2, "names": names, **more})
    code, needed = Code(files=2, uses=uses), Wanted(wanted, declared=bool(wanted), whole=False)
    return list(names_are_in_the_libraries(fact, code, Project(root="/p", name="mine"), needed, INSTALLED, PYTHON))


def said(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.status.value, each.message) for each in found]


def test_a_name_that_a_release_removed_is_red_with_its_cure() -> None:
    found = judged(missing("numpy", "float_", places=2))
    words = "app.py:3 (and 1 more) uses numpy.float_, which numpy 2.1.0 does not have; version 2.0 removed it: use numpy.float64"
    assert said(found) == [("fail", words)]
    assert found[0].cause == "name-not-in-library" and found[0].subject == "numpy.float_"
    assert found[0].location and (found[0].location.file, found[0].location.line) == ("app.py", 3)


def test_a_name_that_came_later_says_so() -> None:
    assert said(judged(missing("openai", "OpenAI"))) == [
        ("fail", "app.py:3 uses openai.OpenAI, which openai 0.28.0 does not have; it came with version 1.0")
    ]


def test_a_change_without_a_substitute_names_the_release() -> None:
    assert judged(missing("numpy", "cast"))[0].message.endswith("does not have; version 2.0 removed it")


def test_what_the_files_of_the_library_confirm_is_red_without_a_cure() -> None:
    found = judged(missing("numpy", "nosuch", confirmed=True))
    assert said(found) == [("fail", "app.py:3 uses numpy.nosuch, which numpy 2.1.0 does not have")]


@pytest.mark.parametrize("more", [{"weight": "inside"}, {"file": "scripts/app.py"}])
def test_in_a_function_or_beside_the_program_it_is_a_warning(more: dict[str, Any]) -> None:
    assert [each.status.value for each in judged(missing("numpy", "int", **more))] == ["warn"]


def test_what_nothing_confirms_is_not_said() -> None:
    found = judged(missing("numpy", "lazy"), missing("os", "nosuch", confirmed=True), missing("unheard", "of", confirmed=True))
    assert said(found) == [("pass", "nothing is missing in the libraries that 2 files use")]


def test_a_name_of_python_needs_the_table() -> None:
    found = judged(missing("inspect", "getargspec"))
    assert found[0].message.startswith(
        "app.py:3 uses inspect.getargspec, which Python 3.12.1 does not have; version 3.11 removed"
    )


def test_a_part_that_the_imports_name_already_is_not_said_twice() -> None:
    part = ImportedModule("numpy.testing.nosetester", "part", "needed", "app.py", owner="numpy")
    twice = (missing("numpy.testing.nosetester", ""), missing("numpy.testing", "nosetester", confirmed=True))
    assert [each.status.value for each in judged(*twice, uses=(*USES, part))] == ["pass"]
    inside = ImportedModule("numpy.testing.nosetester", "part", "inside", "app.py", owner="numpy")
    assert said(judged(missing("numpy.testing.nosetester", "", weight="inside"), uses=(*USES, inside))) == [
        ("warn", "app.py:3 uses numpy.testing.nosetester, which numpy 2.1.0 does not have; version 1.18 removed it")
    ]


def test_a_library_in_another_version_than_wanted_is_told_elsewhere() -> None:
    asked = WantedLibrary("numpy", specifier="<2", source="/p/requirements.txt", line=1)
    met = tuple(WantedLibrary("openai", source="/p/requirements.txt", line=line) for line in (2, 3))
    assert [each.status.value for each in judged(missing("numpy", "float_"), wanted=(asked, *met))] == ["pass"]


def test_names_of_the_project_itself_are_its_own_affair() -> None:
    own = ImportedModule("openai", "found", "needed", "app.py", owner="mine")
    assert [each.status.value for each in judged(missing("openai", "OpenAI", confirmed=True), uses=(own,))] == ["pass"]


def test_ten_are_named_and_the_rest_counted() -> None:
    found = judged(*(missing("numpy", f"n{number}", confirmed=True) for number in range(12)))
    assert len(found) == 11 and said(found)[-1] == ("warn", "2 more names are not in the installed libraries")


def test_an_environment_that_was_not_prepared_comes_first() -> None:
    absent = tuple(WantedLibrary(f"absent{n}", source="/p/requirements.txt", line=n) for n in range(1, 9))
    found = judged(missing("numpy", "float_"), wanted=absent)
    assert [(each.status.value, each.blocked_by) for each in found] == [("skip", "project.environment")]


def test_without_ty_nothing_is_judged() -> None:
    assert said(judged(engine="")) == [("skip", "ty is not installed: names that a release removed are not looked for")]
    assert said(judged(problem="took longer than 20 s")) == [("skip", "ty took longer than 20 s")]
    assert said(judged(files=1, complete=False))[0][1].endswith("1 file uses; the others were not read")


@pytest.mark.parametrize(("kind", "status"), [("not-asked", "skip"), ("absent", "skip"), ("timeout", "unknown")])
def test_a_fact_that_is_missing(kind: str, status: str) -> None:
    gone = Missing("library_names", kind, "not checked with --quick")
    found = list(names_are_in_the_libraries(gone, Code(), Project(), Wanted(), Libraries(), PYTHON))
    assert said(found) == [(status, "the libraries' names: not checked with --quick")]


def test_the_table_is_asked_by_release() -> None:
    assert change_of("numpy", "1.23", "numpy", "float_") is None
    assert change_of("numpy", "2.0", "numpy.linalg", "float_") is None
    found = change_of("langchain", "1.2", "langchain.llms.openai", "")
    assert found is not None and found.module == "langchain.llms"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (Missing("code", "timeout", "took too long"), None),
        (Code(files=1), []),
        (
            Code(
                files=1, uses=(ImportedModule("zq", "missing", "needed", "a.py"), ImportedModule("np", "found", "aside", "t.py"))
            ),
            [],
        ),
        (Code(files=1, uses=(*USES, ImportedModule("a.b", "part", "inside", "a.py"))), ["a", "numpy", "openai"]),
    ],
)
def test_ty_is_asked_where_the_code_uses_an_installed_library(code: Code | Missing, expected: list[str] | None) -> None:
    tasks = LibraryNames.tasks({Code: code})
    assert (None if tasks is None else [top for task in tasks for top in task.question["tops"]]) == expected
