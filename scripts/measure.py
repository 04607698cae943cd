"""The measurements of bench.py, and what is promised of each."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import crowd
import fleets
from compiled import write
from timing import Row, costs, times
from workshop import CACHE, CHECKOUT, Trouble

PEER = "env-doctor"
QUICK, ONE_FAMILY = 25, 18  # what is kept today; the aim is 12. Importing what the doctor consists of takes 9 of it
OWN_PEAK = """
import os, sys
from mlenv_doctor.cli import program
def leave(code):
    sys.stderr.write(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
    sys.exit(code)
program.leave = leave
program.run()
"""


def main(arguments: list[str]) -> int:
    """Measure, print the table, and say with the exit code whether every promise is kept."""
    parser = argparse.ArgumentParser(prog="bench.py", description="Measure speed and size.")
    parser.add_argument("--heavy", type=Path, metavar="VENV", help="an environment with all libraries of the cheat sheet")
    parser.add_argument("--runs", type=int, default=15, help="runs of each fast command")
    asked = parser.parse_args(arguments)
    if not shutil.which("hyperfine"):
        raise Trouble("this needs hyperfine; get it so: sudo apt install hyperfine")
    write()  # what is measured is what people install
    heavy = (asked.heavy or heavy_of_the_lab()).absolute()
    with tempfile.TemporaryDirectory() as empty:
        rows = [*measure(heavy, Path(empty), asked.runs), *formats(), judging()]
        rows += crowd.measure(heavy, Path(empty), asked.runs)
    with tempfile.TemporaryDirectory() as empty:
        rows += fleets.measure(Path(empty))
    print("\n".join(map(str, rows)))
    return 0 if all(row.kept for row in rows) else 1


def measure(heavy: Path, project: Path, runs: int) -> list[Row]:
    """Everything, from the view of somebody who works in the heavy environment, in an empty project."""
    environ = {**os.environ, "VIRTUAL_ENV": str(heavy), "PATH": f"{heavy}/bin{os.pathsep}{os.environ['PATH']}"}
    doctor = [sys.executable, "-I", "-m", "mlenv_doctor"]
    python = str(heavy / "bin/python")
    fast = costs(
        {
            "nothing": [python, "-c", "pass"],
            "version": [*doctor, "--version"],
            "help": [*doctor, "--help"],
            "quick": [*doctor, "check", "--quick"],
            "one family": [*doctor, "check", "python", "--quick"],
        },
        runs,
        environ,
        project,
    )
    three = {"check": [*doctor, "check"], "check --quick": [*doctor, "check", "--quick"], "peer": [*peer(heavy), "check"]}
    slow = times(three, 3, environ, project)
    imports = times({names: [python, "-c", f"import {names}"] for names in imported()}, 2, environ, project)
    fair = sum(imports.values()) / len(os.sched_getaffinity(0))
    everything = {**fast, **slow, "imports one by one": sum(imports.values())}
    print(", ".join(f"{name} {seconds:.3f} s" for name, seconds in everything.items()))
    return [
        Row("CPU of check --quick, in python -c pass", fast["quick"] / fast["nothing"], QUICK),
        Row("CPU of check python --quick, in python -c pass", fast["one family"] / fast["nothing"], ONE_FAMILY),
        Row("CPU of --help, in python -c pass", fast["help"] / fast["nothing"], 4.5),
        Row("CPU of --version, in python -c pass", fast["version"] / fast["nothing"], 4),
        Row(f"{PEER} check, in check --quick", slow["peer"] / slow["check --quick"], 8, least=True),
        Row("check, in the imports' times / cores", slow["check"] / fair, 1.25),
        Row("own process of check, peak resident", peak([*doctor[:2], "-c", OWN_PEAK, "check"], environ, project), 40, " MB"),
    ]


def judging() -> Row:
    """How long many distributions are judged, in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("judging.py")), "20000"]
    return Row("judging 20,000 distributions", float(subprocess.run(command, capture_output=True, check=True).stdout), 3, " s")


def formats() -> list[Row]:
    """The slowest format, of those that a report can have."""
    from mlenv_doctor.report import FORMATS

    times = {form: rendering(form) for form in FORMATS}
    print(", ".join(f"{form} {time:.1f} ms" for form, time in times.items()))
    return [Row(f"rendering 60 checks as {max(times, key=times.__getitem__)}, the slowest", max(times.values()), 50, " ms")]


def rendering(form: str, runs: int = 5) -> float:
    """Milliseconds that rendering takes in a fresh process, the median."""
    command = [sys.executable, str(Path(__file__).with_name("formats.py")), form]
    return sorted(float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(runs))[runs // 2]


def imported() -> list[str]:
    """What the doctor imports of each library of the cheat sheet, as one import statement's names."""
    from mlenv_doctor.examine.registry import find_plugins

    libraries = [library for plugin in find_plugins() for library in plugin.libraries if library.stage and library.imports]
    return list(dict.fromkeys(", ".join(library.imports) for library in libraries))


def peak(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> float:
    """The most memory in MB that a process itself ever held (not its children, as resource.RUSAGE would have it)."""
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True)
    return int(done.stderr.split()[-1]) / 1024


def peer(heavy: Path) -> list[str]:
    """The other doctor, in an environment beside that sees all that the heavy one holds."""
    folder = CACHE / "peer-venv"
    if not (folder / "bin" / PEER).is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", PEER], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "heavy.pth").write_text(f"{next(heavy.glob('lib/python*/site-packages'))}\n")
    return [str(folder / "bin" / PEER)]


def heavy_of_the_lab() -> Path:
    """The prepared environment of tests/lab."""
    sys.path.append(str(CHECKOUT / "tests"))
    from lab.heavy import heavy_venv  # type: ignore[import-not-found]  # a part of the tests

    return Path(heavy_venv())
