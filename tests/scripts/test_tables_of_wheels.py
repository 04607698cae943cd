"""The scripts that compare tables of libraries with an index or with wheels; no network is needed here."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"
UV = """#!{python}
import sys
name = sys.stdin.read().strip()
sys.exit(1) if name == "torch" else print(name + "==99.0")
"""


def run(script: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPTS / script, *args], capture_output=True, text=True, env=env, check=False)


def test_rows_that_the_index_contradicts_are_shown(tmp_path: Path) -> None:
    (tmp_path / "uv").write_text(UV.format(python=sys.executable))
    (tmp_path / "uv").chmod(0o755)
    done = run("first_wheels.py", PATH=str(tmp_path))
    assert done.returncode == 1, done
    assert "numpy on Python 3.12: 1.26.0 -> 99.0" in done.stdout and "torch on Python 3.12: 2.2.0 -> no wheel" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 of ")


def test_modules_that_are_still_there_and_advice_that_is_not(tmp_path: Path) -> None:
    names = (
        "flask/ext/__init__.py",
        "pandas/util/testing.py",
        "sklearn/impute.py",
        "openai/__init__.py",
        "evidently/__init__.py",
    )
    with zipfile.ZipFile(tmp_path / "all-1-py3-none-any.whl", "w") as wheel:
        for name in names:
            wheel.writestr(name, "")
    done = run("moved_modules.py", str(tmp_path))
    assert done.returncode == 1 and "still there: pandas.util.testing, flask.ext" in done.stdout
    assert "pandas.util.testing: pandas.testing is not there" in done.stdout
