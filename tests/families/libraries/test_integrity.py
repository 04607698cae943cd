"""Files against their lists: plain calls, facts built by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.facts import Flaw, Integrity, Overlap
from mlenv_checks.libraries.integrity import libraries_are_listed_once, libraries_do_not_overlap, library_files_are_whole
from mlenv_doctor import Finding, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Module, Python, Wanted, WantedLibrary

SITE = "/v/lib/python3.11/site-packages"
VENV = Python(version="3.11.7", prefix="/v", base_prefix="/usr", purelib=SITE)
SYSTEM = Python(version="3.11.7", prefix="/usr", base_prefix="/usr", purelib=SITE)
WANTED = Wanted((WantedLibrary("pandas", imports=("pandas",)),))
NOT_RUN = Missing("imports", Why.NOT_ASKED, "not checked")


def dist(name: str, version: str | None = "1.0", *requires: str, info: str = "dist-info") -> Distribution:
    return Distribution(name, version, SITE, f"{SITE}/{name}-{version}.{info}", requires=requires)


LIBRARIES = Libraries(
    (dist("pandas", "1.0", "numpy"), dist("numpy"), dist("stranger")), modules=(Module("pandas", f"{SITE}/pandas/__init__.py"),)
)


def judge(
    *flaws: Flaw, libraries: Libraries = LIBRARIES, imports: Imports | Missing = NOT_RUN, python: Python = VENV
) -> list[Finding]:
    return list(library_files_are_whole(Integrity(3, flaws), WANTED, libraries, imports, python))


def flaw(name: str = "pandas", **what: object) -> Flaw:
    return Flaw(name, "1.0", f"{SITE}/{name}-1.0.dist-info", **{"installer": "pip", "files": 9, **what})  # type: ignore[arg-type]  # of all kinds


LOST = {"lost": ("pandas/_libs/lib.so",), "lost_count": 1}
CHANGED = {"changed": ("pandas/core/frame.py",), "changed_count": 1}


def test_whole_files() -> None:
    [finding] = judge()
    assert (finding.status.value, finding.message) == ("pass", "the files of 3 packages are intact")


def test_without_the_fact() -> None:
    missing = Missing("integrity", Why.TIMEOUT, "did not answer within 15 s")
    [finding] = library_files_are_whole(missing, WANTED, LIBRARIES, NOT_RUN, VENV)
    assert finding.status.value == "unknown" and "15 s" in finding.message


@pytest.mark.parametrize(
    "found, status, cause, words, fix",
    [
        (flaw(**LOST), "fail", "dist-info-damaged", "1 of its files is missing or empty, pandas/_libs/lib.so", "libs.reinstall"),
        (flaw("numpy", **LOST), "fail", "dist-info-damaged", "numpy 1.0: 1 of its files", "libs.reinstall"),
        (flaw("stranger", **LOST), "warn", "dist-info-damaged", "stranger 1.0", "libs.reinstall"),
        (
            flaw(lost=("a.py", "b.py"), lost_count=4),
            "fail",
            "dist-info-damaged",
            "4 of its 9 files are missing or empty, such as a.py",
            "libs.reinstall",
        ),
        (
            flaw(lost=("a.py", "b.py"), lost_count=2),
            "fail",
            "dist-info-damaged",
            "2 of its 9 files are missing or empty, such as",
            "libs.reinstall",
        ),
        (flaw("numpy", lost=("a.py",), lost_count=9), "fail", "interrupted-install", "its files are missing", "libs.reinstall"),
        (
            flaw("stranger", lost=("a.py",), lost_count=9),
            "warn",
            "interrupted-install",
            "its files are missing",
            "libs.reinstall",
        ),
        (flaw(metadata=False), "fail", "dist-info-damaged", "its version is unknown", "libs.reinstall"),
        (flaw("stranger", metadata=False), "warn", "dist-info-damaged", "cannot be read", "libs.reinstall"),
        (flaw(metadata=False, record=False, files=0), "fail", "dist-info-damaged", "cannot be read", "libs.relist"),
        (flaw(record=False, files=0), "warn", "dist-info-damaged", "pip cannot upgrade or remove it", "libs.relist"),
        (flaw(record=False, files=0, installer="uv"), "warn", "dist-info-damaged", "RECORD file", "libs.relist"),
        (
            flaw(**CHANGED),
            "warn",
            "dist-info-damaged",
            "1 of its files is not the one that was installed: pandas/core",
            "libs.reinstall",
        ),
        (
            flaw(changed=("x.so", "pandas/y.py"), changed_count=2),
            "warn",
            "dist-info-damaged",
            "2 of its files are not those that were installed: pandas/y.py",
            "libs.reinstall",
        ),
    ],
)
def test_one_flaw(found: Flaw, status: str, cause: str, words: str, fix: str) -> None:
    [finding] = judge(found)
    assert (finding.status.value, finding.cause, finding.subject) == (status, cause, found.name)
    assert words in finding.message
    assert finding.fix is not None and finding.fix.id == fix
    assert finding.fix.values["packages"] == (f"{found.name}==1.0",)


@pytest.mark.parametrize(
    "found, python",
    [
        (flaw(record=False, files=0, installer="conda"), VENV),
        (flaw(record=False, files=0, installer=""), VENV),
        (flaw(record=False, files=0), SYSTEM),
        (flaw(changed=("pandas/lib.so", "pandas/lib.so.1"), changed_count=2), VENV),
        (flaw(installer="conda", **CHANGED), VENV),
        (flaw("stranger", **CHANGED), VENV),
    ],
    ids=["conda", "no installer", "of the system", "stripped", "relocated by conda", "nobody needs it"],
)
def test_what_is_healthy_elsewhere(found: Flaw, python: Python) -> None:
    assert [finding.status.value for finding in judge(found, python=python)] == ["pass"]


@pytest.mark.parametrize("found", [flaw(**LOST), flaw(**CHANGED)], ids=["lost", "changed"])
@pytest.mark.parametrize("outcome, by", [("error", "libraries.import:pandas"), ("ok", None)])
def test_a_failed_import_tells_more(found: Flaw, outcome: str, by: str | None) -> None:
    finding = judge(found, imports=Imports((Imported("pandas", outcome),)))[0]
    assert finding.blocked_by == by
    assert bool(finding.cause) == (by is None)


def test_a_half_installed_library_is_told_once() -> None:
    nowhere = Libraries(LIBRARIES.distributions)
    pandas, rest = judge(flaw(lost=("pandas/__init__.py",), lost_count=9), libraries=nowhere)
    assert (pandas.blocked_by, rest.status.value) == ("libraries.leftovers:pandas", "pass")


def test_a_library_that_is_listed_twice_is_not_told_twice() -> None:
    twice = Libraries((*LIBRARIES.distributions, dist("pandas", "0.9")))
    assert [finding.status.value for finding in judge(flaw(**LOST), libraries=twice)] == ["pass"]


@pytest.mark.parametrize(
    "others, flaws, right, words",
    [
        ((dist("pandas", "0.9"),), (), "pandas==1.0", "2 times in /v/lib/python3.11/site-packages: 0.9, 1.0"),
        ((dist("pandas", "0.9"),), (Flaw("pandas", "1.0"),), "pandas==0.9", "; the files are those of 0.9"),
        ((dist("pandas", "0.9"),), (Flaw("pandas", "0.9"), Flaw("pandas", "1.0")), "pandas==1.0", ": 0.9, 1.0"),
        ((dist("pandas", None),), (), "pandas==1.0", "of unknown version, 1.0"),
        ((dist("pandas", "odd"), dist("pandas", "10.0")), (), "pandas==10.0", "3 times"),
    ],
)
def test_listed_twice(others: tuple[Distribution, ...], flaws: tuple[Flaw, ...], right: str, words: str) -> None:
    [finding] = libraries_are_listed_once(Libraries((*LIBRARIES.distributions, *others)), Integrity(4, flaws))
    assert (finding.status.value, finding.cause, finding.subject) == ("warn", "duplicate-dist-info", "pandas")
    assert words in finding.message
    assert finding.fix is not None and finding.fix.values["packages"] == (right,)


@pytest.mark.parametrize(
    "other",
    [
        dist("pandas", "0.9", info="egg-info"),
        Distribution("pandas", "0.9", "/home/user/site", "/home/user/site/pandas-0.9.dist-info"),
    ],
    ids=["an editable's egg-info", "another folder"],
)
def test_listed_once(other: Distribution) -> None:
    found = libraries_are_listed_once(Libraries((*LIBRARIES.distributions, other)), Missing("integrity", Why.ERROR, "broke"))
    assert [finding.status.value for finding in found] == ["pass"]


@pytest.mark.parametrize(
    "overlap, told",
    [
        (Overlap("pandas", "stranger", 2, ("pandas/a.py", "pandas/b.py")), True),
        (Overlap("stranger", "numpy", 1, ("shared/deep/__init__.py",)), True),
        (Overlap("stranger", "other", 1, ("pandas/a.py",)), False),
        (Overlap("pandas", "stranger", 2, ("google/__init__.py", "six.py")), False),
        (Overlap("opencv-python", "opencv-python-headless", 9, ("cv2/a.so",)), False),
        (Overlap("pandas", "opencv-python", 1, ("cv2/a.so",)), True),
    ],
    ids=["both bring it", "deep", "nobody needs them", "a namespace", "known", "only one is known"],
)
def test_overlaps(overlap: Overlap, told: bool) -> None:
    wanted = Wanted((*WANTED.libraries, WantedLibrary("opencv-python")))
    [finding] = libraries_do_not_overlap(Integrity(3, (), (overlap,)), wanted, LIBRARIES)
    assert finding.status.value == ("warn" if told else "pass")
    if told:
        assert finding.cause == "overlapping-packages" and overlap.files[0] in finding.message
        assert finding.fix is not None and set(finding.fix.values["keep"]) <= {overlap.first, overlap.second}
