"""How long one format takes to render a report of 60 checks, in a process of its own: milliseconds of CPU time, with its imports.

python scripts/formats.py FORMAT
"""

import sys
import time

from mlenv_doctor import Location, fail, fix, ok, skip
from mlenv_doctor.model import (
    Command,
    Finding,
    Prescription,
    Report,
    Result,
    Verdict,
    fix_key,
    plan_key,
)
from mlenv_doctor.report import renderer
from mlenv_doctor.report.look import Look
from mlenv_doctor.stage import StageState

CHECKS = 60


def finding(number: int) -> Finding:
    """Of six one is bad, as on a machine that needs help."""
    if number % 6:
        return (
            skip("not needed here") if number % 2 else ok(f"library {number} is what it should be", subject=f"library-{number}")
        )
    return fail(
        "not-installed",
        f"library {number} is not installed, although requirements.txt asks for it",
        subject=f"library-{number}",
        evidence={"asked": f">={number}", "found": "nothing"},
        fix=fix("libs.install", packages=(f"library-{number}",)),
        location=Location("/home/me/project/requirements.txt", number + 1),
    )


def report() -> Report:
    """Sixty checks with a finding each, ten of them with a fix."""
    results = tuple(
        Result(f"family{n // 6}.check-{n}", f"family{n // 6}", "What is verified here", (finding(n),), why="It matters. " * 20)
        for n in range(CHECKS)
    )
    words = ("/home/me/project/.venv/bin/python", "-m", "pip", "install", *(f"library-{n}" for n in range(0, CHECKS, 6)))
    command = Command(words, " ".join(words))
    cure = Prescription(
        "libs.install", "Install what is missing", "adds packages", "you", (command,), ("A note.",), "mlenv-doctor check"
    )
    fixes = [found.fix for result in results for found in result.findings if found.fix]
    return Report(
        "0.1.0",
        {"python": words[0], "version": "3.12.1", "chosen_by": "project"},
        {"os": "linux", "distro": "debian", "kind": "machine", "shell": "sh"},
        Verdict.NOT_READY,
        (StageState("foundations", False, ("numpy",)), StageState("llm", True, ())),
        results,
        {fix_key(one): cure for one in fixes},
        {plan_key(one): cure for one in fixes},
        1.25,
        "/home/me/project",
    )


if __name__ == "__main__":
    made = report()
    started = time.process_time()
    renderer(sys.argv[1])(made, Look(ascii=False))
    print(1000 * (time.process_time() - started))
