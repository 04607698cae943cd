"""What the probe of keys says of a value: whose it is, never what it is; and exactly what python-dotenv loads."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from dotenv import load_dotenv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.ward import KEY
from mlenv_checks.llm.facts import Keys
from mlenv_checks.llm.probes.key_values import KEY_VARIABLES, describe_text, is_secret
from mlenv_checks.llm.probes.keys import read_keys
from mlenv_checks.llm.probes.secret import Secret
from support.probing import probe


@pytest.fixture(autouse=True)
def no_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


PLACEHOLDERS = [
    "your_key_here", "YOUR-API-KEY", "<your key>", "sk-xxxxxxxx", "sk-...", "sk-proj-...Ab3C", "changeme", "REPLACE_ME", "# put it here",
    "${{ secrets.OPENAI_API_KEY }}", "$OPENAI_API_KEY", "%OPENAI_API_KEY%", "OPENAI_API_KEY", "api_key", "********", "sk-\u2022\u2022\u2022\u2022Ab3C", "TODO", "[KEY]",
]  # fmt: skip


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder(value: str) -> None:
    assert describe_text("OPENAI_API_KEY", value)["placeholder"]


@pytest.mark.parametrize(
    "value",
    [
        KEY,
        "sk-ant-api03-" + "Qw7_" * 22,
        "0123456789abcdef" * 2,
        "sk-" + "a1B2" * 12,
        "AIza" + "Sy_-" * 9,
        "dummy",
        "eyJhbGciOi.eyJzdWIi.c2ln",
    ],
)
def test_no_placeholder(value: str) -> None:
    assert not describe_text("OPENAI_API_KEY", value)["placeholder"]


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("OPENAI_API_KEY", "abcdefgh", True),
        ("OPENAI_API_KEY", "your_key_here", False),
        ("X", KEY, True),
        ("STRIPE_SECRET", "whsec9Xk2Lm4Qp7Rt8", True),
        ("my-token", "a1b2c3d4e5f6a7b8", True),
        ("POSTGRES_PASSWORD", "postgres", False),
        ("TOKENIZER_MODEL", "bert-base-uncased-v2", False),
        ("MAX_TOKENS", "100000000000000000", False),
        ("NEXT_PUBLIC_ANON_KEY", "eyJhbGciOiJIUzI1NiIsInR5", False),
        ("SSH_KEY_PATH", "/home/me/.ssh/id_ed25519", False),
        ("MONKEY", "a1b2c3d4e5f6a7b8", False),
    ],
)
def test_what_is_worth_keeping(name: str, value: str, secret: bool) -> None:
    assert is_secret(name, Secret(name, value)) is secret


SHAPES = {
    "OPENAI_API_KEY": KEY,
    "OPENAI_ADMIN_KEY": "sk-admin-Kd8Fj3Lq9Wm2Zx7Rt5Vb",
    "ANTHROPIC_API_KEY": "sk-ant-api03-Ty6Gh2Bn9Mk4Lp7Ws1Xd8Cv5Fr3Qa",
    "GEMINI_API_KEY": "AIzaUh5Rf2Ew8Dc3Vg6Bn1Mj4Kl7Zq9",
    "GROQ_API_KEY": "gsk_Fw3Ed9Rf5Tg1Yh7Uj2Ik8Ol4",
    "XAI_API_KEY": "xai-Pq2Oe7Rj4Tk9Yl1Um6In3Bv8",
    "OPENROUTER_API_KEY": "sk-or-v1-9f3e7d1c5b8a2f6e4d0c",
    "HF_TOKEN": "hf_Uj8Kl3Mn6Bv1Cx4Zs9Aq2Wd7Ef5",
    "PINECONE_API_KEY": "pcsk_4Ht7G_Zn5Xm8Cb2Vl6Kj1Hg9",
    "LANGSMITH_API_KEY": "lsv2_pt_0a9b8c7d6e5f4a3b2c1d",
    "REPLICATE_API_TOKEN": "r8_Bd5Gs8Hf2Jk7Lw4Qe9Rt3Yu6",
    "AWS_BEARER_TOKEN_BEDROCK": "ABSKQmVkcm9ja0tleTpXYz",
}
PUBLIC = [
    "sk-proj-",
    "sk-admin-",
    "sk-ant-api03-",
    "AIza",
    "gsk_",
    "xai-",
    "sk-or-v1-",
    "hf_",
    "pcsk_",
    "lsv2_pt_",
    "r8_",
    "ABSK",
]


def pieces(secret: str, size: int = 6) -> set[str]:
    """All pieces of what follows the vendor's prefix, which is public."""
    body = next(secret[len(prefix) :] for prefix in PUBLIC if secret.startswith(prefix))
    return {body[i : i + size] for i in range(len(body) - size + 1)}


@pytest.mark.parametrize("where", ["file", "shell", "both", "bad lines"])
def test_no_piece_of_a_secret_leaves_the_probe(tmp_path: Path, where: str) -> None:
    sign = ": " if where == "bad lines" else "="
    content = "".join(f"{name}{sign}{value}\n" for name, value in SHAPES.items()) if where != "shell" else ""
    shell = (
        {name: value + ("x" if where == "both" else "") for name, value in SHAPES.items()} if where in ("shell", "both") else {}
    )
    (tmp_path / ".env").write_text(content)
    found = probe(Keys, cwd=tmp_path, env=shell)
    assert isinstance(found, Keys)
    assert len(found.bad_lines if where == "bad lines" else found.keys) == len(SHAPES)
    said = json.dumps(asdict(found)).replace(json.dumps(found.file), "")
    leaked = {name for name, secret in SHAPES.items() if any(piece in said for piece in pieces(secret))}
    assert leaked == set()


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_known_by_its_vendor(name: str) -> None:
    assert describe_text(name, SHAPES[name])["vendor"] == KEY_VARIABLES[name][0]


LINE_PARTS = st.sampled_from(
    ["OPENAI_API_KEY", "X", "=", ":", " ", "\n", "\r\n", "\r", "'", '"', "\\", "#", "export ", "set ", "${X}", "${OPENAI_API_KEY}", "$", "{", "}", "sk-proj-abc", "\ufeff", "\0", "é", "\u2028"]
)  # fmt: skip
CONTENTS = st.one_of(st.binary(max_size=300), st.lists(LINE_PARTS, max_size=25).map(lambda parts: "".join(parts).encode()))


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
def test_whatever_stands_in_the_file_a_key_is_loaded_exactly_where_python_dotenv_loads_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    question = {"project": str(tmp_path), "env_file": None, "keys": []}
    before = dict(os.environ)
    said = read_keys(question)
    try:
        load_dotenv(file)
        loaded: str | None = os.environ.get("OPENAI_API_KEY", "")
    except (ValueError, UnicodeError):
        loaded = None
    finally:
        os.environ.clear()
        os.environ.update(before)
    json.dumps(said)
    if loaded is None:
        assert said["problem"] or said["bad_lines"]
        return
    mine = next((one["file"] for one in said["keys"] if one["name"] == "OPENAI_API_KEY"), None)
    good = bool(mine and not mine["empty"])
    assert good == bool(loaded.strip()), said
    if good:
        assert mine == describe_text("OPENAI_API_KEY", loaded)
