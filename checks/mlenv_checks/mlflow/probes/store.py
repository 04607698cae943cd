"""MLflow's store on this machine: a folder or a SQLite file, and what the installed MLflow makes of it. Nothing is written."""

import os
import re
import sys

from mlenv_doctor.probekit import file_text, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST_SOURCE = 1 << 20  # bytes of a source file of MLflow
MOST_MIGRATIONS = 500  # migrations that are looked at


def read_mlflow_store(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read which local store runs would go to, and whether the installed MLflow can use it."""
    package = _package_folder()
    facts: "dict[str, Any]" = {"installed": bool(package)}
    uri = (question["mlflow_uri"] or os.environ.get("MLFLOW_TRACKING_URI", "")).strip()
    kind, path = _place(uri, question["project"], package)
    if kind == "folder":
        facts["refuses"] = "MLFLOW_ALLOW_FILE_STORE" in _source_text(package, "store", "tracking", "file_store.py")
        facts["allowed"] = os.environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() in ("true", "1")
        facts["runs"] = _has_runs(path)
    if kind == "database" and os.path.isfile(path):
        facts.update(_database(path, package))
    facts.update(kind=kind, path=path)
    return facts


def _package_folder() -> str:
    """The folder of the installed mlflow; empty where there is none."""
    places = (os.path.join(entry, "mlflow") for entry in sys.path if entry)
    return next((place for place in places if os.path.isdir(os.path.join(place, "store"))), "")


def _place(uri: str, project: str, package: str) -> "tuple[str, str]":
    """Whether runs go to a folder or a database here, and which; by the rules of MLflow's get_tracking_uri()."""
    if not uri:
        folder, database = os.path.join(project, "mlruns"), os.path.join(project, "mlflow.db")
        newer = "_has_existing_mlruns_data" in _source_text(package, "tracking", "_tracking_service", "utils.py")
        return ("database", database) if newer and not _has_runs(folder) else ("folder", folder)
    sqlite = re.match(r"sqlite(?:\+\w+)?:///([^?#]+)", uri)
    if sqlite:
        return "database", os.path.join(project, sqlite.group(1))
    local = re.match(r"file:(?://(?:localhost)?(?=/))?([^?#]+)", uri) or re.match(r"([^:?#@]+)$", uri)
    return ("folder", os.path.join(project, local.group(1))) if local else ("", "")


def _has_runs(folder: str) -> bool:
    """Whether a folder holds an experiment: a number with a meta.yaml in it."""
    names = [name for name in names_in(folder) if name.isdigit()]
    return any(os.path.lexists(os.path.join(folder, name, "meta.yaml")) for name in names)


def _source_text(package: str, *parts: str) -> str:
    """The text of a source file of MLflow; empty where there is none."""
    return file_text(os.path.join(package, *parts), LARGEST_SOURCE) if package else ""


def _database(path: str, package: str) -> "dict[str, Any]":
    """The revision of a database, read without a lock, and what the installed MLflow knows of it."""
    try:
        import sqlite3
        from urllib.request import pathname2url

        base = sqlite3.connect("file:%s?mode=ro&immutable=1" % pathname2url(path), uri=True, timeout=0.2)
        try:
            tables = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            rows = base.execute("SELECT version_num FROM alembic_version").fetchall() if "alembic_version" in tables else []
        finally:
            base.close()
    except Exception:  # no SQLite in this Python, no database, locked, damaged
        return {"exists": True}
    known, head = _known_revisions(package)
    revision = str(rows[0][0])[:40] if len(rows) == 1 else ""
    return {
        "exists": True,
        "readable": True,
        "mlflow": {"experiments", "runs"} <= tables,
        "revision": revision if re.match(r"[0-9a-f]{6,40}$", revision) else "",
        "head": head,
        "known": revision in known,
        "complete": bool(known) and _known_tables(package) <= tables,
    }


def _known_revisions(package: str) -> "tuple[set[str], str]":
    """The revisions of the database that the installed MLflow knows, and the newest."""
    folder = os.path.join(package, "store", "db_migrations", "versions")
    known, below = set(), set()
    for name in [name for name in names_in(folder) if name.endswith(".py")][:MOST_MIGRATIONS]:
        text = _source_text(folder, name)
        known.update(re.findall(r"(?m)^revision(?:\s*:[^=\n]+)?\s*=\s*[\"'](\w+)", text))
        below.update(re.findall(r"(?m)^down_revision(?:\s*:[^=\n]+)?\s*=\s*[\"'](\w+)", text))
    heads = sorted(known - below)
    return known, heads[0] if len(heads) == 1 else ""


def _known_tables(package: str) -> "set[str]":
    """The tables that the installed MLflow makes where one of them is missing: it then also brings the others up to date."""
    kinds = ("tracking", "model_registry", "workspace")
    text = "\n".join(_source_text(package, "store", kind, "dbmodels", "models.py") for kind in kinds)
    return set(re.findall(r"(?m)^\s+__tablename__ = [\"'](\w+)", text))
