"""The JSON schema of a snapshot, made from the facts themselves: what a fact holds is said in one place only."""

from __future__ import annotations

import inspect
import json
import typing
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any

from ..facts import Fact, Missing, every_fact
from ..patient.target import Target
from .snapshot import KIND

PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema() -> dict[str, Any]:
    """What `snapshot.from_file` reads: every document that a version with this major number has written."""
    shapes: dict[str, Any] = {}
    kinds = [kind for kind in every_fact() if kind.where != "here"]
    missing = _reference(Missing, shapes)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Snapshot of mlenv-doctor",
        "description": "Minor versions only add: what is unknown is ignored, and what is not there has its default.",
        "type": "object",
        "required": ["schema_version", "kind", "target", "project", "facts"],
        "properties": {
            "schema_version": {"type": "string", "pattern": r"^1\.[0-9]+$"},
            "kind": {"const": KIND},
            "tool": {"type": "object", "properties": {"name": {"const": "mlenv-doctor"}, "version": {"type": "string"}}},
            "target": _reference(Target, shapes),
            "project": {"type": "string", "description": "the folder that was examined"},
            "facts": {"type": "object", "properties": {kind.section: _fact(kind, missing, shapes) for kind in kinds}},
        },
        "$defs": dict(sorted(shapes.items())),
    }


def text() -> str:
    """The schema as a document."""
    return json.dumps(schema(), indent=1) + "\n"


def _fact(kind: type[Fact], missing: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """A section: the fact, or why it could not be read."""
    return {
        "if": {"type": "object", "required": ["missing"]},
        "then": {"properties": {"missing": missing}},
        "else": _reference(kind, shapes),
    }


def _reference(kind: type[Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """A dataclass, described once under its name."""
    if kind.__name__ not in shapes:
        shapes[kind.__name__] = {}  # one that holds itself
        shapes[kind.__name__] = _shape(kind, shapes)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _shape(kind: type[Any], shapes: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    needed = [field.name for field in fields(kind) if field.default is field.default_factory is MISSING]
    return {
        "description": inspect.getdoc(kind) or "",
        "type": "object",
        "required": needed,
        "properties": {field.name: _type(hints[field.name], shapes) for field in fields(kind)},
    }


def _type(hint: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    """What a field may hold."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return _reference(hint, shapes)
    if origin in (UnionType, typing.Union):
        (inner,) = (arg for arg in args if arg is not type(None))
        return {"anyOf": [_type(inner, shapes), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _type(args[0], shapes)}
    if origin is not None:  # Mapping[str, X]
        return {"type": "object", "additionalProperties": _type(args[1], shapes)}
    return {"type": PLAIN[hint]}
