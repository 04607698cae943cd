"""`init` writes ready files and loses nothing that was there."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lab.ward import DOCTOR, Ward
from mlenv_doctor import __version__
from mlenv_doctor.cli.init import PLACES, ask, init, put
from mlenv_doctor.cli.ready_files import TEMPLATES, ready, replace, there, write
from mlenv_doctor.errors import BadInput
from support.scripts import SCRIPTS, run


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def test_every_place_has_its_file() -> None:
    assert tuple(TEMPLATES) == PLACES
    folder = Path(sys.modules[ready.__module__].__file__ or "").parent / "templates"
    assert {file.name for file in folder.iterdir()} == {template.file for template in TEMPLATES.values()}


@pytest.mark.parametrize("place", PLACES)
def test_it_is_written_where_it_belongs(ward: Ward, place: str) -> None:
    visit = ward.doctor("init", place)
    written = ward.project / TEMPLATES[place].path
    assert visit.code == 0 and visit.stderr == ""
    assert visit.stdout == f"wrote {TEMPLATES[place].path}; next: {TEMPLATES[place].then}\n"
    assert written.read_text("utf-8") == ready(place)
    assert f"mlenv-doctor=={__version__}" in ready(place) or place.startswith("slurm")
    assert "@" not in ready(place).replace("actions/checkout@", "").replace("actions/setup-python@", "").replace(
        "upload-artifact@", ""
    )
    assert f"mlenv-doctor init {place}`" in ready(place)  # whoever finds it knows where it came from
    assert written.stat().st_mode & 0o777 == 0o666 & ~umask()
    assert [p for p in written.parent.iterdir() if p.is_file()] == [written]


def umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now


@pytest.mark.parametrize("printing", [["-"], ["--stdout"], ["ignored.yml", "--stdout"]], ids=" ".join)
def test_it_can_be_printed(ward: Ward, printing: list[str]) -> None:
    ward.write(".gitlab-ci.yml", "mine")
    visit = ward.doctor("init", "gitlab", *printing)
    assert (visit.code, visit.stdout, visit.stderr) == (0, ready("gitlab"), "")
    assert [path.name for path in ward.project.iterdir()] == [".gitlab-ci.yml"]


def test_what_is_there_is_not_written_over_where_nobody_can_be_asked(ward: Ward) -> None:
    ward.write(".gitlab-ci.yml", "mine")
    visit = ward.doctor("init", "gitlab")
    assert visit.code == 2 and visit.stdout == "" and visit.stderr.count("\n") == 1
    assert (
        ".gitlab-ci.yml exists; write over it with --force, name another path, or print with `mlenv-doctor init gitlab -`"
        in visit.stderr
    )
    assert (ward.project / ".gitlab-ci.yml").read_text() == "mine"


def test_forced_it_keeps_what_was_there_every_time(ward: Ward) -> None:
    file = ward.write("ci/doctor.yml", "first")
    file.chmod(0o640)
    for text in ("first", "second"):
        file.write_text(text)
        visit = ward.doctor("init", "github", "ci/doctor.yml", "--force")
        assert visit.code == 0 and file.read_text("utf-8") == ready("github")
    assert "what was there is now ci/doctor.yml.old2;" in visit.stdout
    assert (ward.project / "ci/doctor.yml.old").read_text() == "first" and (
        ward.project / "ci/doctor.yml.old2"
    ).read_text() == "second"
    assert (ward.project / "ci/doctor.yml.old").stat().st_mode & 0o777 == 0o640
    assert len(list(file.parent.iterdir())) == 3


def test_what_is_already_so_is_left_alone(ward: Ward) -> None:
    ward.doctor("init", "slurm")
    visit = ward.doctor("init", "slurm")
    assert (visit.code, visit.stdout) == (0, "mlenv-doctor.sbatch is already so\n")
    assert [path.name for path in ward.project.iterdir()] == ["mlenv-doctor.sbatch"]


def test_a_link_stays_one(ward: Ward) -> None:
    real = ward.write("shared/ci.yml", "mine")
    (ward.project / ".gitlab-ci.yml").symlink_to(real)
    assert ward.doctor("init", "gitlab", "--force").code == 0
    assert (ward.project / ".gitlab-ci.yml").is_symlink() and real.read_text("utf-8") == ready("gitlab")
    assert (ward.project / "shared/ci.yml.old").read_text() == "mine"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (".", "not a regular file"),
        ("/dev/null", "not a regular file"),
        ("dangling", "not a regular file"),
        ("file/below", "cannot be"),
        ("x" * 300, "cannot be"),
        ("/proc/doctor.yml", "cannot be written"),
    ],
)
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["asking", "forced"])
def test_what_cannot_be_written_is_said(ward: Ward, path: str, says: str, force: list[str]) -> None:
    ward.write("file", "")
    (ward.project / "dangling").symlink_to("nowhere")
    visit = ward.doctor("init", "github", path, *force)
    assert visit.code == 2 and says in visit.stderr and visit.stderr.count("\n") == 1, visit.stderr
    assert sorted(p.name for p in ward.project.iterdir()) == ["dangling", "file"]


def test_an_unknown_place_is_said(ward: Ward) -> None:
    visit = ward.doctor("init", "jenkins")
    assert visit.code == 2 and "'github', 'gitlab', 'pre-commit', 'slurm', 'slurm-health', 'kubernetes', 'docker'" in visit.stderr


def answered(ward: Ward, answer: bytes) -> tuple[int, str]:
    """Run it at a terminal and type an answer."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [DOCTOR, "init", "gitlab"], cwd=ward.project, env=ward.environ, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, answer)
        said = b""
        while chunk := _read(ours):
            said += chunk
        code = process.wait(timeout=20)
    os.close(ours)
    return code, said.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1000)
    except OSError:  # the other end was closed
        return b""


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [(b"y\n", 0, "wrote .gitlab-ci.yml"), (b"n\n", 1, "nothing was written"), (b"\n", 1, "nothing was written")],
)
def test_at_a_terminal_it_asks(ward: Ward, answer: bytes, code: int, said: str) -> None:
    ward.write(".gitlab-ci.yml", "mine")
    found = answered(ward, answer)
    assert found[0] == code and said in found[1] and ".gitlab-ci.yml exists. Overwrite it" in found[1]
    assert (ward.project / ".gitlab-ci.yml").read_text("utf-8") == (ready("gitlab") if code == 0 else "mine")
    assert (ward.project / ".gitlab-ci.yml.old").exists() == (code == 0)


@pytest.mark.slow
def test_the_zipapp_has_the_files_too(tmp_path: Path) -> None:
    built = run(sys.executable, SCRIPTS / "zipapp.py", "--output", tmp_path / "doctor.pyz")
    assert built.returncode == 0, built.stderr
    for place in PLACES:
        assert run(sys.executable, "-I", tmp_path / "doctor.pyz", "init", place, "-").stdout == ready(place)


def test_nothing_is_left_where_the_disk_refuses(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    file = tmp_path / "here/ci.yml"
    file.write_text("mine")
    with pytest.raises(BadInput, match="cannot be written: "):
        write(file / "below", "text")
    with pytest.raises(OSError):
        replace(file.parent, "text")  # a folder is in the way
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["here", "here/ci.yml"]
    with pytest.raises(BadInput, match="cannot be read"):
        there(Path("/proc/self/mem"))  # a file that opens, and cannot be read
    assert there(file) == b"mine" and there(tmp_path / "no") is None


def test_what_was_there_is_kept_beside(tmp_path: Path) -> None:
    file = tmp_path / "new/ci.yml"
    assert write(file, "one\n") is None
    assert write(file, "two\n") == tmp_path / "new/ci.yml.old" and write(file, "three\n") == tmp_path / "new/ci.yml.old2"
    assert [(tmp_path / "new" / name).read_text() for name in ("ci.yml", "ci.yml.old", "ci.yml.old2")] == [
        "three\n",
        "one\n",
        "two\n",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_who_can_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
    with pytest.raises(SystemExit if terminal else BadInput):
        ask(tmp_path, "slurm")


def test_the_command_in_one_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "job.sh"
    for words in ([str(file)], [str(file)], ["-"]):
        init.main(["slurm", *words], standalone_mode=False)
    file.write_text("mine")
    put(file, "slurm", TEMPLATES["slurm"], force=True)
    said = capsys.readouterr().out
    assert said.startswith(f"wrote {file}; next: sbatch") and f"{file} is already so\n" in said and ready("slurm") in said
    assert said.endswith(f"wrote {file}; what was there is now {file}.old; next: {TEMPLATES['slurm'].then}\n")
