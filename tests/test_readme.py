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
ASKS = "mlenv-doctor setup"  # always, even where there is nothing to do
OF_SCRIPTS = sorted({line for line in LINES if line.startswith("python3 ")})


def test_there_is_something_to_run() -> None:
    assert len(OF_DOCTOR) >= 8 and len(OF_SCRIPTS) >= 3


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    (made.bin / "mlenv-doctor").symlink_to(DOCTOR)
    return made


@pytest.mark.parametrize("line", [line for line in OF_DOCTOR if line != ASKS])
def test_a_command_of_the_doctor(ward: Ward, line: str) -> None:
    (ward.project / "patient.json").write_text(ward.doctor("snapshot", "--quick").stdout)
    (ward.project / "report.txt").write_text(collect_env())
    (ward.project / "traceback.txt").write_text("RuntimeError: shape '[2]' is invalid for input of size 3\n")
    for name in ("known.json", "before.json", "after.json"):
        if name in line:
            (ward.project / name).write_text(ward.check("--quick").stdout)
    ward.write("train.py", "print('trained')")
    ward.write("error.log", "ModuleNotFoundError: No module named 'numpy'\n")
    ward.write("pip-freeze.txt", "pandas==2.2.0\n")
    visit = ward.run("sh", "-c", line)
    assert visit.code in (0, 1), visit.stderr
    assert visit.stderr == ""


def test_a_command_that_asks_changes_nothing_where_nobody_can_answer(ward: Ward) -> None:
    """With `--dry-run` it is run above."""
    assert {ASKS, f"{ASKS} --dry-run"} <= set(OF_DOCTOR)
    before = sorted(ward.project.rglob("*"))
    visit = ward.run("sh", "-c", ASKS)
    assert visit.code == 2 and "nobody can answer here; add --yes" in visit.stderr and visit.stdout == ""
    assert sorted(ward.project.rglob("*")) == before


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
    """Each check that a shown report names is one that the program has today, and the last lines are of today's form."""
    shown = [line for block in BLOCKS for line in block.splitlines()]
    said = subprocess.run([sys.executable, "-m", "mlenv_doctor", "list"], capture_output=True, text=True).stdout
    named = [line.rpartition("  ")[2] for line in shown if re.match(r"[✗!] .*  [a-z-]+\.[a-z-]+$", line)]
    assert "libraries.installed" in named and all(f"{id:26} " in said for id in named), named
    assert [line for line in shown if re.match(r"✗ Not ready: 1 problem, 2 warnings \(\d+ checks passed\) in ", line)]
    assert "Next: mlenv-doctor fix --apply" in shown
