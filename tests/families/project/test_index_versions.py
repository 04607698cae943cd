"""Pins that the package index does not have, asked through a real pip of folders with wheels, and what is said of them."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import mlenv_doctor
from mlenv_checks.project.facts import IndexVersions, OfferedPin
from mlenv_checks.project.installable import requirements_can_be_installed
from mlenv_checks.project.probes import index_versions
from mlenv_checks.project.probes.index_versions import read_index_versions
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Libraries, Project, Python, Wanted, WantedLibrary

from .environments import environment, write

FILE = "/p/requirements.txt"
HERE = "cp{}{}".format(*sys.version_info[:2])
MINOR = f"3.{sys.version_info[1] - 1}"
BEFORE = f"cp3{sys.version_info[1] - 1}"


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole package index."""
    folder = tmp_path / "links"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def ask(folder: Path, name: str, version: str, text: str = "", **more: Any) -> list[dict[str, Any]]:
    file = folder / "requirements.txt"
    file.write_text(text)
    pin = {"name": name, "version": version, "file": str(file), "line": 1}
    said = read_index_versions({"project": str(folder), "pins": [pin], "own": "", **more})
    assert said["engine"]
    return list(said["pins"])


def wheel(links: Path, name: str, tag: str) -> None:
    (links / f"{name}-{tag}.whl").touch()


@pytest.mark.parametrize(
    ("files", "version", "state", "python"),
    [
        (("zqpin-1.0-py3-none-any.whl",), "1.0.0", "wheel", ""),
        ((f"zqpin-1.0rc1-{HERE}-{HERE}-any.whl", "zqpin-1.0rc1-py3-none-any.whl"), "1.0.0-rc1", "wheel", ""),
        ((f"zqpin-1.0-{BEFORE}-none-any.whl", "zqpin-2.0-py3-none-any.whl"), "1.0", "absent", MINOR),
        ((f"zqpin-1.0-{BEFORE}-none-any.whl", "zqpin-1.0.tar.gz", "zqpin-2.0-py3-none-any.whl"), "1.0", "source", MINOR),
        (("zqpin-1.0.tar.gz",), "1.0", "source", ""),
        (("zqpin-2.0-py3-none-any.whl",), "1.0", "absent", ""),
        ((), "1.0", "unknown", ""),  # a name that is not there at all: perhaps on another index
    ],
)
def test_what_an_index_has(
    files: tuple[str, ...], version: str, state: str, python: str, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_versions, "OTHERS", (sys.version_info[1] - 1, sys.version_info[1]))
    for name in files:
        (links / name).touch()
    (found,) = ask(tmp_path, "zqpin", version)
    assert (found["state"], found.get("python", "")) == (state, python)


@pytest.mark.parametrize(
    "text",
    ["--extra-index-url https://x.invalid/simple", "-f wheels", "[[tool.uv.index]]", "[tool.uv.sources]", "[[source]]"],
)
def test_a_file_with_an_index_of_its_own_is_not_asked_about(text: str, links: Path, tmp_path: Path) -> None:
    assert ask(tmp_path, "zqpin", "1.0", f"numpy\n{text}\n") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements-base.txt", "--index-url https://x.invalid/simple"),
        ("uv.toml", "[[index]]"),
        ("uv.toml", "extra-index-url = []"),
    ],
)
def test_an_index_in_a_file_of_the_project_counts(name: str, text: str, links: Path, tmp_path: Path) -> None:
    (tmp_path / name).write_text(f"{text}\n")
    assert ask(tmp_path, "zqpin", "1.0") == []


def test_an_index_of_uv_counts(links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX", "https://x.invalid/simple")
    assert ask(tmp_path, "zqpin", "1.0") == []


def test_a_name_that_is_none_is_not_handed_to_pip(links: Path, tmp_path: Path) -> None:
    assert ask(tmp_path, "--version", "1.0") == []


def test_an_index_that_cannot_be_read_tells_nothing_and_its_password_stays_where_it_is(
    links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(links, "zqpin-2.0", "py3-none-any")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:zq-secret@127.0.0.1:9/simple")
    (found,) = ask(tmp_path, "zqpin", "1.0")
    assert found["state"] == "unknown" and "zq-secret" not in str(found)


class Answers(BaseHTTPRequestHandler):
    """An index that answers every page with the number that its path begins with."""

    def do_GET(self) -> None:
        self.send_error(int(self.path.split("/")[1]))

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(("code", "state"), [(404, "absent"), (401, "unknown"), (403, "unknown"), (500, "unknown")])
def test_a_page_that_is_refused_tells_nothing(
    code: int, state: str, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(links, "zqpin-2.0", "py3-none-any")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setattr(index_versions, "OTHERS", ())
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/{code}")
        assert ask(tmp_path, "zqpin", "1.0")[0]["state"] == state
        server.shutdown()


def test_time_that_runs_out_tells_nothing(links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_versions, "SECONDS", 0)
    assert ask(tmp_path, "zqpin", "1.0")[0]["state"] == "unknown"
    monkeypatch.setattr(index_versions, "SECONDS", 45)
    monkeypatch.setattr(index_versions, "PATIENCE", 0.01)
    assert ask(tmp_path, "zqpin", "1.0")[0]["state"] == "unknown"


def test_the_doctors_own_pip_stands_in(tmp_path: Path, links: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel(links, "zqpin-1.0", "py3-none-any")
    own = sys.executable
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert ask(tmp_path, "zqpin", "1.0", own=own)[0]["state"] == "wheel"
    assert ask(tmp_path, "zqpin", "1.0", own=str(tmp_path / "none"))[0]["state"] == "unknown"
    assert read_index_versions({"pins": [], "own": ""}) == {"engine": False}


def test_nothing_beside_the_project_is_imported(tmp_path: Path, links: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"pip.py": "open('ran', 'w')", "six.py": "open('ran', 'w')"})
    monkeypatch.chdir(tmp_path)
    wheel(links, "zqpin-1.0", "py3-none-any")
    assert ask(tmp_path, "zqpin", "1.0")[0]["state"] == "wheel" and not (tmp_path / "ran").exists()


def judged(*pins: OfferedPin, conda: bool = False) -> list[Finding]:
    python = Python(version="3.12.1", prefix="/v", base_prefix="/usr", implementation="CPython", conda=conda)
    wanted = Wanted(
        (WantedLibrary("zqpin", "==1.0", source=FILE, line=2), WantedLibrary("numpy", "==1.24.3", source=FILE, line=1))
    )
    wanted = Wanted(wanted.libraries[: 2 if any(pin.name == "numpy" for pin in pins) else 1])
    return list(requirements_can_be_installed(wanted, Libraries(), python, Project(root="/p"), IndexVersions(pins=pins)))


def pin(state: str, python: str = "", name: str = "zqpin") -> OfferedPin:
    return OfferedPin(name, "1.0", FILE, 2, state, python)


@pytest.mark.parametrize(
    ("found", "status", "cause", "words"),
    [
        (pin("absent", "3.11"), "fail", "pin-without-wheel", "zqpin 1.0 (requirements.txt:2) cannot be installed for Python 3.12; Python 3.11 has a wheel"),
        (pin("absent"), "warn", "pin-not-on-index", "pip's package index does not have zqpin 1.0 (requirements.txt:2) for this machine"),
        (pin("source", "3.11"), "warn", "pin-without-wheel", "no wheel of zqpin 1.0 (requirements.txt:2) for Python 3.12: pip would build it from source; Python 3.11 has a wheel"),
        (pin("source"), "pass", "", "no pinned version is too old for this Python"),
        (pin("wheel"), "pass", "", "no pinned version is too old for this Python"),
        (pin("unknown"), "pass", "", "no pinned version is too old for this Python"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_pin(found: OfferedPin, status: str, cause: str, words: str) -> None:
    (said,) = judged(found)
    assert (said.status.value, said.cause or "", said.message) == (status, cause, words)
    assert bool(said.fix) == (status == "fail" and bool(found.python))


def test_one_pin_is_told_once() -> None:
    assert [each.cause for each in judged(pin("absent", "3.11", "numpy"), pin("absent"))] == [
        "pin-without-wheel",
        "pin-not-on-index",
    ]


def test_the_index_of_pip_says_nothing_about_conda() -> None:
    assert [each.status.value for each in judged(pin("absent"), conda=True)] == ["pass"]


@pytest.mark.parametrize(
    ("specifier", "more", "expected"),
    [
        ("==1.0", {}, [[("zqpin", "1.0")]]),
        ("===1.0", {}, [[("zqpin", "1.0")]]),
        ("==1.0+cu128", {}, []),
        ("==1.0.dev20260101", {}, []),
        ("==1.*", {}, []),
        (">=1.0", {}, []),
        ("==1.0", {"address": "https://x.invalid"}, []),
        ("==1.0", {"line": 0}, []),
        ("==2.0", {}, []),
    ],
)
def test_what_is_asked_about(specifier: str, more: dict[str, Any], expected: list[list[tuple[str, str]]]) -> None:
    library = WantedLibrary("zqpin", specifier, **{"source": FILE, "line": 1, **more})
    facts = {Wanted: Wanted((library,)), Libraries: Libraries((Distribution("zqpin", "2.0", "/v"),))}
    tasks = IndexVersions.tasks(facts)
    assert [[(each["name"], each["version"]) for each in task.question["pins"]] for task in tasks or ()] == expected


def test_without_the_libraries_nothing_is_asked() -> None:
    assert IndexVersions.tasks({Wanted: Wanted(), Libraries: Missing("libraries", "timeout", "took too long")}) is None


def test_a_whole_examination(tmp_path: Path, links: Path) -> None:
    wheel(links, "zqpin-1.0", f"{BEFORE}-none-any")
    wheel(links, "zqpin-2.0", "py3-none-any")
    write(tmp_path / "project", {"requirements.txt": "zqpin==1.0\n", "app.py": "import zqpin\n"})
    python = environment(tmp_path / "venv")
    ask_online = {"python": python, "project": tmp_path / "project", "online": True}
    report = mlenv_doctor.check("project.installable", **ask_online)  # type: ignore[arg-type]
    (found,) = [finding for result in report.results if result.id == "project.installable" for finding in result.findings]
    assert found.cause == "pin-without-wheel" and f"Python {MINOR} has a wheel" in found.message
