"""One repair at a time, and who holds the environment."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlenv_doctor.repair import lock, safety, states
from mlenv_doctor.repair.lock import Held, is_held, locked

from .tree import small

HOLDS = """
import sys, time
from pathlib import Path
from mlenv_doctor.repair.lock import locked
from mlenv_doctor.repair.states import Store
with locked(Store(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_repair_is_told_who_holds_it_and_since_when(tmp_path: Path) -> None:
    store = small(tmp_path / ".venv")
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(store.environment)], stdout=subprocess.PIPE)
    assert other.stdout and other.stdout.readline() == b"held\n"
    try:
        assert is_held(store)
        with (
            pytest.raises(Held, match=rf"is running \(process {other.pid} of .+, since 20\d\d-\d\d-\d\dT.+\); wait"),
            locked(store),
        ):
            pass
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    with locked(store):  # whoever was killed holds nothing
        pass


def test_who_only_looked_leaves_no_trace(tmp_path: Path) -> None:
    store = small(tmp_path / ".venv")
    with locked(store):
        assert store.folder.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".venv"] and not is_held(store)


def test_what_was_kept_stays(tmp_path: Path) -> None:
    store = small(tmp_path / ".venv")
    with locked(store):
        safety.begin(store, "a step", linking=True)
        safety.accept(store)
    assert [state.id for state in states.kept(store)] == [1]
    assert (tmp_path / ".mlenv-doctor/.gitignore").read_text() == "*\n"


def test_a_lock_file_that_its_holder_deleted_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = small(tmp_path / ".venv")
    take = lock._take

    def delete_in_between(file: object) -> bool:
        (store.folder / "lock").unlink()
        return take(file)  # type: ignore[arg-type]

    monkeypatch.setattr(lock, "_take", delete_in_between)
    with pytest.raises(Held), locked(store):
        pass


def test_git_never_sees_the_states(tmp_path: Path) -> None:
    store = small(tmp_path / ".venv")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with locked(store):
        safety.begin(store, "a step", linking=True)
        safety.accept(store)
    seen = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r"\.venv/", seen) and ".mlenv-doctor" not in seen


def test_the_holder_is_told_only_as_far_as_it_is_known(tmp_path: Path) -> None:
    store = small(tmp_path / ".venv")
    with locked(store):
        (store.folder / "lock").write_text("[]")
        with pytest.raises(Held, match=r"is running; wait"), locked(store):
            pass
