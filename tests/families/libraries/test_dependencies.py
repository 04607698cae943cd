"""Which distributions contradict each other: plain calls, facts built by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.dependencies import by_name, conflicts, parsed, repair, satisfies
from mlenv_doctor.patient import Distribution, Libraries, Module, Python, WantedLibrary

PYTHON = Python(version="3.11.7", machine="x86_64")


def dist(name: str, version: str | None = "1.0", *requires: str, folder: str = "/site") -> Distribution:
    return Distribution(name, version, folder, requires=requires)


@pytest.mark.parametrize(
    "requirement, unmet",
    [
        ("numpy", False),
        ("NumPy>=2", False),
        ("numpy<2", True),
        ("numpy<2; sys_platform == 'win32'", False),
        ("numpy<2; python_version >= '3.11'", True),
        ("numpy<2; extra == 'all'", False),
        ('numpy<2 ; extra=="all"', False),
        ("numpy<2; platform_release ~= 'abc'", False),
        ("numpy (>>2)", False),
        ("nowhere; python_version < '3'", False),
        ("nowhere", True),
        ("odd<2", False),
        ("silent>2", False),
    ],
)
def test_a_requirement_is_judged_for_this_python(requirement: str, unmet: bool) -> None:
    libraries = Libraries(
        (dist("pandas", "2.1", requirement), dist("numpy", "2.4.6"), dist("odd", "dev-7"), dist("silent", None))
    )
    assert bool(conflicts(libraries, PYTHON)) is unmet


@pytest.mark.parametrize(
    "needs, owner, missing",
    [
        ("opencv-python-headless", "opencv-python", False),
        ("opencv-python", "opencv-contrib-python-headless", False),
        ("sklearn", "opencv-python", True),
        ("opencv-python", "", True),
        ("jupyter", "opencv-python", True),
    ],
)
def test_another_distribution_may_bring_the_same(needs: str, owner: str, missing: bool) -> None:
    module = Module("cv2", "/site/cv2/__init__.py", owner=owner)
    libraries = Libraries((dist("albumentations", "1.3", needs), dist(owner or "other")), modules=(module,))
    assert bool(conflicts(libraries, PYTHON)) is missing


@pytest.mark.parametrize(
    "extras, missing",
    [
        ((), []),
        (("standard",), ["uvicorn[standard] 0.40: httptools>=0.6"]),
        (("Standard", "speed"), ["uvicorn[Standard] 0.40: httptools>=0.6", "uvicorn[speed] 0.40: uvloop"]),
        (("unheard",), []),
    ],
    ids=["none", "one", "two", "unheard"],
)
def test_what_an_extra_needs_counts_where_it_is_wanted(extras: tuple[str, ...], missing: list[str]) -> None:
    requires = (
        "click",
        'httptools>=0.6; extra == "standard"',
        'colorama; sys_platform == "win32" and extra == "standard"',
        'click<8; extra == "old"',
        "uvloop; extra == 'speed'",
    )
    libraries = Libraries((dist("uvicorn", "0.40", *requires), dist("click", "8.3")))
    found = conflicts(libraries, PYTHON, [WantedLibrary("uvicorn", extras=extras), WantedLibrary("numpy", extras=("all",))])
    assert [f"{conflict.who}: {conflict.asked}" for conflict in found] == missing


def test_only_the_first_of_a_name_on_the_path_counts() -> None:
    libraries = Libraries((dist("numpy", "1.26"), dist("pandas", "2", "numpy<2"), dist("numpy", "2.4", folder="/system")))
    assert conflicts(libraries, PYTHON) == ()
    assert len(conflicts(Libraries(libraries.distributions[::-1]), PYTHON)) == 1


def test_prereleases_and_builds_count_as_versions() -> None:
    assert satisfies("2.13.0+cpu", ">=2.13")
    assert satisfies("3.0rc1", ">=2")
    assert not satisfies("2.13.0+cpu", ">2.13")
    assert satisfies("2.13.0", "no specifier")
    assert parsed("a b c") is None


def test_conflicts_about_one_distribution_are_one_fault() -> None:
    libraries = Libraries(
        (dist("a", "1", "numpy<2", "numpy<3"), dist("b", "1", "numpy<2"), dist("c", "1", "gone>1,<3"), dist("numpy", "4"))
    )
    grouped = by_name(conflicts(libraries, PYTHON))
    assert {name: [c.owner for c in group] for name, group in grouped.items()} == {"numpy": ["a", "b"], "gone": ["c"]}
    upgrade, install = repair(grouped["numpy"]), repair(grouped["gone"])
    assert (upgrade.id, upgrade.values["packages"], upgrade.values["asked"]) == ("libs.align", ("a", "b"), ("numpy<2",))
    assert (install.id, install.values["packages"]) == ("libs.install", ("gone<3,>1",))
