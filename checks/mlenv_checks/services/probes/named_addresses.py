"""Take an address of a service apart: kind, host and port. User, password and query stay here."""

import re
from urllib.parse import urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KINDS = {
    "postgresql": ("PostgreSQL", 5432), "postgres": ("PostgreSQL", 5432), "mysql": ("MySQL", 3306), "mariadb": ("MySQL", 3306),
    "mssql": ("SQL Server", 1433), "oracle": ("Oracle", 1521), "mongodb": ("MongoDB", 27017), "redis": ("Redis", 6379),
    "rediss": ("Redis", 6379), "amqp": ("RabbitMQ", 5672), "amqps": ("RabbitMQ", 5671), "sqlite": ("SQLite", 0),
}  # fmt: skip
# Variables that hold an http address, or a host, of a kind of service.
BY_NAME = (
    ("QDRANT", "Qdrant", 6333), ("CHROMA", "Chroma", 8000), ("WEAVIATE", "Weaviate", 8080), ("MILVUS", "Milvus", 19530),
    ("ELASTIC", "Elasticsearch", 9200),
)  # fmt: skip
SCHEME = re.compile(r"([a-z][a-z0-9]{1,30}(?:\+[a-z0-9_]{1,30})?)://")
URL_NAMES = re.compile(r"(?:URL|URI|DSN|ENDPOINT|BROKER|BACKEND|CONNECTION)(?:_|$)|_(?:DB|DATABASE)$|^DATABASE")
HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "host.docker.internal")


def described(name: str, value: str) -> "dict[str, Any] | None":
    """What may be known of a value; None where it is the address of no known service."""
    value = value.strip().strip("'\"")
    scheme = SCHEME.match(value[:80])
    base = scheme.group(1).partition("+")[0] if scheme else ""
    kind, port = KINDS.get(base, ("", 0))
    if not kind and base in ("http", "https"):
        kind, port = next(((kind, port) for word, kind, port in BY_NAME if word in name.upper()), ("", 0))
    if not scheme or not (kind or (URL_NAMES.search(name) and "DATABASE" in name)) or base == "sqlite" or "${" in value:
        return None
    said = {"scheme": scheme.group(1), "kind": kind, "host": "", "port": port, "problem": "", "local": False}
    if value.startswith("mongodb+srv"):
        return dict(said, scheme="mongodb", problem="srv")
    host, found, good = _host_and_port(value)
    if not good:
        return dict(said, problem="unreadable")
    return dict(said, host=host, port=found or port, local=host in HERE)


def _host_and_port(value: str) -> "tuple[str, int, bool]":
    """Host and port; not good where a sign of the password cuts the address in two. Several hosts, or a socket, are none."""
    rest = value.partition("://")[2]
    authority = re.split("[/?#]", rest)[0]
    hosts = authority.rpartition("@")[2]
    if "@" in rest[len(authority) :].partition("?")[0]:
        return "", 0, False
    if not hosts or "," in hosts:
        return "", 0, True
    try:
        parts = urlsplit("//" + hosts)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", 0, False
    return host.lower(), port, bool(re.match(r"[\w.:%-]{1,253}$", host))
