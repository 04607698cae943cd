"""The probe of real work, run for real: on SQLite, and on small stand-ins for libraries that fail in their own ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlenv_checks.works.facts import Worked, Works
from mlenv_checks.works.probes.work import unfinished
from mlenv_checks.works.probes.works import PIECES
from support.probing import probe

CLIENT = """
import json, os, urllib.request

class Answer:
    def __init__(self, **given): self.__dict__.update(given)

class OpenAI:
    def __init__(self, api_key, base_url, max_retries, timeout):
        assert not [name for name in os.environ if name.startswith("OPENAI_")], "a real key is within reach"
        self.chat = Answer(completions=Answer(create=self.create))
        self.address = base_url + "/chat/completions"
    def create(self, **given):
        request = urllib.request.Request(self.address, json.dumps(given).encode())
        with urllib.request.urlopen(request) as answer:
            said = json.load(answer)["choices"][0]["message"]["content"]
        return Answer(choices=[Answer(message=Answer(content=said))])
"""


def work(tmp_path: Path, piece: str, source: str = "", besides: tuple[str, ...] = ()) -> Worked:
    """What one piece of work came to, with a library made of this source."""
    (tmp_path / "openai.py").write_text(source)
    env = {"PYTHONPATH": str(tmp_path), "OPENAI_API_KEY": "sk-nobody", "HTTP_PROXY": "http://127.0.0.1:9"}
    found = probe(Works, env=env, piece=piece, besides=list(besides))
    assert isinstance(found, Works), found
    return found.pieces[0]


def test_sqlite_works_here(tmp_path: Path) -> None:
    found = work(tmp_path, "sqlite3", besides=("chromadb",))
    assert (found.outcome, found.name) == ("ok", "sqlite3")
    assert found.words["version"] and found.words["extensions"] and found.seconds > 0


def test_a_client_gets_its_answer_from_this_machine_and_no_key_is_within_its_reach(tmp_path: Path) -> None:
    found = work(tmp_path, "openai", CLIENT)
    assert (found.outcome, found.message) == ("ok", "")
    assert found.words["answer"].startswith("built a client")


def test_an_sdk_without_a_client_is_not_asked(tmp_path: Path) -> None:
    assert work(tmp_path, "openai").words["answer"] == "no client to build before openai 1.0"


def test_an_error_is_told_with_its_step_and_traceback(tmp_path: Path) -> None:
    refuses = "class OpenAI:\n    def __init__(self, **given): raise TypeError('unexpected keyword argument')\n"
    found = work(tmp_path, "openai", refuses)
    assert (found.outcome, found.step, found.reason) == ("error", "building a client", "TypeError")
    assert found.message == "unexpected keyword argument"
    assert found.detail.splitlines()[-1] == "TypeError: unexpected keyword argument"
    assert found.file.endswith("openai.py")


def test_another_answer_than_the_known_one_is_wrong(tmp_path: Path) -> None:
    found = work(tmp_path, "openai", CLIENT.replace("content=said", "content=said.upper()"))
    assert (found.outcome, found.message) == ("wrong", "the answer 'ready' was sent and 'READY' was read")


def test_what_is_imported_may_end_the_process(tmp_path: Path) -> None:
    found = work(tmp_path, "openai", "raise SystemExit(3)")
    assert (found.outcome, found.step, found.reason) == ("error", "its imports", "SystemExit")


@pytest.mark.parametrize(
    ("marks", "outcome"),
    [
        ((1.0, 3.0, 3.1), "stuck"),
        ((1.0, 14.0, 24.0), "slow"),
        ((1.0, 3.0, 5.0), "cut"),
        ((1.0, None, 5.0), "cut"),
        ((None, 1.0, 5.0), "cut"),
        ((1.0, 5.0, None), "cut"),
    ],
)
def test_work_that_is_not_done_in_time(marks: tuple[float | None, ...], outcome: str) -> None:
    assert unfinished(list(marks)) == outcome


def test_every_piece_is_a_function_that_says_what_it_does() -> None:
    assert all(function.__doc__ for function in PIECES.values())
