"""What is said about services, as plain calls: facts made by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.containers.facts import BuiltFrom, Containers, Port, Service
from mlenv_checks.services.addresses import drivers_are_installed, services_answer
from mlenv_checks.services.dotenv_loading import dotenv_is_loaded
from mlenv_checks.services.facts import Named, RemoteServices, Services, Unloaded
from mlenv_doctor import Finding, Missing
from mlenv_doctor.api import Why
from mlenv_doctor.patient import Distribution, Libraries, Wanted

OFFLINE = Missing("remote_services", Why.NOT_ASKED, "was not asked for")
NO_CONTAINERS = Missing("containers", "timeout", "took too long")
DATABASE = Service("compose.yaml", "db", 4, kind="PostgreSQL", port=5432, ports=(Port(5432, 5433),))
APP = Service("compose.yaml", "app", build=BuiltFrom(".", "Dockerfile"))


def named(host: str = "localhost", port: int = 5432, state: str = "", **more: object) -> Named:
    local = host == "localhost"
    given = {"scheme": "postgresql", "kind": "PostgreSQL", "local": local, "read": True, **more}
    return Named("DATABASE_URL", ".env", 3, host=host, port=port, state=state, **given)  # type: ignore[arg-type]


def judged(*each: Named, known: tuple[Service, ...] = (), remote: tuple[Named, ...] | None = None) -> list[Finding]:
    answers = OFFLINE if remote is None else RemoteServices(remote)
    return list(services_answer(Services(each), answers, Containers(services=known) if known else NO_CONTAINERS))


@pytest.mark.parametrize(
    ("address", "known", "said"),
    [
        (named(state="open"), (), ("pass", "")),
        (named(state=""), (), ("skip", "")),
        (named(state="refused"), (), ("warn", "service-not-running")),
        (named(state="timeout", port=5433), (DATABASE,), ("warn", "service-not-running")),
        (named(state="refused"), (DATABASE,), ("fail", "service-address-wrong")),
        (named(state="open"), (DATABASE,), ("pass", "")),
        (named("db"), (DATABASE,), ("fail", "service-address-wrong")),
        (named("db"), (DATABASE, APP), ("skip", "")),
        (named("db.example.org"), (DATABASE,), ("skip", "")),
        (named(problem="unreadable", host=""), (), ("fail", "service-address-unreadable")),
        (named(problem="srv", host=""), (), ("skip", "")),
        (named(read=False, state="refused"), (), ("skip", "")),
    ],
)
def test_an_address_of_a_service(address: Named, known: tuple[Service, ...], said: tuple[str, str]) -> None:
    (found,) = judged(address, known=known)
    assert (found.status.value, found.cause) == said


def test_where_a_service_really_is() -> None:
    (found,) = judged(named(state="refused"), known=(DATABASE,))
    assert found.message == ".env:3 (DATABASE_URL) names port 5432, and compose.yaml:4 publishes db at 5433"
    (found,) = judged(named("db"), known=(DATABASE,))
    assert "from this machine it is localhost:5433" in found.message
    (found,) = judged(named("db"), known=(Service("compose.yaml", "db", 4, kind="PostgreSQL"),))
    assert "publish its port" in found.message
    (found,) = judged(named(state="refused", port=5433), known=(DATABASE,))
    assert found.fix is not None and found.fix.values["name"] == "db"


@pytest.mark.parametrize("state", ["refused", "dns", "timeout", "unreachable"])
def test_another_machine_is_asked_only_when_told(state: str) -> None:
    there = named("db.example.org")
    assert [each.status.value for each in judged(there)] == ["skip"]
    (found,) = judged(there, remote=(named("db.example.org", state=state),))
    assert (found.status.value, found.cause) == ("warn" if state == "timeout" else "fail", "service-unreachable")
    (found,) = judged(there, remote=(named("db.example.org", state="open"),))
    assert found.status.value == "pass"


def test_nothing_named_and_nothing_known() -> None:
    assert [each.status.value for each in judged()] == ["skip"]
    for kind, status in ((Why.NOT_ASKED, "skip"), (Why.TIMEOUT, "unknown")):
        assert [each.status.value for each in services_answer(Missing("services", kind, "x"), OFFLINE, NO_CONTAINERS)] == [status]


def driver(
    scheme: str, *installed: str, rewrites: bool = False, name: str = "DATABASE_URL", version: str = "2.0.44"
) -> tuple[str, str, str]:
    libraries = Libraries(tuple(Distribution(each, version, "/v") for each in ("sqlalchemy", *installed)))
    services = Services((Named(name, ".env", 3, scheme=scheme, read=True),), rewrites=rewrites)
    (found,) = drivers_are_installed(services, Wanted(used=("sqlalchemy",), whole=False), libraries)
    return found.status.value, found.cause, found.message


@pytest.mark.parametrize(
    ("said", "status", "cause", "words"),
    [
        (driver("postgresql", "psycopg2-binary"), "pass", "", "the driver of postgresql is installed"),
        (driver("postgresql"), "fail", "database-driver-missing", "needs psycopg2, which is not installed"),
        (driver("postgresql", "psycopg"), "fail", "database-driver-missing", "write postgresql+psycopg://"),
        (driver("postgresql", "psycopg", version="2.1.0"), "pass", "", "the driver of postgresql is installed"),
        (driver("postgresql", "psycopg2", version="2.1.9"), "fail", "database-driver-missing", "write postgresql+psycopg2://"),
        (driver("postgresql+asyncpg", "asyncpg"), "pass", "", "asyncpg"),
        (driver("postgresql+somebody"), "skip", "", "somebody"),
        (driver("postgres"), "fail", "database-scheme-unknown", "write postgresql://"),
        (driver("postgres", rewrites=True), "skip", "", "no address"),
        (driver("redis"), "skip", "", "no address"),
        (driver("mysql+pymysql", name=""), "fail", "database-driver-missing", ".env:3: mysql+pymysql:// needs pymysql"),
    ],
)
def test_the_driver_of_a_database(said: tuple[str, str, str], status: str, cause: str, words: str) -> None:
    assert said[:2] == (status, cause) and words in said[2]


def test_a_project_without_sqlalchemy_needs_no_driver_of_it() -> None:
    services = Services((Named("DATABASE_URL", ".env", 3, scheme="postgres", read=True),))
    for wanted, libraries in (
        (Wanted(whole=False), Libraries((Distribution("sqlalchemy", "2.0", "/v"),))),
        (Wanted(used=("sqlalchemy",), whole=False), Libraries()),
    ):
        assert [each.status.value for each in drivers_are_installed(services, wanted, libraries)] == ["skip"]


def test_who_loads_dotenv() -> None:
    assert dotenv_is_loaded(Services()).status.value == "skip"
    assert dotenv_is_loaded(Services(loads=False)).status.value == "skip"
    one, two = Unloaded("A", 1, "app.py", 3), Unloaded("B", 2, "app.py", 4)
    found = dotenv_is_loaded(Services(loads=False, unloaded=(one, two)))
    assert found.message == ".env:1 sets A and 1 more, app.py:3 reads it, and nothing loads .env"
    assert dotenv_is_loaded(Services(loads=False, unloaded=(one,))).cause == "dotenv-not-loaded"
