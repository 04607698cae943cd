"""An answer survives what happens to lines on their way, and nothing else is taken for one."""

from __future__ import annotations

import base64
import hashlib
import random
import zlib

import pytest

from mlenv_doctor.errors import BadInput
from mlenv_doctor.fleet import bootstrap
from mlenv_doctor.fleet.lines import LARGEST, MARK, Answers, written

TEXT = '{"kind": "x", "noise": "' + "".join(random.Random(1).choices("abcdefghijklmnop0123456789", k=9000)) + '"}'


def fed(lines: list[str]) -> list[tuple[str, bytes]]:
    answers = Answers()
    return [done for line in lines if (done := answers.feed(line))]


@pytest.mark.parametrize("before", ["", "[pod/mlenv-doctor-3-x7k2/doctor] ", "3: ", "2026-01-01T00:00:00Z stdout F "])
@pytest.mark.parametrize("shuffled", [False, True])
def test_lines_become_the_answer_again(before: str, shuffled: bool) -> None:
    lines = [f"{before}{line}\n" for line in (*written("node1", TEXT), *written("node2", "short"))]
    assert len(lines) > 6 and max(map(len, lines)) < 1024
    if shuffled:
        random.Random(2).shuffle(lines)
    assert sorted(fed(lines)) == [("node1", TEXT.encode()), ("node2", b"short")]


def test_all_else_is_passed_over() -> None:
    assert fed(["", "hello\n", f"{MARK} node1\n", f"{MARK} a b 1/1 x\n", f"{MARK} node1 {'0' * 16} 1/1 {'A' * 5000}\n"]) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{MARK} n {'0' * 16} 2/1 AAAA", "too large"),
        (f"{MARK} n {'0' * 16} 1/99999 AAAA", "too large"),
        (f"{MARK} n {'0' * 16} 1/1 AAAA", "damaged"),
        (f"{MARK} n {'0' * 16} 1/1 A", "damaged"),
        (written("n", "text")[0].replace(" 1/1 ", " 1/1 x"), "damaged"),
        (written("n", "text")[0].replace(hashlib.sha256(b"text").hexdigest()[:16], "0" * 16), "damaged"),
    ],
)
def test_a_damaged_line_is_said(line: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Answers().feed(line)


def test_what_unpacks_to_gigabytes_is_refused() -> None:
    packed = base64.b64encode(zlib.compress(b"0" * (LARGEST + 1))).decode()
    pieces = [packed[n : n + bootstrap.PIECE] for n in range(0, len(packed), bootstrap.PIECE)]
    answers = Answers()
    with pytest.raises(BadInput, match="more than 8 MB"):
        for number, piece in enumerate(pieces, 1):
            answers.feed(f"{MARK} n {'0' * 16} {number}/{len(pieces)} {piece}")


def test_unfinished_answers_are_named() -> None:
    answers = Answers()
    answers.feed(written("node7", TEXT)[0])
    assert answers.unfinished == ["node7"]


def test_unfinished_answers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlenv_doctor.fleet.lines.MOST_WAITING", 50)
    answers = Answers()
    with pytest.raises(BadInput, match="too many"):
        for number in range(60):
            answers.feed(f"{MARK} n{number} {'0' * 16} 1/9 AAAA")
