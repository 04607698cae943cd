"""What is said about flaws of keys, addresses, copies, sources and the answers of providers, for facts made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from families.llm.test_checks import ANTHROPIC, EMPTY, GOOD, IN_FILE, LATE, OPENAI, PLACEHOLDER, QUICK, said
from mlenv_checks.llm.checks import key_is_set, names_are_those_that_are_read, used_keys_are_set
from mlenv_checks.llm.dotenv_file import dotenv_can_be_read
from mlenv_checks.llm.endpoints import addresses_lead_somewhere, credentials_are_there
from mlenv_checks.llm.exposure import copies_are_secret, no_key_in_the_sources
from mlenv_checks.llm.facts import (
    Address,
    BadLine,
    CodeLine,
    Hardcoded,
    Key,
    KeyCopies,
    KeyCopy,
    KeyNeed,
    Keys,
    KeyUses,
    Typo,
    Value,
)
from mlenv_checks.llm.sdk import code_fits_the_sdk
from mlenv_doctor import Missing
from mlenv_doctor.patient import Distribution, Libraries, Wanted

NONE = KeyUses()
FILE = Keys(file="/p/.env", keys=(IN_FILE,))


@pytest.mark.parametrize(
    ("keys", "uses", "expected"),
    [
        (Keys(misnamed=(".env.txt",)), NONE, [("fail", "dotenv-wrong-name")]),
        (Keys(misnamed=(".env.local",)), NONE, [("warn", "dotenv-wrong-name")]),
        (Keys(misnamed=(".env.local",)), KeyUses(other_file=True), [("skip", "llm.key")]),
        (Keys(below=("src/.env",)), NONE, [("pass", "")]),
        (Keys(below=("src/.env",)), KeyUses(loads=(CodeLine("src/a.py", 1),)), [("pass", "")]),
        (Keys(below=("src/.env",)), KeyUses(loads=(CodeLine("b.ipynb", 1),)), [("warn", "dotenv-not-found-from-here")]),
        (replace(FILE, disabled=True), NONE, [("fail", "dotenv-disabled")]),
        (Keys(file="/p/.env", disabled=True), NONE, [("pass", "")]),
        (Keys(file="/p/.env", problem="too large"), NONE, [("fail", "dotenv-too-large")]),
        (Keys(file="/p/.env", bad_lines=(BadLine(1, "glued", "OPENAI_API_KEY"),)), NONE, [("fail", "dotenv-glued")]),
        (
            Keys(file="/p/.env", bad_lines=(BadLine(1, "an unclosed quote or stray text", "X"),)),
            NONE,
            [("fail", "dotenv-unparsable")],
        ),
    ],
)
def test_the_file(keys: Keys, uses: KeyUses, expected: list[tuple[str, str]]) -> None:
    assert said(dotenv_can_be_read(keys, Wanted(), uses)) == expected


FLAWED = {
    "line end": "key-whitespace", "blank around": "key-whitespace", "blank inside": "key-whitespace", "quote": "key-quoted",
    "comment": "key-has-comment", "more": "key-has-comment", "invisible": "key-non-ascii", "not ascii": "key-non-ascii",
}  # fmt: skip


@pytest.mark.parametrize("flaw", FLAWED)
def test_a_flaw(flaw: str) -> None:
    key = replace(OPENAI, shell=Value(vendor="OpenAI", flaw=flaw))
    assert said(key_is_set(Keys(keys=(key,)), Wanted(), QUICK)) == [("fail", FLAWED[flaw])]
    assert said(key_is_set(Keys(keys=(key, ANTHROPIC)), Wanted(), QUICK))[0] == ("warn", FLAWED[flaw])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (replace(OPENAI, shell=Value(vendor="OpenAI", flaw="truncated")), [("warn", "key-truncated"), ("pass", "")]),
        (replace(OPENAI, base_url=True, shell=Value(flaw="quote")), [("pass", ""), ("pass", "")]),
        (replace(OPENAI, base_url=True, shell=Value(flaw="line end")), [("fail", "key-whitespace")]),
        (replace(IN_FILE, file=Value(placeholder=True, variable=True)), [("fail", "dotenv-interpolation")]),
        (replace(OPENAI, shell=Value(placeholder=True, variable=True)), [("fail", "key-placeholder")]),
        (replace(IN_FILE, earlier=1, earlier_good=True), [("warn", "key-duplicate"), ("pass", "")]),
        (replace(IN_FILE, earlier=1), [("pass", ""), ("pass", "")]),
        (replace(IN_FILE, file=EMPTY, earlier=1, earlier_good=True), [("fail", "key-duplicate")]),
        (replace(IN_FILE, file=PLACEHOLDER, earlier=1), [("fail", "key-placeholder")]),
    ],
)
def test_one_key(key: Key, expected: list[tuple[str, str]]) -> None:
    assert said(key_is_set(Keys(file="/p/.env", keys=(key,)), Wanted(), QUICK)) == expected


def test_a_variable_without_braces_beside_another_key() -> None:
    key = replace(IN_FILE, file=Value(placeholder=True, variable=True))
    assert said(key_is_set(Keys(file="/p/.env", keys=(key, ANTHROPIC)), Wanted(), QUICK))[0] == ("warn", "dotenv-interpolation")


NEED = KeyNeed(("OPENAI_API_KEY",), "app.py", 3)
NEEDS = KeyUses(needs=(NEED,))
NESTED = KeyUses(needs=(replace(NEED, nested=True),))


@pytest.mark.parametrize(
    ("keys", "uses", "wanted", "expected"),
    [
        (Keys(), NONE, Wanted(), [("skip", "")]),
        (Keys(), NEEDS, Wanted(), [("fail", "key-missing")]),
        (Keys(), NESTED, Wanted(), [("fail", "key-missing")]),
        (Keys(keys=(OPENAI,)), NEEDS, Wanted(), [("pass", "")]),
        (Keys(keys=(ANTHROPIC,)), NEEDS, Wanted(), [("fail", "key-missing")]),
        (Keys(keys=(ANTHROPIC,)), NESTED, Wanted(), [("pass", "")]),
        (Keys(endpoints=("OLLAMA_HOST",)), NESTED, Wanted(), [("pass", "")]),
        (Keys(), replace(NEEDS, other_file=True), Wanted(), [("pass", "")]),
        (Keys(), replace(NEEDS, set_here=("OPENAI_API_KEY",)), Wanted(), [("pass", "")]),
        (Keys(accounts=("Google Cloud",)), KeyUses(needs=(KeyNeed(("GOOGLE_API_KEY",), "a.py"),)), Wanted(), [("pass", "")]),
        (Keys(keys=(replace(OPENAI, shell=EMPTY),)), NEEDS, Wanted(), [("skip", "llm.key")]),
        (Keys(), NEEDS, Wanted(keys=("OPENAI_API_KEY",)), [("skip", "llm.key")]),
        (Keys(), NEEDS, Wanted(llm=True), [("skip", "llm.key")]),
        (Keys(file="/p/.env", problem="utf-16"), NEEDS, Wanted(), [("skip", "llm.key")]),
        (Keys(misnamed=(".env.txt",)), NEEDS, Wanted(), [("skip", "llm.dotenv")]),
        (Keys(file="/p/.env", bad_lines=(BadLine(1, "YAML", "OPENAI_API_KEY"),)), NEEDS, Wanted(), [("skip", "llm.dotenv")]),
        (Keys(file="/p/.env", typos=(Typo("OPENAI_KEY", "OPENAI_API_KEY", 1),)), NEEDS, Wanted(), [("skip", "llm.names")]),
    ],
)
def test_what_the_code_needs(keys: Keys, uses: KeyUses, wanted: Wanted, expected: list[tuple[str, str]]) -> None:
    assert said(used_keys_are_set(keys, uses, wanted)) == expected


@pytest.mark.parametrize(
    ("keys", "uses", "expected"),
    [
        (Keys(), NEEDS, [("skip", "llm.used")]),
        (Keys(file="/p/.env", typos=(Typo("OPENAI_KEY", "OPENAI_API_KEY", 1),)), NONE, [("skip", "llm.names")]),
        (Keys(accounts=("Google Cloud",)), NONE, [("pass", "")]),
        (Keys(misnamed=("env",)), NONE, [("skip", "llm.dotenv")]),
    ],
)
def test_no_key(keys: Keys, uses: KeyUses, expected: list[tuple[str, str]]) -> None:
    assert said(key_is_set(keys, Wanted(), uses)) == expected


def test_a_required_key_behind_a_pipe_leaves_the_verdict_open() -> None:
    (found, *_) = key_is_set(Keys(file="/p/.env", problem="a pipe"), Wanted(keys=("OPENAI_API_KEY",)), QUICK)
    assert found.status.value == "unknown" and found.required


TYPO = Keys(file="/p/.env", typos=(Typo("openai_api_key", "OPENAI_API_KEY", 2),))


@pytest.mark.parametrize(
    ("keys", "uses", "expected"),
    [
        (Keys(), QUICK, [("skip", "")]),
        (FILE, NONE, [("pass", "")]),
        (TYPO, QUICK, [("warn", "key-name-typo")]),
        (TYPO, NONE, [("warn", "key-name-typo")]),
        (TYPO, KeyUses(names=("openai_api_key",)), [("pass", "")]),
    ],
)
def test_names(keys: Keys, uses: KeyUses | Missing, expected: list[tuple[str, str]]) -> None:
    assert said(names_are_those_that_are_read(keys, uses)) == expected


def at(problem: str, name: str = "OPENAI_BASE_URL", *keys: Key) -> Keys:
    return Keys(addresses=(Address(name, problem),), keys=keys)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (Keys(), [("skip", "")]),
        (at(""), [("pass", "")]),
        (at("empty", "OPENAI_BASE_URL", OPENAI), [("fail", "base-url-empty")]),
        (at("empty"), [("warn", "base-url-empty")]),
        (at("empty", "GROQ_BASE_URL"), [("skip", "")]),
        (at("no scheme", "GROQ_BASE_URL", Key("GROQ_API_KEY", "Groq", shell=GOOD)), [("warn", "base-url-wrong")]),
        *(
            (at(problem, "OPENAI_BASE_URL", OPENAI), [("fail", "base-url-wrong")])
            for problem in ("quote", "no scheme", "no host", "whole path", "no version")
        ),
        (at("version twice", "ANTHROPIC_BASE_URL", ANTHROPIC), [("fail", "base-url-wrong")]),
    ],
)
def test_addresses(keys: Keys, expected: list[tuple[str, str]]) -> None:
    assert said(addresses_lead_somewhere(keys)) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (Keys(), ("skip", "")),
        (Keys(credentials="there"), ("pass", "")),
        (Keys(accounts=("Google Cloud",)), ("pass", "")),
        (Keys(credentials="missing"), ("warn", "credentials-file-missing")),
        (Keys(credentials="missing", accounts=("Google Cloud",)), ("fail", "credentials-file-missing")),
    ],
)
def test_accounts(keys: Keys, expected: tuple[str, str]) -> None:
    assert said(credentials_are_there(keys)) == [expected]


COPIES = KeyCopies("/p/.env", folder="/p")
BACKUP = KeyCopy(".env.bak", "0600", tracked=False, ignored=True)


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        (QUICK, [("skip", "")]),
        (LATE, [("unknown", "")]),
        (KeyCopies(), [("skip", "")]),
        (COPIES, [("pass", "")]),
        (replace(COPIES, copies=(BACKUP,)), [("pass", "")]),
        (replace(COPIES, copies=(replace(BACKUP, tracked=True),)), [("fail", "dotenv-tracked")]),
        (
            replace(COPIES, copies=(replace(BACKUP, ignored=False, open_to_others=True, mode="0644"),)),
            [("warn", "dotenv-not-ignored"), ("warn", "dotenv-readable-by-others")],
        ),
        (replace(COPIES, in_history=("OPENAI_API_KEY",)), [("warn", "dotenv-in-history")]),
        (replace(COPIES, image="Dockerfile", ignore=".dockerignore"), [("warn", "dotenv-in-image")]),
    ],
)
def test_copies(copies: KeyCopies | Missing, expected: list[tuple[str, str]]) -> None:
    assert said(copies_are_secret(copies)) == expected


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        (QUICK, [("skip", "")]),
        (LATE, [("unknown", "")]),
        (NONE, [("pass", "")]),
        (KeyUses(hardcoded=(Hardcoded("a.py", 1, "OpenAI"), Hardcoded("a.py", 9, "OpenAI"))), [("warn", "key-in-source")]),
        (KeyUses(hardcoded=(Hardcoded("a.py", 1, "OpenAI", tracked=True),)), [("fail", "key-in-source")]),
        (KeyUses(hardcoded=(Hardcoded("a.ipynb", 1, "Google"),)), [("warn", "key-in-notebook")]),
        (KeyUses(hardcoded=(Hardcoded("a.ipynb", 1, "Google", output=True),)), [("warn", "key-in-notebook")]),
    ],
)
def test_sources(uses: KeyUses | Missing, expected: list[tuple[str, str]]) -> None:
    assert said(no_key_in_the_sources(uses)) == expected


REMOVED = KeyUses(removed=(CodeLine("a.py", 3, "openai.ChatCompletion"),))


@pytest.mark.parametrize(
    ("uses", "version", "expected"),
    [
        (NONE, "3.54.0", ("skip", "")),
        (REMOVED, None, ("skip", "")),
        (REMOVED, "0.28.1", ("pass", "")),
        (REMOVED, "3.54.0", ("fail", "sdk-api-removed")),
    ],
)
def test_old_code(uses: KeyUses, version: str | None, expected: tuple[str, str]) -> None:
    libraries = Libraries((Distribution("openai", version, "/s"),) if version else ())
    assert said(code_fits_the_sdk(uses, libraries)) == [expected]
