"""Repair a patient with nothing but what the doctor printed, and look again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import mlenv_checks
from lab.visit import Visit
from lab.ward import Ward

BASH = shutil.which("bash") or "/bin/sh"


def repair(ward: Ward, cause: str, *check: str) -> Visit:
    """Find the cause, run the commands of its fix as printed, and look again: the cause is gone, and nothing is red."""
    return cured(ward, ward.check(*check), cause, *check)


def printed_fix(ward: Ward, cause: str, *check: str) -> list[str]:
    """The commands of the fix of this cause, as the doctor prints them."""
    return printed(ward.check(*check), cause)


def printed(visit: Visit, cause: str) -> list[str]:
    """The commands of the fix of this cause, as they were printed."""
    fixes = [finding["fix"] for finding in visit.findings("fail", "warn") if finding["cause"] == cause]
    assert fixes, f"\n{visit}"
    commands = [command["text"] for command in fixes[0]["commands"]]
    assert commands, fixes[0]
    return commands


def cured(ward: Ward, before: Visit, cause: str, *check: str) -> Visit:
    """Run the commands of a fix as printed, in one shell, and look again: the cause is gone, and nothing is red."""
    script = "\n".join(
        ["set -e", *printed(before, cause), "exec env -0"]
    )  # the environment of the shell afterwards is the user's
    done = subprocess.run([BASH, "-c", script], cwd=ward.project, env=ward.environ, capture_output=True, text=True)
    assert done.returncode == 0, script + done.stdout + done.stderr
    ward.environ = dict(pair.split("=", 1) for pair in done.stdout.rpartition("\n")[2].split("\0") if "=" in pair)
    after = ward.check(*check)
    assert cause not in after.causes(), f"\n{after}"
    assert after.code == 0, f"\n{after}"
    note(next(finding["fix"]["id"] for finding in before.findings("fail", "warn") if finding["cause"] == cause), cause)
    return after


PROVEN = Path(mlenv_checks.__file__).parent / "data/proven.tsv"


def proofs() -> set[tuple[str, str, str]]:
    """The rows of the table of proven fixes: the fix, the cause, and the test that proves it."""
    lines = [line.split("\t") for line in PROVEN.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {(fix, cause, test) for fix, cause, test in lines}


def note(fix: str, cause: str) -> None:
    """This fix cured this cause, as the table says; with MLENV_DOCTOR_WRITE_PROVEN=1 it is written there."""
    test = os.environ["PYTEST_CURRENT_TEST"].partition("[")[0].partition(" ")[0]
    known = proofs()
    if os.environ.get("MLENV_DOCTOR_WRITE_PROVEN") and not {(f, c) for f, c, _ in known} & {(fix, cause)}:
        with PROVEN.open("a", encoding="utf-8") as file:
            file.write(f"{fix}\t{cause}\t{test}\n")
    told = {f for f, c, t in known if (c, t) == (cause, test)}
    assert not told or fix in told, f"proven.tsv says that {test} proves {told} for {cause}, and it was {fix}"
