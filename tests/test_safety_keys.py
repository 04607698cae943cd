"""Keys of every vendor's shape, wherever a key can stand: no output shows six letters in a row of any of them."""

from __future__ import annotations

import json
import os
import pty
import random
import socket
import string
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from families.llm.patients_keys import notebook
from lab.ward import DOCTOR, Ward
from mlenv_doctor.report import FORMATS
from support.servers import peer, reply

# Twelve shapes: the variable, the vendor's prefix, how many letters follow, and which.
SHAPES = {
    "OPENAI_API_KEY": ("sk-proj-", 60, string.ascii_letters + string.digits),
    "OPENAI_ADMIN_KEY": ("sk-admin-", 50, string.ascii_letters + string.digits),
    "ANTHROPIC_API_KEY": ("sk-ant-api03-", 93, string.ascii_letters + string.digits),
    "GEMINI_API_KEY": ("AQ.", 40, string.ascii_letters + string.digits),
    "GOOGLE_API_KEY": ("AIza", 35, string.ascii_letters + string.digits),
    "GROQ_API_KEY": ("gsk_", 52, string.ascii_letters + string.digits),
    "XAI_API_KEY": ("xai-", 80, string.ascii_letters + string.digits),
    "OPENROUTER_API_KEY": ("sk-or-v1-", 64, "0123456789abcdef"),
    "HF_TOKEN": ("hf_", 34, string.ascii_letters),
    "LANGSMITH_API_KEY": ("lsv2_pt_", 32, "0123456789abcdef"),
    "REPLICATE_API_TOKEN": ("r8_", 37, string.ascii_letters + string.digits),
    "AWS_BEARER_TOKEN_BEDROCK": ("ABSK", 100, string.ascii_letters + string.digits),
}


@cache
def keys() -> dict[str, str]:
    """A key of each shape, drawn at random, the same in every run."""
    draw = random.Random(20261123)
    return {name: prefix + "".join(draw.choices(letters, k=number)) for name, (prefix, number, letters) in SHAPES.items()}


def pieces() -> dict[str, str]:
    """Each six letters in a row of a body, and whose they are."""
    bodies = {name: value.removeprefix(SHAPES[name][0]) for name, value in keys().items()}
    return {body[i : i + 6]: name for name, body in bodies.items() for i in range(len(body) - 5)}


def in_file(ward: Ward) -> None:
    good = [f"{name}={value}" for name, value in keys().items()]
    odd = [f"bad line {value}" for value in keys().values()] + [f"{name}: {value}" for name, value in keys().items()]
    odd += [f"X{value}={name}" for name, value in keys().items()] + list(keys().values())
    ward.write(".env", "\n".join([*good, *odd]) + "\n")
    ward.write(".env.bak", "\n".join(good).encode("utf-16"))


def in_shell(ward: Ward) -> None:
    ward.environ |= {name: f"{value}\n" if name == "XAI_API_KEY" else value for name, value in keys().items()}
    ward.write(".env", "".join(f"{name}={value}x\n" for name, value in keys().items()))


def in_url(ward: Ward) -> None:
    one, *more = keys().values()
    ward.environ["MLFLOW_TRACKING_URI"] = f"http://user:{one}@127.0.0.1:9/p?token={more[0]}"
    ward.environ["OPENAI_BASE_URL"] = f"http://{more[1]}@127.0.0.1:9/v1?key={more[2]}"
    ward.environ["ANTHROPIC_BASE_URL"] = f"127.0.0.1/{more[3]}"
    ward.environ["HTTPS_PROXY"] = f"http://me:{more[4]}@127.0.0.1:9"
    index = "".join(f"--extra-index-url https://user:{value}@127.0.0.1:9/simple?k={value}\n" for value in more)
    ward.write("requirements.txt", f"{index}numpy\n")


def in_sdk_error(ward: Ward) -> None:
    """What a client prints that was handed a key with a line end: its chained traceback holds all of it."""
    lines = "".join(f"print('Illegal header value', b'Bearer {value}\\\\n')\n" for value in keys().values())
    first = next(iter(keys().values()))
    raising = f"raise RuntimeError(\"Illegal header value b'Bearer {first}\\\\n'\") from ValueError({first!r})"
    ward.library("pandas", source=lines + raising)
    ward.library("openai", source=f"raise ValueError('Incorrect API key provided: {first}.')")


def in_notebook(ward: Ward) -> None:
    text = "\n".join(f"{name.lower()} = '{value}'" for name, value in keys().items())
    ward.write("a.ipynb", notebook(text, "\n".join(keys().values())))
    ward.write("b.py", text + "\nimport os\n" + "".join(f"os.environ['{value}']\n" for value in keys().values()))
    ward.write("c.py", text + "\nthis is no Python (" + next(iter(keys().values())))


def in_header(ward: Ward) -> None:
    """Sent to a provider that shouts it back, in its answer and in its headers."""
    ward.write(".env", "".join(f"{name}={value}\n" for name, value in keys().items()))


PLACES: dict[str, Callable[[Ward], None]] = {
    "file": in_file, "shell": in_shell, "URL": in_url, "SDK error": in_sdk_error, "notebook": in_notebook, "header": in_header,
}  # fmt: skip
RUNS = [["check", "--format", form] for form in FORMATS] + [
    ["check", "-v"], ["check", "--quick", "-v"], ["check", "--online", "-v"], ["check", "--timeout", "0.05"], ["snapshot"], ["fix"],
    ["check", "--help", "--nonsense"], ["check", "--nonsense"], ["check", "--require", "key:MY_KEY", "--format", "json"],
]  # fmt: skip


def shouting(connection: socket.socket, request: str) -> None:
    said = [line.partition(": ")[2] for line in request.split("\r\n") if ":" in line]
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {' '.join(said)} {request}"}})
    connection.sendall(reply(401, body, X_Key=" ".join(said)[:900]))


def shown(said: str) -> set[str]:
    return {name for piece, name in pieces().items() if piece in said}


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    made.environ.pop("OPENAI_API_KEY")
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    ["file", "header", *(pytest.param(place, marks=pytest.mark.slow) for place in PLACES if place not in ("file", "header"))],
)
def test_no_piece_of_a_key_is_shown(ward: Ward, place: str) -> None:
    PLACES[place](ward)
    with peer(shouting) as here:
        if place == "header":
            ward.environ |= {f"{name.partition('_API')[0]}_BASE_URL": here.uri for name in keys() if "_API_" in name}
            ward.environ |= {"GOOGLE_GEMINI_BASE_URL": here.uri, "HF_ENDPOINT": here.uri}
        for words in RUNS:
            visit = ward.doctor(*words)
            assert visit.code in (0, 1, 2, 3) and "Traceback" not in visit.stderr, f"{words}\n{visit.stderr}"
            assert shown(visit.stdout + visit.stderr) == set(), words
        assert place != "header" or any(shown(request) for request in here.heard)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_nor_on_a_terminal(ward: Ward, place: str) -> None:
    """With progress and colours, as a person sees it."""
    PLACES[place](ward)
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [DOCTOR, "check", "-v"], cwd=ward.project, env=ward.environ, stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    said = b""
    try:
        while part := os.read(leader, 65536):
            said += part
    except OSError:  # Linux says so when the other side is closed
        pass
    assert process.wait() in (0, 1, 3) and len(said) > 500
    assert shown(said.decode("utf-8", "replace")) == set()
