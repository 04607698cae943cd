"""Real work leaves nothing behind: no file, no process."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from lab.real import real
from lab.ward import Ward


def files(ward: Ward) -> set[Path]:
    """What lies in the home, the project and the folder for temporary files; an environment is no place for work."""
    places = (ward.home, ward.project, ward.root / "tmp", Path("/dev/shm"))
    return {path for place in places for path in place.rglob("*") if ".venv" not in path.parts}


@pytest.mark.slow
def test_nothing_is_left_of_a_kernel_and_of_workers(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    real("ipykernel", "scikit-learn")(ward)
    (ward.root / "tmp").mkdir()
    ward.environ["TMPDIR"] = str(ward.root / "tmp")
    before = files(ward)
    visit = ward.check("libraries.work")
    assert {finding["status"] for finding in visit.findings() if finding["id"] == "libraries.work"} <= {"pass", "unknown"}, visit
    assert {path for path in files(ward) - before if path.is_relative_to(tmp_path)} == set()
    mine = [
        process for process in psutil.process_iter(["cmdline"]) if str(ward.prefix) in " ".join(process.info["cmdline"] or ())
    ]
    assert [process for process in mine if process.pid != os.getpid()] == []
