"""`setup` for real: from nothing to ready, once more, killed on the way, without ensurepip, and what it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.real import UV, at_the_index
from lab.somebody import as_somebody
from lab.ward import DOCTOR, Ward
from repair import clinic
from repair.tree import fingerprint, wheel


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    """A project that asks for alpha and gamma, a Python, an index in a folder, and no environment."""
    ward = Ward(tmp_path / "with a blank")
    (ward.bin / "python3").symlink_to(Path(sys.executable).resolve())
    ward.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(clinic.index()), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    ward.write("requirements.txt", "alpha>=2\ngamma\n")
    ward.write("app.py", "import alpha, gamma\n")
    return ward


def whole(ward: Ward) -> dict[str, tuple[object, ...]]:
    found = fingerprint(ward.project)
    return {name: entry for name, entry in found.items() if name != "." and not name.startswith(".mlenv-doctor")}


def with_uv(ward: Ward) -> None:
    (ward.bin / "uv").symlink_to(UV)
    wheel(ward.home, "wheel", "1.0")  # with these three uv seeds an environment
    ward.environ |= {"UV_NO_INDEX": "1", "UV_FIND_LINKS": f"{clinic.index()},{bundled()},{ward.home}", "UV_OFFLINE": "1"}


def bundled() -> Path:
    """The folder with the wheel of pip that Python itself brings."""
    import ensurepip

    return Path(ensurepip.__file__).parent / "_bundled"


def test_from_nothing_to_ready_and_once_more_and_back(ward: Ward) -> None:
    before = whole(ward)
    dry = ward.doctor("setup", "--dry-run")
    assert dry.code == 0 and "Make the environment .venv with Python" in dry.stdout and "-r" in dry.stdout, dry
    assert whole(ward) == before and not (ward.project / ".mlenv-doctor").exists()
    visit = ward.doctor("setup", "--yes")
    assert visit.code == 0 and "✓ Ready" in visit.stdout and "bin/activate'" in visit.stdout, visit
    made = whole(ward)
    assert ward.run(ward.project / ".venv/bin/python", "-c", "import alpha, beta, gamma").code == 0
    again = ward.doctor("setup", "--yes")
    assert again.code == 0 and again.stdout.count("already done") >= 2 and "..." not in again.stdout.partition("mlenv-doctor")[0]
    assert {k: v for k, v in whole(ward).items() if "__pycache__" not in k}.keys() == {k for k in made if "__pycache__" not in k}
    assert ward.doctor("undo", "--yes").code == 0
    assert whole(ward) == before


@pytest.mark.slow
def test_a_killed_setup_goes_on_where_it_stopped(ward: Ward) -> None:
    for title in ("Make the environment", "Install what"):
        process = subprocess.Popen(
            [DOCTOR, "setup", "--yes"], cwd=ward.project, env=ward.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        journal = ward.project / ".mlenv-doctor/.venv/journal.json"
        for _ in range(3000):
            if journal.exists() and title in journal.read_text() and '"applying"' in journal.read_text():
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert json.loads(journal.read_text())["title"].startswith(f"setup: {title}")
    visit = ward.doctor("setup", "--yes")
    assert visit.code == 0 and "An interrupted repair (setup: Install what" in visit.stdout, visit
    assert "Make the environment .venv: already done" in visit.stdout, "the first step was kept"


def test_what_fails_is_taken_back_and_said(ward: Ward) -> None:
    with_uv(ward)
    ward.write("requirements.txt", "alpha>=9\n")
    visit = ward.doctor("setup", "--yes")
    assert visit.code == 1 and "undone; " in visit.stdout and "alpha>=9" in visit.stdout, visit
    assert "run the same command again" in visit.stdout
    assert not list(clinic.site(ward).glob("alpha*")) and clinic.site(ward).is_dir(), "what was done before is kept"


def test_notebooks_keys_and_code_without_requirements(ward: Ward) -> None:
    """A pyproject.toml, notebooks with a kernel, keys in .env; uv makes the environment."""
    (ward.project / "requirements.txt").unlink()
    with_uv(ward)
    ward.write("pyproject.toml", "[project]\nname = 'p'\nversion = '1'\ndependencies = ['alpha', 'openai']\n")
    ward.write("a.ipynb", "{}")
    ward.write(".gitignore", "data\r\n")
    dry = ward.doctor("setup", "--dry-run")
    assert (
        dry.code == 0
        and "bin/uv' venv --quiet --seed" in dry.stdout
        and "ipykernel install --sys-prefix --name project" in dry.stdout
    ), dry
    assert "Make .env for the keys" in dry.stdout and "Add .env, /.venv/ to .gitignore" in dry.stdout
    visit = ward.doctor("setup", "--yes")
    assert visit.code == 1 and "openai" in visit.stdout and "undone" in visit.stdout, visit
    ward.write("pyproject.toml", "[project]\nname = 'p'\nversion = '1'\ndependencies = ['alpha']\n")
    (ward.project / "a.ipynb").unlink()
    ward.write("app.py", "import alpha\n")
    visit = ward.doctor("setup", "--yes")
    assert visit.code == 0, visit
    assert (ward.project / ".gitignore").read_bytes() == b"data\r\n/.venv/\r\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--profile", "nope"), "there is no such profile; choose from foundations"),
        (("--python", "3.99"), "Python 3.99 is not installed here; install it, or uv"),
        (("--python", "nothing"), "this is neither a version, such as 3.12, nor an interpreter that starts"),
        (("requirements.txt",), "is a file; name a folder for the project"),
        (("/",), "is the root of the file system"),
        (("/etc",), "belongs to the system"),
        (("../home",), "is your home folder"),
        (("photos",), "holds something else than a Python project (a.jpg); name a new or an empty folder"),
        (("env",), "is an environment itself"),
        (("half",), "is not an environment (it has no pyvenv.cfg)"),
        (("dead",), "is gone; repair it first: mlenv-doctor fix --apply venv"),
        ((), "this asks before it changes anything"),
    ],
)
def test_bad_input_gets_one_sentence(ward: Ward, arguments: tuple[str, ...], says: str) -> None:
    for name in ("photos/a.jpg", "env/pyvenv.cfg", "half/.venv/x", "half/a.py", "dead/.venv/pyvenv.cfg", "dead/a.py"):
        ward.write(name, "")
    before = fingerprint(ward.project)
    visit = ward.doctor("setup", *arguments, *(("--yes",) if arguments else ()))
    assert visit.code == 2 and says in visit.stderr and visit.stderr.count("\n") == 1, visit
    assert {k: v[:3] for k, v in fingerprint(ward.project).items()} == {k: v[:3] for k, v in before.items()}


def test_a_new_folder_that_comes_to_nothing_is_not_left_behind(ward: Ward) -> None:
    visit = ward.doctor("setup", "new/deep", "--python", "3.99", "--yes")
    assert visit.code == 2 and not (ward.project / "new").exists(), visit


def test_an_environment_that_a_repair_holds_is_left_alone(ward: Ward) -> None:
    from mlenv_doctor.repair.lock import locked
    from mlenv_doctor.repair.states import Store

    with locked(Store(ward.project / ".venv")):
        visit = ward.doctor("setup", "--yes")
    assert visit.code == 2 and "another repair of" in visit.stderr, visit


@pytest.mark.slow
def test_the_real_foundations_as_a_plain_user(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    at_the_index(ward)
    ward.environ.pop("OPENAI_API_KEY")
    (ward.bin / "python3").symlink_to(Path(sys.executable).resolve())
    as_somebody(ward)
    for _ in range(2):
        visit = ward.run(DOCTOR, "setup", "--profile", "foundations", "--yes", timeout=600)
        assert visit.code == 0 and "Ready for      foundations" in visit.stdout, visit
    assert visit.stdout.count("already done") >= 3
