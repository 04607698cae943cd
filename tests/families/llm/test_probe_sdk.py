"""What the doctor says of a key is what the real SDKs experience: the same provider, the same days, the same key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.real import UV
from mlenv_checks.llm.facts import KeyAnswers
from support.probing import probe
from support.providers import DAYS, VARIABLES, on_this_day
from support.servers import free_port, peer

pytestmark = pytest.mark.slow
ASK = """
import json, sys
import openai, anthropic
said = {}
for name, (shape, base) in json.loads(sys.argv[1]).items():
    kind = openai.OpenAI if shape == "openai" else anthropic.Anthropic
    try:
        found = kind(api_key=sys.argv[2], base_url=base, max_retries=0, timeout=5).models.list()
        said[name] = "" if [model.id for model in found.data] else "nothing"
    except Exception as why:
        said[name] = type(why).__name__
print(json.dumps(said))
"""
KEY = "sk-proj-" + "Kd8Fj3Lq9Wm2Zx7Rt5VbPq4Yh6Nc1Gs0UoIeAzBxwLmQvRyHcDn5EjXkTfSa"
# What each word of the doctor's may be for a program that uses the key.
EXPERIENCE = {
    "accepted": {""},
    "rejected": {"AuthenticationError", "BadRequestError"},
    "restricted": {"PermissionDeniedError", "AuthenticationError"},
    "no-credit": {"RateLimitError", "BadRequestError", "APIStatusError"},
    "rate-limited": {"RateLimitError"},
    "region": {"PermissionDeniedError"},
    "no-such-path": {"NotFoundError"},
    "no-api": {"AttributeError", "PermissionDeniedError", "TypeError", "nothing"},
    "trouble": {"InternalServerError", "OverloadedError", "ServiceUnavailableError"},
}


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdk")
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, folder / "v"], check=True)
    python = folder / "v/bin/python"
    command = [UV, "pip", "install", "-q", "--python", python, "openai==3.54.0", "anthropic==2.12.0", "python-dotenv==1.2.4"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return python


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and not name.endswith("_KEY")}


def experienced(sdk: Path, asked: dict[str, tuple[str, str]]) -> dict[str, str]:
    done = subprocess.run([sdk, "-c", ASK, json.dumps(asked), KEY], capture_output=True, text=True, env=clean())
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_the_sdks_experience_what_the_doctor_says(sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if "proxy" in name.lower() or name.endswith(("_API_KEY", "_BASE_URL")):
            monkeypatch.delenv(name)
    asked = {name: day for name, day in DAYS.items() if day.shape in ("openai", "anthropic")}
    peers = {name: peer(on_this_day(day)) for name, day in asked.items()}
    here = {name: one.__enter__() for name, one in peers.items()}
    try:
        bases = {name: (day.shape, here[name].uri + VARIABLES[day.shape][2]) for name, day in asked.items()}
        found = experienced(sdk, bases)
        for name, (shape, base) in bases.items():
            variable, address, _ = VARIABLES[shape]
            said = probe(KeyAnswers, cwd=tmp_path, env={variable: KEY, address: base})
            assert isinstance(said, KeyAnswers)
            assert found[name] in EXPERIENCE[said.answers[0].answer], (name, found[name], said)
            assert not asked[name].sdk or found[name] == asked[name].sdk, name
    finally:
        for one in peers.values():
            one.__exit__(None, None, None)


def test_nothing_that_answers_is_no_fault_of_the_key(sdk: Path) -> None:
    base = f"http://127.0.0.1:{free_port()}/v1"
    assert experienced(sdk, {"x": ("openai", base)}) == {"x": "APIConnectionError"}


HOW = """
import os, sys
from dotenv import load_dotenv
load_dotenv(sys.argv[1])
import openai
try:
    openai.OpenAI(max_retries=0, timeout=5).models.list()
    print("works")
except Exception as why:
    print(type(why).__name__)
"""


@pytest.mark.parametrize(
    ("line", "works"),
    [
        (f"OPENAI_API_KEY={KEY}", True),
        (f"export OPENAI_API_KEY = '{KEY}'  # mine", True),
        (f"OPENAI_API_KEY='{KEY} '", False),
        (f'OPENAI_API_KEY="{KEY}\\n"', False),
        (f'OPENAI_API_KEY="{KEY}\\r"', False),
        (f"OPENAI_API_KEY=\u201c{KEY}\u201d", False),
        (f"OPENAI_API_KEY={KEY}\u200b", False),
        (f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=", False),
        (f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=127.0.0.1:{{port}}/v1", False),
        (f"OPENAI_API_KEY={KEY}\nOPENAI_API_KEY=", False),
        (f"OPENAI_API_KEY: {KEY}", False),
        (f"OPENAI_API_KEY={KEY}#mine", False),
        (f"OPENAI_API_KEY={KEY};", False),
        (f'OPENAI_API_KEY={KEY}"', False),
        (f"OPENAI_API_KEY=' {KEY}'", False),
    ],
)
def test_what_is_called_broken_is_broken(sdk: Path, tmp_path: Path, line: str, works: bool) -> None:
    """A server that takes this very key and no other, the real SDK, and the real python-dotenv."""
    from lab.ward import Ward
    from support.providers import DAYS as days
    from support.servers import reply

    def exactly(connection: object, request: str) -> None:
        good = f"\r\nauthorization: bearer {KEY}\r\n".lower() in request.lower()
        connection.sendall(days["openai accepts"].reply if good else reply(401, "{}"))  # type: ignore[attr-defined]

    ward = Ward(tmp_path / "ward")
    ward.venv(libraries=("openai", "python-dotenv"))
    del ward.environ["OPENAI_API_KEY"]
    with peer(exactly) as here:
        text = line.replace("{port}", str(here.port))
        ward.write(".env", text + "\n").chmod(0o600)
        env = {**clean(), **({} if "BASE_URL" in text else {"OPENAI_BASE_URL": here.uri + "/v1"})}
        done = subprocess.run([sdk, "-c", HOW, ward.project / ".env"], capture_output=True, text=True, env=env)
        assert (done.stdout.strip() == "works") is works, done.stdout + done.stderr
        visit = ward.check("llm")
    assert (not visit.causes("fail")) is works, f"\n{visit}"
