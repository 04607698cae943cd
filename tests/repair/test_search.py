"""`fix --search` with real environments and real pip: candidates are tried in a clone, and the environment stays as it is."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

import pytest

from lab.ward import DOCTOR, Ward
from mlenv_doctor.cli.app import cli
from mlenv_doctor.errors import BadInput
from mlenv_doctor.repair.search import search as searching

from . import clinic
from .test_apply import wait_for
from .tree import fingerprint, wheel

Run = Callable[..., int]
USES = "from provider import old_name\n"


@cache
def index() -> Path:
    """user 1 needs a name that provider 2 no longer has; other needs a name that only provider 2 has; second uses user."""
    folder = Path(mkdtemp(prefix="mlenv-doctor-search-"))
    wheel(folder, "provider", "1.0", "old_name = 1\n")
    wheel(folder, "provider", "2.0", "new_name = 1\n")
    wheel(folder, "user", "1.0", USES, requires=("provider>=1",))
    wheel(folder, "user", "2.0", "import provider\n", requires=("provider>=1",))
    wheel(folder, "second", "1.0", "import user\n", requires=("user>=1",))
    wheel(folder, "other", "1.0", "from provider import new_name\n", requires=("provider>=1",))
    wheel(folder, "gamma", "2.0", GAMMA)
    return folder


GAMMA = "try:\n    import gamma._fast\nexcept ModuleNotFoundError:\n    pass\n"


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ward:
    """A project whose user 1.0 does not import beside provider 2.0, and whose pip knows the wheels above."""
    made = clinic.project(tmp_path / "with a blank")
    made.environ["PIP_FIND_LINKS"] = str(index())
    install(made, "--no-deps", "user==1.0", "provider==2.0")
    made.write("requirements.txt", "user\n")
    made.write("app.py", "import user\n")
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.project)
    return made


@pytest.fixture
def doctor() -> Run:
    def run(*arguments: str) -> int:
        try:
            cli.main(["fix", "--search", *arguments], standalone_mode=False)
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def install(ward: Ward, *words: str) -> None:
    subprocess.run(
        [ward.project / ".venv/bin/python", "-m", "pip", "install", "--quiet", *words],
        check=True,
        env=ward.environ,
        cwd=ward.root,
    )


def whole(ward: Ward) -> dict[str, tuple[object, ...]]:
    """Everything below the project; only the time of its own folder may change."""
    return {name: entry for name, entry in fingerprint(ward.project).items() if name != "."}


def test_what_cures_is_proven_and_the_environment_stays_as_it_is(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = whole(ward)
    assert doctor("--format", "json") == 0
    assert whole(ward) == before, "every byte, mode and time"
    said = capsys.readouterr()
    (found,) = json.loads(said.out)["searches"]
    assert found["library"] == "user" and found["finding"]["check"] == "libraries.import"
    assert found["cure"]["mark"] == "proven here"
    assert found["cure"]["packages"] == [{"name": "user", "old": "1.0", "new": "2.0"}]
    (command,) = found["cure"]["commands"]
    assert command[0] == str(ward.project / ".venv/bin/python") and command[1:] == [
        "-m",
        "pip",
        "install",
        "--no-deps",
        "user==2.0",
    ]
    assert "... user: upgrade user" in said.err or "user: Install" in said.err
    subprocess.run(["/bin/sh", "-c", *found["cure"]["text"]], check=True, env=ward.environ, cwd=ward.project, capture_output=True)
    assert ward.check().causes("fail") == set(), "the printed command does what was proven"


def test_the_bounds_of_the_project_are_kept(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    ward.write("requirements.txt", "user<2\n")
    before = whole(ward)
    assert doctor() == 0
    said = capsys.readouterr().out
    assert "upgrade user: no version fits the project, which asks for user<2" in said
    assert "Proven here: downgrade provider below 2 (provider 2.0 -> 1.0)" in said
    assert said.rstrip().endswith("was not changed; each candidate was tried in a copy of it.")
    assert whole(ward) == before


def test_what_breaks_another_library_is_no_cure(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    ward.write("requirements.txt", "user<2\nother\n")
    ward.write("app.py", "import user, other\n")
    install(ward, "other")
    before = whole(ward)
    assert doctor() == 1
    said = capsys.readouterr().out
    assert "downgrade provider below 2: other could be imported before, and not afterwards" in said
    assert "No cure found" in said and "Proven" not in said
    assert whole(ward) == before


@pytest.mark.slow
def test_a_library_that_nothing_of_the_project_names_must_keep_working_too(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ward.write("requirements.txt", "user<2\n")
    install(ward, "other")
    assert doctor() == 1
    assert "downgrade provider below 2: other could be imported before" in capsys.readouterr().out


def test_no_candidate_helps_and_that_is_said(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    ward.write("requirements.txt", "user==1.0\nprovider==2.0\n")
    before = whole(ward)
    assert doctor("--format", "json") == 1
    (found,) = json.loads(capsys.readouterr().out)["searches"]
    assert found["cure"] is None and len(found["tried"]) >= 3
    assert whole(ward) == before


@pytest.mark.slow
def test_one_cure_for_two_is_found_once(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    install(ward, "--no-deps", "second")
    ward.write("requirements.txt", "user\nsecond\n")
    ward.write("app.py", "import user, second\n")
    assert doctor() == 0
    said = capsys.readouterr()
    assert said.out.count("Proven here") == 1 and "The cure for user also cures this" in said.out


@pytest.mark.slow
def test_an_intruder_is_removed(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    ward.write("requirements.txt", "gamma\n")
    ward.write("app.py", "import gamma\n")
    install(ward, "--force-reinstall", "gamma==2.0")
    site = clinic.site(ward)
    (site / "gamma/_fast.py").write_text("raise ImportError('built for another gamma')\n")
    info = site / "gamma_stub-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gamma-stub\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text(
        "gamma/__init__.py,,\ngamma/_fast.py,,\ngamma_stub-1.0.dist-info/METADATA,,\ngamma_stub-1.0.dist-info/RECORD,,\n"
    )
    before = whole(ward)
    assert doctor("--format", "json") == 0
    (found,) = json.loads(capsys.readouterr().out)["searches"]
    assert {"name": "gamma-stub", "old": "1.0", "new": ""} in found["cure"]["packages"]
    assert whole(ward) == before
    for line in found["cure"]["text"]:
        subprocess.run(["/bin/sh", "-c", line], check=True, env=ward.environ, cwd=ward.project, capture_output=True)
    assert ward.check().causes("fail") == set()


@pytest.mark.slow
def test_what_contradicts_a_requirement_of_another_library_is_no_cure(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ward.write("requirements.txt", "user<2\nneeds\n")
    links = wheel(ward.root / "wheels", "needs", "1.0", requires=("provider>=2",)).parent
    install(ward, "--find-links", str(links), "needs")
    assert doctor() == 1
    said = capsys.readouterr().out
    assert "downgrade provider below 2: it breaks something else: " in said and "Proven" not in said, said


@pytest.mark.parametrize(
    ("library", "fails", "says"),
    [
        ("user", "'.mlenv-doctor' not in __file__", "in the copy user works"),
        ("gamma", "'.mlenv-doctor' in __file__", "in the copy gamma fails"),
    ],
)
def test_a_copy_that_behaves_otherwise_proves_nothing(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str], library: str, fails: str, says: str
) -> None:
    ward.write("requirements.txt", "user\ngamma\n")
    file = clinic.site(ward) / library / "__init__.py"
    file.write_text(f"if {fails}:\n    raise ImportError('at the wrong place')\n")
    before = whole(ward)
    assert doctor() == 1
    said = capsys.readouterr().out
    assert f"No cure found: {says}, so nothing can be proven there" in said, said
    assert whole(ward) == before


@pytest.mark.slow
def test_nothing_to_search_for(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    install(ward, "user==2.0")
    before = whole(ward)
    assert doctor() == 0 and "Nothing to search for" in capsys.readouterr().out
    assert whole(ward) == before


def test_without_an_index_the_search_ends_and_says_so(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "/nowhere", "PIP_RETRIES": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_NO_INDEX")
    before = whole(ward)
    assert doctor() == 1
    said = capsys.readouterr().out
    assert said.count("the package index cannot be reached") == 1, said
    assert whole(ward) == before


@pytest.mark.slow
def test_the_time_is_bounded(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.write("requirements.txt", "user==1.0\nprovider==2.0\n")
    times = iter([time.monotonic()])
    monkeypatch.setattr(searching, "time", SimpleNamespace(monotonic=lambda: next(times, 10.0**9)))
    assert doctor() == 1
    assert "not tried: the 5 minutes are over; --budget SECONDS gives more" in capsys.readouterr().out


@pytest.mark.slow
def test_where_nothing_can_be_linked_it_is_copied(
    ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    before = whole(ward)
    assert doctor() == 0 and "Proven here" in capsys.readouterr().out
    assert whole(ward) == before


def test_without_room_it_says_how_much_is_needed(ward: Ward, doctor: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(ward.project)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6))
    before = whole(ward)
    with pytest.raises(BadInput, match=r"no room to try anything: .* needs \d+ MB, and 1 MB are free"):
        doctor()
    assert whole(ward) == before


def test_an_environment_that_changes_meanwhile_proves_nothing(ward: Ward, doctor: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    true = searching.Search.answers

    def meanwhile(*words: object) -> object:
        found = list(true(*words))  # type: ignore[arg-type]
        (clinic.site(ward) / "user/__init__.py").write_text("x = 1\n")
        return iter(found)

    monkeypatch.setattr(searching.Search, "answers", meanwhile)
    with pytest.raises(BadInput, match="changed during the search"):
        doctor()
    assert not (ward.project / ".mlenv-doctor").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--apply",), "changes nothing: leave out --apply and --dry-run"),
        (("--dry-run",), "changes nothing: leave out --apply and --dry-run"),
        (("--quick",), "--quick imports none"),
        (("--yes",), "--yes needs --apply"),
        (("venv",), "--search is about libraries that fail to import"),
        (("nonsense",), "no check or family called 'nonsense'"),
        (("--from", "app.py"), "only this one can be repaired"),
        (("--target", sys.executable), ""),
    ],
)
def test_what_cannot_be_searched_is_said_in_one_sentence(ward: Ward, options: tuple[str, ...], says: str) -> None:
    if options[0] == "--target":
        options, says = ("--target", str(Path(sys.executable).resolve())), "in a copy of a virtual environment"
    before = whole(ward)
    visit = ward.doctor("fix", "--search", *options)
    assert visit.code == 2 and says in visit.stderr and visit.stderr.count("\n") == 1, visit.stderr
    assert whole(ward) == before


def test_an_environment_without_an_installer(ward: Ward, doctor: Run) -> None:
    for path in clinic.site(ward).glob("pip*"):
        shutil.rmtree(path)
    with pytest.raises(BadInput, match="--search needs pip or uv"):
        doctor()


def slow_pip(ward: Ward) -> None:
    """A pip that takes something away where it is installed, says that it is at work, and then takes its time."""
    main = clinic.site(ward) / "pip/__main__.py"
    work = f"os.system('rm -r ' + repr(os.path.dirname(__file__) + '/../beta')); open({str(ward.project / 'pip-is-at-work')!r}, 'w').close(); time.sleep(30)"
    old = main.read_text().replace("from __future__ import annotations", "")
    main.unlink()
    main.write_text(f"import os, sys, time\nif '--dry-run' not in sys.argv and 'install' in sys.argv:\n    {work}\n{old}")


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, *(pytest.param(n, marks=pytest.mark.slow) for n in (signal.SIGINT, signal.SIGTERM))]
)
def test_an_interrupted_search_leaves_nothing(ward: Ward, number: int) -> None:
    """A killed one leaves its clones beside the environment, and the next run removes them."""
    slow_pip(ward)
    before = whole(ward)
    process = subprocess.Popen(
        [DOCTOR, "fix", "--search"], cwd=ward.project, env=ward.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    wait_for(ward.project / "pip-is-at-work")
    second = ward.doctor("fix", "--search")
    assert second.code == 2 and "another repair of" in second.stderr
    process.send_signal(number)
    assert process.wait(60) == (-9 if number == signal.SIGKILL else 130)
    (ward.project / "pip-is-at-work").unlink()
    now = whole(ward)
    assert {name: entry for name, entry in now.items() if name in before} == before
    if number == signal.SIGKILL:
        assert (ward.project / ".mlenv-doctor/.venv/search/base").is_dir()
        shutil.rmtree(clinic.site(ward) / "pip")
        assert ward.doctor("fix", "--search").code == 2, "it ends early, and sweeps"
    assert not (ward.project / ".mlenv-doctor").exists()


def real(tmp_path: Path, *packages: str, uv: bool = False) -> Ward:
    """A project with real packages from the index, installed without regard to what they need of each other."""
    ward = Ward(tmp_path)
    (ward.bin / "python3").symlink_to(Path(sys.executable).resolve())
    (ward.bin / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    ward.environ |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
    folder = ward.project / ".venv"
    python = str(folder / "bin/python")
    made = [["uv", "venv", folder]] if uv else [[sys.executable, "-m", "venv", folder]]
    installer = ["uv", "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    for argv in (*made, [*installer, *packages]):
        path = f"{Path(sys.executable).parent}:{ward.bin}"
        subprocess.run(argv, check=True, capture_output=True, env={**ward.environ, "PATH": path})
    ward.environ |= {"VIRTUAL_ENV": str(folder), "PATH": f"{folder}/bin:{ward.bin}"}
    return ward


@pytest.mark.slow
@pytest.mark.parametrize(
    ("packages", "asked", "library", "changed", "uv"),
    [
        (("flask==2.0.3", "werkzeug==3.0.1"), "flask", "flask", "flask", False),
        (("flask==2.0.3", "werkzeug==3.0.1"), "flask==2.0.3", "flask", "werkzeug", True),
        (("jinja2==2.11.3", "markupsafe==2.1.5"), "jinja2", "jinja2", "jinja2", True),
        (("pandas==2.0.3", "numpy==2.0.2"), "pandas<2.1", "pandas", "numpy", False),
    ],
)
def test_real_libraries(tmp_path: Path, packages: tuple[str, ...], asked: str, library: str, changed: str, uv: bool) -> None:
    ward = real(tmp_path, *packages, uv=uv)
    ward.write("requirements.txt", f"{asked}\n")
    ward.write("app.py", f"import {library}\n")
    before = whole(ward)
    visit = ward.doctor("fix", "--search", "--format", "json")
    assert visit.code == 0, visit.stdout + visit.stderr
    (found,) = json.loads(visit.stdout)["searches"]
    assert changed in [package["name"] for package in found["cure"]["packages"]]
    assert whole(ward) == before
    for line in found["cure"]["text"]:
        subprocess.run(["/bin/sh", "-c", line], check=True, env=ward.environ, cwd=ward.project, capture_output=True)
    assert "fail" not in {f["status"] for f in ward.check("libraries").findings() if f["subject"] == library}


@pytest.mark.slow
def test_real_libraries_that_no_wheel_cures(tmp_path: Path) -> None:
    """markupsafe 1 has no wheel for a Python of today, and nothing is built."""
    ward = real(tmp_path, "jinja2==2.11.3", "markupsafe==2.1.5")
    ward.write("requirements.txt", "jinja2==2.11.3\n")
    ward.write("app.py", "import jinja2\n")
    before = whole(ward)
    visit = ward.doctor("fix", "--search")
    assert visit.code == 1 and "No cure found" in visit.stdout, visit.stdout + visit.stderr
    assert whole(ward) == before
