"""Repairs of what a project asks for: out of step, brought into step by the printed commands."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from families.libraries.patients_project import uv_project, wheel
from families.libraries.test_repairs import real
from lab.repairing import repair
from lab.ward import Ward

__all__ = ["real"]


@pytest.mark.parametrize("lock", ["uv.lock", "pylock.toml"])
def test_the_lock_is_installed(tmp_path: Path, lock: str) -> None:
    ward = Ward(tmp_path / "with a blank")
    uv_project(ward)
    for other in {"uv.lock", "pylock.toml"} - {lock}:
        (ward.project / other).unlink()
    repair(ward, "lock-out-of-step")
    assert list(ward.site.glob("labtool-1.1.dist-info"))


@pytest.mark.slow
def test_pip_installs_the_lock(real: Ward) -> None:
    for version in ("1.0", "1.1"):
        wheel(real.project / "links", "labtool", version)
    subprocess.run(
        [real.python, "-m", "pip", "install", "--no-index", real.project / "links/labtool-1.0-py3-none-any.whl"], check=True
    )
    archive = 'path = "links/labtool-1.1-py3-none-any.whl"\nhashes = {sha256 = "HASH"}\n'.replace("HASH", _hash(real))
    text = 'lock-version = "1.0"\ncreated-by = "lab"\n[[packages]]\nname = "labtool"\nversion = "1.1"\n[[packages.wheels]]\n'
    real.write("pylock.toml", text + archive)
    real.write("requirements.txt", "labtool\n")
    repair(real, "lock-out-of-step")
    assert list(real.site.glob("labtool-1.1.dist-info"))


def _hash(ward: Ward) -> str:

    return hashlib.sha256((ward.project / "links/labtool-1.1-py3-none-any.whl").read_bytes()).hexdigest()


@pytest.mark.slow
def test_a_constraint_is_kept_after_the_repair(real: Ward) -> None:
    wheel(real.project / "links", "labtool", "1.0")
    wheel(real.project / "links", "labtool", "2.0")
    subprocess.run(
        [real.python, "-m", "pip", "install", "--no-index", real.project / "links/labtool-2.0-py3-none-any.whl"], check=True
    )
    real.environ["PIP_FIND_LINKS"] = str(real.project / "links")
    real.write("requirements.txt", "labtool\n-c limits.txt\n")
    real.write("limits.txt", "labtool<2\n")
    repair(real, "requirement-unmet")
    assert list(real.site.glob("labtool-1.0.dist-info"))
