"""Libraries installed for development: plain calls, facts built by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.editable_installs import editable_sources_are_there
from mlenv_checks.libraries.facts import Editable, Sources
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Libraries, Module, Project, Wanted, WantedLibrary

LAB = Distribution("my-lab", "1.0", "/s", editable="/old/lab")
TOOL = Distribution("tool", "1.0", "/s", requires=("my-lab",))
GONE = Editable("my-lab", "/old/lab", "/s/my_lab-1.0.dist-info/direct_url.json", there=False)
HERE = Editable("my-lab", "/old/lab", "/s/my_lab-1.0.dist-info/direct_url.json")
OWN = Project(root="/p", name="My_Lab")
LOCAL = Module("my_lab", "/p/my_lab/__init__.py", locations=("/p/my_lab",))


def look(sources: Sources | Missing, libraries: Libraries, project: Project, *wanted: str) -> list[tuple[str, str, str]]:
    found = editable_sources_are_there(sources, Wanted(tuple(WantedLibrary(name) for name in wanted)), libraries, project)
    return [(f.status.value, f.cause or f.blocked_by or "", f.fix.id if f.fix else "") for f in found]


@pytest.mark.parametrize(
    "editables, libraries, project, wanted, expected",
    [
        ((), Libraries((LAB,)), OWN, (), []),
        ((HERE,), Libraries((LAB,)), OWN, (), [("pass", "", "")]),
        ((GONE,), Libraries((LAB,)), OWN, (), [("fail", "editable-source-vanished", "names.editable")]),
        ((GONE,), Libraries((LAB,), local=(LOCAL,)), OWN, (), [("warn", "editable-source-vanished", "names.editable")]),
        (
            (GONE,),
            Libraries((LAB,), local=(Module("my_lab", namespace=True), Module("other", "/p/other.py"))),
            OWN,
            (),
            [("fail", "editable-source-vanished", "names.editable")],
        ),
        ((GONE,), Libraries((LAB,)), Project(), ("my-lab",), [("fail", "editable-source-vanished", "names.gone")]),
        ((GONE,), Libraries((LAB, TOOL)), Project(), ("tool",), [("fail", "editable-source-vanished", "names.gone")]),
        ((GONE,), Libraries((LAB, TOOL)), Project(), ("numpy",), [("warn", "editable-source-vanished", "names.gone")]),
        ((GONE,), Libraries(), Project(), ("my-lab",), [("skip", "libraries.installed:my-lab", "")]),
        ((GONE, GONE), Libraries((LAB,)), Project(), (), [("warn", "editable-source-vanished", "names.gone")]),
    ],
    ids=["none", "there", "own", "own-beside", "own-namespace", "wanted", "needed", "stranger", "not-listed", "twice"],
)
def test_editables(
    editables: tuple[Editable, ...],
    libraries: Libraries,
    project: Project,
    wanted: tuple[str, ...],
    expected: list[tuple[str, str, str]],
) -> None:
    assert look(Sources(editables), libraries, project, *wanted) == expected


def test_the_folder_and_the_note_of_it_are_named() -> None:
    [finding] = editable_sources_are_there(Sources((GONE,)), Wanted(), Libraries((LAB,)), OWN)
    assert isinstance(finding, Finding) and "/old/lab" in finding.message
    assert finding.evidence == {"file": GONE.file} and finding.fix and finding.fix.values == {"folder": "/p"}


def test_a_probe_that_failed() -> None:
    assert look(Missing("sources", "error", "broke"), Libraries(), OWN) == [("unknown", "", "")]
