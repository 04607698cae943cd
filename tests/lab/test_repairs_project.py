"""Repairs of what a project asks for: out of step, brought into step by the printed commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from .project_patients import uv_project
from .repairing import repair
from .ward import Ward


@pytest.mark.parametrize("lock", ["uv.lock", "pylock.toml"])
def test_the_lock_is_installed(tmp_path: Path, lock: str) -> None:
    ward = Ward(tmp_path / "with a blank")
    uv_project(ward)
    for other in {"uv.lock", "pylock.toml"} - {lock}:
        (ward.project / other).unlink()
    repair(ward, "lock-out-of-step")
    assert list(ward.site.glob("labtool-1.1.dist-info"))
