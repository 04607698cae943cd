"""Contradictions that have a name of their own, and what ends them: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.imports.dependency_conflicts import libraries_fit_together
from mlenv_doctor import Finding, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Module, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr")
NOT_RUN = Missing("imports", Why.NOT_ASKED, "not checked")
SITE = "/v/lib/python3.11/site-packages"


def dist(name: str, version: str, *requires: str) -> Distribution:
    return Distribution(name, version, SITE, f"{SITE}/{name}-{version}.dist-info", requires=requires)


def judge(*found: Distribution, imports: Imports | Missing = NOT_RUN, pinned: str = "") -> list[Finding]:
    wanted = Wanted((WantedLibrary("pandas", specifier=pinned), WantedLibrary("pydantic"), WantedLibrary("torch")))
    return [f for f in libraries_fit_together(wanted, Libraries(found), PYTHON, imports, NOT_RUN) if f.cause]


PANDAS, NUMPY = dist("pandas", "2.1.4", "numpy<2"), dist("numpy", "2.2.6")
ABI = Imported("pandas", "error", message="numpy.dtype size changed, may indicate binary incompatibility")


@pytest.mark.parametrize(
    "found, imports, cause",
    [
        ((PANDAS, NUMPY), NOT_RUN, "dependency-conflict"),
        ((PANDAS, NUMPY), Imports((ABI,)), "numpy2-abi"),
        ((PANDAS, NUMPY), Imports((Imported("pandas", "ok"),)), "dependency-conflict"),
        ((PANDAS, NUMPY), Imports((Imported("pandas", "error", message="odd"),)), "dependency-conflict"),
        (
            (PANDAS, NUMPY),
            Imports((Imported("pandas", "error", message="No module named 'pkg_resources'"),)),
            "dependency-conflict",
        ),
        ((dist("pydantic", "2", "pydantic-core==9"), dist("pydantic-core", "8")), NOT_RUN, "pydantic-mismatch"),
        ((dist("pydantic", "2", "pydantic-core==9"),), NOT_RUN, "dependency-conflict"),
        ((dist("torchvision", "0.20", "torch==2.5"), dist("torch", "2.9")), NOT_RUN, "torchvision-mismatch"),
    ],
    ids=["unseen", "seen", "it works", "odd", "another reason", "built together", "one is missing", "torchvision"],
)
def test_the_sharpest_name(found: tuple[Distribution, ...], imports: Imports | Missing, cause: str) -> None:
    assert [finding.cause for finding in judge(*found, imports=imports)] == [cause]


@pytest.mark.parametrize(
    ("pinned", "fix", "packages"), [("", "libs.align", ("pandas",)), ("==2.1.4", "libs.satisfy", ("numpy<2",))]
)
def test_what_somebody_asked_for_stays(pinned: str, fix: str, packages: tuple[str, ...]) -> None:
    [finding] = judge(PANDAS, NUMPY, pinned=pinned)
    assert finding.fix is not None and (finding.fix.id, finding.fix.values["packages"]) == (fix, packages)


def test_one_that_is_listed_twice_is_settled_first() -> None:
    wanted = Wanted((WantedLibrary("pandas"),))
    found = libraries_fit_together(wanted, Libraries((PANDAS, NUMPY, dist("numpy", "1.26.4"))), PYTHON, NOT_RUN, NOT_RUN)
    assert [(f.subject, f.blocked_by) for f in found] == [
        ("numpy", "libraries.listed-once:numpy"),
        ("pandas", "libraries.dependencies:numpy"),
    ]


def test_files_without_metadata_are_no_absence() -> None:
    libraries = Libraries((dist("pandas", "2.1.4", "scipy>=1"),), modules=(Module("scipy", f"{SITE}/scipy/__init__.py"),))
    python = replace(PYTHON, purelib=SITE)
    [finding] = [
        f for f in libraries_fit_together(Wanted((WantedLibrary("pandas"),)), libraries, python, NOT_RUN, NOT_RUN) if f.cause
    ]
    assert (finding.cause, finding.subject) == ("interrupted-install", "scipy")
    assert finding.message == "pandas 2.1.4 requires scipy>=1, but the metadata of scipy is missing"
    assert finding.fix is not None and finding.fix.id == "libs.install"
