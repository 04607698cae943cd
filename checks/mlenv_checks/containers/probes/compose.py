"""Read a compose file as the services that it names. Each node knows its line. https://docs.docker.com/reference/compose-file"""

import os
import re

from mlenv_doctor.probekit import file_text

from . import dockerfile, listening, secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST, MOST_SERVICES, MOST_VALUES = 1 << 17, 60, 200
# What a project's code talks to: the kind, how its image is called, and the port that it listens on by itself.
KINDS = (
    ("PostgreSQL", r"(?:^|/)(?:postgres|postgis|pgvector|timescaledb(?:-ha)?)(?:/|:|$)", 5432),
    ("MySQL", r"(?:^|/)(?:mysql|mariadb)(?:/|:|$)", 3306),
    ("Redis", r"(?:^|/)(?:redis|redis-stack(?:-server)?|valkey)(?:/|:|$)", 6379),
    ("MongoDB", r"(?:^|/)mongo(?:db)?(?:/|:|$)", 27017),
    ("Qdrant", r"(?:^|/)qdrant(?:/|:|$)", 6333),
    ("Chroma", r"chroma", 8000),
    ("Weaviate", r"(?:^|/)weaviate(?:/|:|$)", 8080),
    ("Milvus", r"(?:^|/)milvus(?:/|:|$)", 19530),
    ("MLflow", r"mlflow", 5000),
    ("MinIO", r"(?:^|/)minio(?:/|:|$)", 9000),
    ("RabbitMQ", r"(?:^|/)rabbitmq(?:/|:|$)", 5672),
    ("Elasticsearch", r"(?:^|/)(?:elasticsearch|opensearch)(?:/|:|$)", 9200),
    ("Ollama", r"(?:^|/)ollama(?:/|:|$)", 11434),
)
ADDRESS = re.compile(r"(?:^|[@/\s])(localhost|127\.0\.0\.1|\[::1\]):(\d{2,5})(?![\d.])")
HEADERS = re.compile(r"[A-Za-z_]\w{0,100}$")


class NoCompose(ValueError):
    """What compose itself would refuse: the line, and why."""

    def __init__(self, line: int, reason: str) -> None:
        ValueError.__init__(self, reason)
        self.line = line


def services(project: str, path: str) -> "list[dict[str, Any]]":
    """The services of one file. Raises NoCompose."""
    import yaml  # type: ignore[import-untyped,unused-ignore]  # not all of its releases bring types

    text = file_text(os.path.join(project, path), LARGEST + 1)
    if len(text) > LARGEST:
        raise NoCompose(0, "larger than %d KiB" % (LARGEST >> 10))
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as why:
        mark = getattr(why, "problem_mark", None)
        raise NoCompose(mark.line + 1 if mark else 0, "not valid YAML: %s" % getattr(why, "problem", "cannot be read")) from None
    if top is None or top.id != "mapping":
        raise NoCompose(0, "has no services")
    listed = _pairs(_value(top, "services"))
    if not listed and not any(_value(top, key) for key in ("include", "volumes", "networks", "version")):
        raise NoCompose(0, "has no services")
    folder = os.path.dirname(path)
    return [_service(folder, path, name, node, line) for name, node, line in listed[:MOST_SERVICES]]


def _pairs(node: "Any", depth: int = 0) -> "list[tuple[str, Any, int]]":
    """The keys, values and lines of a mapping; those that `<<` brings come last and give way."""
    found, brought = {}, {}  # type: dict[str, tuple[Any, int]], dict[str, tuple[Any, int]]
    for key, value in node.value if node is not None and node.id == "mapping" else []:
        if key.id == "scalar" and key.value == "<<" and depth < 4:
            for each in value.value if value.id == "sequence" else [value]:
                brought.update((name, (inner, line)) for name, inner, line in _pairs(each, depth + 1))
        elif key.id == "scalar":
            found[key.value] = (value, key.start_mark.line + 1)
    return [(name, value, line) for name, (value, line) in dict(brought, **found).items()][:MOST_VALUES]


def _value(node: "Any", *names: str) -> "Any":
    """What a path of keys leads to; None where it leads nowhere."""
    for name in names:
        node = next((value for key, value, _ in _pairs(node) if key == name), None)
    return node


def _items(node: "Any") -> "list[Any]":
    return node.value[:MOST_VALUES] if node is not None and node.id == "sequence" else []


def _text(node: "Any") -> str:
    return node.value[:2000] if node is not None and node.id == "scalar" else ""


def _service(folder: str, path: str, name: str, node: "Any", line: int) -> "dict[str, Any]":
    image, build = _text(_value(node, "image")), _build(folder, _value(node, "build"))
    image = dockerfile.filled(image, {})
    kind, port = next(((kind, port) for kind, pattern, port in KINDS if image and re.search(pattern, image)), ("", 0))
    variables = _environment(_value(node, "environment"))
    command = _command(_value(node, "command"))
    files = [_text(each) for each in _items(_value(node, "env_file"))] or [_text(_value(node, "env_file"))]
    mode = _text(_value(node, "network_mode"))
    ports = [port for port in map(_port, _items(_value(node, "ports"))) if port]
    return {
        "file": path,
        "name": name[:100],
        "line": line,
        "image": image[:200],
        "kind": kind,
        "port": port,
        "ports": [{"inside": inside, "outside": outside} for inside, outside in ports],
        "build": build,
        "gpu": _wants_gpu(node),
        "shared_memory": bool(_value(node, "shm_size") or _value(node, "ipc") or _value(node, "build", "shm_size")),
        "host": mode == "host" or mode.startswith(("service:", "container:")),
        "addresses": _addresses(variables),
        "names": [name for name, _, _ in variables],
        "keys": [{"name": key, "line": at, "how": "environment"} for key, value, at in variables if _is_key(key, value)][:10],
        "command": " ".join(os.path.basename(word) for word in command if word.endswith(".py"))[:200],
        "commanded": bool(command),
        "loopback": listening.loopback(command, {key: value for key, value, _ in variables}) if command else "",
        "dotenv": any(os.path.normpath(os.path.join(folder, file)) == ".env" for file in files if file),
    }


def _is_key(name: str, value: str) -> bool:
    return secrets.is_of_vendor(name) and secrets.is_secret_value(value)


def _build(folder: str, node: "Any") -> "dict[str, str]":
    """The context and the Dockerfile, relative to the project; empty where nothing is built or it lies elsewhere."""
    if node is None:
        return {"context": "", "file": ""}
    context = _text(node) if node.id == "scalar" else _text(_value(node, "context")) or "."
    if "://" in context or "$" in context or context.startswith(("/", "~", "git@")):
        return {"context": "", "file": ""}
    context = os.path.normpath(os.path.join(folder, context))
    file = "" if node.id == "scalar" else _text(_value(node, "dockerfile"))
    whole = os.path.normpath(os.path.join(context, file or "Dockerfile"))
    return {"context": context, "file": "" if "$" in whole or whole.startswith("..") else whole}


def _environment(node: "Any") -> "list[tuple[str, str, int]]":
    """The variables as (name, value, line); what the shell or other files set has no value here."""
    found = [(name, _text(value), line) for name, value, line in _pairs(node)]
    for each in _items(node):
        name, mark, value = _text(each).partition("=")
        found += [(name, value, each.start_mark.line + 1)] if mark else []
    return [(name, dockerfile.filled(value, {}), line) for name, value, line in found if HEADERS.match(name)]


def _command(node: "Any") -> "list[str]":
    if node is not None and node.id == "sequence":
        return [_text(each) for each in _items(node)]
    return dockerfile.words(_text(node).replace("\n", " ")) if node is not None else []


def _port(node: "Any") -> "tuple[int, int] | None":
    """The port inside and the one of this machine, 0 where that is chosen when it starts."""
    if node.id == "mapping":
        inside, outside = _text(_value(node, "target")), _text(_value(node, "published"))
    else:
        parts = re.sub(r"/\w+$", "", dockerfile.filled(_text(node), {})).split(":")
        inside, outside = parts[-1], parts[-2] if len(parts) > 1 else ""
    return (dockerfile.port(inside), dockerfile.port(outside)) if dockerfile.port(inside) else None


def _wants_gpu(node: "Any") -> bool:
    devices = _items(_value(node, "deploy", "resources", "reservations", "devices"))
    runtime = _text(_value(node, "runtime"))
    return bool(devices or _value(node, "gpus") is not None or _value(node, "devices") is not None or runtime == "nvidia")


def _addresses(variables: "list[tuple[str, str, int]]") -> "list[dict[str, Any]]":
    """The variables that send a service to localhost, with the port."""
    found = []
    for name, value, line in variables:
        match = ADDRESS.search(value)
        if match:
            found.append({"name": name, "host": match.group(1), "port": dockerfile.port(match.group(2)), "line": line})
        elif name.upper().endswith("HOST") and value in ("localhost", "127.0.0.1"):
            ports = [dockerfile.port(each) for other, each, _ in variables if other.upper() == name.upper()[:-4] + "PORT"]
            found.append({"name": name, "host": value, "port": ports[0] if ports else 0, "line": line})
    return found[:30]
