"""No secret is shown, stored or sent: not from an error text, not from a file, not from the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from .kinds import texts
from .lair import Lair

KINDS = texts()


def parts(secret: str, size: int = 8) -> set[str]:
    """All pieces of a secret that are long enough to be of use."""
    return {secret[n : n + size] for n in range(max(1, len(secret) - size + 1))}


def leaks(said: str, secrets: dict[str, str]) -> list[str]:
    """The kinds of which a piece is shown."""
    return [kind for kind, secret in secrets.items() if any(part in said for part in parts(secret))]


@pytest.fixture
def shouting(inhabited: Lair) -> Lair:
    """Each library raises an error that holds a few kinds of secrets: as text, and in a chain of exceptions."""
    names = [
        "numpy",
        "pandas",
        "openai",
        "scikit-learn",
        "matplotlib",
        "seaborn",
        "xgboost",
        "lightgbm",
        "fastapi",
        "uvicorn",
        "joblib",
        "anthropic",
    ]
    kinds = list(KINDS.values())
    for number, name in enumerate(names):
        mine = [text for text, _ in kinds[number :: len(names)]]
        source = f"raise ImportError({' | '.join(mine)!r}) from ValueError({mine[0]!r})"
        inhabited.library(name, source=source if number % 3 else f"print({chr(10).join(mine)!r})\nimport os; os._exit(3)")
    inhabited.write(
        "app.py",
        "import numpy, pandas, openai, sklearn, matplotlib, seaborn, xgboost, lightgbm, fastapi, uvicorn, joblib, anthropic\n",
    )
    return inhabited


def test_no_kind_of_secret_is_shown_of_an_error_text(shouting: Lair) -> None:
    secrets = {kind: secret for kind, (_, secret) in KINDS.items()}
    for form, text in shouting.everywhere().items():
        assert leaks(text, secrets) == [], form


@pytest.mark.slow
@pytest.mark.parametrize("words", [("snapshot",), ("fix",), ("check", "--nagios")], ids=" ".join)
def test_nor_by_another_command(shouting: Lair, words: tuple[str, ...]) -> None:
    assert leaks(shouting.ask(*words).all, {kind: secret for kind, (_, secret) in KINDS.items()}) == []


def test_nor_of_an_error_text_that_is_given(lair: Lair) -> None:
    secrets = {kind: secret for kind, (_, secret) in KINDS.items()}
    lair.write("error.txt", "\n".join(text for text, _ in KINDS.values()))
    shown = "".join(lair.everywhere("--quick", "--symptom", "error.txt").values())
    assert leaks(shown, secrets) == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_nor_when_it_is_explained(lair: Lair, form: str) -> None:
    kinds = list(KINDS.items())
    for number in range(0, len(kinds), 13):
        secrets = {kind: secret for kind, (_, secret) in kinds[number : number + 13]}
        message = " | ".join(text for _, (text, _) in kinds[number : number + 13])
        lair.write("error.txt", f"Traceback (most recent call last):\nModuleNotFoundError: No module named 'peft' {message}\n")
        said = lair.ask("explain", "error.txt", "--format", form)
        assert said.all.strip() and leaks(said.all, secrets) == []


def test_nor_below_a_command_that_failed(lair: Lair) -> None:
    """What the command itself prints passes as it is: what is looked at is what the doctor adds."""
    texts = [text for text, _ in KINDS.values()]
    lair.write(
        "fail.py", f"import sys\nsys.stderr.write({chr(10).join(texts)!r})\nraise ImportError({' | '.join(texts[:13])!r})\n"
    )
    own = lair.ask("run", sys.executable, "-c", "").all
    said = lair.ask("run", sys.executable, "fail.py").all
    added = said[said.rindex("\n\n") :]
    assert not own.strip() and "✗" in added and leaks(added, {kind: secret for kind, (_, secret) in KINDS.items()}) == []


TOKEN = "Xk9vQ2mZ7pLw4TnR8bYc"
ECHO = {
    "a key as a name": ("check", "llm", "--require", f"key:sk-proj-{TOKEN}{TOKEN}"),
    "a key as a name, of the shell": ("check", "llm", "--require", "key:$MY_TOKEN"),
    "a requirement": ("check", "--require", f"lib:x @ https://ada:{TOKEN}@host/x.whl"),
    "no such requirement": ("check", "--require", f"sk-proj-{TOKEN}{TOKEN}"),
    "profile": ("check", "--profile", "$MY_TOKEN"),
    "skip": ("check", "--skip", "$MY_TOKEN"),
    "family": ("check", "$MY_TOKEN"),
    "python": ("check", "--python", "/x/$MY_TOKEN/bin"),
    "from": ("check", "--from", f"https://ada:{TOKEN}@host/x"),
    "output": ("check", "--output", f"json:https://ada:{TOKEN}@host/x"),
    "env file": ("check", "llm", "--env-file", "$MY_TOKEN"),
    "option": ("check", f"--api-key={TOKEN}"),
    "timeout": ("check", "--timeout", "$MY_TOKEN"),
    "format": ("check", "--format", "$MY_TOKEN"),
    "explain": ("explain", "$MY_TOKEN"),
    "symptom": ("check", "symptom", "--symptom", "my password is $MY_TOKEN"),
    "color": ("check", "--color", "$MY_TOKEN"),
    "wait": ("check", "--wait", f"https://ada:{TOKEN}@host"),
}


@pytest.mark.parametrize("name", ECHO)
def test_what_is_echoed_of_the_command_line_is_no_secret(lair: Lair, name: str) -> None:
    """The shell put in the value for the name."""
    lair.environ["MY_TOKEN"] = f"mytoken{TOKEN}"
    words = [word.replace("$MY_TOKEN", lair.environ["MY_TOKEN"]) for word in ECHO[name]]
    said = lair.ask(*words)
    assert leaks(said.all, {name: TOKEN}) == [] and "Traceback" not in said.err


BARE = {
    "a bare line": ("hunter-gatherer-42\n", "hunter-gatherer-42"),
    "words on a bare line": ("correct horse battery\n", "correct horse battery"),
    "a short value": ("DB_PASSWORD=ab3de\n", "ab3de"),
    "a very short value": ("PIN_CODE_SECRET=7391\n", "7391"),
    "a value in quotes": ("DB_PASSWORD='k#9 z'\n", "k#9 z"),
    "with a blank": ("MY_SECRET=pelican river\n", "pelican river"),
    "of an odd name": ("dbpass: swordfish9\n", "swordfish9"),
    "exported": ("export SMTP_PASS=zebra77\n", "zebra77"),
    "on two lines": ('MY_SECRET="first-half\nsecond-half"\n', "second-half"),
}


@pytest.mark.parametrize("name", BARE)
def test_what_env_holds_is_not_shown_when_a_library_says_it(inhabited: Lair, name: str) -> None:
    text, secret = BARE[name]
    inhabited.write(".env", text)
    inhabited.library("numpy", source=f"raise ImportError({'refused: ' + secret + ' (for ada)'!r})")
    shown = inhabited.everywhere()
    for form, said in shown.items():
        assert secret not in said, form
    assert "refused" in shown["json"]


@pytest.mark.slow
@pytest.mark.parametrize("name", BARE)
def test_nor_is_it_in_a_snapshot(inhabited: Lair, name: str) -> None:
    text, secret = BARE[name]
    inhabited.write(".env", text)
    inhabited.library("numpy", source=f"raise ImportError({'refused: ' + secret + ' (for ada)'!r})")
    assert secret not in inhabited.ask("snapshot").all


PASSWORD = "cAn4ry-S3cret-77"
STEAL = """
import glob, os
with open({copy!r}, "ab") as copy:
    for path in glob.glob(os.environ["TMPDIR"] + "/**", recursive=True):
        if os.path.isfile(path):
            copy.write(open(path, "rb").read(1 << 22))
"""


@pytest.mark.parametrize("where", ["option", "variable", ".env"])
def test_no_file_holds_a_password_while_the_doctor_runs(inhabited: Lair, where: str) -> None:
    copy = inhabited.root / "copy"
    inhabited.library("numpy", source=STEAL.format(copy=str(copy)))
    uri, more = f"http://ada:{PASSWORD}@127.0.0.1:1/", []
    if where == "option":
        more = ["--mlflow-uri", uri]
    elif where == "variable":
        inhabited.environ["MLFLOW_TRACKING_URI"] = uri
    else:
        inhabited.write(".env", f"MLFLOW_TRACKING_URI={uri}\n")
    inhabited.ask("check", "libraries", "mlflow", "--require", "lib:numpy", *more)
    assert copy.exists() and PASSWORD.encode() not in copy.read_bytes()


def test_nor_after_it_was_killed(inhabited: Lair) -> None:
    inhabited.library("numpy", source="import time; time.sleep(30)")
    process = inhabited.start("check", "--mlflow-uri", f"http://ada:{PASSWORD}@127.0.0.1:1/")
    time.sleep(1.2)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    held = [path for path in inhabited.tmp.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    for pid in children_of(inhabited):
        os.kill(pid, signal.SIGKILL)
    assert held == []


def children_of(lair: Lair) -> list[int]:
    """The processes that still have this lair as their home."""
    wanted, found = f"TMPDIR={lair.tmp}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_no_argument_of_a_process_holds_a_password(inhabited: Lair) -> None:
    """Any user of the machine may read those."""
    inhabited.library(
        "numpy",
        source=f"import glob\nopen({str(inhabited.root / 'seen')!r}, 'ab').write(b''.join(open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/cmdline') if str(__import__('os').getpid()) in p))",
    )
    inhabited.environ["MLFLOW_TRACKING_URI"] = f"http://ada:{PASSWORD}@127.0.0.1:1/"
    inhabited.ask("check", "libraries", "mlflow", "--require", "lib:numpy")
    assert PASSWORD.encode() not in (inhabited.root / "seen").read_bytes()


def test_no_secret_is_in_a_snapshot_of_a_machine_that_has_many(inhabited: Lair) -> None:
    secrets = {f"VAR_{n}_TOKEN": secret for n, (_, secret) in enumerate(KINDS.values())}
    inhabited.environ |= {name: value for name, value in secrets.items() if "\n" not in value}
    inhabited.library("numpy", source="import os; raise ImportError(' '.join(os.environ.values()))")
    said = inhabited.ask("snapshot")
    assert leaks(said.all, secrets) == [] and json.loads(said.out)["kind"]
    assert re.search("ImportError|numpy", said.out)
