"""What is said about the folders that programs write to and about paths, for facts made by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.system.facts import Folder, Folders
from mlenv_checks.system.folders import home_can_be_written, paths_serve_as_paths, temporary_files_can_be_made
from mlenv_doctor import Finding, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Environment, Libraries, Place, Project, Python, Venv

FINE = ("pass", "", "")
PROJECT = Folder("/p")
TMP, VAR = Folder("/tmp"), Folder("/var/tmp")


def said(found: object) -> tuple[str, str, str]:
    assert isinstance(found, Finding)
    return found.status.value, found.cause, found.fix.id if found.fix else ""


def closed(path: str, obstacle: str, variable: str = "", existing: str = "", noexec: bool = False) -> Folder:
    return Folder(path, variable, existing or path, obstacle, "root", noexec)


def red(fix: str) -> tuple[str, str, str]:
    return "fail", "tmp-not-writable", fix


def yellow(fix: str) -> tuple[str, str, str]:
    return "warn", "tmp-not-writable", fix


ABSENT = [closed(path, "absent") for path in ("/tmp", "/var/tmp", "/usr/tmp")]
READ_ONLY = [closed(path, "read-only") for path in ("/tmp", "/var/tmp", "/p")]
NOEXEC = Folder("/tmp", noexec=True)


@pytest.mark.parametrize(
    ("temporary", "compiler", "expected"),
    [
        ((TMP, VAR, PROJECT), "/usr/bin/cc", FINE),
        ((Folder("/big", "TMPDIR"), closed("/tmp", "owner"), PROJECT), "", FINE),  # a batch system's own folder
        ((closed("/gone", "absent", "TMPDIR"), TMP, PROJECT), "", yellow("system.temp-unset")),
        ((closed("/job", "owner", "TMPDIR"), TMP, PROJECT), "", yellow("system.temp-unset")),
        ((closed("/tmp", "owner"), VAR, PROJECT), "", yellow("system.temp-open")),
        ((*ABSENT, PROJECT), "", yellow("system.temp-open")),
        ((*ABSENT, closed("/p", "read-only")), "", red("system.temp-open")),
        ((*READ_ONLY,), "", red("system.temp-mount")),
        ((), "", red("system.temp-open")),
        ((NOEXEC, PROJECT), "/usr/bin/cc", ("warn", "tmp-noexec", "system.temp")),
        ((NOEXEC, PROJECT), "", FINE),  # nothing is built where there is no compiler
        ((NOEXEC, Folder("/p", noexec=True)), "/usr/bin/cc", ("warn", "tmp-noexec", "system.temp-exec")),
        ((NOEXEC, closed("/p", "owner")), "/usr/bin/cc", ("warn", "tmp-noexec", "system.temp-exec")),
    ],
)
def test_temporary_files(temporary: tuple[Folder, ...], compiler: str, expected: tuple[str, str, str]) -> None:
    assert said(temporary_files_can_be_made(Folders(temporary=temporary, compiler=compiler))) == expected


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        (closed("/t", "absent"), "the folder does not exist"),
        (closed("/t", "read-only"), "read-only"),
        (closed("/t", "mode"), "that is yours, but not writable (file mode)"),
        (closed("/t", "owner"), "that is root's"),
        (Folder("/a/t", obstacle="owner", existing="/a"), "/a is somebody else's"),
    ],
)
def test_why_a_folder_refuses(folder: Folder, words: str) -> None:
    assert words in temporary_files_can_be_made(Folders(temporary=(folder, VAR))).message  # type: ignore[union-attr]


def test_folders_that_could_not_be_read() -> None:
    assert said(temporary_files_can_be_made(Missing("folders", Why.TIMEOUT, "was late"))) == ("unknown", "", "")
    assert said(temporary_files_can_be_made(Missing("folders", Why.NOT_ASKED, "not checked"))) == ("skip", "", "")


TORCH = Libraries((Distribution("torch", "2", "/s"),))
NOTEBOOKS = Libraries((Distribution("torch", "2", "/s"), Distribution("ipykernel", "7", "/s")))
HOME, CACHE = Folder("/h", "HOME", "/h"), Folder("/h/.cache", "", "/h/.cache")
SHUT = closed("/h", "owner", "HOME")
SHUT_CACHE = closed("/h/.cache", "owner", existing="/h")
OWN, ELSEWHERE = "system.folder-own", "system.folder-elsewhere"


@pytest.mark.parametrize(
    ("folders", "libraries", "place", "expected"),
    [
        (Folders((TMP, PROJECT), HOME, CACHE), NOTEBOOKS, Place(), [("", "")]),
        (Folders((TMP, PROJECT), HOME, closed("/h/.cache", "owner")), TORCH, Place(), [("downloads", OWN)]),
        (Folders((TMP, PROJECT), HOME, closed("/h/.cache", "mode")), TORCH, Place(), [("downloads", "system.folder-unlock")]),
        (Folders((TMP, PROJECT), HOME, closed("/h/.cache", "read-only")), TORCH, Place(), [("downloads", ELSEWHERE)]),
        (Folders((TMP, PROJECT), SHUT, SHUT_CACHE), TORCH, Place(), [("downloads", ELSEWHERE)]),
        (Folders((TMP, PROJECT), SHUT, SHUT_CACHE), NOTEBOOKS, Place(), [("HOME", ELSEWHERE)]),  # one fault, one line
        (Folders((TMP, PROJECT), SHUT, Folder("/c", "XDG_CACHE_HOME", "/c")), TORCH, Place(), [("", "")]),
        (Folders((TMP, PROJECT), SHUT, closed("/h/.cache", "owner")), TORCH, Place(), [("downloads", ELSEWHERE)]),
        (Folders((TMP, PROJECT), SHUT, SHUT_CACHE), Libraries(), Place(), [("", "")]),  # a service that fetches nothing
        (Folders((TMP, PROJECT), SHUT, SHUT_CACHE), Libraries(), Place(uv="/bin/uv"), [("downloads", ELSEWHERE)]),
        (Folders((TMP, PROJECT), HOME, CACHE, (closed("/data", "owner", "HF_HOME"),)), TORCH, Place(), [("HF_HOME", ELSEWHERE)]),
    ],
)
def test_the_home(folders: Folders, libraries: Libraries, place: Place, expected: list[tuple[str, str]]) -> None:
    found = list(home_can_be_written(folders, libraries, place))  # type: ignore[arg-type]
    assert [(f.subject, f.fix.id if f.fix else "") for f in found] == expected
    assert all(f.cause == "home-not-writable" for f in found if f.fix) and all(f.fix or f.status.value == "pass" for f in found)


@pytest.mark.parametrize(
    ("temporary", "variable", "folder"),
    [
        ((TMP, PROJECT), "XDG_CACHE_HOME", "/p/.cache"),
        ((TMP, closed("/p", "owner")), "XDG_CACHE_HOME", "/tmp/.cache"),
        ((), "XDG_CACHE_HOME", "/dev/shm/.cache"),
    ],
)
def test_where_downloads_can_go_instead(temporary: tuple[Folder, ...], variable: str, folder: str) -> None:
    (found,) = home_can_be_written(Folders(temporary, SHUT, SHUT_CACHE), TORCH, Place())  # type: ignore[misc]
    assert found.fix and found.fix.values == {"variable": variable, "folder": folder}


def test_another_home() -> None:
    (found,) = home_can_be_written(Folders((TMP, PROJECT), SHUT, SHUT_CACHE), NOTEBOOKS, Place())  # type: ignore[misc]
    assert found.fix and found.fix.values == {"variable": "HOME", "folder": "/p/.home"}


GONE = Missing("python", Why.NO_ANSWER, "ended")
IN_VENV = Python(prefix="/e", base_prefix="/usr")
SYSTEM = Python(prefix="/usr", base_prefix="/usr")


@pytest.mark.parametrize(
    ("root", "target", "python", "place", "expected"),
    [
        ("/a:b", None, Missing("python", Why.NO_ANSWER, "ended"), Place(kinds=("ci",)), FINE),
        ("/p", None, SYSTEM, Place(), FINE),
        ("", None, SYSTEM, Place(), FINE),
        ("/p", Environment("/p/.venv"), IN_VENV, Place(), FINE),
        ("/a:b/p", Environment("/a:b/p/.venv"), IN_VENV, Place(), ("fail", "path-with-colon", "/a:b to /a-b")),
        ("/a:b/p", Environment("/a:b/p/.venv"), GONE, Place(), ("fail", "path-with-colon", "/a:b to /a-b")),
        ("/p", None, Python(prefix="/x/c:d:e", base_prefix="/usr"), Place(), ("fail", "path-with-colon", "/x/c:d:e to /x/c-d-e")),
        ("/a:b", None, SYSTEM, Place(), ("fail", "path-with-colon", "/a:b to /a-b")),
        ("/a:b", None, GONE, Place(), ("fail", "path-with-colon", "/a:b to /a-b")),
        ("/a:b", None, SYSTEM, Place(kinds=("container",)), FINE),  # there an environment is not missed
        ("/a:b", Environment("/e"), IN_VENV, Place(), FINE),
        ("/a:b", None, Python(prefix="/c", base_prefix="/c", conda=True), Place(), FINE),
        ("C:\\a;b\\p", None, SYSTEM, Place(os="windows"), ("fail", "path-with-colon", "C:\\a;b to C:\\a-b")),
        ("C:\\p", Environment("C:\\p\\.venv"), IN_VENV, Place(os="windows"), FINE),
    ],
)
def test_paths(
    root: str, target: Environment | None, python: Python | Missing, place: Place, expected: tuple[str, str, str]
) -> None:
    found = paths_serve_as_paths(Venv(target=target), python, Project(root=root), place)
    assert isinstance(found, Finding)
    values = " to ".join(str(found.fix.values[name]) for name in ("old", "new")) if found.fix else ""
    assert (found.status.value, found.cause, values) == expected


def test_a_conda_environment_lies_elsewhere() -> None:
    found = paths_serve_as_paths(Venv(target_conda=True), GONE, Project(root="/a:b"), Place())
    assert said(found) == FINE
