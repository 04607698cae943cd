"""The published schemas: that of snapshots agrees with what is read, and documents of every age stay valid."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlenv_doctor.documents.snapshot import BadSnapshot, from_file, to_document
from mlenv_doctor.documents.snapshot_schema import schema, text
from mlenv_doctor.facts import Fact, Missing, every_fact
from mlenv_doctor.patient import Python
from mlenv_doctor.patient.target import Target
from mlenv_doctor.report.json import schema as schema_of_reports
from support import documents
from support.builtin import PLUGIN

OLD = Path(__file__).parent / "golden"
SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
KINDS = [kind for kind in every_fact() if kind.where != "here" and kind.__module__.startswith("mlenv_")]
TARGET = Target("/p/python", "/p", "PATH")
FACTS = st.sampled_from(KINDS).flatmap(documents.values)


def snapshot(fact: Fact) -> dict[str, Any]:
    """A document with one fact, as it comes out of a file."""
    document: dict[str, Any] = json.loads(json.dumps(to_document({type(fact): fact}, TARGET, "/project", "1")))
    return document


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(text()) == json.loads(json.dumps(schema()))
    assert {kind.section for kind in KINDS} <= set(SCHEMA["properties"]["facts"]["properties"])
    assert all(shape["description"] for shape in SCHEMA["$defs"].values())


def test_no_two_classes_share_a_name() -> None:
    """They would share a description in the schema."""
    classes = {}
    for kind in every_fact():
        for inner in (kind, *nested(kind)):
            assert classes.setdefault(inner.__name__, inner) is inner


def nested(kind: type[Any]) -> Iterator[type[Any]]:
    """The dataclasses inside."""
    for hint in typing.get_type_hints(kind).values():
        for inner in (hint, *typing.get_args(hint)):
            if dataclasses.is_dataclass(inner) and isinstance(inner, type):
                yield inner
                yield from nested(inner)


@given(FACTS)
@settings(derandomize=True)
def test_every_fact_follows_it(fact: Fact) -> None:
    VALIDATOR.validate(snapshot(fact))


def test_a_missing_fact_follows_it() -> None:
    document = to_document({Python: Missing("python", "timeout", "did not answer")}, TARGET, "/project", "1")
    VALIDATOR.validate(document)
    document["facts"]["python"]["missing"].pop("reason")
    assert not VALIDATOR.is_valid(document)


WRONG = (None, True, 3, "text", [], {}, ["text"], {"a": 1}, 1.5)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_refuses_what_the_reader_refuses(kind: type[Fact], tmp_path: Path) -> None:
    """Each field of each fact with a value of every other type: what is read is valid, and what is not is damage."""
    for field in dataclasses.fields(kind):
        for wrong in WRONG:
            document = snapshot(kind())
            document["facts"][kind.section][field.name] = copy.deepcopy(wrong)
            if kind is Python and field.name == "version":
                continue  # it must also be the number of a Python
            (tmp_path / "s.json").write_text(json.dumps(document))
            try:
                from_file(tmp_path / "s.json")
            except BadSnapshot:
                assert not VALIDATOR.is_valid(document), (field.name, wrong)
            else:
                assert VALIDATOR.is_valid(document), (field.name, wrong)


@pytest.mark.parametrize("spoil", ["schema_version", "kind", "target", "project", "facts"])
def test_what_is_needed_is_needed(spoil: str) -> None:
    document = snapshot(Python(version="3.12.1"))
    VALIDATOR.validate(document)
    del document[spoil]
    assert not VALIDATOR.is_valid(document)


def test_a_newer_minor_version_may_say_more() -> None:
    document = snapshot(Python(version="3.12.1"))
    document |= {"schema_version": "1.9", "weather": "rain"}
    document["facts"]["python"]["colour"] = document["facts"]["weather"] = {"rain": True}
    VALIDATOR.validate(document)


@pytest.mark.parametrize("file", sorted(OLD.glob("report-*.json")), ids=lambda file: file.stem)
def test_an_old_report_stays_valid(file: Path) -> None:
    jsonschema.validate(json.loads(file.read_text("utf-8")), json.loads(schema_of_reports()))


@pytest.mark.parametrize("file", sorted(OLD.glob("snapshot-*.json")), ids=lambda file: file.stem)
def test_an_old_snapshot_stays_valid_and_can_be_read(file: Path) -> None:
    VALIDATOR.validate(json.loads(file.read_text("utf-8")))
    assert PLUGIN.checks  # with its families the kinds of facts are known
    facts, target, project = from_file(file)
    assert len(facts) > 20 and target.python and project


@pytest.mark.parametrize("name", documents.TODAY)
def test_a_document_of_today_is_kept(name: str) -> None:
    """Of each version of a schema one stays here for good. MLENV_DOCTOR_WRITE_DOCUMENTS=1 writes that of a new version."""
    file = OLD / name
    if os.environ.get("MLENV_DOCTOR_WRITE_DOCUMENTS") and not file.exists():
        file.write_text(documents.TODAY[name](), "utf-8")
    assert file.is_file()
