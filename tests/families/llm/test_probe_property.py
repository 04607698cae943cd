"""Whatever surrounds a key in `.env`: the doctor calls it set only where python-dotenv loads exactly that key."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from dotenv import load_dotenv
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lab.ward import KEY
from mlenv_checks.llm.checks import key_is_set
from mlenv_checks.llm.dotenv_file import dotenv_can_be_read
from mlenv_checks.llm.facts import Keys, KeyUses
from mlenv_checks.llm.probes.key_values import ENDPOINT_VARIABLES, KEY_VARIABLES
from mlenv_checks.llm.probes.keys import read_keys
from mlenv_doctor import Finding
from mlenv_doctor.facts import parse
from mlenv_doctor.patient import Wanted


@pytest.fixture(autouse=True)
def no_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*KEY_VARIABLES, *ENDPOINT_VARIABLES):
        monkeypatch.delenv(name, raising=False)


def loaded(file: Path) -> str | None:
    """What load_dotenv() makes of the variable; None where it makes nothing, or ends with an error."""
    before = dict(os.environ)
    try:
        load_dotenv(file)
        return os.environ.get("OPENAI_API_KEY")
    except (ValueError, UnicodeError):
        return None
    finally:
        os.environ.clear()
        os.environ.update(before)


def judged(project: Path) -> list[Finding]:
    keys = parse(Keys, json.loads(json.dumps(read_keys({"project": str(project), "env_file": None, "keys": []}))))
    return [*dotenv_can_be_read(keys, Wanted(), KeyUses()), *key_is_set(keys, Wanted(), KeyUses())]


NOISE = st.sampled_from(
    ["'", '"', "`", " ", "\t", "#", " # x", ";", ",", "\n", "\r", "\r\n", "\\", "\\n", "$", "${X}", "{", "}", ":", "=", "export ", "set ", "$env:",
     "OPENAI_API_KEY", "OPENAI_API_KEY=", "X=1", "X=", "\ufeff", "\u200b", "\xa0", "\u201c", "\u201d", "\0", "é", "\u2028", "[", "-", "<", ">"]
)  # fmt: skip
AROUND = st.lists(NOISE, max_size=4).map("".join)


@settings(max_examples=600, deadline=2000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=AROUND, sign=st.sampled_from(["=", " = ", "=", ": ", ""]), left=AROUND, right=AROUND, after=AROUND)
@example(before="", sign="=", left="", right="", after="")
@example(before="", sign="=", left="X=\n", right="", after="")
@example(before="OPENAI_API_KEY=", sign=": ", left="#", right="", after="")
@example(before="export ", sign=" = ", left="'", right="'", after="  # mine\r\n")
def test_a_key_is_called_set_only_where_python_dotenv_loads_just_that_key(
    tmp_path: Path, before: str, sign: str, left: str, right: str, after: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(f"{before}OPENAI_API_KEY{sign}{left}{KEY}{right}{after}".encode())
    said = judged(tmp_path)
    value = loaded(file)
    passed = any(f.status.value == "pass" and f.subject == "OPENAI_API_KEY" for f in said)
    if passed:
        assert value is not None and fits(value), (value, said)
    if value == KEY:
        assert passed, said
        assert not [f for f in said if f.status.value == "fail"], said


def fits(value: str) -> bool:
    """The key itself, or with letters that belong to any key: nobody can see that these are too many.

    A single word is one, too, for servers of one's own that take any.
    """
    if re.fullmatch(r"\w{1,15}", value):
        return True
    rest = value.partition(KEY)
    return rest[1] == KEY and bool(re.fullmatch(r"[A-Za-z0-9_.+/:~|-]*={0,2}", rest[0] + rest[2]))


@settings(max_examples=300, deadline=2000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_without_a_crash(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    assert judged(tmp_path)


@settings(max_examples=100, deadline=3000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    encoding=st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp1252"]),
    more=st.text(max_size=20),
)
def test_any_encoding_is_either_read_as_python_dotenv_reads_it_or_said_to_be_wrong(
    tmp_path: Path, encoding: str, more: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(f"OPENAI_API_KEY={KEY}\n# {more}".encode(encoding, "replace"))
    said = judged(tmp_path)
    passed = any(f.status.value == "pass" and f.subject == "OPENAI_API_KEY" for f in said)
    assert passed is (loaded(file) == KEY), said
    assert passed or any(f.cause.startswith("dotenv-") for f in said if f.status.value == "fail"), said
