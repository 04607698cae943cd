"""sqlite3: a database written, rolled back, and read again."""

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OPTIONAL = (("fts5", "CREATE VIRTUAL TABLE words USING fts5(text)"), ("json", "SELECT json_extract('{\"a\": 1}', '$.a')"))


def sqlite_works(work: Work) -> None:
    """Transactions hold, text and numbers come back as they went in; which extensions there are is noted."""
    import sqlite3

    work.at("writing a database")
    base = sqlite3.connect(work.path("work.db"))
    base.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT UNIQUE, loss REAL)")
    with base:
        base.executemany("INSERT INTO runs (name, loss) VALUES (?, ?)", [("run %d \u00e4" % n, n / 8.0) for n in range(1000)])
    try:
        with base:
            base.execute("UPDATE runs SET loss = 0")
            base.execute("INSERT INTO runs (name) VALUES (?)", ("run 1 \u00e4",))
    except sqlite3.IntegrityError:
        pass
    base.close()
    work.at("reading a database")
    base = sqlite3.connect(work.path("work.db"))
    count, total = base.execute("SELECT count(*), sum(loss) FROM runs").fetchone()
    work.expect((count, total) == (1000, 62437.5), "1000 rows were written and rolled back to, and %s are found" % count)
    name = base.execute("SELECT name FROM runs WHERE loss = 0.125").fetchone()
    work.expect(name == ("run 1 \u00e4",), "a text comes back changed")
    work.words["version"] = sqlite3.sqlite_version
    work.words["extensions"] = ", ".join(found for found, query in OPTIONAL if _can(base, query)) or "none"
    base.close()
    if "chromadb" in work.besides:
        work.at("the full-text search that chromadb needs")
        work.expect("fts5" in work.words["extensions"], "this SQLite has no FTS5")


def _can(base: "Any", query: "Any") -> "Any":
    import sqlite3

    try:
        base.execute(query).fetchall()
        return True
    except sqlite3.OperationalError:
        return False
