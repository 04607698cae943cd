"""A bare Debian, as small images are: what real libraries miss there is named, and the printed commands bring it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.real import UV
from lab.visit import Visit
from support.debian import bare_debian, connected, inside
from support.scripts import SCRIPTS, run

pytestmark = pytest.mark.slow
PIP = ("PIP_CERT=/etc/ssl/certs/ca-certificates.crt", "PIP_ROOT_USER_ACTION=ignore")


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It, with the doctor in one file."""
    root = connected(bare_debian(tmp_path_factory.mktemp("bare") / "root"))
    built = run(sys.executable, SCRIPTS / "zipapp.py", "--output", root / "mlenv-doctor.pyz")
    assert built.returncode == 0, built.stderr
    return root


def check(root: Path, project: str) -> Visit:
    """What the doctor says there."""
    script = f"cd {project} && exec python3 /mlenv-doctor.pyz check --format json --python .venv/bin/python libraries"
    done = run(*inside(root, "sh", "-c", script))
    return Visit(done.returncode, done.stdout, done.stderr, 0.0)


def project(root: Path, name: str, *packages: str) -> None:
    """A project with a virtual environment and these packages, installed from outside for the Python in there."""
    (root / name).mkdir()
    (root / name / "requirements.txt").write_text(packages[0] + "\n")
    run(*inside(root, "python3", "-m", "venv", "--without-pip", f"/{name}/.venv"))
    site = root / name / ".venv/lib/python3.11/site-packages"
    command = [UV, "pip", "install", "--quiet", "--python", sys.executable, "--python-version", "3.11", "--target", site]
    subprocess.run([*command, "pip", *packages], check=True)


@pytest.mark.parametrize(
    "packages, cause, words",
    [
        (("lightgbm==4.6.0", "numpy<2.4", "scipy<1.17"), "libgomp-missing", "lightgbm needs libgomp.so.1"),
        (("opencv-python==4.10.0.84", "numpy<2.4"), "libgl-missing", "opencv-python needs libGL.so.1"),
    ],
    ids=["libgomp", "libGL"],
)
def test_a_library_of_the_system_is_missing(debian: Path, packages: tuple[str, ...], cause: str, words: str) -> None:
    project(debian, cause, *packages)
    before = check(debian, cause)
    assert before.causes("fail") == {cause}, f"\n{before}"
    [finding] = before.findings("fail")
    assert words in finding["message"]
    for command in finding["fix"]["commands"]:
        done = run(*inside(debian, "env", *PIP, "sh", "-ec", command["text"]))
        assert done.returncode == 0, command["text"] + done.stdout + done.stderr
    packed = check(debian, cause)
    if cause == "libgl-missing":  # the project asks for the one with windows; what was installed stands in for it
        assert json.loads(packed.stdout)["summary"]["fail"] == 0, f"\n{packed}"
    assert packed.code == 0, f"\n{packed}"


def test_setup_makes_it_ready_as_a_plain_user(debian: Path) -> None:
    """Neither pip nor ensurepip nor root: an environment without pip, pip from its wheel, the libraries, and ready."""
    (debian / "mine").mkdir()
    (debian / "mine").chmod(0o777)
    script = "cd /mine && HOME=/mine/home exec setpriv --reuid=54321 --regid=54321 --clear-groups env PIP_CERT=/etc/ssl/certs/ca-certificates.crt {} python3 /mlenv-doctor.pyz setup p --profile foundations --yes"
    settings = " ".join(
        f"{name}='{value}'" for name, value in os.environ.items() if name.startswith("PIP_") and name != "PIP_CERT"
    )
    for times in range(2):
        done = run(*inside(debian, "sh", "-c", script.format(settings)), timeout=900)
        assert done.returncode == 0 and "Ready for      foundations" in done.stdout, done.stdout + done.stderr
        assert ("already done" in done.stdout) is bool(times)
    assert "Install pip from its wheel" not in done.stdout
