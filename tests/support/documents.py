"""Documents as this version writes them, with a value in every field."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from types import UnionType
from typing import Any

from hypothesis import strategies as st

from mlenv_doctor.documents.snapshot import SCHEMA, to_document
from mlenv_doctor.facts import Missing, every_fact
from mlenv_doctor.patient import Python
from mlenv_doctor.patient.target import Target
from mlenv_doctor.report import json as reports
from support.reports import PLAIN, REPORT

PLAIN_VALUES = {str: "text", int: 1, float: 1.5, bool: True}


def sample(hint: Any) -> Any:
    """A value of this type that is not its default."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return hint(**{name: sample(inner) for name, inner in of_fields(hint).items()})
    if origin in (UnionType, typing.Union):
        return sample(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return (sample(args[0]),)
    return {"name": sample(args[1])} if origin is not None else PLAIN_VALUES[hint]


def values(hint: Any) -> st.SearchStrategy[Any]:
    """All values of this type."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return st.builds(hint, **{name: values(inner) for name, inner in of_fields(hint).items()})
    if origin in (UnionType, typing.Union):
        return st.none() | values(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return st.lists(values(args[0]), max_size=2).map(tuple)
    if origin is not None:
        return st.dictionaries(st.text(max_size=3), values(args[1]), max_size=2)
    return {str: st.text(max_size=3), int: st.integers(), float: st.floats(0, 9), bool: st.booleans()}[hint]


def of_fields(kind: type[Any]) -> dict[str, Any]:
    """The fields of a dataclass and their types; what belongs to the class is none."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def snapshot() -> str:
    """Every fact there is, and one that is missing."""
    facts = {kind: sample(kind) for kind in every_fact() if kind.where != "here"}
    facts[Python] = replace(facts[Python], version="3.12.1")
    gone = next(kind for kind in facts if kind.section == "gpu")
    facts[gone] = Missing("gpu", "timeout", "did not answer within 15 s", "its last words")
    return json.dumps(to_document(facts, Target("/p/.venv/bin/python", "/p/.venv", "project"), "/p", "0.1.0"), indent=1) + "\n"


def report() -> str:
    """Something of everything."""
    return reports.render(REPORT, PLAIN)


TODAY: dict[str, Callable[[], str]] = {f"snapshot-{SCHEMA}.json": snapshot, f"report-{reports.SCHEMA}.json": report}
