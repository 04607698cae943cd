"""What a runner asks of each node: the options of `check`, the program that answers, and how long it may take."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..records import dataclass
from .bootstrap import MARK, THIS_PYTHON
from .documents import clean
from .fold import Fold
from .lines import Answers
from .program import Program, program

SHORTEST = 10.0  # seconds for one node: starting Python and reading an environment takes that on a busy file system
LARGEST_OUTPUT = 8 << 20  # bytes that a node may print in all
SPARE = 5.0  # seconds that a node has to send its answer, and to remove what was sent
NO_PYTHON = f"{MARK}: no Python"
PYTHONS = " ".join(f"python3{minor}" for minor in ("", ".14", ".13", ".12", ".11", ".10"))
LAUNCH = (
    "for p in {pythons}; do command -v $p >/dev/null 2>&1 "
    '&& $p -I -c "import sys; sys.exit(sys.version_info < ({oldest}))" </dev/null 2>/dev/null '
    '&& exec $p -I -c "import sys; exec(sys.stdin.buffer.read({size}))" {options}; done; echo "{none}"; exit 127'
)
WORD = re.compile(r"[A-Za-z0-9+/=]+")
EXTRAS = {"ssh": ("ClusterShell", "ClusterShell"), "ray": ("ray", "ray"), "dask": ("distributed", "dask.distributed")}


@dataclass(frozen=True)
class Asked:
    """words: options and families of `check`. timeout: seconds for one node; deadline: for all. folder: where it runs there.

    installed: whether each node uses the mlenv-doctor that it has, and nothing is sent.
    """

    words: tuple[str, ...]
    timeout: float
    deadline: float
    folder: str = ""
    installed: bool = False

    @cached_property
    def program(self) -> Program | None:
        return None if self.installed else program()

    @property
    def answering(self) -> list[str]:
        """The words with which the program is called on a node."""
        return ["fleet", "answer", *self.words, "--budget", f"{self.timeout:g}"]


def payload(asked: Asked) -> bytes:
    """What a node reads on its standard input: the code that unpacks, then the program."""
    return source() + (asked.program.data if asked.program else b"")


def source() -> bytes:
    """The text of `bootstrap`, also out of a zip file."""
    from . import bootstrap

    assert bootstrap.__spec__ is not None and bootstrap.__spec__.loader is not None
    data: bytes = bootstrap.__spec__.loader.get_data(str(bootstrap.__spec__.origin))  # type: ignore[attr-defined]  # of all loaders
    return data


def launch(asked: Asked) -> str:
    """The line for a shell of a node that finds a Python and starts the code. All that varies in it is base64."""
    sent = asked.program
    options = {
        "size": len(sent.data) if sent else 0,
        "digest": sent.digest if sent else "",
        "words": asked.answering,
        "seconds": asked.timeout,
        "folder": asked.folder,
    }
    packed = base64.b64encode(json.dumps(options).encode("utf-8")).decode("ascii")
    assert WORD.fullmatch(packed)
    oldest = ", ".join(map(str, sent.oldest)) if sent else "3, 6"
    return LAUNCH.format(pythons=PYTHONS, oldest=oldest, size=len(source()), options=packed, none=NO_PYTHON)


def function() -> Any:
    """The function `answer` of `bootstrap`, without a module: Ray and Dask send it by value, and no node needs our package."""
    names: dict[str, Any] = {"__name__": "mlenv_doctor_on_a_node"}
    exec(compile(source(), "mlenv-doctor", "exec"), names)
    return names["answer"]


def arguments(asked: Asked) -> tuple[bytes | None, str, list[str], float]:
    """What that function is called with. Where nobody named a Python, the one that runs it is examined."""
    words = asked.answering
    if not any(word.startswith("--python=") for word in words):
        words = [*words, f"--python={THIS_PYTHON}"]
    sent = asked.program
    return (sent.data if sent else None), (sent.digest if sent else ""), words, asked.timeout


def need(runner: str) -> None:
    """Raise BadInput with the command that installs the engine of a runner, where it is not there."""
    package, module = EXTRAS[runner]
    if find_spec(module.partition(".")[0]) is None or find_spec(module) is None:
        raise BadInput(
            f"fleet {runner} needs {package}: {sys.executable} -m pip install 'PATH/TO/mlenv-doctor[{runner}]' "
            "(PATH/TO/mlenv-doctor is the checkout, or the wheel)"
        )


def take(fold: Fold, name: str, output: Path, code: int) -> None:
    """The answer of a node out of what it printed into a file; or why it has none. What it says cannot name another node."""
    answers, words = Answers(), ""
    if output.stat().st_size >= LARGEST_OUTPUT:
        fold.silence(name, f"it printed more than {LARGEST_OUTPUT >> 20} MB")
        return
    with output.open("rb") as stream:
        from .files import short_lines

        for text in short_lines(stream):
            try:
                done = answers.feed(text)
            except BadInput as why:
                fold.silence(name, str(why))
                return
            if done:
                fold.add(name, done[1])
                return
            if MARK not in text or NO_PYTHON in text:
                words = text if text.strip() else words
    fold.silence(name, reason(code, words, bool(answers.unfinished)))


def reason(code: int, words: str, cut: bool) -> str:
    """Why a node has no answer, by the exit code of what was started there and its last words."""
    said = f": {clean(words)}" if words.strip() else ""
    if NO_PYTHON in words:
        return "no Python 3.10 or newer"
    if code == 255:
        return f"unreachable{said}"
    if cut:
        return "its answer is cut off"
    return f"no answer (exit code {code}){said}"


def missing(fold: Fold, expected: Iterable[str], whys: Mapping[str, str], otherwise: str) -> None:
    """Name every node that was asked and is neither an answer nor silent yet."""
    for name in expected:
        if not fold.has(name):
            fold.silence(name, whys.get(name, otherwise))
