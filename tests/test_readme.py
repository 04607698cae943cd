"""Every command that the README shows is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lab.ward import DOCTOR, Ward
from support.pasted import collect_env

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
FENCED = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
BLOCKS = [text for _, text in FENCED]
LINES = [line for block in BLOCKS for line in block.splitlines() if re.match(r"(mlenv-doctor|python3) (?!\d)", line)]
INLINE = list(re.findall(r"`(mlenv-doctor [^`]+)`", README))
OF_DOCTOR = sorted({line for line in (*LINES, *INLINE) if line.startswith("mlenv-doctor ")})
OF_SCRIPTS = sorted({line for line in LINES if line.startswith("python3 ")})


def test_there_is_something_to_run() -> None:
    assert len(OF_DOCTOR) >= 8 and len(OF_SCRIPTS) >= 3


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    (made.bin / "mlenv-doctor").symlink_to(DOCTOR)
    return made


@pytest.mark.parametrize("line", OF_DOCTOR)
def test_a_command_of_the_doctor(ward: Ward, line: str) -> None:
    (ward.project / "patient.json").write_text(ward.doctor("snapshot", "--quick").stdout)
    (ward.project / "report.txt").write_text(collect_env())
    (ward.project / "traceback.txt").write_text("RuntimeError: shape '[2]' is invalid for input of size 3\n")
    for name in ("known.json", "before.json", "after.json"):
        if name in line:
            (ward.project / name).write_text(ward.check("--quick").stdout)
    visit = ward.run("sh", "-c", line)
    assert visit.code in (0, 1), visit.stderr
    assert visit.stderr == ""


def test_what_a_project_can_set(ward: Ward) -> None:
    (table,) = [text for language, text in FENCED if language == "toml"]
    ward.write("pyproject.toml", table)
    visit = ward.check()
    assert visit.code == 1 and {f["id"].partition(".")[0] for f in visit.findings("fail")} <= {"gpu", "libraries"}


@pytest.mark.parametrize("line", OF_SCRIPTS)
def test_a_command_of_the_checkout_exists(line: str) -> None:
    """They are run for real by the tests of scripts/ and by CI; here only what they name."""
    script = line.split()[1]
    assert (ROOT / script).is_file() or script == "mlenv-doctor.pyz"


def test_the_shown_use_of_the_action_names_what_it_has() -> None:
    """Its inputs and outputs, and nothing else."""
    (steps,) = [yaml.safe_load(text) for language, text in FENCED if language == "yaml"]
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert set(steps[0]["with"]) == set(action["inputs"])
    assert set(re.findall(r"outputs\.([\w-]+)", str(steps[1]))) <= set(action["outputs"])


def test_the_shown_reports_are_of_this_program(ward: Ward) -> None:
    """Each line of the report before the repair is one that the program writes today."""
    shown = [line for block in BLOCKS for line in block.splitlines() if line.startswith(("✗", "!", "Not yet", "Ready for"))]
    said = subprocess.run([sys.executable, "-m", "mlenv_doctor", "list"], capture_output=True, text=True).stdout
    for line in shown:
        if re.match(r"[✗!] [A-Z]", line) and "  " in line:
            title, _, id = line[2:].partition("  ")
            assert f"{id.strip():26} {title}" in said, line
