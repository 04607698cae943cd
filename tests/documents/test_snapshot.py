"""A snapshot comes back as it was saved, and a bad one is refused in a sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlenv_checks.system.facts import Disk, System
from mlenv_doctor.documents.snapshot import BadSnapshot, from_file, to_document
from mlenv_doctor.facts import Missing, Why, every_fact, parse
from mlenv_doctor.patient import Distribution, Libraries, Python
from mlenv_doctor.patient.target import Target

TARGET = Target("/p/python", "/p", "PATH")
FACTS = {
    Python: Python(version="3.12.1", user_site=None, path=("/a", "/b")),
    Libraries: Libraries((Distribution("numpy", "2.0", "/s", requires=("x>=1",)), Distribution("odd", None, "/s"))),
    System: System((Disk("home", "/h", "/", 1, 2),), memory_total=3, shm_total=None),
}


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    gone = Missing("gpu", Why.TIMEOUT, "did not answer within 3 s", "last words")
    gpu = next(kind for kind in every_fact() if kind.section == "gpu")
    file = tmp_path / "s.json"
    file.write_text(json.dumps(to_document({**FACTS, gpu: gone}, TARGET, "/project", "1")))
    assert from_file(file) == ({**FACTS, gpu: gone}, TARGET, "/project")


def test_a_newer_minor_version_may_say_more(tmp_path: Path) -> None:
    document = to_document(FACTS, TARGET, "/project", "1")
    document["schema_version"] = "1.7"
    document["facts"]["python"]["colour"] = "blue"
    document["facts"]["weather"] = {"rain": True}
    document["facts"]["gpu"] = {"missing": {"section": "gpu", "kind": Why.ERROR, "reason": "r", "detail": "d", "since": "1.7"}}
    (tmp_path / "s.json").write_text(json.dumps(document))
    gpu = next(kind for kind in every_fact() if kind.section == "gpu")
    assert from_file(tmp_path / "s.json")[0] == {**FACTS, gpu: Missing("gpu", Why.ERROR, "r", "d")}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not a snapshot"),
        ("{}", "not a snapshot"),
        ("\x00\xff", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"kind": "mlenv-doctor snapshot", "schema_version": "2.0"}', "its schema is '2.0'"),
        ('{"kind": "mlenv-doctor snapshot", "schema_version": "1.0"}', "damaged"),
    ],
)
def test_a_bad_one_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "s.json").write_text(text, "latin-1")
    with pytest.raises(BadSnapshot, match=says):
        from_file(tmp_path / "s.json")


def test_damage_inside_is_refused(tmp_path: Path) -> None:
    for wrong in ({"version": 3}, {"version": "x"}, {"path": "text"}, {"path": [1]}, [], None, "text", {"missing": {}}):
        document = to_document(FACTS, TARGET, "/project", "1")
        document["facts"]["python"] = wrong
        (tmp_path / "s.json").write_text(json.dumps(document))
        with pytest.raises(BadSnapshot, match="damaged"):
            from_file(tmp_path / "s.json")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, says in (("fifo", "regular"), (".", "regular"), ("none", "cannot be read")):
        with pytest.raises(BadSnapshot, match=says):
            from_file(tmp_path / name)


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(60 << 20)
    with pytest.raises(BadSnapshot, match="at most 50 MB"):
        from_file(tmp_path / "large")


@pytest.mark.parametrize("kind", list(every_fact()), ids=lambda kind: kind.__name__)
def test_every_fact_survives_the_way_through_json(kind) -> None:  # type: ignore[no-untyped-def]
    import dataclasses

    fact = kind()
    assert parse(kind, json.loads(json.dumps(dataclasses.asdict(fact)))) == fact


def test_numbers_without_end_are_damage(tmp_path: Path) -> None:
    imported = {"name": "numpy", "outcome": "ok", "seconds": 10**400}
    document = to_document(FACTS, TARGET, "/project", "1")
    document["facts"]["imports"] = {"libraries": [imported]}
    (tmp_path / "s.json").write_text(json.dumps(document))
    with pytest.raises(BadSnapshot, match="damaged"):
        from_file(tmp_path / "s.json")


def test_a_foreign_snapshot_commands_no_terminal_and_tells_no_secret(tmp_path: Path) -> None:
    document = to_document(FACTS, TARGET, "/project\x1b]0;title\x07", "1")
    document["facts"]["python"]["executable"] = "/p/\x1b[2Jpython\u202e"
    document["facts"]["python"]["startup_noise"] = "Bearer abcdefgh12345678"
    (tmp_path / "s.json").write_text(json.dumps(document))
    facts, _, project = from_file(tmp_path / "s.json")
    assert (facts[Python].executable, facts[Python].startup_noise, project) == ("/p/python", "Bearer ***", "/project")  # type: ignore[union-attr]
