"""The man page: up to date, and something that man can show."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlenv_doctor.cli.app import cli
from mlenv_doctor.cli.examples import EXAMPLES

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "scripts"))
import manpage  # noqa: E402

PRINTED = "import sys, manpage; sys.stdout.buffer.write(manpage.page().encode())"  # click keeps how --help was called first


def test_the_page_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, "-c", PRINTED], cwd=ROOT / "scripts", stdout=subprocess.PIPE, check=True).stdout
    assert manpage.PAGE.read_text("utf-8") == made.decode("utf-8"), "run scripts/manpage.py with the Python of .cache/test-venv"


def test_what_begins_like_a_request_is_printed() -> None:
    assert manpage.escaped(".env -x\n'a\\b") == "\\&.env \\-x\n\\&'a\\eb"


def test_its_sections_are_those_of_a_man_page() -> None:
    found = re.findall(r'^\.SH "(.*)"$', manpage.page(), re.MULTILINE)
    assert found[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"] and found[-3:] == ["EXAMPLES", "EXIT STATUS", "FILES"]
    assert {name.upper() for name in cli.list_commands(None)} < set(found)


def test_every_line_is_a_request_or_text_without_bare_controls() -> None:
    for line in manpage.page().splitlines():
        assert re.match(r"\.(TH|SH|SS|TP|PP|nh|ad)\b", line) or not line.startswith((".", "'")), line


def rendered(width: int) -> str:
    if not shutil.which("groff"):
        pytest.skip("no groff here")
    page = str(manpage.PAGE)
    options = ["-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", f"-rLL={width}n"]
    done = subprocess.run(["groff", *options, page], capture_output=True, check=True)
    assert done.stderr.decode() == "", "groff has nothing to complain about"
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("width", [78, 118])
def test_groff_shows_commands_options_and_examples(width: int) -> None:
    said = "".join(rendered(width).split())
    for line in {line for found in EXAMPLES.values() for line, _ in found}:
        assert "".join(line.split()) in said, line
    for option in ("--quick", "--apply", "--profileSTAGE", "--completion"):
        assert (option in said) == (option != "--completion"), option


def test_it_is_in_the_wheel() -> None:
    assert '"docs/mlenv-doctor.1" = "share/man/man1/mlenv-doctor.1"' in (ROOT / "pyproject.toml").read_text("utf-8")
