"""The private environment of the scripts: made once, made anew when it no longer fits, and one sentence where it cannot be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from lab.patient import require
from support.debian import bare_debian, inside
from support.scripts import SCRIPTS, load, run

workshop = load("workshop")
CHECKOUT = SCRIPTS.parent


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh checkout, in a folder that is not easy on shells."""
    place = tmp_path_factory.mktemp("a fresh chéckout") / "mlenv-doctor"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=CHECKOUT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().rstrip("\0").split("\0"):
        if (CHECKOUT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, place / name)
    return place


@pytest.mark.slow
def test_is_made_once_and_made_anew_when_it_no_longer_fits(clone: Path, tmp_path: Path) -> None:
    def made(says: str = "--version") -> bool:
        done = run(sys.executable, clone / "scripts/check.py", says, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "mlenv-doctor, version 0.1.0\n"), done.stderr
        return "making an environment" in done.stderr

    venv = clone / ".cache/doctor-venv"
    assert made()
    assert not made()
    assert (venv / "mlenv-doctor-own").is_file()
    with (clone / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert made()
    for link in (venv / "bin").glob("python*"):
        link.unlink()
    assert made()
    (venv / "mlenv-doctor-own").unlink()  # as when it was interrupted
    assert made()
    assert not made()


@pytest.mark.slow
def test_passes_arguments_and_exit_codes_on(clone: Path, tmp_path: Path) -> None:
    done = run(sys.executable, clone / "scripts/check.py", "check", "--no-such-option", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    done = run(sys.executable, clone / "scripts/check.py", "--quick", "--format", "json", cwd=tmp_path)
    assert done.returncode in (0, 1)
    assert done.stdout.startswith("{")


@pytest.mark.slow
def test_no_python_path_of_the_user_gets_into_the_doctor(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('the wrong click')")
    done = run(
        sys.executable,
        clone / "scripts/check.py",
        "list",
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_without_network_it_says_so(clone: Path, tmp_path: Path) -> None:
    require("root")
    fresh = tmp_path / "mlenv-doctor"
    shutil.copytree(clone, fresh, ignore=shutil.ignore_patterns(".cache"), symlinks=True)
    empty = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    empty |= {"PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}
    done = run("unshare", "--net", sys.executable, fresh / "scripts/check.py", env=empty)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("mlenv-doctor: no package index that has what it needs can be reached")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("script", ["check", "test"])
def test_on_a_debian_without_venv_and_pip_it_names_the_command(clone: Path, tmp_path: Path, script: str) -> None:
    root = bare_debian(tmp_path / "debian")
    shutil.copytree(clone, root / "mlenv-doctor", ignore=shutil.ignore_patterns(".cache"), symlinks=True)
    done = run(*inside(root, "python3", f"/mlenv-doctor/scripts/{script}.py"))
    assert (done.returncode, done.stdout) == (3, "")
    assert (
        "this Python (/usr/bin/python3) comes without venv and pip; get them so: apt update && apt install python3-venv"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "Retrying after NewConnectionError('… Temporary failure in name resolution')",
            "no package index that has what it needs",
        ),
        ("ProxyError('Cannot connect to proxy.')", "no package index that has what it needs"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "set PIP_CERT"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("Error: Command '[… '-m', 'ensurepip']' returned non-zero exit status 1.", "cannot make environments"),
        (
            "Collecting x\nERROR: No matching distribution found for x",
            "were: ERROR: No matching distribution found for x (all of",
        ),
        ("died", "the last words were: died"),
        ("", "the last words were: nothing"),
    ],
)
def test_the_reason_is_one_sentence(words: str, sentence: str) -> None:
    reason = workshop.reason(words, Path("log"))
    assert sentence in reason
    assert "\n" not in reason


def without(*names: str) -> Callable[[str], object]:
    """find_spec, in a Python that lacks these modules."""
    return lambda name: None if name in names else find_spec(name)


def test_pip_works_from_outside_where_ensurepip_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workshop, "find_spec", without("ensurepip"))
    pip = workshop.venv(tmp_path / "venv")
    assert pip[0] == sys.executable
    done = run(*pip, "--version")
    assert str(tmp_path / "venv") in done.stdout + run(*pip, "list", "-v").stdout or done.returncode == 0


@pytest.mark.parametrize("lacking", [("ensurepip", "pip"), ("venv",)], ids=" and ".join)
def test_neither_venv_nor_pip(lacking: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workshop, "find_spec", without(*lacking))
    with pytest.raises(workshop.Trouble, match="comes without venv and pip; get them so: "):
        workshop.venv(tmp_path / "venv")


@pytest.mark.parametrize(
    ("base", "root", "apt", "command"),
    [
        ("/usr/bin/python3", False, True, "sudo apt install python3-venv"),
        ("/usr/bin/python3", True, True, "apt update && apt install python3-venv"),
        ("/opt/python/bin/python3", False, True, "sudo apt install python{}.{}-venv".format(*sys.version_info)),
        ("/opt/python/bin/python3", False, False, "install your system's packages with venv and pip"),
    ],
    ids=["debian", "as root", "another Python", "another system"],
)
def test_the_remedy_fits(base: str, root: bool, apt: bool, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop.sys, "_base_executable", base)
    monkeypatch.setattr(workshop.os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(workshop.shutil, "which", lambda name: "/usr/bin/apt-get" if apt else None)
    assert workshop.remedy().startswith(command)


def test_a_checkout_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(workshop, "CACHE", tmp_path / "file")
    with pytest.raises(workshop.Trouble, match=r"cannot be made in .*file/venv: "):
        workshop.environment("venv")


def test_a_script_says_trouble_and_ends_without_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    def work(arguments: list[str]) -> int:
        raise workshop.Trouble("it is so")

    with pytest.raises(SystemExit) as end:
        workshop.main(work)
    assert end.value.code == 3
    assert capsys.readouterr().err == "mlenv-doctor: it is so\n"
