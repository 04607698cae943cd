"""The probe that asks providers, against a provider on loopback that has all kinds of days."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from mlenv_checks.llm.facts import KeyAnswer, KeyAnswers
from support.probing import probe
from support.providers import DAYS, UNREACHABLE, VARIABLES, Day, checking, on_this_day
from support.servers import always, dead, free_port, peer, reply

BODY = "Kd8Fj3Lq9Wm2Zx7Rt5VbPq4Yh6Nc1Gs0UoIeAzBxwLmQvRyHcDn5EjXkTfSa"
KEYS = {"openai": "sk-proj-" + BODY, "anthropic": "sk-ant-api03-" + BODY + BODY[::-1], "gemini": "AQ." + BODY}


@pytest.fixture(autouse=True)
def nothing_else_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith(("_KEY", "_TOKEN", "_BASE_URL", "_API_BASE", "_ENDPOINT")) or "proxy" in name.lower():
            monkeypatch.delenv(name)


def ask(project: Path, env: dict[str, str]) -> dict[str, KeyAnswer]:
    found = probe(KeyAnswers, cwd=project, env=env)
    assert isinstance(found, KeyAnswers), found
    said = json.dumps(asdict(found))
    assert not [BODY[i : i + 6] for i in range(len(BODY) - 5) if BODY[i : i + 6] in said]
    return {answer.name: answer for answer in found.answers}


def at(shape: str, uri: str) -> dict[str, str]:
    name, base, path = VARIABLES[shape]
    return {name: KEYS[shape], base: uri + path}


@pytest.mark.parametrize("day", DAYS)
def test_what_an_answer_says_of_a_key(tmp_path: Path, day: str) -> None:
    one: Day = DAYS[day]
    with peer(on_this_day(one)) as here:
        (answer,) = ask(tmp_path, at(one.shape, here.uri)).values()
        assert (answer.answer, answer.own) == (one.answer, True)
        assert here.heard and here.heard[0].split()[1].startswith(("/v1/models", "/v1beta/models"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", UNREACHABLE)
def test_a_provider_that_does_not_answer_is_not_the_keys_fault(tmp_path: Path, kind: str) -> None:
    with peer(UNREACHABLE[kind]) as here:
        started = time.monotonic()
        (answer,) = ask(tmp_path, at("openai", here.uri)).values()
        assert answer.answer in ("unreachable", "no-api")
        assert time.monotonic() - started < 8 + 1.5


def test_what_a_provider_shouts_back_is_not_kept(tmp_path: Path) -> None:
    def shout(connection: socket.socket, request: str) -> None:
        connection.sendall(
            reply(
                401, json.dumps({"error": {"message": f"Incorrect API key provided: {request}"}}), X_Key=request.split("\r\n")[1]
            )
        )

    with peer(shout) as here:
        (answer,) = ask(tmp_path, at("openai", here.uri)).values()
        assert (answer.answer, answer.detail) == ("rejected", "HTTP 401")


def test_nothing_listens(tmp_path: Path) -> None:
    (answer,) = ask(tmp_path, at("openai", f"http://127.0.0.1:{free_port()}")).values()
    assert (answer.answer, answer.detail) == ("unreachable", "connection refused")


def test_a_server_that_checks_no_key(tmp_path: Path) -> None:
    with peer(always(DAYS["openai accepts"].reply)) as here:
        (answer,) = ask(tmp_path, at("openai", here.uri)).values()
        assert answer.answer == "no-key-checked" and KEYS["openai"] not in here.heard[1]


def test_a_redirect_does_not_take_the_key_along(tmp_path: Path) -> None:
    with peer(always(reply(200, "{}"))) as other, peer(always(reply(302, "", Location=other.uri))) as here:
        (answer,) = ask(tmp_path, at("openai", here.uri)).values()
        assert answer.answer == "redirect" and not other.heard


@pytest.mark.slow
def test_all_together_take_no_longer_than_the_slowest(tmp_path: Path) -> None:
    def slow(connection: socket.socket, request: str) -> None:
        time.sleep(2)
        checking(connection, request)

    names = ["OPENAI", "MISTRAL", "GROQ", "DEEPSEEK", "XAI", "OPENROUTER", "CEREBRAS"]
    with peer(slow) as here:
        env = {f"{name}_API_KEY": f"good{BODY}" for name in names} | {f"{name}_BASE_URL": here.uri for name in names}
        started = time.monotonic()
        answers = ask(tmp_path, env)
        assert len(answers) == len(names) and time.monotonic() - started < 2 * 2 + 2  # an own endpoint is asked twice


@pytest.mark.slow
def test_one_that_hangs_holds_up_no_other(tmp_path: Path) -> None:
    with dead() as gone, peer(checking) as here:
        env = {**at("openai", here.uri), "GROQ_API_KEY": "gsk_" + BODY, "GROQ_BASE_URL": gone.uri}
        started = time.monotonic()
        answers = ask(tmp_path, {**env, "OPENAI_API_KEY": KEYS["openai"] + "good"})
        assert time.monotonic() - started < 8 + 1.5
        assert (answers["OPENAI_API_KEY"].answer, answers["GROQ_API_KEY"].answer) == ("accepted", "unreachable")


def test_what_is_sent(tmp_path: Path) -> None:
    with peer(checking) as here:
        env = {**at("openai", here.uri), "OPENAI_ORG_ID": "org-x", **at("anthropic", here.uri), **at("gemini", here.uri)}
        ask(tmp_path, env)
        openai = next(request for request in here.heard if "org-x" in request)
        anthropic = next(request for request in here.heard if "anthropic-version" in request)
        gemini = next(request for request in here.heard if "x-goog-api-key" in request)
    assert f"Authorization: Bearer {KEYS['openai']}" in openai and f"x-api-key: {KEYS['anthropic']}" in anthropic
    assert all(request.startswith("GET ") for request in (openai, anthropic, gemini))
    assert BODY not in gemini.split("\r\n")[0]  # addresses are written to logs


def test_a_proxy_is_gone_through_and_named_exceptions_are_not(tmp_path: Path) -> None:
    with peer(checking) as proxy, peer(checking) as here:
        env = {**at("openai", "http://api.example.test"), "HTTP_PROXY": f"http://me:secret@{proxy.uri[7:]}"}
        ask(tmp_path, {**env, "OPENAI_API_KEY": KEYS["openai"] + "good"})
        assert (
            proxy.heard[0].startswith("GET http://api.example.test/v1/models")
            and "Proxy-Authorization: Basic" in proxy.heard[0].title()
        )
        heard = len(proxy.heard)
        ask(tmp_path, {**env, "OPENAI_BASE_URL": here.uri + "/v1", "NO_PROXY": "127.0.0.1"})
        assert here.heard and len(proxy.heard) == heard


def test_only_what_can_be_a_key_is_sent_anywhere(tmp_path: Path) -> None:
    with peer(checking) as here:
        base = {"OPENAI_BASE_URL": here.uri + "/v1"}
        for value in ("", "your_key_here", "sk-x\n", '"sk-abcdefgh"', "sk-\u201cabc"):
            assert ask(tmp_path, {**base, "OPENAI_API_KEY": value}) == {}
        assert ask(tmp_path, {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": KEYS["openai"]}) == {}
        assert not here.heard


def test_of_the_file_and_the_shell_the_one_that_counts_is_asked_about(tmp_path: Path) -> None:
    with peer(checking) as here:
        (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEYS['openai']}good\nOPENAI_BASE_URL={here.uri}/v1\n")
        assert ask(tmp_path, {})["OPENAI_API_KEY"].answer == "accepted"
        shell = {"OPENAI_API_KEY": KEYS["openai"]}
        assert ask(tmp_path, {**shell, "OPENAI_BASE_URL": f"{here.uri}/v1"})["OPENAI_API_KEY"].answer == "rejected"
        withheld = ask(tmp_path, shell)["OPENAI_API_KEY"]
        assert withheld.answer == "unreachable" and "is not sent" in withheld.detail
