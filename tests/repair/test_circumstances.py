"""The program where a lesser one would trip: terminals, limits, rights, disks and streams that are not as they should be."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lab.patient import require
from lab.visit import Visit
from lab.ward import DOCTOR, Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv(libraries=("numpy",))
    return made


def on_terminal(ward: Ward, *args: str, columns: int = 80) -> str:
    """What a person sees."""
    ours, theirs = pty.openpty()
    environ = {**ward.environ, "TERM": "xterm", "COLUMNS": str(columns)}
    with subprocess.Popen([DOCTOR, *args], cwd=ward.project, env=environ, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        said = b""
        while select.select([ours], [], [], 30)[0]:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece
    os.close(ours)
    return said.decode()


@pytest.mark.parametrize("columns", [1, 30, 80])
def test_a_terminal_gets_colour_progress_and_whole_commands(ward: Ward, columns: int) -> None:
    seen = on_terminal(ward, "check", "libraries", columns=columns)
    assert "\x1b[1;31m" in seen and "\r\x1b[K" in seen and "Traceback" not in seen
    screen = seen.rpartition("\r\x1b[K")[2]
    assert "-m pip install pandas matplotlib seaborn jupyter scikit-learn" in screen


@pytest.mark.parametrize("option", ["--color=never", "--ascii"])
def test_a_terminal_can_be_asked_for_less(ward: Ward, option: str) -> None:
    screen = on_terminal(ward, "check", "python", "--quick", option).rpartition("\r\x1b[K")[2]
    assert ("\x1b" not in screen) is (option == "--color=never") and screen.isascii() is (option == "--ascii")


def under(ward: Ward, *before: str, args: tuple[str, ...] = ("check", "--quick", "python", "venv")) -> Visit:
    visit = ward.run(*before, DOCTOR, *args)
    assert "Traceback" not in visit.stderr and visit.stderr.count("\n") <= 1
    return visit


@pytest.mark.parametrize("limit", ["-n 16", "-v 600000", "-c 0", "-s 1024"])
def test_it_needs_little(ward: Ward, limit: str) -> None:
    assert under(ward, "/bin/sh", "-c", f'ulimit {limit}; exec "$@"', "sh").code == 0


def test_where_no_file_may_grow_it_says_so(ward: Ward) -> None:
    visit = under(ward, "/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    assert visit.code == 3 and "no folder for temporary files can be written" in visit.stderr


def test_another_disk_serves_where_one_is_full(ward: Ward) -> None:
    require("root")
    full = ward.root / "full"
    full.mkdir()
    ward.environ |= {"TMPDIR": str(full), "PATH": f"{ward.environ['PATH']}:/usr/bin:/bin"}
    ward.mounts += [f"mount -t tmpfs -o size=64k none '{full}'", f"head -c 1M /dev/zero > '{full}/fill' 2> /dev/null || true"]
    assert under(ward).code == 0


def test_a_machine_that_may_not_be_written_to_gets_a_sentence(ward: Ward) -> None:
    require("root")
    ward.environ["PATH"] += ":/usr/bin:/bin"
    ward.mounts += [
        f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}" for folder in ("/tmp", "/var/tmp", "/dev/shm")
    ]
    visit = under(ward)
    assert visit.code == 3 and "no folder for temporary files can be written" in visit.stderr


def without_rights(ward: Ward, *args: str) -> Visit:
    """As root whom the rights of files bind, too."""
    require("root")
    require("setpriv")
    caps = "-dac_override,-dac_read_search"
    visit = under(ward, shutil.which("setpriv") or "", f"--bounding-set={caps}", f"--inh-caps={caps}", args=("check", *args))
    if "setpriv:" in visit.stderr:
        pytest.skip("setpriv may not drop rights here")
    return visit


def test_files_that_may_not_be_read_are_findings(ward: Ward) -> None:
    for name in (".env", "pyproject.toml", "requirements.txt"):
        ward.write(name, "A=1").chmod(0)
    visit = without_rights(ward, "--quick", "llm", "libraries.declared")
    assert visit.code in (0, 1) and "Permission denied" in visit.stdout and "cannot be read (permission denied)" in visit.stdout


def test_an_environment_that_may_not_be_entered_is_the_patient(ward: Ward) -> None:
    del ward.environ["VIRTUAL_ENV"]
    ward.environ["PATH"] = str(ward.bin)
    (ward.project / ".venv").chmod(0)
    visit = without_rights(ward, "-v", "--quick", "python", "venv")
    (ward.project / ".venv").chmod(0o755)
    assert "python-does-not-start" in visit.stdout and "Permission denied" in visit.stdout and visit.stdout.count("✗") == 2


def test_an_active_environment_that_may_not_be_entered(ward: Ward) -> None:
    locked = ward.root / "locked"
    (locked / "venv").mkdir(parents=True)
    locked.chmod(0)
    ward.environ["VIRTUAL_ENV"] = str(locked / "venv")
    visit = without_rights(ward, "--quick", "--verbose", "python", "venv")
    locked.chmod(0o755)
    assert "virtual-env-mismatch" in visit.stdout


def children(pid: int) -> list[str]:
    """The processes that one has started."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_nohup_is_respected(ward: Ward) -> None:
    ward.library("numpy", source="import time; time.sleep(1.5)")
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    temporary = ward.root / "tmp"
    temporary.mkdir()
    environ = {**ward.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [DOCTOR, "check", "libraries"], cwd=ward.project, env=environ, stdout=subprocess.PIPE, preexec_fn=ignore, text=True
    ) as process:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not children(process.pid):
            time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 1 and "Not ready" in said


@pytest.mark.parametrize("words", ["list", "explain gpu", "explain driver-too-old", "schema", "--help", "--version"])
@pytest.mark.parametrize("where", ["> /dev/full", ">&-", "| head -n 0"])
def test_what_prints_survives_any_stdout(ward: Ward, words: str, where: str) -> None:
    ward.environ["PATH"] = os.defpath
    visit = ward.run("/bin/sh", "-c", f"'{DOCTOR}' {words} {where}")
    assert "Traceback" not in visit.stderr and "itself failed" not in visit.stderr and visit.code in (0, 1, 3)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
@pytest.mark.parametrize("words", [["list"], ["explain", "llm"], ["fix", "--quick"], ["snapshot", "--quick"]], ids=" ".join)
def test_what_prints_survives_any_encoding(ward: Ward, words: list[str], encoding: str) -> None:
    ward.environ["PYTHONIOENCODING"] = encoding
    visit = ward.doctor(*words)
    assert visit.code in (0, 1) and visit.stderr == "" and visit.stdout


def test_a_folder_that_is_gone_gets_a_sentence(ward: Ward) -> None:
    gone = ward.root / "gone"
    gone.mkdir()
    visit = ward.run("/bin/sh", "-c", f"cd '{gone}' && /bin/rmdir '{gone}' && exec '{DOCTOR}' check --quick python")
    assert (
        visit.code == 2 and visit.stderr == "mlenv-doctor: the folder that this was started in is gone; change to another one\n"
    )


@pytest.mark.parametrize(
    "name", ["zw\u200cnj", "sk-learn-course", "a b'c\"d", "br{ac}e", "per%cent", "$HOME", "[bold]", "-dash", "#hash"]
)
def test_no_name_of_a_folder_trips_it(tmp_path: Path, name: str) -> None:
    ward = Ward(tmp_path / name)
    ward.venv()
    visit = ward.check()
    assert visit.causes("fail") == set() and not visit.broken()
    shown = str(ward.python).replace("\u200c", "")  # what nobody sees is not shown
    assert visit.report["target"]["python"] == shown


def test_libraries_whose_names_look_like_keys_keep_them(ward: Ward) -> None:
    names = ("hf-transfer", "sk-video", "wandb-workspaces")
    for name in names[:2]:
        ward.library(name)
    ward.write("requirements.txt", "\n".join(names))
    visit = ward.check("libraries")
    assert {f["subject"] for f in visit.findings("fail")} == {"wandb-workspaces"}
    assert {"hf-transfer", "sk-video"} <= {f["subject"] for f in visit.findings("pass")}


def test_who_talks_without_end_is_ended(ward: Ward) -> None:
    ward.library("numpy", source="import sys\nwhile True: sys.stdout.write('x' * 10000)")
    visit = ward.check("libraries", "--timeout", "2")
    assert "numpy-broken" in visit.causes("fail") and visit.seconds < 8


def test_a_file_of_output_is_any_file(ward: Ward) -> None:
    """Such as /dev/stdout, which is a link to where the output goes."""
    done = subprocess.run(
        [DOCTOR, "check", "--quick", "python", "--output", "text:/dev/stderr"],
        cwd=ward.project,
        env=ward.environ,
        capture_output=True,
    )
    assert done.stderr.decode() == done.stdout.decode() and Path("/dev/stderr").is_symlink()
    assert re.search(r"Ready", done.stdout.decode())
