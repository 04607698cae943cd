"""Whole texts of everyday errors: the environment is blamed for its own faults, and never for the program's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlenv_doctor.knowledge.reading import Kind

from .reading import cures, of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXTS = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))["text"]
SITE = "/v/lib/python3.11/site-packages"


@pytest.mark.parametrize("row", TEXTS, ids=[row["name"] for row in TEXTS])
def test_a_text_is_blamed_on_whom_it_belongs_to(row: dict[str, str]) -> None:
    reading = of(row["said"])
    assert reading.kind.value == row["kind"]
    assert row["cause"] in (reading.cause, "*")
    assert cures(reading)


def test_the_line_of_the_program_is_named() -> None:
    text = f'  File "/w/etl.py", line 12, in <module>\n    x\n  File "{SITE}/pandas/core/frame.py", line 4102, in __getitem__\n    x\n'
    reading = of(text + "ValueError: Length of names must match number of levels")
    assert (reading.kind, reading.where, reading.culprit) == (Kind.PROGRAM, "etl.py:12", "pandas")
    assert "library-bug" in {other.cause for other in reading.candidates}


@pytest.mark.parametrize(
    "said",
    [
        "ValueError: this model needs a newer version of the library",
        "RuntimeError: could not connect to the broker",
        "RuntimeError: no suitable device",
        "ValueError: x",
        "TypeError: something strange happened",
    ],
)
def test_words_of_the_environment_are_not_taken_for_a_mistake_of_the_program(said: str) -> None:
    assert of(said).kind is not Kind.PROGRAM


def test_a_library_that_fails_while_it_is_imported_was_given_nothing_wrong() -> None:
    text = f'  File "/w/a.py", line 1, in <module>\n    import b_lib\n  File "{SITE}/b_lib/__init__.py", line 9, in <module>\n    x\n'
    assert of(text + "ValueError: bad marshal data").kind is not Kind.PROGRAM
    assert of(text.replace("<module>", "f") + "ValueError: bad values").kind is Kind.PROGRAM


def test_a_call_that_may_be_of_either_is_left_open() -> None:
    frames = "".join(
        f'  File "{file}", line 1, in f\n    x\n' for file in ("/w/a.py", f"{SITE}/peft/x.py", f"{SITE}/torch/nn/modules.py")
    )
    reading = of(frames + "TypeError: Attention.forward() missing 1 required positional argument: 'mask'")
    assert (reading.kind, reading.cause) == (Kind.UNKNOWN, "known-bad-pair")
    assert of(frames + "TypeError: Attention._init() missing 1 required positional argument: 'mask'").kind is Kind.ENVIRONMENT
    assert of(frames + "TypeError: Set.__getitem__() missing 1 required positional argument: 'i'").kind is Kind.PROGRAM


def test_only_a_symbol_of_python_tells_of_another_python() -> None:
    file = f"{SITE}/pandas/_libs/x.cpython-311-x86_64-linux-gnu.so"
    for symbol in ("_PyGen_Send", "PyUnicode_FromFormat", "_Py_Dealloc"):
        reading = of(f"ImportError: {file}: undefined symbol: {symbol}')")
        assert (reading.cause, f"uses {symbol}," in reading.message) == ("wrong-binary", True)
    strange = of(f'ImportError("{file}: undefined symbol: PyX\')")')
    assert strange.cause == "import-error"
    assert strange.message == f"pandas cannot be loaded: {file}: undefined symbol: PyX"
    assert of(f"ImportError: {file.replace('311-x', '39-x')}: undefined symbol: PyX").cause == "wrong-binary"


def test_files_of_two_versions_of_one_library() -> None:
    text = f"  File \"{SITE}/pip/_internal/x.py\", line 20, in <module>\n    x\nImportError: cannot import name 'D' from 'pip._internal.y'"
    assert of(text).cause == "interrupted-install"
    assert of(text.replace("pip/_internal/x", "rich/x")).cause == "known-bad-pair"
