"""Are the addresses of services right, can the installed libraries use them, and does something answer there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlenv_doctor.api import Finding, Location, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Wanted

from ..containers.facts import Containers, Service
from ..libraries.dependencies import satisfies
from .facts import Named, RemoteServices, Services

# The distributions that bring a driver of SQLAlchemy, the first one to be installed. https://docs.sqlalchemy.org/en/20/dialects/
DRIVERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "postgresql": {
        "psycopg2": ("psycopg2-binary", "psycopg2"), "psycopg": ("psycopg",), "asyncpg": ("asyncpg",), "pg8000": ("pg8000",),
        "psycopg2cffi": ("psycopg2cffi",),
    },
    "mysql": {
        "mysqldb": ("mysqlclient",), "pymysql": ("pymysql",), "mysqlconnector": ("mysql-connector-python",),
        "aiomysql": ("aiomysql",), "asyncmy": ("asyncmy",),
    },
    "mssql": {"pyodbc": ("pyodbc",), "pymssql": ("pymssql",)},
    "oracle": {"oracledb": ("oracledb",), "cx_oracle": ("cx-oracle",)},
}  # fmt: skip
# What a scheme without a driver takes: before SQLAlchemy 2.1, and since.
USUAL = {
    "postgresql": ("psycopg2", "psycopg"),
    "mysql": ("mysqldb", "mysqldb"),
    "mssql": ("pyodbc", "pyodbc"),
    "oracle": ("cx_oracle", "oracledb"),
}
SQLALCHEMY = ("sqlalchemy", "sqlmodel", "flask-sqlalchemy", "alembic")


@check(
    "services.address",
    causes=("service-address-unreadable", "service-address-wrong", "service-not-running", "service-unreachable"),
)
def services_answer(
    services: Services | Missing, remote_services: RemoteServices | Missing, containers: Containers | Missing
) -> Iterator[Finding]:
    """Services of the project.

    One connection is made to what the project itself names on this machine; to other machines only with --online.
    """
    if isinstance(services, Missing):
        what = "the project's services"
        unread = unknown(f"{what} could not be read: the probe {services.reason}")
        yield skip(f"{what}: {services.reason}") if services.kind == Why.NOT_ASKED else unread
        return
    known = containers.services if isinstance(containers, Containers) else ()
    asked = (
        {(each.name, each.where): each for each in remote_services.named} if isinstance(remote_services, RemoteServices) else {}
    )
    found = [_judged(asked.get((each.name, each.where), each), known) for each in services.named if each.read]
    yield from found or [skip("the project's settings name no service")]


def _judged(named: Named, known: tuple[Service, ...]) -> Finding:
    """One address."""
    who = f"{named.where} ({named.name})" if named.name else named.where
    place = _place(named)
    if named.problem == "unreadable":
        message = f"{who} cannot be parsed as an address: encode the password's special characters (@ as %40, / as %2F)"
        return fail("service-address-unreadable", message, subject=named.name, location=place)
    if not named.host or not named.kind:
        return skip(f"{who} names no host to be asked", subject=named.name)
    said = f"{named.kind} at {named.address}"
    if named.state == "open":
        return ok(f"{said} accepts connections", subject=named.name)
    inner = next((service for service in known if service.name == named.host), None)
    if inner:
        return _inside_only(named, inner, who, known)
    if not named.state:
        return skip(f"{said} was not asked" + ("" if named.local else "; --online asks it"), subject=named.name)
    if not named.local:
        say = warn if named.state == "timeout" else fail  # the network may be slow, and the address right
        return say("service-unreachable", f"{who}: {said} {STATES[named.state]}", subject=named.name, location=place)
    return _not_here(named, who, known)


STATES = {
    "refused": "refuses the connection: nothing listens there",
    "dns": "has a host name that does not resolve",
    "timeout": "does not answer within 1.5 s",
    "unreachable": "cannot be reached from here",
}


def _inside_only(named: Named, service: Service, who: str, known: tuple[Service, ...]) -> Finding:
    """A name of compose's own network. Where the project runs in a container as well, it is right."""
    if any(other.build.context or other.dotenv for other in known):
        return skip(f"{named.host} is a service of {service.file}: it answers in its containers", subject=named.name)
    outside = next((port.outside for port in service.ports if port.outside), 0)
    right = f"from this machine it is localhost:{outside}" if outside else "publish its port to use it from this machine"
    message = f"{who} names {named.host}, which only containers of {service.file} can resolve: {right}"
    return fail("service-address-wrong", message, subject=named.name, location=_place(named))


def _place(named: Named) -> Location | None:
    return Location(named.file, named.line) if named.line else None


def _not_here(named: Named, who: str, known: tuple[Service, ...]) -> Finding:
    """Nothing answers on this machine: the compose file may publish the service elsewhere, or it is not started."""
    said = f"{named.kind} at {named.address}"
    same = [service for service in known if service.kind == named.kind]
    published = {port.outside: service for service in same for port in service.ports if port.outside}
    if published and named.port not in published:
        port, service = next(iter(published.items()))
        message = f"{who} names port {named.port}, and {service.file}:{service.line} publishes {service.name} at {port}"
        return fail("service-address-wrong", message, subject=named.name, location=_place(named))
    message = f"{who}: {said} {STATES[named.state]}"
    start = published.get(named.port)
    repair = fix("services.compose-up", file=start.file, name=start.name) if start else None
    return warn("service-not-running", message, subject=named.name, location=_place(named), fix=repair)


@check("services.driver", causes=("database-driver-missing", "database-scheme-unknown"))
def drivers_are_installed(services: Services, wanted: Wanted, libraries: Libraries) -> Iterator[Finding]:
    """Database drivers.

    SQLAlchemy loads the driver that the address names only when it connects.
    """
    found = []
    if libraries.find("sqlalchemy") and wanted.uses(*SQLALCHEMY) and not services.rewrites:
        found = [_driver(named, libraries) for named in services.named if named.read and _is_for_sqlalchemy(named)]
    yield from found or [skip("no address of a database for SQLAlchemy")]


def _is_for_sqlalchemy(named: Named) -> bool:
    return named.scheme.partition("+")[0] in (*DRIVERS, "postgres")


def _driver(named: Named, libraries: Libraries) -> Finding:
    base, who = named.scheme.partition("+")[0], f"{named.where} ({named.name})" if named.name else named.where
    if base == "postgres":
        message = f"{who} begins with postgres://, which SQLAlchemy does not know: write postgresql://"
        return fail("database-scheme-unknown", message, subject=named.name, location=_place(named))
    newer = satisfies(getattr(libraries.find("sqlalchemy"), "version", None), ">=2.1")
    brings = DRIVERS[base].get(named.driver or USUAL[base][newer])
    if brings is None:
        message = f"{who} names the driver {named.driver}, which is not one that SQLAlchemy itself knows for {base}"
        return skip(message, subject=named.name)
    if any(libraries.find(name) for name in brings):
        return ok(f"the driver of {named.scheme} is installed", subject=named.name)
    other = next((driver for driver, names in DRIVERS[base].items() if any(map(libraries.find, names))), "")
    hint = f"; installed is {other}: write {base}+{other}://" if other else ""
    message = f"{who}: {named.scheme}:// needs {brings[-1]}, which is not installed{hint}"
    repair = None if other else fix("libs.install", packages=brings[:1])
    return fail("database-driver-missing", message, subject=named.name, location=_place(named), fix=repair)
