"""The door: what comes in is a line, or no word of a command."""

from __future__ import annotations

import copy
import pickle

import pytest

from mlenv_doctor.foreign.text import Foreign, Unspeakable, harmless, is_line, line, word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb\r\nc", "a b c"),
        ("a\u2028b\x85c\x0bd\x1ce", "a b c d e"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x", "red x"),
        ("x\x1b'\";touch y", "x'\";touch y"),
        ("a\u202eb\u2066c\u200bd\ufeffe\U000e0041f\u00adg\u3164h", "abcdefgh"),
        ("\u067e\u0631\u0648\u0698\u0647\u200c\u0647\u0627", "\u067e\u0631\u0648\u0698\u0647\u200c\u0647\u0627"),
        ("a\u200cb", "ab"),
        ("\ud800x\udcff", "\\ud800x\\udcff"),
        ("na\u00efve \u4f60\u597d \U0001f642", "na\u00efve \u4f60\u597d \U0001f642"),
    ],
)
def test_a_text_becomes_a_line(text: str, shown: str) -> None:
    assert line(text) == shown and line(shown) == shown and is_line(shown)
    assert f"{Foreign(text)}" == shown and Foreign(text) == text


def test_it_is_bounded() -> None:
    assert line("x" * 5000, 10) == "xxxxxxxxx\u2026" and len(line("x\n" * 10_000_000)) == 2000


@pytest.mark.parametrize("text", ["a b", "it's", "$(x)", "/p/\u00e9\u4f60", "-x", "a\\\\b"])
def test_what_can_be_shown_is_a_word(text: str) -> None:
    assert word(Foreign(text)) == text and type(word(Foreign(text))) is str


@pytest.mark.parametrize("text", ["a\nb", "\x1b[2J", "a\u202eb", "\x00", "\udcff", "x" * 5000, "a\tb"])
def test_what_cannot_is_refused_and_named(text: str) -> None:
    with pytest.raises(Unspeakable) as why:
        word(Foreign(text))
    assert is_line(str(why.value)) and len(str(why.value)) < 300


def test_it_travels() -> None:
    text = Foreign("a\nb")
    for other in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert other == text and type(other) is Foreign


def test_lines_stay_where_text_is_data() -> None:
    assert harmless("a\r\nb\rc\td\x1b[1me\u200b") == "a\nb\nc\tde"
