"""The check of the project's PostgreSQL, called with facts made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.services.facts import Named, Services
from mlenv_checks.works.databases import Answered, DatabasesAtWork, databases_answer
from mlenv_doctor.api import Finding, Outcome, Task
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Distribution, Libraries

ADDRESS: dict[str, Any] = {
    "file": ".env", "line": 3, "scheme": "postgresql", "kind": "PostgreSQL", "host": "localhost", "port": 5432, "state": "open",
    "local": True, "read": True,
}  # fmt: skip
NAME = "DATABASE_URL"


def named(**change: Any) -> Named:
    return Named(**{"name": NAME, **ADDRESS, **change})


def installed(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/s", "/s/i") for name in names))


def look(*asked: Answered, address: Named | None = None, driver: str = "psycopg") -> Finding:
    services = Services((address or named(),))
    (finding,) = databases_answer(DatabasesAtWork(asked), services, installed(driver))
    return finding


@pytest.mark.parametrize(
    ("answered", "status", "cause", "words"),
    [
        (Answered(NAME, "psycopg", "ok", "SELECT 1", seconds=0.5), "pass", "", "accepts the login and answered SELECT 1 (psycopg)"),
        (Answered(NAME, "psycopg", "error", "connecting", "OperationalError", "28P01"), "fail", "database-login-failed", "rejects"),
        (Answered(NAME, "psycopg", "error", "connecting", "OperationalError", "28000"), "fail", "database-login-failed", "from here"),
        (Answered(NAME, "psycopg", "error", "connecting", "OperationalError", "3D000"), "fail", "database-missing", "no database of"),
        (Answered(NAME, "psycopg", "error", "connecting", "OperationalError", "42501"), "fail", "database-no-rights", ".env:3"),
        (Answered(NAME, "psycopg", "error", "connecting", "OddError", "XX000"), "fail", "does-not-work", "(OddError XX000 at connecting)"),
        (Answered(NAME, "psycopg", "error", "", "ImportError"), "fail", "does-not-work", "(ImportError at its import)"),
        (Answered(NAME, "psycopg", "wrong", "SELECT 1"), "fail", "does-not-work", "with something else"),
        (Answered(NAME, "psycopg", "late", "connecting"), "unknown", "", "not done in time"),
        (Answered(NAME, "psycopg", "elsewhere", "connecting", "OperationalError", "28P01"), "unknown", "", "a part of the login is not in"),
        (Answered(NAME, "psycopg", "cut"), "unknown", "", ".env:3 could not be read"),
        (Answered(NAME, "psycopg", "error", "connecting", "OperationalError", "53300"), "unknown", "", "too many connections"),
    ],
)  # fmt: skip
def test_what_a_database_answers(answered: Answered, status: str, cause: str, words: str) -> None:
    found = look(answered)
    assert (found.status.value, found.cause, found.subject) == (status, cause, NAME)
    assert words in found.message and (found.fix is None) == (status != "fail")


def test_what_was_not_asked_says_why() -> None:
    assert look(address=named(state="refused")).blocked_by == f"services.address:{NAME}"
    assert "no driver" in look(driver="pg8000").message
    assert "no variable" in look(address=named(local=False)).message
    for kind, status in ((Why.NOT_ASKED, "skip"), (Why.ERROR, "unknown")):
        missing = Missing("databases_at_work", kind, "not checked without --deep")
        (found,) = databases_answer(missing, Services(), installed())
        assert found.status.value == status
    (found,) = databases_answer(DatabasesAtWork(), Missing("services", Why.ERROR, "x"), installed())
    assert found.status.value == "skip"


def drivers(*addresses: Named, libraries: tuple[str, ...]) -> list[str]:
    facts: dict[Any, Any] = {Services: Services(addresses), Libraries: installed(*libraries)}
    return [str(task.question["driver"]) for task in DatabasesAtWork.tasks(facts)]


def test_the_driver_is_the_one_that_the_address_names_or_one_that_is_installed() -> None:
    both = ("psycopg2-binary", "asyncpg")
    assert drivers(named(), libraries=both) == ["psycopg2"]
    assert drivers(named(scheme="postgresql+asyncpg"), libraries=both) == ["asyncpg"]
    assert not drivers(named(scheme="postgresql+psycopg"), libraries=both)
    assert not drivers(named(scheme="postgresql+pg8000"), libraries=("pg8000",))


def test_only_what_answers_here_and_is_named_by_a_variable_of_the_project_is_asked() -> None:
    for change in (
        {"local": False},
        {"state": "refused"},
        {"read": False},
        {"name": ""},
        {"kind": "MySQL"},
        {"problem": "unreadable"},
    ):
        assert not drivers(named(**change), libraries=("psycopg",))
    assert len(drivers(*(named(name=f"DATABASE_URL_{n}") for n in range(9)), libraries=("psycopg",))) == 3
    assert not list(DatabasesAtWork.tasks({Services: Missing("x", Why.ERROR, "y"), Libraries: installed()}))


def test_all_answers_become_one_fact() -> None:
    def outcome(fact: DatabasesAtWork | Missing) -> Outcome:
        return Outcome(Task((DatabasesAtWork,), "x", 1.0, {"name": NAME, "driver": "psycopg"}), {DatabasesAtWork: fact}, 1.0)

    missing = [Missing("databases_at_work", why, "x") for why in (Why.TIMEOUT, Why.KILLED)]
    found = DatabasesAtWork.gathered([outcome(DatabasesAtWork((Answered(NAME, "psycopg", "ok"),))), *map(outcome, missing)])
    assert [one.outcome for one in found.asked] == ["ok", "late", "error"]
    assert "a crash at its import" in look(found.asked[2]).message
