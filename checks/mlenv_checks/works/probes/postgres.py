"""PostgreSQL: one connection with the project's own driver and login, and one `SELECT 1`. No text of an error is kept."""

import os
import re

from .work import TooLong, Work, no_alarm, settle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 5  # seconds for a connection to this machine
ENOUGH = 15.0  # seconds for all of it, under load
LARGEST = 1 << 18  # bytes of a `.env`
ELSEWHERE = ("host", "hostaddr", "port", "user", "password", "passfile", "service", "sslcert", "sslkey", "sslrootcert")
SSL = ("disable", "allow", "prefer", "require")
# PostgreSQL's codes, for drivers that tell none where a connection fails: https://www.postgresql.org/docs/current/errcodes-appendix.html
SIGNS = (
    ("28P01", re.compile(r"password authentication failed|no password supplied|SASL authentication failed")),
    ("28000", re.compile(r"no pg_hba\.conf entry|role \"[^\"\n]{0,100}\" does not exist|(?:Peer|Ident) authentication failed")),
    ("3D000", re.compile(r"database \"[^\"\n]{0,100}\" does not exist")),
    ("42501", re.compile(r"permission denied for database")),
    ("53300", re.compile(r"too many clients|too many connections|remaining connection slots")),
    ("57P03", re.compile(r"database system is (?:starting up|shutting down|in recovery)")),
)


def read_databases_at_work(question: "dict[str, Any]") -> "dict[str, Any]":
    """Ask the database that one variable names."""
    settle(question["work"])
    said = {"name": question["name"], "driver": question["driver"], "outcome": "cut"}  # type: dict[str, Any]
    address = _address(question)
    if address is None:
        return {"asked": [said]}
    work = Work(question["work"], [], ENOUGH)
    try:
        answer = DRIVERS[question["driver"]](work, _parts(address))
        said["outcome"] = "ok" if answer == 1 else "wrong"
    except TooLong:
        said["outcome"] = "late"
    except BaseException as why:  # SystemExit, too
        connecting = work.step == "connecting"
        outcome = "elsewhere" if connecting and _login_is_elsewhere(address, question["shell"]) else "error"
        said.update(outcome=outcome, kind=type(why).__name__[:60], code=_code(why))
    no_alarm()
    return {"asked": [dict(said, step=work.step, seconds=round(work.seconds(), 3))]}


def _address(question: "dict[str, Any]") -> "str | None":
    """The value of the variable, from where it was seen. One from a file meets no login of the user's."""
    if question["shell"]:
        return os.environ.get(question["name"])
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
    os.environ["PGPASSFILE"] = os.devnull
    path = os.path.join(question["project"], question["env_file"] or ".env")
    try:
        import dotenv

        found = os.path.getsize(path) <= LARGEST and dotenv.dotenv_values(path, interpolate=False)
    except (ImportError, OSError, ValueError):
        return None
    return (found or {}).get(question["name"])


def _login_is_elsewhere(address: str, shell: bool) -> bool:
    """Whether the project may log in with more than was tried: a part of the query, or the user's PGPASSWORD or ~/.pgpass."""
    from urllib.parse import parse_qs, urlsplit

    url = urlsplit(address.strip().strip("'\""))
    return bool(set(parse_qs(url.query)) & set(ELSEWHERE)) or not (shell or url.password)


def _parts(address: str) -> "dict[str, Any]":
    """What drivers take. Of the query nothing but sslmode: it could name another host."""
    from urllib.parse import parse_qs, unquote, urlsplit

    url = urlsplit(address.strip().strip("'\""))
    host = "127.0.0.1" if url.hostname == "0.0.0.0" else url.hostname
    parts = {"host": host, "port": url.port or 5432, "user": url.username, "password": url.password}  # type: dict[str, Any]
    parts.update({name: unquote(parts[name]) for name in ("user", "password") if parts[name]})
    parts["dbname"] = unquote(url.path.lstrip("/"))
    mode = parse_qs(url.query).get("sslmode", [""])[0]
    return {name: value for name, value in dict(parts, sslmode=mode if mode in SSL else "").items() if value}


def _psycopg(work: "Work", parts: "dict[str, Any]") -> "Any":
    import psycopg

    return _selected(work, psycopg.connect, parts)


def _psycopg2(work: "Work", parts: "dict[str, Any]") -> "Any":
    import psycopg2

    return _selected(work, psycopg2.connect, parts)


def _selected(work: "Work", connect: "Any", parts: "dict[str, Any]") -> "Any":
    work.at("connecting")
    connection = connect(connect_timeout=PATIENCE, application_name="mlenv-doctor", **parts)
    try:
        work.at("SELECT 1")
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        return cursor.fetchone()[0]
    finally:
        connection.close()


def _asyncpg(work: "Work", parts: "dict[str, Any]") -> "Any":
    import asyncio

    import asyncpg

    given = {"database" if name == "dbname" else "ssl" if name == "sslmode" else name: value for name, value in parts.items()}

    async def select() -> "Any":
        work.at("connecting")
        connection = await asyncpg.connect(timeout=PATIENCE, **given)
        try:
            work.at("SELECT 1")
            return await connection.fetchval("SELECT 1")
        finally:
            await connection.close()

    return asyncio.run(select())


def _code(why: "Any") -> str:
    """PostgreSQL's five characters for an error; empty where nobody tells."""
    told = str(getattr(why, "sqlstate", "") or getattr(why, "pgcode", "") or "")
    if re.match("[0-9A-Z]{5}$", told):
        return told
    text = str(why)[:2000]
    return next((code for code, sign in SIGNS if sign.search(text)), "")


DRIVERS = {"psycopg": _psycopg, "psycopg2": _psycopg2, "asyncpg": _asyncpg}
