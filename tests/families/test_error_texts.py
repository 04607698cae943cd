"""The reader's answers as findings and fixes: what was asked and not explained stays open, and every kind of cure has its fix."""

from __future__ import annotations

import pytest

from mlenv_checks.error_texts import remedy, said_in_full
from mlenv_checks.symptom.checks import error_is_explained
from mlenv_doctor.api import Finding, Missing
from mlenv_doctor.knowledge.reading import Candidate, Cure, Kind, Reading
from mlenv_doctor.patient import Said

GONE = Missing("x", "not-asked", "not checked")


def answer(text: str, asked: bool = True) -> Finding:
    """What the check says of a text on a machine of which nothing is known."""
    (found,) = error_is_explained.function(Said(text, asked), *[GONE] * 10)
    return found


@pytest.mark.parametrize(
    ("text", "asked", "status", "cause"),
    [
        ("hello world", True, "unknown", ""),
        ("hello world", False, "skip", ""),
        ("ModuleNotFoundError: No module named 'peft'", True, "fail", "not-installed"),
        ("RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x5 and 4x2)", True, "warn", "shape-mismatch"),
        ("RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x5 and 4x2)", False, "skip", ""),
    ],
)
def test_a_question_that_is_not_answered_stays_open(text: str, asked: bool, status: str, cause: str) -> None:
    found = answer(text, asked)
    assert (found.status.value, found.cause) == (status, cause)
    assert found.required == (status == "unknown")


def test_a_mistake_of_the_program_says_where_to_look() -> None:
    text = (
        'Traceback (most recent call last):\n  File "train.py", line 4, in <module>\n    model(x)\n'
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x5 and 4x2)"
    )
    assert answer(text).message.startswith("the program's own mistake (train.py:4)")


@pytest.mark.parametrize(
    ("cure", "id"),
    [
        (Cure("Replace it", install=("pinecone",), remove=("pinecone-client",)), "errors.replace"),
        (Cure("Upgrade it", install=("peft",), upgrade=True), "errors.upgrade"),
        (Cure("Reinstall it", install=("peft",), reinstall=True), "errors.reinstall"),
        (Cure("Install it", install=("peft",)), "errors.install"),
        (Cure("Free space", run=("df -h",)), "errors.advice"),
    ],
)
def test_every_kind_of_cure_has_its_fix(cure: Cure, id: str) -> None:
    found = remedy(cure)
    assert found and found.id == id and found.values["title"] == cure.says


def test_no_cure_is_no_fix() -> None:
    assert remedy(None) is None


def test_other_readings_are_told() -> None:
    reading = Reading(Kind.ENVIRONMENT, "the disk is full", candidates=(Candidate("inodes-full", "no inodes are left"),))
    assert said_in_full(reading) == "the disk is full. It can also mean: no inodes are left"
