"""What a shell offers when Tab is pressed, asked of real shells with the script that we print."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from lab.ward import DOCTOR, Ward

PRESS_TAB = """
eval "$(mlenv-doctor completion bash)"
complete -p mlenv-doctor >/dev/null || exit 9
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_mlenv_doctor_completion mlenv-doctor
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words: str, cwd: Path | None = None) -> set[str]:
    """What bash offers for the last of these words."""
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("no bash here")
    environ = {"PATH": f"{DOCTOR.parent}:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nowhere"}
    command = [bash, "--norc", "-c", PRESS_TAB, "bash", "mlenv-doctor", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=60, cwd=cwd)
    assert done.returncode == 0 and "rror" not in done.stderr, done.stderr
    return set(done.stdout.split())


TABS = [
    (("",), {"check", "fix", "fleet", "completion"}, {"--quick", "slurm"}),
    (("fl",), {"fleet"}, {"fix"}),
    (("fleet", "s"), {"ssh", "slurm"}, {"snapshot"}),
    (("check", "--qu"), {"--quick"}, {"--online"}),
    (("--qu",), {"--quick"}, {"--version"}),
    (("--vers",), {"--version"}, set()),
    (("torch",), {"torch", "torch.gpu-build"}, {"gpu"}),
    (("check", "gpu", "torch.gpu"), {"torch.gpu-build"}, {"gpu"}),
    (("check", "--skip", "mlf"), {"mlflow"}, {"gpu"}),
    (("explain", "cpu-only-t"), {"cpu-only-torch"}, {"torch.gpu-build"}),
    (("explain", "torch.gpu-b"), {"torch.gpu-build"}, {"torch"}),
    (("setup", "--profile", ""), {"all", "deep-learning", "mlops"}, {"gpu"}),
    (("check", "--require", "ml"), {"mlflow"}, {"gpu"}),
    (("check", "--format", "js"), {"json"}, {"text"}),
    (("completion", ""), {"bash", "zsh", "fish"}, {"check"}),
    (("--quick", "to"), {"torch"}, {"--quick"}),
]


@pytest.mark.parametrize("words, there, absent", TABS, ids=[" ".join(words) for words, _, _ in TABS])
def test_bash_offers(words: tuple[str, ...], there: set[str], absent: set[str]) -> None:
    found = offered(*words)
    assert there <= found and not absent & found


def test_a_press_of_tab_runs_nothing_of_the_folder(tmp_path: Path) -> None:
    for name in ("click", "mlenv_doctor", "rich"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')")
    (tmp_path / "mlenv-doctor").write_text("#!/bin/sh\necho plain,mine\n")
    (tmp_path / "mlenv-doctor").chmod(0o755)
    assert "mine" not in offered("ch", cwd=tmp_path)
    assert "check" in offered("ch", cwd=tmp_path)


@cache
def script(shell: str) -> str:
    return subprocess.run([DOCTOR, "completion", shell], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_this_shell(shell: str) -> None:
    said = script(shell)
    assert f"_MLENV_DOCTOR_COMPLETE={shell}_complete" in said and "mlenv-doctor" in said
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here: only read")
    assert subprocess.run([shell, "-n", "-c", said]).returncode == 0


def test_the_script_needs_no_shell(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.environ["PATH"] = "/nowhere"
    assert "_mlenv_doctor_completion" in ward.doctor("completion", "bash").stdout


def test_a_shell_that_is_unknown_is_said(tmp_path: Path) -> None:
    done = Ward(tmp_path).doctor("completion", "tcsh")
    assert done.code == 2 and "'bash', 'zsh', 'fish'" in done.stderr
