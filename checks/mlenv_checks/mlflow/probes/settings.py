"""MLflow's configuration: where runs would be recorded. Reduced at once to what is no secret."""

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

QUOTES = "\"'`\u201c\u201d\u2018\u2019"
LARGEST = 1 << 18  # bytes of a `.env`: python-dotenv takes seconds for more
DATABASES = ("postgresql", "postgres", "mysql", "mssql")


def read_mlflow(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read where MLflow would record runs, and which credentials are set."""
    uri, source = tracking_uri(question)
    facts = _describe_uri(uri)
    facts["source"] = source if facts["kind"] != "none" else ""
    for name in ("username", "password", "token"):
        facts[name] = bool(os.environ.get("MLFLOW_TRACKING_" + name.upper()))
    facts["plugin"] = any(os.environ.get("MLFLOW_TRACKING_" + name) for name in ("AUTH", "AWS_SIGV4"))
    facts["store"] = [name for name in ("mlruns", "mlflow.db") if os.path.lexists(os.path.join(question["project"], name))]
    return facts


def tracking_uri(question: "dict[str, Any]") -> "tuple[str, str]":
    """The address that counts, and who names it: the doctor's own setting, the environment, or `.env`.

    What `.env` says about MLflow is put into this process's environment, as load_dotenv() would do it.
    """
    if question["mlflow_uri"] is not None:
        return question["mlflow_uri"], question["mlflow_uri_from"]
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return os.environ["MLFLOW_TRACKING_URI"], "MLFLOW_TRACKING_URI"
    found = variables_of_dotenv(question)
    for name, value in found.items():
        os.environ.setdefault(name, value)
    return os.environ.get("MLFLOW_TRACKING_URI", ""), ".env" if "MLFLOW_TRACKING_URI" in found else "MLFLOW_TRACKING_URI"


def variables_of_dotenv(question: "dict[str, Any]") -> "dict[str, str]":
    """The variables of MLflow in the project's `.env`, if it names an address."""
    import stat

    path = os.path.join(question["project"], question["env_file"] or ".env")
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            return {}
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return {}
    if "MLFLOW_TRACKING_URI" not in text:
        return {}
    import io

    import dotenv

    values = dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value and name.startswith("MLFLOW_") and "\0" not in value}


def _describe_uri(text: str) -> "dict[str, Any]":
    """What can be said of an address without its secrets."""
    text = text.strip()
    bare = text.strip(QUOTES)
    scheme, mark, rest = bare.partition("://")
    scheme, rest = (scheme.lower(), rest) if mark else ("", bare)
    facts: "dict[str, Any]" = {"kind": _store_kind(bare, scheme), "uri": _shown_uri(scheme, rest)}
    facts["scheme"] = scheme if re.match(r"[a-z][a-z0-9+]{0,30}$", scheme) else ""
    facts.update(userinfo="@" in rest, page="#/" in rest)
    if scheme in ("http", "https"):
        facts.update(_host_and_port(scheme, rest))
        if bare != text:
            facts["kind"] = "no-scheme"
    return facts


def _shown_uri(scheme: str, rest: str) -> str:
    """The address from after its last @, wherever a careless password has put that, up to its query."""
    rest = re.split("[?#]", rest.rpartition("@")[2])[0]
    return scheme + "://" + rest if scheme else rest


def _store_kind(bare: str, scheme: str) -> str:
    """What kind of store an address names, by the rules of MLflow's own registry of schemes."""
    if not bare:
        return "none"
    if scheme in ("http", "https", "sqlite", "file"):
        return "http" if scheme == "https" else scheme
    if bare == "databricks" or scheme.startswith("databricks"):
        return "databricks"
    if scheme:
        return "database" if scheme.partition("+")[0] in DATABASES else "other"
    if re.match(r"[A-Za-z]:[\\/]", bare):
        return "windows-path"
    port_after_name = r"([^/]*@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{2,5}(/|$)"
    return "no-scheme" if re.match(port_after_name, bare) else "file"


def _host_and_port(scheme: str, rest: str) -> "dict[str, Any]":
    """Host and port of an http address. One with an @ where none belongs has a password that cut it in two."""
    authority = re.split("[/?#]", rest)[0]
    match = re.match(r"(\[[0-9a-fA-F:.%]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?$", authority.rpartition("@")[2])
    if not match or "@" in rest[len(authority) :] or not 0 < int(match.group(2) or 80) < 65536:
        return {"kind": "unreadable", "uri": ""}
    port = int(match.group(2) or (443 if scheme == "https" else 80))
    return {"host": match.group(1).strip("[]").lower(), "port": port, "named_port": bool(match.group(2))}
