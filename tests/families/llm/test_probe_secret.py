"""A secret cannot be shown, whatever is tried."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlenv_checks.llm.probes.secret import Secret

BODY = "Qw7Er5Ty3Ui1Op9As"
SECRET = Secret("OPENAI_API_KEY", "sk-proj-" + BODY, "sk-proj-")


def shown(attempt: Callable[[Any], object]) -> str:
    """All that comes of an attempt: its result, or its error with everything that a traceback shows."""
    try:
        return repr(attempt(SECRET))
    except Exception:
        return traceback.format_exc()


def log(secret: Any) -> str:
    record = logging.LogRecord("x", 10, "x", 1, "%s %r", (secret, secret), None)
    return record.getMessage()


ATTEMPTS: dict[str, Callable[[Any], object]] = {
    "repr": repr,
    "str": str,
    "format": lambda s: f"{s} {s!r} {s!s:>99} {s:>99}",
    "percent": lambda s: "%s %r" % (s, s),  # noqa: UP031
    "join": lambda s: ",".join([s]),
    "add": lambda s: "x" + s,
    "bytes": bytes,
    "list": list,
    "index": lambda s: s[0],
    "len": len,
    "in": lambda s: "Q" in s,
    "json": json.dumps,
    "json of a dictionary": lambda s: json.dumps({"key": s}),
    "json with str": lambda s: json.dumps(s, default=str),
    "json with repr": lambda s: json.dumps([s], default=repr),
    "json with vars": lambda s: json.dumps(s, default=vars),
    "pickle": pickle.dumps,
    "pickle 0": lambda s: pickle.dumps({"a": s}, 0),
    "copy": copy.copy,
    "deepcopy": lambda s: copy.deepcopy([s]),
    "pprint": pprint.pformat,
    "vars": vars,
    "attributes": lambda s: [getattr(s, name, None) for name in dir(s)],
    "equal": lambda s: s == "sk-proj-other",
    "hash": hash,
    "sorted": lambda s: sorted([s, s]),
    "log": log,
    "change": lambda s: setattr(s, "name", "x"),
    "delete": lambda s: delattr(s, "use"),
    "an error that quotes it": lambda s: s.use(lambda text: int(text)),
    "an error chained to it": lambda s: s.use(lambda text: {}[text]),
    "exception": lambda s: Exception(s),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_piece_of_it_is_shown(attempt: str) -> None:
    said = shown(ATTEMPTS[attempt])
    assert not [BODY[i : i + 6] for i in range(len(BODY) - 5) if BODY[i : i + 6] in said]


def test_it_says_what_is_public() -> None:
    assert repr(SECRET) == "<secret OPENAI_API_KEY: sk-proj-…, 25 characters>"
    assert (SECRET.name, SECRET.length, SECRET.prefix, bool(SECRET)) == ("OPENAI_API_KEY", 25, "sk-proj-", True)
    assert repr(Secret("X", "")) == "<secret X: 0 characters>" and not Secret("X", "")


def test_it_can_be_used_and_compared() -> None:
    assert SECRET.use(lambda text: text.endswith(BODY)) is True
    assert Secret("other", "sk-proj-" + BODY) == SECRET and Secret("OPENAI_API_KEY", "x") != SECRET
    assert copy.deepcopy(SECRET) is SECRET


def test_an_assertion_does_not_show_it(tmp_path: Path) -> None:
    """pytest explains what it compared, with the values of names, and shows local variables if asked."""
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent(f"""
        from mlenv_checks.llm.probes.secret import Secret

        def test_it():
            mine = Secret("X", "sk-proj-" + "{BODY[:8]}" "{BODY[8:]}")
            other = Secret("X", "else")
            assert mine == other
        """)
    )
    command = [sys.executable, "-m", "pytest", "-q", "--showlocals", "--tb=short", "-p", "no:cacheprovider", "test_it.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 1 and "<secret X" in said.stdout
    assert BODY[4:12] not in said.stdout + said.stderr
