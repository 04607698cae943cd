"""The fleet as one JSON document; its shape is published in schema.json."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from ... import __version__
from ...report.look import Look
from ..drift import KIND, SCHEMA, Drift
from ..fold import Differs, Group
from ..names import folded
from ..node import Found
from . import Shown


def render(shown: Shown, look: Look) -> str:
    """One document, and nothing else. ASCII only: it survives every terminal and locale."""
    return json.dumps(document(shown), indent=1) + "\n"


def document(shown: Shown) -> dict[str, Any]:
    """The fleet as plain data. Only the norm lists all its libraries; of another group `differs` says what is not as there."""
    fleet = shown.fleet
    data: dict[str, Any] = {
        "schema_version": SCHEMA,
        "kind": KIND,
        "tool": {"name": "mlenv-doctor", "version": __version__},
        "verdict": fleet.verdict.value,
        "nodes": fleet.nodes,
        "answered": fleet.answered,
        "silent": [{**_names(silent.names), "why": silent.why} for silent in fleet.silent],
        "groups": [_group(group) for group in fleet.groups],
    }
    return data | ({"drift": _drift(shown.drift)} if shown.drift else {})


def _names(names: Sequence[str]) -> dict[str, Any]:
    return {"nodes": folded(names), "count": len(names)}


def _group(group: Group) -> dict[str, Any]:
    libraries = {"libraries": dict(group.node.libraries)} if group.norm else {}
    return {
        **_names(group.names),
        "norm": group.norm,
        "verdict": group.node.verdict,
        "whole": group.node.whole,
        "headline": {"machine": dict(group.node.machine), **libraries},
        "differs": [_differs(change) for change in group.differs],
        "causes": [_found(one) for one in group.node.found],
    }


def _differs(change: Differs) -> dict[str, Any]:
    return {name: getattr(change, name) for name in ("about", "name", "here", "norm", "whose")}


def _found(one: Found) -> dict[str, Any]:
    return {name: getattr(one, name) or None for name in ("check", "cause", "subject", "status", "message", "who")}


def _drift(drift: Drift) -> dict[str, Any]:
    changed = [
        {
            **_names(group.names),
            "differs": [_differs(change) for change in group.differs],
            "new": [_found(one) for one in group.new],
            "gone": [_found(one) for one in group.gone],
        }
        for group in drift.changed
    ]
    names = ("new", "gone", "fell_silent", "back")
    return {"changed": changed, **{name: folded(getattr(drift, name)) for name in names}}


def schema() -> str:
    """The JSON schema of the document, as text."""
    assert __spec__ is not None and __spec__.loader is not None
    data: bytes = __spec__.loader.get_data(os.path.join(os.path.dirname(__file__), "schema.json"))  # type: ignore[attr-defined]  # of all loaders
    return data.decode("utf-8")
