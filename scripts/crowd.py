"""The measurements in an environment with 330 distributions: the quick look, and the comparison of files with their lists."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from timing import Row, times

MANY = 330
FILES = 60  # of code in each small distribution that fills the environment up


def measure(heavy: Path, folder: Path, runs: int) -> list[Row]:
    """Against the two that look at the same metadata: `pip check` and `uv pip check`."""
    from mlenv_checks.libraries.facts import Integrity
    from mlenv_doctor.examine import shipping

    python = crowded(heavy, folder / "crowd")
    scan, modules = folder / "scan.py", folder / "modules"
    scan.write_bytes(shipping.program({"project": str(folder), "sections": [(Integrity.section, Integrity.probe, "")]}))
    modules.write_bytes(shipping.packed([Integrity.probe]))
    environ = {**os.environ, "VIRTUAL_ENV": str(python.parent.parent), "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    found = times(
        {
            "quick": [sys.executable, "-I", "-m", "mlenv_doctor", "check", "--quick"],
            "scan": [str(python), str(scan), str(folder / "answer"), str(modules)],
            "pip check": [str(python), "-m", "pip", "check"],
            "uv pip check": [*uv(), "pip", "check", "--python", str(python)],
        },
        runs,
        environ,
        folder,
    )
    print(f"{MANY} distributions: " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in found.items()))
    return [
        Row(f"check --quick of {MANY}, in pip check", found["quick"] / found["pip check"], 1),
        Row(f"check --quick of {MANY}, in uv pip check", found["quick"] / found["uv pip check"], 20),
        Row(f"integrity of {MANY}, in pip check", found["scan"] / found["pip check"], 0.5),
        Row(f"integrity of {MANY}, in uv pip check", found["scan"] / found["uv pip check"], 10),
    ]


def crowded(heavy: Path, folder: Path) -> Path:
    """An environment of MANY distributions: all that the heavy one holds, and small ones besides. Returns its interpreter."""
    subprocess.run([heavy / "bin/python", "-m", "venv", "--without-pip", folder], check=True)
    site, real = next(folder.glob("lib/python*/site-packages")), next(heavy.glob("lib/python*/site-packages"))
    subprocess.run(["cp", "-al", f"{real}/.", site], check=True)
    for number in range(MANY - len(list(real.glob("*.dist-info")))):
        small(site, f"crowd_{number}")
    return folder / "bin/python"


def small(site: Path, name: str) -> None:
    """A distribution of a few files, with a true list of them."""
    info = site / f"{name}-1.0.dist-info"
    (site / name).mkdir()
    info.mkdir()
    files = [f"{name}/{part}.py" for part in ["__init__", *(f"part_{number}" for number in range(FILES - 1))]]
    for file in files:
        (site / file).write_text("x = 1\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: numpy\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text("".join(f"{file},sha256=0,6\n" for file in files) + f"{info.name}/RECORD,,\n")


def uv() -> Sequence[str]:
    """uv, as it is installed beside the tests."""
    from workshop import environment

    return [str(environment("test-venv", groups=("test",)).with_name("uv"))]
