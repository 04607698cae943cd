"""No text that a user reads uses the turns that the project's rules for plain English forbid.

Read are the titles of the checks and why they matter, what causes mean, titles and notes of fixes, every sentence of sentences.txt, the
entries of errors.toml, every sentence in the code, the help of each command, the README and the pages of docs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import tomllib

from mlenv_doctor.cli.app import cli
from support.builtin import CAUSES, CHEATSHEET, PLUGIN

ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    r"\banew\b",
    r"\bis no NAME=value\b",
    r"\bis to be\b",
    r"\bbe had\b",
    r"\bstands? in\b",
    r"\blies? in\b",
    r"\bleads? (?:to|straight|nowhere)\b",
    r"(?<!instead )\bof (?:its|their|one's|your) own\b",
    r"\bmade out\b",
    r"\bcomes of\b",
    r"\bgoes by\b",
    r"\btakes? away\b",
    r"\bshall\b",
    r"\blest\b",
    r"\bin place of\b",
    r"\bwords of an? error\b",
    r"\bto look at\b",
    r"\bspeaks CUDA\b",
    r"\bsuits?\b",
    r"\bis brought by\b",
    r"\bInstall it again, whole\b",
    r"\bcannot be told from here\b",
    r"!(?:\s|$)",
    r"\b[Pp]lease\b",
    r"\b[Ss]imply\b",
    r"\bwhose\b",
    r"\bwants\b",
    r"\bserves\b",
    r"(?<![Tt]here )\b(?:is|are) no (?!longer\b)",
    r"\bin (?:its|their) place\b",
    r"\bbeside\b",
    r"\bthat is none\b",
    r"\bmay stand\b",
    r"\bgives? away\b",
    r"\blooked at\b",
)
FORBID = re.compile("|".join(FORBIDDEN))
QUOTED = re.compile(r"^```.*?^```$|`[^`\n]+`", re.M | re.S)  # commands, screens, and names of fields
CODE = re.compile(r"\\|\(\?|\$!|\n")  # a pattern, or a script for a shell: no sentence


def sentences_of_errors() -> Iterator[str]:
    """Whatever an entry of errors.toml says."""
    for file in ROOT.glob("checks/mlenv_checks/*/errors.toml"):
        for entry in tomllib.loads(file.read_text("utf-8"))["error"]:
            yield from (entry["says"], entry.get("fix", ""), *entry.get("notes", ()))
            for other in entry.get("or", ()):
                yield from (other[key] for key in ("says", "fix", "decides") if key in other)


def literals(file: Path) -> Iterator[str]:
    """The sentences that the code says: texts with two blanks or more, those in braces left out. Docstrings are not said."""
    tree = ast.parse(file.read_text("utf-8"))
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    parts |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        said: Any = node.value if isinstance(node, ast.Constant) and node not in parts else None
        if isinstance(node, ast.JoinedStr):
            said = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        if isinstance(said, str) and said.count(" ") >= 2 and not CODE.search(said):
            yield said


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """What `--help` says of a command, of its options, and of the commands below it."""
    yield name, command.help or ""
    yield from ((name, getattr(option, "help", None) or "") for option in command.params)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from helps(found, f"{name} {below}")


def texts() -> Iterator[tuple[str, str]]:
    """Every text with the name by which it is found."""
    for check in PLUGIN.checks:
        yield from ((check.id, check.title), (check.id, check.why))
    yield from ((cause, meaning) for cause, meaning in CAUSES.items())
    for name, fix in tomllib.loads(CHEATSHEET).items():
        yield name, fix["title"]
        for way in fix.get("ways", ()):
            yield from ((name, note) for note in way.get("notes", ()))
    for line in Path(__file__).with_name("sentences.txt").read_text("utf-8").splitlines():
        parts = line.split(" | ")
        yield parts[0], parts[4]
    yield from (("errors.toml", said) for said in sentences_of_errors())
    for file in (*ROOT.glob("src/**/*.py"), *ROOT.glob("checks/**/*.py")):
        yield from ((str(file.relative_to(ROOT)), said) for said in literals(file))
    yield from helps(cli, "mlenv-doctor")
    for page in (ROOT / "README.md", *ROOT.glob("docs/*.md")):
        yield from ((page.name, line) for line in QUOTED.sub("", page.read_text("utf-8")).splitlines())


def test_no_text_uses_a_forbidden_turn() -> None:
    found = [f"{name}: {text}" for name, text in texts() if FORBID.search(text)]
    assert not found, "\n".join(found)


def test_every_kind_of_text_is_read() -> None:
    """A place that moved would be read as empty, and nothing would be found in it."""
    read = {name for name, _ in texts()}
    assert {"errors.toml", "README.md", "index.md", "mlenv-doctor check", "src/mlenv_doctor/knowledge/rules/hidden.py"} <= read
    assert {"venv.pip", "project.imports", "symptom.explained", "not-installed"} <= read


@pytest.mark.parametrize(
    "text",
    [
        "Log in anew",
        "a key stands in the sources",
        "which has no pip of its own",
        "the words of an error",
        "this is no snapshot",
        "a kernel whose Python is gone",
        "packages that are no longer here lie beside it",
    ],
)
def test_the_turns_are_found(text: str) -> None:
    assert FORBID.search(text)


@pytest.mark.parametrize("text", ["there is no .env", "this is no longer supported", "use it instead of your own"])
def test_plain_words_are_not(text: str) -> None:
    assert not FORBID.search(text)


def test_titles_are_short_noun_phrases() -> None:
    """They stand behind any sign: a sentence there would say the opposite of what a failure means."""
    verb = re.compile(r"\b(?:is|are|has|have|can|may|was|were|gets?|finds?|reads?|knows?)\b")
    long = [f"{check.id}: {check.title}" for check in PLUGIN.checks if len(check.title) > 40 or verb.search(check.title)]
    assert long == ["llm.used: API keys that the code reads"]
