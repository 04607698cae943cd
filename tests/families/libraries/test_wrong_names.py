"""Libraries by wrong names, and OpenCV under several: plain calls, facts built by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.checks import libraries_installed, libraries_whole
from mlenv_checks.libraries.facts import Flaw, Integrity
from mlenv_checks.libraries.integrity import library_files_are_whole
from mlenv_checks.libraries.wrong_names import libraries_by_their_names, opencv_is_there_once
from mlenv_checks.venv.facts import Prefix
from mlenv_doctor import Location
from mlenv_doctor.patient import Declared, Distribution, Imports, Libraries, Module, Project, Python, Wanted, WantedLibrary

SITE = "/v/lib/site-packages"
SKLEARN = Module("sklearn", f"{SITE}/sklearn/__init__.py")
CV2 = Module("cv2", f"{SITE}/cv2/__init__.py", owner="opencv-python")
HEADLESS, CONTRIB = "opencv-python-headless", "opencv-contrib-python"


def dist(name: str, version: str | None = "1.0", *requires: str, installer: str = "pip", folder: str = SITE) -> Distribution:
    return Distribution(name, version, folder, installer=installer, requires=requires)


def dists(*names: str) -> tuple[Distribution, ...]:
    return tuple(dist(name) for name in names)


def wanting(*names: str) -> Wanted:
    return Wanted(tuple(WantedLibrary(name) for name in names))


def asks(*texts: str) -> Project:
    return Project(requirements=tuple(Declared(text, "/p/requirements.txt", n) for n, text in enumerate(texts, 1)))


def said(libraries: Libraries, wanted: Wanted, project: Project) -> list[tuple[str, str, str]]:
    found = libraries_by_their_names(wanted, libraries, project)
    return [(f.status.value, f.subject, f.fix.id if f.fix else "") for f in found]


PASS = [("pass", "", "")]
HOLLOW = ("sklearn", "names.right")


@pytest.mark.parametrize(
    "libraries, wanted, expected",
    [
        (Libraries(dists("sklearn")), ("scikit-learn",), [("fail", *HOLLOW)]),
        (Libraries(dists("sklearn")), ("sklearn",), [("fail", *HOLLOW)]),
        (Libraries((*dists("sklearn"), dist("tool", "1", "sklearn"))), ("tool",), [("fail", *HOLLOW)]),
        (Libraries(dists("sklearn")), ("numpy",), [("warn", *HOLLOW)]),
        (Libraries((dist("sklearn", None),)), ("numpy",), [("warn", *HOLLOW)]),
        (Libraries(dists("sklearn", "scikit-learn")), ("scikit-learn",), PASS),
        (Libraries(dists("sklearn"), modules=(SKLEARN,)), ("scikit-learn",), PASS),
        (Libraries(dists("sklearn"), modules=(Module("sklearn", namespace=True),)), ("scikit-learn",), [("fail", *HOLLOW)]),
        (Libraries(dists("pytorch")), ("torch",), [("fail", "pytorch", "names.right")]),
        (Libraries(dists("pytorch"), modules=(Module("torch", "/conda/torch/__init__.py"),)), ("torch",), PASS),
        (Libraries(dists("dotenv", "python-dotenv", "bs4", "beautifulsoup4")), ("python-dotenv",), PASS),
        (Libraries(dists("jwt", "pyjwt")), ("pyjwt",), [("fail", "jwt", "libs.part")]),
        (Libraries(dists("jwt", "pyjwt")), ("numpy",), [("warn", "jwt", "libs.part")]),
        (Libraries(dists("jwt")), ("jwt",), PASS),
        (Libraries(dists("pyjwt")), ("pyjwt",), PASS),
        (Libraries((dist("pyjwt"), dist("jwt", folder="/user"))), ("pyjwt",), PASS),
    ],
)
def test_what_is_installed(libraries: Libraries, wanted: tuple[str, ...], expected: list[tuple[str, str, str]]) -> None:
    assert said(libraries, wanting(*wanted), Project()) == expected


@pytest.mark.parametrize(
    "text, installed, warned",
    [
        ("sklearn", ("scikit-learn",), "sklearn"),
        ("PyTorch>=1", ("torch",), "pytorch"),
        ("jwt", ("pyjwt",), "jwt"),
        ("jwt", ("jwt",), ""),
        ("cv2", ("opencv-python",), "cv2"),
        ("sklearn", (), ""),
        ("scikit-learn", ("scikit-learn",), ""),
        ("dotenv", ("python-dotenv",), ""),
        ("bs4", ("beautifulsoup4",), ""),
        ("sklearn @ https://example.org/mine.whl", ("scikit-learn",), ""),
        ("not a requirement !!", ("scikit-learn",), ""),
    ],
)
def test_what_the_project_asks_for(text: str, installed: tuple[str, ...], warned: str) -> None:
    found = said(Libraries(dists(*installed)), wanting(*installed), asks(text))
    assert found == ([("warn", warned, "names.in-file")] if warned else PASS)


def test_the_line_of_a_wrong_name_is_shown() -> None:
    [finding] = libraries_by_their_names(wanting(), Libraries(dists("scikit-learn")), asks("numpy", "sklearn"))
    assert finding.location == Location("/p/requirements.txt", 2)
    assert "scikit-learn" in finding.message and finding.cause == "wrong-distribution"


def test_what_is_installed_is_not_told_twice() -> None:
    assert said(Libraries(dists("sklearn")), wanting("sklearn"), asks("sklearn")) == [("fail", *HOLLOW)]


@pytest.mark.parametrize(
    "libraries, wanted, expected",
    [
        (Libraries(), (), []),
        (Libraries(dists("opencv-python"), modules=(CV2,)), (), [("pass", "")]),
        (Libraries((dist("opencv-python", None),), modules=(CV2,)), (), [("pass", "")]),
        (Libraries(dists("opencv-python", HEADLESS), modules=(CV2,)), (), [("warn", HEADLESS)]),
        (Libraries(dists("opencv-python", HEADLESS), modules=(CV2,)), ("opencv-python",), [("warn", "opencv-python")]),
        (Libraries(dists("opencv-python", CONTRIB), modules=(CV2,)), (), [("warn", CONTRIB)]),
        (Libraries(dists(HEADLESS), modules=(Module("cv2"),)), (HEADLESS,), [("fail", HEADLESS)]),
        (Libraries(dists(HEADLESS), modules=(Module("cv2", namespace=True),)), ("numpy",), [("warn", HEADLESS)]),
        (Libraries((dist(HEADLESS), dist("tool", "1", HEADLESS)), modules=(Module("cv2"),)), ("tool",), [("fail", HEADLESS)]),
        (
            Libraries((dist("opencv-python", installer="conda"), dist(HEADLESS, installer="conda")), modules=(CV2,)),
            (),
            [],
        ),
        (Libraries((dist(HEADLESS), dist(HEADLESS, folder="/user")), modules=(CV2,)), (), [("pass", "")]),
    ],
    ids=["none", "one", "no-version", "two", "two-one-asked", "contrib", "gone", "gone-unused", "gone-needed", "conda", "twice"],
)
def test_opencv(libraries: Libraries, wanted: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    found = opencv_is_there_once(wanting(*wanted), libraries)
    assert [(f.status.value, str(f.fix.values["keep"]) if f.fix else "") for f in found] == expected


def test_an_empty_distribution_explains_what_is_missing() -> None:
    wanted = WantedLibrary("scikit-learn", imports=("sklearn",))
    [finding] = libraries_installed(Wanted((wanted,)), Libraries(dists("sklearn")), Python(version="3.11.7"), Prefix())
    assert (finding.status.value, finding.blocked_by) == ("skip", "libraries.names:sklearn")


def test_what_opencv_lacks_is_told_once() -> None:
    libraries = Libraries(dists(HEADLESS), modules=(Module("cv2"),))
    wanted, python = Wanted((WantedLibrary(HEADLESS, imports=("cv2",)),)), Python(version="3.11.7", prefix="/v", base_prefix="/u")
    half = list(libraries_whole(wanted, libraries, python))
    flaws = Integrity(distributions=1, flaws=(Flaw(HEADLESS, "1.0", files=2, lost=("cv2/__init__.py",), lost_count=1),))
    files = list(library_files_are_whole(flaws, wanted, libraries, Imports(), python))
    assert [(f.status.value, f.blocked_by) for f in half] == [("skip", "libraries.opencv")]
    assert [(f.status.value, f.blocked_by) for f in files] == [("skip", "libraries.opencv")]


def test_where_nobody_looked_for_cv2_it_is_not_gone() -> None:
    [finding] = opencv_is_there_once(wanting(HEADLESS), Libraries(dists(HEADLESS)))
    assert finding.status.value == "pass"
