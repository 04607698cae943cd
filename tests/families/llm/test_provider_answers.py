"""What is said about the answers of providers, for facts made by hand."""

from __future__ import annotations

import pytest

from families.llm.test_checks import LATE, QUICK, said
from families.llm.test_checks_more import FILE, NEEDS, NESTED, NONE
from mlenv_checks.llm.facts import KeyAnswer, KeyAnswers, KeyUses
from mlenv_checks.llm.provider_answers import keys_are_accepted
from mlenv_doctor import Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Wanted


def answers(*words: str) -> KeyAnswers:
    names = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
    return KeyAnswers(tuple(KeyAnswer(name, "OpenAI", word, "HTTP 1") for name, word in zip(names, words)))


@pytest.mark.parametrize(
    ("found", "wanted", "uses", "expected"),
    [
        (Missing("key_answers", Why.NOT_ASKED, "not checked without --online"), Wanted(), NONE, [("skip", "")]),
        (LATE, Wanted(), NONE, [("unknown", "")]),
        (KeyAnswers(), Wanted(), NONE, [("skip", "")]),
        (answers("accepted"), Wanted(), NONE, [("pass", "")]),
        (answers("rate-limited"), Wanted(), NONE, [("pass", "")]),
        (answers("no-key-checked"), Wanted(), NONE, [("pass", "")]),
        (answers("no-such-path"), Wanted(), NONE, [("unknown", "")]),
        (answers("unreachable"), Wanted(), NONE, [("unknown", "")]),
        (answers("trouble"), Wanted(), NONE, [("unknown", "")]),
        (answers("rejected"), Wanted(), NONE, [("fail", "key-rejected")]),
        (answers("rejected", "accepted"), Wanted(), NONE, [("warn", "key-rejected"), ("pass", "")]),
        (answers("rejected", "accepted"), Wanted(keys=("OPENAI_API_KEY",)), NONE, [("fail", "key-rejected"), ("pass", "")]),
        (answers("rejected", "accepted"), Wanted(), NEEDS, [("fail", "key-rejected"), ("pass", "")]),
        (answers("rejected", "accepted"), Wanted(), NESTED, [("warn", "key-rejected"), ("pass", "")]),
        (answers("restricted"), Wanted(), NONE, [("warn", "key-restricted")]),
        (answers("no-credit"), Wanted(), NONE, [("fail", "key-no-credit")]),
        (answers("region"), Wanted(), NONE, [("fail", "region-not-served")]),
        (answers("no-api"), Wanted(), NONE, [("warn", "key-unverifiable")]),
        (answers("redirect"), Wanted(), NONE, [("warn", "key-unverifiable")]),
    ],
)
def test_answers(found: KeyAnswers | Missing, wanted: Wanted, uses: KeyUses, expected: list[tuple[str, str]]) -> None:
    assert said(keys_are_accepted(found, FILE, wanted, uses)) == expected


def test_an_endpoint_of_ones_own_is_named_as_such_and_the_file_is_guessed() -> None:
    own = KeyAnswers((KeyAnswer("OPENAI_API_KEY", "OpenAI", "rejected", "HTTP 401", own=True),))
    (found,) = keys_are_accepted(own, LATE, Wanted(), QUICK)
    assert "your own endpoint rejects" in found.message and found.fix and found.fix.values["file"] == ".env"
