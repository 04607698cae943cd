"""A report with something of everything, made by hand."""

from __future__ import annotations

from mlenv_doctor import Finding, Location, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.model import Command, Prescription, Report, Result, Verdict, fix_key, plan_key
from mlenv_doctor.report.look import Look
from mlenv_doctor.stage import StageState

LONG = "/home/me/my project/.venv/bin/python -m pip install " + " ".join(f"package-{n}" for n in range(40))


INSTALL = fix("libs.install", packages=("numpy",))


CLOUD = fix("gpu.cloud")


def prescription(id: str, command: str = "", **more: str) -> Prescription:
    commands = (Command(tuple(command.split()), command),) if command else ()
    return Prescription(
        id,
        f"Title of {id}",
        more.get("risk", "nothing"),
        more.get("who", "you"),
        commands,
        ("A note.",),
        f"mlenv-doctor check {id}",
    )


def missing(name: str) -> Finding:
    return fail("not-installed", f"{name} is not installed", subject=name, fix=fix("libs.install", packages=(name,)))


RESULTS = (
    Result("python.starts", "python", "Python starts", (ok("CPython 3.12.1", evidence={"path": "/x"}, brief="3.12.1"),)),
    Result(
        "libraries.installed", "libraries", "The libraries are installed", (missing("numpy"), ok("pandas 3", subject="pandas"))
    ),
    Result("gpu.driver", "gpu", "The driver is there", (skip("no GPU here", fix=CLOUD),)),
    Result(
        "llm.dotenv",
        "llm",
        "The file can be read",
        (warn("dotenv-unparsable", "line 3 is odd", location=Location("/p/.env", 3)),),
    ),
    Result("mlflow.server", "mlflow", "It answers", (unknown("it could not be told"),)),
    Result("torch.card", "torch", "The card fits", (skip("no torch", blocked_by="libraries.installed:torch"),)),
)


REPORT = Report(
    "1.2.3",
    {"python": "/p/.venv/bin/python", "version": "3.12.1", "chosen_by": "project"},
    {"os": "linux", "distro": "debian", "kind": "container", "shell": "sh"},
    Verdict.NOT_READY,
    (StageState("foundations", False, ("numpy",)), StageState("llm", True, ())),
    RESULTS,
    {fix_key(INSTALL): prescription("libs.install", LONG, risk="adds packages")},
    {plan_key(INSTALL): prescription("libs.install", LONG, risk="adds packages"), plan_key(CLOUD): prescription("gpu.cloud")},
    1.25,
)


PLAIN = Look(0, False, False)
