"""Does the project's PostgreSQL accept its login, and answer?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from mlenv_doctor.api import Fact, Finding, Missing, Outcome, Snapshot, Task, Why, check, fail, fix, ok, skip, unknown
from mlenv_doctor.patient import Libraries
from mlenv_doctor.records import dataclass

from ..services.addresses import DRIVERS
from ..services.facts import Named, Services

OURS = ("psycopg", "psycopg2", "asyncpg")  # the drivers that the probe can use, the first that is installed where none is named
MOST = 3  # databases of one project


@dataclass(frozen=True)
class Answered:
    """What one database answered.

    name:    the variable that names it. driver: that was used.
    outcome: "ok", "wrong" (not 1), "error", "late" (not done in time), "cut" (not tried: the value could not be read again),
             "elsewhere" (an error, but a part of the login is not in the address).
    step:    what was being done last. kind: the type of the error; no text, which may hold a password. code: PostgreSQL's own.
    """

    name: str
    driver: str = ""
    outcome: str = "cut"
    step: str = ""
    kind: str = ""
    code: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class DatabasesAtWork(Fact):
    """The answers of the databases on this machine that the project's variables name. Read only with --deep."""

    section: ClassVar[str] = "databases_at_work"
    probe: ClassVar[str] = "mlenv_checks.works.probes.postgres"
    owner: ClassVar[str] = "libraries.database"
    timeout: ClassVar[float] = 25.0
    quick: ClassVar[bool] = False
    deep: ClassVar[bool] = True
    after: ClassVar[tuple[type[Fact], ...]] = (Libraries, Services)

    asked: tuple[Answered, ...] = ()

    @classmethod
    def tasks(cls, facts: Snapshot) -> Iterable[Task]:
        """One process for each database that answers on this machine and whose driver is installed."""
        services, libraries = facts[Services], facts[Libraries]
        if isinstance(services, Services) and isinstance(libraries, Libraries):
            for named in of_postgres(services):
                driver = driver_of(named, libraries)
                if driver and named.state == "open":
                    question = {"name": named.name, "driver": driver, "shell": named.file == "the shell"}
                    yield Task((cls,), f"PostgreSQL of {named.name}", cls.timeout, question, heavy=True)

    @classmethod
    def gathered(cls, outcomes: Sequence[Outcome]) -> DatabasesAtWork:
        """All answers as one fact."""
        facts = [(outcome, outcome.facts[cls]) for outcome in outcomes]
        return cls(tuple(_answer(outcome, fact) for outcome, fact in facts))


def _answer(outcome: Outcome, fact: Fact | Missing) -> Answered:
    if isinstance(fact, DatabasesAtWork) and fact.asked:
        return fact.asked[0]
    name, driver = str(outcome.task.question["name"]), str(outcome.task.question["driver"])
    late = isinstance(fact, Missing) and fact.kind in (Why.TIMEOUT, Why.BUDGET)
    return Answered(name, driver, "late" if late else "error", kind="" if late else "a crash")


def of_postgres(services: Services) -> list[Named]:
    """The addresses of PostgreSQL on this machine that variables hold and the code reads."""
    found = [named for named in services.named if named.kind == "PostgreSQL" and named.local and named.read and not named.problem]
    return [named for named in found if named.name][:MOST]


def driver_of(named: Named, libraries: Libraries) -> str:
    """The driver that the address names, or the first that is installed; empty where there is none."""
    return next(
        (driver for driver in ((named.driver,) if named.driver else OURS) if driver in OURS and _installed(driver, libraries)), ""
    )


def _installed(driver: str, libraries: Libraries) -> bool:
    return any(libraries.find(name) for name in DRIVERS["postgresql"][driver])


@check("libraries.database", causes=("database-login-failed", "database-missing", "database-no-rights", "does-not-work"))
def databases_answer(
    databases_at_work: DatabasesAtWork | Missing, services: Services | Missing, libraries: Libraries
) -> Iterator[Finding]:
    """PostgreSQL of the project.

    A server that accepts connections may still refuse the login, or lack the database. With --deep the project's own driver
    connects with the address of its variable, and asks SELECT 1; nothing is written, and only this machine is asked.
    """
    if isinstance(databases_at_work, Missing):
        no = skip if databases_at_work.kind == Why.NOT_ASKED else unknown
        yield no(f"the project's PostgreSQL was {databases_at_work.reason}")
        return
    named = {one.name: one for one in of_postgres(services)} if isinstance(services, Services) else {}
    answers = [_judged(answered, named[answered.name]) for answered in databases_at_work.asked if answered.name in named]
    tried = {answered.name for answered in databases_at_work.asked}
    yield from answers
    yield from (_not_tried(one, libraries) for one in named.values() if one.name not in tried)
    if not named:
        yield skip("no variable of the project names a PostgreSQL on this machine")


def _not_tried(named: Named, libraries: Libraries) -> Finding:
    if named.state != "open":
        return skip(f"nothing answers at {named.address}", subject=named.name, blocked_by=f"services.address:{named.name}")
    return skip(f"{named.address} was not asked: no driver that could do it is installed", subject=named.name)


def _judged(answered: Answered, named: Named) -> Finding:
    """What one database answered."""
    who, where = f"{named.where} ({named.name})", f"PostgreSQL at {named.address}"
    if answered.outcome == "ok":
        evidence = {"seconds": f"{answered.seconds:.2f}", "driver": answered.driver}
        return ok(f"{where} accepts the login and answered SELECT 1 ({answered.driver})", subject=named.name, evidence=evidence)
    if answered.outcome in ("cut", "late", "elsewhere") or answered.code in BUSY:
        why = {
            "cut": f"{named.where} could not be read in the examined Python",
            "late": "it was not done in time",
            "elsewhere": ELSEWHERE,
        }
        reason = why.get(answered.outcome) or BUSY[answered.code]
        return unknown(f"could not tell whether {where} accepts the login: {reason}", subject=named.name)
    cause, says = _cause(answered)
    evidence = {"step": answered.step, "error": answered.kind, "code": answered.code, "driver": answered.driver}
    seen = {name: value for name, value in evidence.items() if value}
    cure = fix("works.database") if cause != "does-not-work" else fix("works.look")
    return fail(cause, f"{who}: {where} {says}", subject=named.name, evidence=seen, fix=cure)


def _cause(answered: Answered) -> tuple[str, str]:
    """The cause, and how a sentence about it goes on."""
    if answered.outcome == "wrong":
        return "does-not-work", "answers SELECT 1 with something else"
    if answered.code in CODES:
        return CODES[answered.code]
    error = f"{answered.kind} {answered.code}".strip()
    return "does-not-work", f"cannot be used with {answered.driver} ({error} at {answered.step or 'its import'})"


ELSEWHERE = "a part of the login is not in the address, and the login of your shell is not sent to an address of the project"
# https://www.postgresql.org/docs/current/errcodes-appendix.html
CODES: Mapping[str, tuple[str, str]] = {
    "28P01": ("database-login-failed", "rejects user or password"),
    "28000": ("database-login-failed", "does not let this user log in from here"),
    "3D000": ("database-missing", "has no database of that name"),
    "42501": ("database-no-rights", "does not allow this user to use the database"),
}
BUSY: Mapping[str, str] = {
    "53300": "it has too many connections already",
    "57P03": "it is starting up or shutting down",
}
