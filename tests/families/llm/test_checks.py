"""What is said about keys and `.env`, for facts made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.llm.checks import file_is_not_shadowed, key_is_set
from mlenv_checks.llm.dotenv_file import dotenv_can_be_read
from mlenv_checks.llm.exposure import secrets_stay_secret
from mlenv_checks.llm.facts import BadLine, Key, Keys, Value
from mlenv_checks.llm.sdk import sdk_is_installed
from mlenv_checks.venv.facts import Prefix
from mlenv_doctor import Finding, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Libraries, Python, Wanted

GOOD, EMPTY, PLACEHOLDER = Value(vendor="OpenAI"), Value(empty=True), Value(placeholder=True)
OPENAI = Key("OPENAI_API_KEY", "OpenAI", shell=GOOD)
IN_FILE = replace(OPENAI, shell=None, file=GOOD, line=2)
ANTHROPIC = Key("ANTHROPIC_API_KEY", "Anthropic", shell=Value(vendor="Anthropic"))
QUICK = Missing("key_uses", Why.NOT_ASKED, "not checked with --quick")
LATE = Missing("keys", Why.TIMEOUT, "did not answer within 10 s")


def said(found: object) -> list[tuple[str, str]]:
    """Status and cause (or whom it is blocked by) of each finding."""
    findings = [found] if isinstance(found, Finding) else list(found)  # type: ignore[call-overload]
    return [(f.status.value, f.cause or f.blocked_by or "") for f in findings]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (LATE, [("unknown", "")]),
        (Keys(), [("skip", "llm.key")]),
        (Keys(keys=(OPENAI,)), [("pass", "")]),
        (Keys(example=".env.example"), [("warn", "dotenv-missing")]),
        (Keys(example=".env.example", keys=(OPENAI,)), [("pass", "")]),
        (Keys(file="/p/.env"), [("pass", "")]),
        (Keys(file="/p/x", problem="missing", asked_file=True), [("fail", "dotenv-missing")]),
        (Keys(file="/p/.env", problem="broken link"), [("fail", "dotenv-not-a-file")]),
        (Keys(file="/p/.env", problem="not a file"), [("warn", "dotenv-not-a-file")]),
        (Keys(file="/p/.env", problem="a pipe"), [("unknown", "")]),
        (Keys(file="/p/.env", problem="zero bytes"), [("fail", "dotenv-encoding")]),
        (Keys(file="/p/.env", problem="utf-16", keys=(OPENAI,)), [("warn", "dotenv-encoding")]),
        (Keys(file="/p/.env", problem="utf-16"), [("fail", "dotenv-encoding")]),
        (Keys(file="/p/.env", problem="not utf-8"), [("fail", "dotenv-encoding")]),
        (
            Keys(
                file="/p/.env",
                bad_lines=(BadLine(1, "JSON", "OPENAI_API_KEY"), BadLine(4, "YAML"), BadLine(5, "JSON", "OPENAI_API_KEY")),
            ),
            [("fail", "dotenv-foreign-syntax")],
        ),
        (Keys(file="/p/.env", bad_lines=(BadLine(1, "YAML"), BadLine(2, "YAML"))), [("warn", "dotenv-foreign-syntax")]),
    ],
)
def test_the_file(keys: Keys | Missing, expected: list[tuple[str, str]]) -> None:
    assert said(dotenv_can_be_read(keys, Wanted(), QUICK)) == expected


@pytest.mark.parametrize("wanted", [Wanted(llm=True), Wanted(keys=("X",))])
def test_an_unreadable_file_is_no_trifle_where_another_key_is_required(wanted: Wanted) -> None:
    keys = Keys(file="/p/.env", problem="utf-16", keys=(OPENAI,))
    assert said(dotenv_can_be_read(keys, wanted, QUICK)) == [("fail" if wanted.keys else "warn", "dotenv-encoding")]


@pytest.mark.parametrize("wanted", [Wanted(llm=True), Wanted(keys=("X",))])
def test_the_file_where_a_key_is_required(wanted: Wanted) -> None:
    assert said(dotenv_can_be_read(Keys(example=".env.example"), wanted, QUICK)) == [("skip", "llm.key")]
    assert said(dotenv_can_be_read(Keys(file="/p/.env", problem="not a file"), wanted, QUICK)) == [("fail", "dotenv-not-a-file")]


YAML = (BadLine(1, "YAML", "OPENAI_API_KEY"),)


@pytest.mark.parametrize(
    ("keys", "wanted", "expected"),
    [
        (Keys(example=".env.example"), Wanted(), [("skip", "llm.dotenv")]),
        (Keys(example=".env.example"), Wanted(llm=True), [("fail", "key-missing")]),
        (Keys(file="/p/.env", problem="utf-16"), Wanted(), [("skip", "llm.dotenv")]),
        (Keys(file="/p/.env", problem="utf-16"), Wanted(keys=("OPENAI_API_KEY",)), [("skip", "llm.dotenv")]),
        (Keys(file="/p/.env", bad_lines=YAML), Wanted(llm=True), [("skip", "llm.dotenv")]),
        (Keys(file="/p/.env", bad_lines=YAML), Wanted(keys=("OPENAI_API_KEY",)), [("skip", "llm.dotenv")]),
        (Keys(file="/p/.env", bad_lines=YAML), Wanted(keys=("OTHER",)), [("fail", "key-missing")]),
        (Keys(file="/p/.env", bad_lines=(BadLine(1, "YAML"),)), Wanted(), [("warn", "key-missing")]),
        (Keys(endpoints=("OLLAMA_HOST",)), Wanted(llm=True), [("pass", "")]),
        (Keys(endpoints=("OLLAMA_HOST",)), Wanted(keys=("OTHER",)), [("fail", "key-missing")]),
    ],
)
def test_a_key_that_is_not_seen(keys: Keys, wanted: Wanted, expected: list[tuple[str, str]]) -> None:
    assert said(key_is_set(keys, wanted, QUICK)) == expected


def test_a_key_is_set_where_keys_are_read() -> None:
    (found,) = key_is_set(Keys(file="/p/my.env"), Wanted(keys=("GROQ_API_KEY",)), QUICK)
    assert found.fix and found.fix.values == {"name": "GROQ_API_KEY", "file": "/p/my.env"}


NAMED, LLM = Wanted(keys=("OPENAI_API_KEY",)), Wanted(llm=True)


@pytest.mark.parametrize(
    ("keys", "wanted", "expected"),
    [
        ((), Wanted(), [("warn", "key-missing")]),
        ((), LLM, [("fail", "key-missing")]),
        ((), NAMED, [("fail", "key-missing")]),
        ((ANTHROPIC,), NAMED, [("fail", "key-missing"), ("pass", ""), ("pass", "")]),
        ((OPENAI,), NAMED, [("pass", ""), ("pass", "")]),
        ((IN_FILE,), Wanted(), [("pass", ""), ("pass", "")]),
        ((replace(OPENAI, shell=EMPTY),), Wanted(), [("fail", "key-empty")]),
        ((replace(OPENAI, shell=EMPTY), ANTHROPIC), Wanted(), [("skip", ""), ("pass", ""), ("pass", "")]),
        ((replace(OPENAI, shell=EMPTY), ANTHROPIC), NAMED, [("fail", "key-empty"), ("pass", ""), ("pass", "")]),
        ((replace(OPENAI, shell=EMPTY, file=GOOD, differ=True),), Wanted(), [("skip", "llm.precedence:OPENAI_API_KEY")]),
        ((replace(OPENAI, shell=PLACEHOLDER),), Wanted(), [("fail", "key-placeholder")]),
        ((replace(OPENAI, shell=PLACEHOLDER), ANTHROPIC), Wanted(), [("warn", "key-placeholder"), ("pass", ""), ("pass", "")]),
        ((replace(OPENAI, shell=PLACEHOLDER, base_url=True),), Wanted(), [("pass", ""), ("pass", "")]),
        ((replace(OPENAI, shell=EMPTY), replace(ANTHROPIC, shell=EMPTY)), Wanted(), [("fail", "key-empty"), ("skip", "")]),
        ((replace(OPENAI, shell=PLACEHOLDER, file=GOOD, differ=True),), Wanted(), [("skip", "llm.precedence:OPENAI_API_KEY")]),
        ((replace(OPENAI, file=PLACEHOLDER, differ=True),), Wanted(), [("pass", ""), ("pass", "")]),
        ((replace(OPENAI, shell=EMPTY, base_url=True),), Wanted(), [("fail", "key-empty")]),
        ((replace(OPENAI, shell=Value(vendor="Anthropic")),), Wanted(), [("warn", "key-other-vendor"), ("pass", "")]),
        ((replace(OPENAI, shell=Value()),), Wanted(), [("pass", ""), ("pass", "")]),
        ((Key("MY_KEY", shell=Value(vendor="Groq")),), Wanted(keys=("MY_KEY",)), [("pass", ""), ("pass", "")]),
        ((Key("HF_TOKEN", "Hugging Face", llm=False, shell=EMPTY),), Wanted(), [("warn", "key-missing")]),
    ],
)
def test_the_keys(keys: tuple[Key, ...], wanted: Wanted, expected: list[tuple[str, str]]) -> None:
    assert said(key_is_set(Keys(keys=keys), wanted, QUICK)) == expected


def test_an_empty_variable_of_the_shell_is_not_blamed_on_the_file() -> None:
    (found, *_) = key_is_set(Keys(keys=(replace(OPENAI, shell=EMPTY, file=EMPTY, line=1),)), Wanted(), QUICK)
    assert "the shell" in found.message and found.fix and found.fix.id == "llm.set-key-unset"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (Keys(), [("skip", "")]),
        (Keys(file="/p/.env", keys=(OPENAI,)), [("pass", "")]),
        (Keys(file="/p/.env", keys=(replace(OPENAI, file=GOOD, differ=True),)), [("fail", "dotenv-shadowed")]),
        (Keys(file="/p/.env", keys=(replace(OPENAI, file=EMPTY, differ=True),)), [("pass", "")]),
        (Keys(file="/p/.env", keys=(replace(OPENAI, shell=EMPTY, file=GOOD, differ=True),)), [("fail", "dotenv-shadowed")]),
    ],
)
def test_which_value_counts(keys: Keys, expected: list[tuple[str, str]]) -> None:
    assert said(file_is_not_shadowed(keys)) == expected


SECRET = Keys(file="/p/.env", secret=True)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (Keys(), [("skip", "")]),
        (Keys(file="/p/.env"), [("skip", "")]),
        (SECRET, [("pass", "")]),
        (replace(SECRET, tracked=False, ignored=True), [("pass", "")]),
        (replace(SECRET, tracked=True, ignored=False), [("fail", "dotenv-tracked")]),
        (replace(SECRET, tracked=False, ignored=False), [("warn", "dotenv-not-ignored")]),
        (replace(SECRET, open_to_others=True, mode="0644"), [("warn", "dotenv-readable-by-others")]),
        (replace(SECRET, tracked=True, open_to_others=True), [("fail", "dotenv-tracked"), ("warn", "dotenv-readable-by-others")]),
    ],
)
def test_who_may_see_it(keys: Keys, expected: list[tuple[str, str]]) -> None:
    assert said(secrets_stay_secret(keys)) == expected


def with_libraries(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1", "/s") for name in names))


@pytest.mark.parametrize(
    ("keys", "libraries", "wanted", "expected"),
    [
        ((), with_libraries(), Wanted(), [("skip", "")]),
        ((), with_libraries("openai"), Wanted(), [("pass", "")]),
        ((), with_libraries(), LLM, [("fail", "sdk-missing")]),
        ((OPENAI,), with_libraries(), Wanted(), [("warn", "sdk-missing")]),
        ((OPENAI,), with_libraries(), Wanted(declared=True), [("skip", "")]),
        ((IN_FILE,), with_libraries("openai"), Wanted(), [("warn", "sdk-missing")]),
        ((IN_FILE,), with_libraries("openai"), LLM, [("fail", "sdk-missing")]),
        ((IN_FILE,), with_libraries("openai", "python-dotenv"), Wanted(), [("pass", "")]),
    ],
)
def test_the_library(keys: tuple[Key, ...], libraries: Libraries, wanted: Wanted, expected: list[tuple[str, str]]) -> None:
    assert said(sdk_is_installed(Keys(keys=keys), libraries, wanted, Python(), Prefix())) == expected


def test_what_was_never_looked_for_is_not_called_missing() -> None:
    """A snapshot answers only for the variables that it was asked about."""
    recorded = Keys(keys=(OPENAI,), looked_for=("OPENAI_API_KEY", "ANTHROPIC_API_KEY"))
    assert said(key_is_set(recorded, Wanted(keys=("MY_OWN_KEY",)), QUICK))[0] == ("unknown", "")
    assert said(key_is_set(recorded, Wanted(keys=("ANTHROPIC_API_KEY",)), QUICK))[0] == ("fail", "key-missing")


def test_an_sdk_in_the_folder_of_another_python_is_told_once() -> None:
    python, prefix = Python(version="3.13.0", prefix="/v", base_prefix="/u"), Prefix(made_for="3.12", has_own_site=False)
    assert sdk_is_installed(Keys(), Libraries(), Wanted(), python, prefix).blocked_by == "venv.intact"
