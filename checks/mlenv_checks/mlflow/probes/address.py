"""The address of a server, in its parts."""

from mlenv_checks.mlflow.probes.problems import ServerProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def server_address(uri: str) -> "dict[str, Any]":
    """The parts of an address. What is shown is put together from them anew, without user and query."""
    from urllib3.util import parse_url

    try:
        url = parse_url(uri)
    except Exception:
        raise ServerProblem("unreadable") from None
    if not url.host or "@" in (url.path or "") + (url.query or "") + (url.fragment or ""):
        raise ServerProblem("unreadable")
    port = url.port or (443 if url.scheme == "https" else 80)
    return {
        "scheme": url.scheme,
        "host": url.host.strip("[]"),
        "port": port,
        "auth": url.auth or "",
        "origin": "%s://%s:%d" % (url.scheme, url.host, port),
        "path": (url.path or "").rstrip("/"),
    }
