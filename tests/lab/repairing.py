"""Repair a patient with nothing but what the doctor printed, and look again."""

from __future__ import annotations

import shutil
import subprocess

from .visit import Visit
from .ward import Ward

BASH = shutil.which("bash") or "/bin/sh"


def repair(ward: Ward, cause: str, *check: str) -> Visit:
    """Find the cause, run the commands of its fix as printed, and look again: the cause is gone, and nothing is red."""
    return cured(ward, ward.check(*check), cause, *check)


def cured(ward: Ward, before: Visit, cause: str, *check: str) -> Visit:
    """Run the commands of a fix as printed, in one shell, and look again: the cause is gone, and nothing is red."""
    fixes = [finding["fix"] for finding in before.findings("fail", "warn") if finding["cause"] == cause]
    assert fixes, f"\n{before}"
    printed = [command["text"] for command in fixes[0]["commands"]]
    assert printed, fixes[0]
    script = "\n".join(["set -e", *printed, "exec env -0"])  # the environment that the shell has afterwards is the user's
    done = subprocess.run([BASH, "-c", script], cwd=ward.project, env=ward.environ, capture_output=True, text=True)
    assert done.returncode == 0, script + done.stdout + done.stderr
    ward.environ = dict(pair.split("=", 1) for pair in done.stdout.rpartition("\n")[2].split("\0") if "=" in pair)
    after = ward.check(*check)
    assert cause not in after.causes(), f"\n{after}"
    assert after.code == 0, f"\n{after}"
    return after
