"""Every entry of the knowledge base: its example is read as it says, its look-alike is not, and its cause is in the vocabulary."""

from __future__ import annotations

import sys

import pytest

from mlenv_checks.error_texts import knowledge
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.knowledge.entries import BadEntry, Entry, read_entries
from mlenv_doctor.knowledge.reading import Kind
from mlenv_doctor.knowledge.rules import RULES
from mlenv_doctor.knowledge.surroundings import Surroundings
from mlenv_doctor.knowledge.text import prepared

from .reading import of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ENTRIES = knowledge().entries
NAMES = [f"{number}-{entry.cause}" for number, entry in enumerate(ENTRIES)]


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_the_example_means_this_and_the_look_alike_does_not(entry: Entry) -> None:
    assert entry.found(prepared(entry.example))
    assert not entry.found(prepared(entry.unlike))
    versions = {"numpy": "1.26" if "numpy<2" in entry.when else "2.3"} if entry.absent or entry.when else {}
    known = {"os": entry.os, "place": entry.place} if entry.certain else {}
    assert of(entry.example, versions, complete=bool(entry.absent), **known).cause == entry.cause


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_an_entry_says_what_to_do_and_where_that_is_written(entry: Entry) -> None:
    assert entry.cure and entry.source.startswith("https://")
    assert not entry.says.endswith(".")


def test_every_cause_is_in_the_vocabulary() -> None:
    meanings = {cause for plugin in find_plugins() for cause in plugin.causes}
    named = {entry.cause for entry in ENTRIES} | {other.cause for entry in ENTRIES for other in entry.others}
    assert named - meanings == set()


def test_the_check_may_name_every_cause_of_an_entry() -> None:
    [check] = [check for plugin in find_plugins() for check in plugin.checks if check.id == "symptom.explained"]
    assert {entry.cause for entry in ENTRIES if entry.kind is not Kind.UNKNOWN} - set(check.causes) == set()


def test_there_are_general_rules_and_several_hundred_entries() -> None:
    assert len(RULES) >= 10
    assert len(ENTRIES) >= 300


@pytest.mark.parametrize(
    "toml",
    [
        '[[error]]\ncause = "x"\npattern = "y"\n',
        '[[error]]\ncause = "x"\npattern = "y"\nsays = "z"\ncolour = "red"\n',
        '[[error]]\ncause = "x"\npattern = "y"\nsays = "z"\nkind = "fate"\n',
    ],
)
def test_a_malformed_entry_is_refused(toml: str) -> None:
    with pytest.raises(BadEntry, match="the error x"):
        read_entries([tomllib.loads(toml)])


def test_circumstances_speak_against_a_meaning() -> None:
    [entry] = read_entries([{"error": [{"cause": "x", "pattern": "y", "says": "z", "when": ["numpy>=2"], "os": "linux"}]}])
    assert entry.fits(Surroundings())
    assert not entry.fits(Surroundings(versions={"numpy": "1.26"}))
    assert not entry.fits(Surroundings(os="windows"))


def test_what_the_text_does_not_tell_leaves_no_empty_parentheses() -> None:
    bare = of("RuntimeError: Expected all tensors to be on the same device, but got weight on cpu")
    assert bare.cause == "tensors-on-two-devices" and "(" not in bare.message
    named = of("RuntimeError: found at least two devices, cuda:0 and cpu!")
    assert "(cuda:0 and cpu)" in named.message
