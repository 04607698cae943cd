"""The probe of Python, run for real in the Pythons that there are, and in some that do not let it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.patient import other_python
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Python
from support.probing import probe


def read(python: Path | str, **more: str) -> Python:
    found = probe(Python, python=python, env=more)
    assert isinstance(found, Python), found
    return found


def venv(folder: Path, python: Path | str = sys.executable) -> Path:
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin/python"


def start_file(python: Path, name: str, text: str | bytes) -> None:
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    (site / name).write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize("minor", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_python_describes_itself(minor: str, tmp_path: Path) -> None:
    base = other_python(minor)
    python = read(venv(tmp_path / "env", base))
    assert ".".join(map(str, python.minor)) == minor
    assert (python.prefix, python.executable) == (str(tmp_path / "env"), str(tmp_path / "env/bin/python"))
    assert python.in_venv
    assert (python.bits, python.implementation, python.release_level, python.conda) == (64, "CPython", "final", False)
    assert (python.purelib_writable, python.purelib_obstacle, python.externally_managed, python.pip) == (True, "", False, False)
    assert python.purelib == str(tmp_path / f"env/lib/python{minor}/site-packages")
    assert not read(base).in_venv


STRICT = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}


@pytest.mark.parametrize("minor", ["3.6", "3.7", "3.9", "3.11", "3.13"])
def test_every_python_tells_how_it_writes(minor: str) -> None:
    python = other_python(minor)
    encodings = lambda found: (found.stdout_encoding.lower(), found.open_encoding.lower())  # noqa: E731
    assert encodings(read(python, **STRICT)) in [
        ("ansi_x3.4-1968", "ansi_x3.4-1968"),
        ("ascii", "ansi_x3.4-1968"),
        ("ascii", "ascii"),
    ]
    assert encodings(read(python, **{**STRICT, "LC_ALL": "C.UTF-8"})) == ("utf-8", "utf-8")
    named = read(python, **{**STRICT, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1:replace"})
    assert (named.io_encoding, named.stdout_errors, named.open_encoding.lower()) == ("latin-1:replace", "replace", "utf-8")
    assert named.stdout_encoding in ("latin-1", "iso8859-1")


def test_to_ask_for_the_encoding_makes_no_noise() -> None:
    source = "from mlenv_doctor.patient.probes.python import open_encoding; print(open_encoding())"
    environ = {**os.environ, "PYTHONWARNDEFAULTENCODING": "1", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", source], env=environ, capture_output=True, text=True)
    assert (done.stdout.strip().lower(), done.stderr) == ("utf-8", "")


def test_a_stdout_that_is_none(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, "quiet.pth", "import sys; sys.stdout = None\n")
    assert read(python).stdout_encoding == "utf-8"


@pytest.mark.parametrize("minor", ["2.7", "3.4", "3.5"])
def test_an_ancient_python_says_that_it_is_old(minor: str) -> None:
    found = probe(Python, python=other_python(minor))
    assert isinstance(found, Missing)
    assert (found.kind, found.reason) == (Why.TOO_OLD, f"is Python {minor}, too old to be examined")


def test_a_path_with_spaces_and_letters_of_the_world(tmp_path: Path) -> None:
    python = venv(tmp_path / "mein Projekt é 項目" / ".venv")
    assert read(python).executable == str(python)


def test_conda_is_known_by_its_folder(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    (tmp_path / "env/conda-meta").mkdir()
    assert read(python).conda


def test_noise_at_the_start_spoils_nothing(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, "sitecustomize.py", "import sys; print('x' * 300_000); sys.stderr.write('y' * 300_000)")
    assert read(python).prefix == str(tmp_path / "env")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("sitecustomize.py", "import sys; sys.exit(3)", "sitecustomize.py"),
        ("broken.pth", b"\xff\xfe\x00bad", "site module"),
        ("sitecustomize.py", "import os; os._exit(7)", "exit code 7"),
    ],
    ids=["exit", "pth", "hard exit"],
)
def test_a_start_file_that_ends_python(name: str, text: str | bytes, says: str, tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, name, text)
    found = probe(Python, python=python)
    if name == "broken.pth" and isinstance(found, Python):
        pytest.skip("this Python forgives such a file")
    assert isinstance(found, Missing)
    assert found.kind == Why.NO_ANSWER
    assert says in found.reason + found.detail


def test_a_start_file_that_hangs(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, "sitecustomize.py", "import time; time.sleep(600)")
    found = probe(Python, python=python, timeout=1)
    assert isinstance(found, Missing)
    assert found.kind == Why.TIMEOUT


def test_a_start_file_that_crashes(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, "sitecustomize.py", "import os; os.kill(os.getpid(), 11)")
    found = probe(Python, python=python)
    assert isinstance(found, Missing)
    assert (found.kind, "SIGSEGV" in found.reason) == (Why.KILLED, True)


def test_pythonhome_is_named() -> None:
    found = probe(Python, python=Path(sys.executable), env={"PYTHONHOME": "/nope"})
    assert isinstance(found, Missing)
    assert "PYTHONHOME = '/nope'" in found.detail


@pytest.mark.parametrize("link", ["/nowhere/python3.12", "/etc/hostname"], ids=["dangling", "no program"])
def test_what_is_no_python_is_not_started(link: str, tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(link)
    found = probe(Python, python=tmp_path / "python")
    assert isinstance(found, Missing)
    assert found.kind == Why.NOT_STARTED
    assert found.detail


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, for a read-only mount")
def test_a_read_only_environment(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    inside = f"mount --bind -o ro {tmp_path}/env {tmp_path}/env && exec {python} "
    found = read(wrapped(tmp_path, f'exec unshare --mount --propagation private sh -c \'{inside} "$@"\' sh "$@"'))
    assert (found.purelib_writable, found.purelib_obstacle) == (False, "read-only")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root, to give up its power over files")
@pytest.mark.parametrize(("owner", "name", "obstacle"), [(65534, "nobody", "owner"), (0, "root", "mode")], ids=["owner", "mode"])
def test_an_environment_that_its_user_cannot_write(owner: int, name: str, obstacle: str, tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    os.chown(site, owner, owner)
    site.chmod(0o555)
    found = read(wrapped(tmp_path, f'exec setpriv --bounding-set=-dac_override,-dac_read_search "{python}" "$@"'))
    assert (found.purelib_writable, found.purelib_obstacle, found.purelib_owner) == (False, obstacle, name)


def wrapped(folder: Path, line: str) -> Path:
    """A `python` that is a shell script."""
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{line}\n")
    script.chmod(0o755)
    return script


def test_start_files_are_found_and_heard(tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, "sitecustomize.py", "raise RuntimeError('boom')")
    start_file(python, "bad.pth", "import nosuchmod_abc\n")
    found = read(python)
    assert Path(found.start_files["sitecustomize"]).parent == Path(found.purelib)
    assert "Error in sitecustomize" in found.startup_noise and "RuntimeError: boom" in found.startup_noise
    assert f"Error processing line 1 of {found.purelib}/bad.pth" in found.startup_noise
    assert read(venv(tmp_path / "quiet")).startup_noise == ""


def test_the_installation_beside_the_program(tmp_path: Path) -> None:
    base = str(Path(sys.executable).resolve().parent.parent)
    assert read(venv(tmp_path / "env")).own_prefix == base == sys.base_prefix
    found = read(venv(tmp_path / "other"), PYTHONHOME=sys.base_prefix)
    assert (found.python_home, found.own_prefix, found.base_prefix) == (base, base, base)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, for a command of macOS")
@pytest.mark.parametrize(("answer", "arm"), [("echo 1", True), ("echo 0", False), ("exit 1", False)])
def test_the_processor_of_a_mac(answer: str, arm: bool, tmp_path: Path) -> None:
    python = venv(tmp_path / "env")
    start_file(python, "sitecustomize.py", "import sys, sysconfig; sysconfig.get_config_vars(); sys.platform = 'darwin'")
    sysctl = tmp_path / "sysctl"
    sysctl.write_text(f"#!/bin/sh\n{answer}\n")
    sysctl.chmod(0o755)
    inside = f'mount --bind {sysctl} /usr/sbin/sysctl && exec {python} "$@"'
    found = read(wrapped(tmp_path, f"exec unshare --mount --propagation private sh -c '{inside}' sh \"$@\""))
    assert (found.platform, found.apple_silicon) == ("darwin", arm)


def test_a_session_that_asks_lends_its_path(tmp_path: Path) -> None:
    """What it added counts where libraries were installed into it; the project's own code does not, nor what is known already."""
    (tmp_path / "drive/thing-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "source").mkdir()
    plain = probe(Python)
    assert isinstance(plain, Python)
    first, last = plain.path[0], plain.path[-1]
    added = [str(tmp_path / "drive"), first, str(tmp_path / "source"), str(tmp_path / "gone"), "", "relative", last]
    lent = probe(Python, added=added)
    assert isinstance(lent, Python)
    assert lent.path == (str(tmp_path / "drive"), first, last, *plain.path[1:-1])
    assert probe(Python, added=list(plain.path[::-1])) == plain
