"""A snapshot as a document: the facts of one machine, to be judged on another. It holds no secret."""

from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path
from typing import Any

from .clean import Cleaner
from .errors import BadInput
from .facts import Fact, Missing, Python, Snapshot, every_fact, parse
from .target import Target

SCHEMA = "1.0"
LARGEST = 50 << 20  # bytes; the snapshot of an environment with 400 distributions has about 0.3 MB


class BadSnapshot(BadInput):
    """The file given to --from is no snapshot of ours; the text says what is wrong with it."""


def to_document(snapshot: Snapshot, target: Target, project: str, version: str) -> dict[str, Any]:
    """Plain data that `from_file` reads back."""
    return {
        "schema_version": SCHEMA,
        "kind": "mlenv-doctor snapshot",
        "tool": {"name": "mlenv-doctor", "version": version},
        "target": dataclasses.asdict(target),
        "project": project,
        "facts": {kind.section: _plain(fact) for kind, fact in snapshot.items()},
    }


def _plain(fact: Fact | Missing) -> dict[str, Any]:
    data = dataclasses.asdict(fact)
    return {"missing": data} if isinstance(fact, Missing) else data


def from_file(path: Path) -> tuple[dict[type[Fact], Fact | Missing], Target, str]:
    """The facts, the target and the project of a saved snapshot. Raises BadSnapshot."""
    document = _read(path)
    if not isinstance(document, dict) or document.get("kind") != "mlenv-doctor snapshot":
        raise BadSnapshot(f"--from {path}: this is no snapshot; make one with `mlenv-doctor snapshot > patient.json`")
    if str(document.get("schema_version", "")).partition(".")[0] != SCHEMA.partition(".")[0]:
        raise BadSnapshot(f"--from {path}: its schema is {document.get('schema_version')!r}, this version reads {SCHEMA}")
    try:
        target = Target(**{key: str(document["target"][key]) for key in ("python", "prefix", "chosen_by")})
        facts = {kind: _fact(kind, document["facts"][kind.section]) for kind in every_fact() if kind.section in document["facts"]}
        return facts, target, str(document["project"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as why:
        raise BadSnapshot(f"--from {path}: this snapshot is damaged ({type(why).__name__}: {why})") from None


def _fact(kind: type[Fact], data: dict[str, Any]) -> Fact | Missing:
    if "missing" in data:
        return Missing(**{field.name: str(data["missing"][field.name]) for field in dataclasses.fields(Missing)})
    fact = parse(kind, data)
    if isinstance(fact, Python):
        _ = fact.minor  # everything is judged by it: a ValueError here is told as what it is
    return fact


def _read(path: Path) -> Any:
    try:
        info = path.stat()
        regular = stat.S_ISREG(info.st_mode) and info.st_size <= LARGEST
        text = path.read_bytes() if regular else b""
    except OSError as why:
        raise BadSnapshot(f"--from {path}: cannot be read: {why.strerror}") from None
    if not regular:
        raise BadSnapshot(f"--from {path}: not a regular file of at most {LARGEST >> 20} MB")
    try:
        return Cleaner().data(json.loads(text.decode("utf-8")))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadSnapshot(
            f"--from {path}: this is not JSON; make a snapshot with `mlenv-doctor snapshot > patient.json`"
        ) from None
