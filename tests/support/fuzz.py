"""Every reader of foreign text, and texts that nobody would write: what breaks, what takes long, what lets a secret through.

python3 -m support.fuzz SECONDS     (from the folder tests) as long as one likes, with figures at its end
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile.kinds import texts
from mlenv_checks.containers.probes.containers import read_containers
from mlenv_checks.error_texts import knowledge
from mlenv_checks.libraries.probes.lock_files import read_lock
from mlenv_checks.llm.probes.code import read_key_uses
from mlenv_checks.llm.probes.keys import read_keys
from mlenv_checks.project.probes.code import read_code
from mlenv_checks.services.probes.services import read_services
from mlenv_doctor.documents.pasted import read_report, words
from mlenv_doctor.documents.saved import saved_report
from mlenv_doctor.documents.snapshot import from_file
from mlenv_doctor.errors import BadInput
from mlenv_doctor.examine.answers import read_answers, tail
from mlenv_doctor.foreign.clean import Cleaner, secrets_of_dotenv
from mlenv_doctor.foreign.secrets import without_shapes
from mlenv_doctor.foreign.text import Foreign, Unspeakable, harmless, line, word
from mlenv_doctor.knowledge import reader
from mlenv_doctor.knowledge.package_lists import package_list
from mlenv_doctor.knowledge.surroundings import Surroundings
from mlenv_doctor.patient.probes.project import read_project
from mlenv_doctor.patient.settings import read_settings
from mlenv_doctor.running.quote import quote

HERE = Path(__file__).parent.parent
PIECES = (
    "sk-", "://", "@", "password", "=", ":", "'", '"', "\\", "\n", "\r", "\x1b[", "\x1b]", "\u202e", "\u2028", "\x85", "{", "}", "[", "]", ",", " ", "\t", "-----BEGIN PRIVATE KEY-----",
    "-----END", "ey", "J", "a", "Z", "0", "9", "_", "-", ".", "/", "Bearer ", "login ", "machine ", "cookie: ", "--token ", "$(", "`", ";", "|", "&", "::error::", "\ud800", "\U000e0041", "\x00",
    "null", "true", "1e999", "[tool.mlenv-doctor]", "PyTorch version: ", "Traceback (most recent call last):", '  File "a.py", line 1, in x', "ImportError: ", "Collecting environment information...",
)  # fmt: skip


@dataclass
class Tally:
    """What a run of the fuzzer has seen."""

    tried: int = 0
    worst: float = 0.0
    slowest: str = ""
    planted: int = 0
    found: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def readers(folder: Path) -> dict[str, Callable[[str], str]]:
    """By name: what reads a text, and says what it made of it."""
    clean = Cleaner(["hunter2-and-more-1", "ab3"])

    def settings(text: str) -> str:
        (folder / "pyproject.toml").write_text(text, "utf-8", "surrogatepass")
        return repr(read_settings(folder))

    def file(read: Callable[[Path], object]) -> Callable[[str], str]:
        def act(text: str) -> str:
            (folder / "given").write_text(text, "utf-8", "surrogatepass")
            return repr(read(folder / "given"))

        return act

    def commanded(text: str) -> str:
        try:
            return quote([word(Foreign(text))], "sh")
        except Unspeakable as why:
            return str(why)

    def project(name: str, look: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
        """A reader of a project's files, one of which holds the text."""
        home = folder / name.strip(".").partition(".")[0]
        home.mkdir(exist_ok=True)

        def act(text: str) -> str:
            (home / name).write_text(text, "utf-8", "surrogatepass")
            return repr(look({"project": str(home), "names": ["numpy", "torch"], "env_file": ".env", "keys": [], "quick": False}))

        return act

    return {
        "settings": settings,
        "explanation": lambda text: repr(reader.read(text, Surroundings(), knowledge())),
        "package list": lambda text: repr(package_list(text)),
        "Dockerfile": project("Dockerfile", read_containers),
        "compose": project("compose.yaml", read_containers),
        "devcontainer": project(".devcontainer.json", read_containers),
        "code": project("train.py", read_code),
        "notebook": project("cells.ipynb", read_code),
        "keys in code": project("keys.py", read_key_uses),
        "keys in .env": project(".env", read_keys),
        "services": project(".env", read_services),
        "lock file": project("uv.lock", read_lock),
        "requirements": project("requirements.txt", read_project),
        "conda": project("environment.yml", read_project),
        "setup.cfg": project("setup.cfg", read_project),
        "snapshot": file(from_file),
        "report": file(lambda path: saved_report(path, "x")),
        "pasted": lambda text: repr(read_report(text)),
        "error": words,
        "clean": clean,
        "data": lambda text: json.dumps(clean.data({"detail": text, "name": text[:200], text[:40]: [text]})),
        "shapes": without_shapes,
        "dotenv": lambda text: str(len(secrets_of_dotenv(text))),
        "line": line,
        "harmless": harmless,
        "command": commanded,
        "answers": lambda text: repr(read_answers(text.encode("utf-8", "replace"), clean, {"x": "t"})),
        "tail": lambda text: tail(text.encode("utf-8", "replace")),
    }


HIDES = ("pasted", "error", "clean", "shapes")  # what these make of a text goes on the screen


def seeds() -> list[str]:
    """Texts that mean something to one of the readers."""
    machines = sorted((HERE / "report/screens/machines").glob("*.json"))
    return [
        *(file.read_text()[:20_000] for file in machines[:2]),
        "[tool.mlenv-doctor]\nprofile = ['llm']\nskip = 'gpu'\ntimeout = 3\n",
        "Collecting environment information...\nPyTorch version: 2.1.0\nIs debug build: False\nOS: Ubuntu\nPython version: 3.10\n",
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    import numpy\nImportError: no such symbol\n',
        'FROM python:3.11 AS a\nARG V=1\nRUN pip install torch==2.1.0 && \\\n  pip install -r requirements.txt\nENV K=sk-1\nEXPOSE 80\nCMD ["x"]\n',
        "services:\n  db: &a\n    image: postgres:16\n    ports: ['5432:5432']\n    environment:\n      - A=b\n  app:\n    <<: *a\n    shm_size: 1g\n",
        "import numpy as np\ntry:\n    import torch\nexcept ImportError:\n    torch = None\nx = np.zeros(3).to('cuda')\n",
        '{"cells": [{"cell_type": "code", "source": ["%pip install a\\n", "import b"]}], "metadata": {"kernelspec": {"name": "x"}}}',
        "DATABASE_URL=postgresql://u:p@localhost:5432/x\nREDIS_URL=redis://localhost\n",
        "-r other.txt\nnumpy==1.26.4 ; python_version < '3.12'\ntorch @ https://a/b.whl --hash=sha256:00\n-e .[x]\n",
        "name: x\ndependencies:\n  - python=3.11\n  - pip:\n    - torch\n",
        "[[package]]\nname = 'numpy'\nversion = '1.0'\nsource = { registry = 'x' }\n",
        "Package    Version\n---------- -------\nnumpy      1.26.4\n",
        "ERROR: Could not find a version that satisfies the requirement torch==9 (from versions: none)\n",
        "RuntimeError: CUDA error: no kernel image is available for execution on the device\n",
        'OPENAI_API_KEY=x\nexport A="b c"\n# d\n',
        '{"section": "x", "token": "t", "facts": {"a": 1}}\n',
        "",
    ]


def mutated(draw: random.Random, text: str) -> str:
    """The text with pieces put in, taken out and repeated."""
    for _ in range(draw.randint(1, 6)):
        at = draw.randint(0, len(text))
        piece = draw.choice(PIECES)
        how = draw.randrange(5)
        if how == 0:
            text = text[:at] + piece * draw.choice((1, 2, 50, 2000)) + text[at:]
        elif how == 1:
            text = text[:at] + text[at + draw.randint(0, 60) :]
        elif how == 2:
            text = text[:at] + (piece + draw.choice(PIECES)) * draw.choice((1, 30, 3000)) + text[at:]
        elif how == 3:
            text = text[:at] + text[max(0, at - 300) : at] * draw.choice((1, 5)) + text[at:]
        else:
            text = text[:at] + "".join(draw.choices(PIECES, k=20)) + text[at:]
    return text[:200_000]


def once(draw: random.Random, folder: Path, tally: Tally) -> None:
    """One text, read by every reader."""
    kind, (hidden, secret) = draw.choice(list(texts(str(draw.randrange(1000))).items()))
    base = draw.choice(seeds())
    text = mutated(draw, base)
    planted = f"{text[:50_000]}\n{hidden}\n" if draw.random() < 0.5 else ""
    for name, read in readers(folder).items():
        given = planted if planted and name in HIDES else text
        started = time.process_time()
        try:
            said = read(given)
        except BadInput as why:
            said = line(str(why))
        except Exception as why:
            tally.broken.append(f"{name}: {type(why).__name__} {line(str(why), 100)} on {given[:80]!r}")
            continue
        spent = time.process_time() - started
        tally.tried += 1
        if spent > tally.worst:
            tally.worst, tally.slowest = spent, f"{name} on {given[:60]!r} ({len(given)} characters)"
        if planted and name in HIDES:
            tally.planted += 1
            shown = [n for n in range(max(1, len(secret) - 9)) if secret[n : n + 10] in said]
            if shown:
                tally.found.append(f"{name}: {kind}: …{planted[-len(hidden) - 60 :]!r}")


def run(seconds: float, seed: int = 1) -> Tally:
    """As many texts as there is time for."""
    draw, tally, end = random.Random(seed), Tally(), time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            once(draw, Path(folder), tally)
    return tally


if __name__ == "__main__":
    done = run(float(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 1)
    print(
        f"tried {done.tried}, worst {done.worst:.2f} s ({done.slowest}), planted {done.planted}, found {len(done.found)}, broken {len(done.broken)}"
    )
    for word_ in (*done.found[:10], *done.broken[:10]):
        print(word_)
