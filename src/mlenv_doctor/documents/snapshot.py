"""A snapshot as a document: the facts of one machine, to be judged on another. It holds no secret.

Also read is what people paste into issues instead.
"""

from __future__ import annotations

import dataclasses
import json
import stat
import sys
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..facts import Fact, Missing, Snapshot, every_fact, parse
from ..foreign.clean import Cleaner
from ..patient import Python
from ..patient.target import Target

SCHEMA = "1.0"
KIND = "mlenv-doctor snapshot"
LARGEST = 50 << 20  # bytes; the snapshot of an environment with 400 distributions has about 0.3 MB
STANDARD_INPUT = Path("-")
Saved = tuple[dict[type[Fact], Fact | Missing], Target, str]


class BadSnapshot(BadInput):
    """The file given to --from is neither a snapshot of ours nor a report; the text says what is wrong with it."""


def to_document(snapshot: Snapshot, target: Target, project: str, version: str) -> dict[str, Any]:
    """Plain data that `from_file` reads back."""
    return {
        "schema_version": SCHEMA,
        "kind": KIND,
        "tool": {"name": "mlenv-doctor", "version": version},
        "target": dataclasses.asdict(target),
        "project": project,
        "facts": {kind.section: _plain(fact) for kind, fact in snapshot.items() if kind.where != "here"},
    }


def _plain(fact: Fact | Missing) -> dict[str, Any]:
    data = dataclasses.asdict(fact)
    return {"missing": data} if isinstance(fact, Missing) else data


def from_file(path: Path) -> Saved:
    """The facts, the target and the project of a saved snapshot, or of a pasted report; `-` is standard input.

    Raises BadSnapshot.
    """
    from .pasted import decoded, read_report

    data = _bytes(path)
    report = None if data.lstrip().startswith(b"{") else read_report(decoded(data))
    if report is not None:
        python = report[Python]
        return report, Target(python.executable if isinstance(python, Python) else "python", "", "the report"), ""
    return _snapshot(path, _document(path, data))


def _snapshot(path: Path, document: Any) -> Saved:
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise BadSnapshot(f"--from {path}: this is not a snapshot; create one with `mlenv-doctor snapshot > patient.json`")
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


def _bytes(path: Path) -> bytes:
    """What the file holds. A file that is no file, or too large to be one of ours, is refused."""
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read(LARGEST)
        info = path.stat()
        if stat.S_ISREG(info.st_mode) and info.st_size <= LARGEST:
            return path.read_bytes()
    except OSError as why:
        raise BadSnapshot(f"--from {path}: cannot be read: {why.strerror}") from None
    raise BadSnapshot(f"--from {path}: not a regular file of at most {LARGEST >> 20} MB")


def _document(path: Path, data: bytes) -> Any:
    try:
        return Cleaner().data(json.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadSnapshot(
            f"--from {path}: this is not JSON, and no report of torch.utils.collect_env or its like; "
            "make a snapshot with `mlenv-doctor snapshot > patient.json`"
        ) from None
