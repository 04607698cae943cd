"""Whatever happens between the image and the end: the environment is as before, or the repair is complete."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlenv_doctor.repair import image, safety, states
from mlenv_doctor.repair.lock import locked
from mlenv_doctor.repair.safety import NoRoom, Unfit
from mlenv_doctor.repair.states import BadJournal, State, Store

from .tree import fingerprint, harm, small


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return small(tmp_path / "project/.venv")


@pytest.mark.parametrize("linking", [True, False])
def test_what_is_given_back_is_the_same_to_the_last_byte(store: Store, linking: bool) -> None:
    before = fingerprint(store.environment)
    state = safety.begin(store, "a step", linking=linking)
    harm(store.environment)
    assert fingerprint(store.environment) != before
    safety.give_back(store, state)
    assert fingerprint(store.environment) == before
    assert states.kept(store) == [] and states.under_way(store) is None
    assert sorted(os.listdir(store.folder)) == ["last"]


def test_a_link_is_as_good_as_a_copy_for_what_installers_do(store: Store) -> None:
    state = safety.begin(store, "a step", linking=True)
    linked = {
        path.name
        for path in store.image(state.id).rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_nlink > 1
    }
    assert linked == {"__init__.py", "__init__.cpython-311.pyc"}


def test_a_write_through_a_link_is_seen_and_named(store: Store) -> None:
    state = safety.begin(store, "a step", linking=True)
    (store.environment / "lib/python3.11/site-packages/numpy/__init__.py").write_text("written into")
    found = image.compare(store.image(state.id), states.items_of(store, state.id))
    assert [item.path for item in found.content] == ["lib/python3.11/site-packages/numpy/__init__.py"] and not found.metadata


def test_copies_are_not_written_through(store: Store) -> None:
    before = fingerprint(store.environment)
    state = safety.begin(store, "a step", linking=False)
    for path in store.environment.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.write_text("written into")
    safety.give_back(store, state)
    assert fingerprint(store.environment) == before


def test_without_hard_links_it_copies(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    before = fingerprint(store.environment)
    state = safety.begin(store, "a step", linking=True)
    assert not [
        path for path in store.image(state.id).rglob("*") if path.is_file() and not path.is_symlink() and path.stat().st_nlink > 1
    ]
    harm(store.environment)
    (store.environment / "lib/python3.11/site-packages/pandas-1.0.dist-info/RECORD").write_text("in place")
    safety.give_back(store, state)
    assert fingerprint(store.environment) == before


def test_an_environment_that_was_not_there_is_gone_again(tmp_path: Path) -> None:
    store = Store(tmp_path / ".venv")
    states.prepare(store)
    state = safety.begin(store, "a step", linking=True)
    small(store.environment)
    (tmp_path / ".venv.old-1").mkdir()
    safety.give_back(store, state)
    assert not store.environment.exists() and not (tmp_path / ".venv.old-1").exists()


def test_what_lay_beside_it_before_stays(store: Store) -> None:
    (store.environment.parent / ".venv.mine").mkdir()
    state = safety.begin(store, "a step", linking=True)
    (store.environment.parent / ".venv.new").mkdir()
    safety.give_back(store, state)
    assert (store.environment.parent / ".venv.mine").exists() and not (store.environment.parent / ".venv.new").exists()


def test_files_of_the_project_come_back_with_rights_times_and_line_ends(store: Store) -> None:
    project = store.environment.parent
    (project / ".env").write_bytes(b"A=1\r\nB=\xff\xfe\r\n")
    (project / ".env").chmod(0o640)
    os.utime(project / ".env", ns=(10**18, 10**18 + 7))
    (project / "torch").mkdir()
    (project / "torch/__init__.py").write_text("mine")
    paths = [project / name for name in (".env", "torch", "my_torch", ".gitignore")]
    before = fingerprint(project / "torch"), fingerprint(project / ".env")
    state = safety.begin(store, "a step", paths, linking=True)
    (project / ".env").write_text("other")
    (project / "torch").rename(project / "my_torch")
    (project / ".gitignore").write_text(".env\n")
    safety.give_back(store, state)
    assert (fingerprint(project / "torch"), fingerprint(project / ".env")) == before
    assert sorted(path.name for path in project.iterdir()) == [".env", ".mlenv-doctor", ".venv", "torch"]


def test_undo_and_undo_of_the_undo(store: Store) -> None:
    broken = fingerprint(store.environment)
    state = safety.begin(store, "repair numpy", linking=True)
    harm(store.environment)
    safety.accept(store)
    whole = fingerprint(store.environment)
    assert [(kept.id, kept.kind, kept.title) for kept in states.kept(store)] == [(1, "repair", "repair numpy")]
    new, difference = safety.undo(store, state)
    assert fingerprint(store.environment) == broken and not difference.content
    assert [(kept.id, kept.kind) for kept in states.kept(store)] == [(2, "undo")]
    safety.undo(store, new)
    assert fingerprint(store.environment) == whole


def test_undo_brings_files_back_and_keeps_what_was_written_since(store: Store) -> None:
    file = store.environment.parent / ".env"
    state = safety.begin(store, "make .env", [file], linking=True)
    file.write_text("made by the repair\n")
    safety.accept(store)
    file.write_text("and edited since\n")
    new, _ = safety.undo(store, state)
    assert not file.exists()
    safety.undo(store, new)
    assert file.read_text() == "and edited since\n"


def test_undo_after_a_file_was_edited_in_place_says_which(store: Store) -> None:
    state = safety.begin(store, "a step", linking=True)
    safety.accept(store)
    (store.environment / "lib/python3.11/site-packages/numpy/__init__.py").write_text("my edit")
    (store.environment / "lib/python3.11/site-packages/pandas/__init__.py").chmod(0o600)
    _, difference = safety.undo(store, state)
    assert [item.path for item in difference.content] == ["lib/python3.11/site-packages/numpy/__init__.py"]
    assert (store.environment / "lib/python3.11/site-packages/pandas/__init__.py").stat().st_mode & 0o777 == 0o644


def test_old_states_go_by_number_and_by_age_but_never_the_newest(store: Store) -> None:
    for number in range(states.KEPT + 2):
        safety.begin(store, f"step {number}", linking=True)
        safety.accept(store)
    assert [state.id for state in states.kept(store)] == [7, 6, 5, 4, 3]
    for state in states.kept(store):
        states.keep(store, State(**{**vars(state), "when": "2001-01-01T00:00:00+00:00"}), states.items_of(store, state.id))
    states.drop_old(store)
    assert [state.id for state in states.kept(store)] == [7]


def test_a_clock_that_jumps_drops_nothing_and_keeps_the_order(store: Store) -> None:
    for when in ("2099-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00", "no time at all"):
        state = safety.begin(store, when, linking=True)
        states.keep(store, State(**{**vars(state), "when": when}), states.items_of(store, state.id))
        states.forget(store)
    states.drop_old(store)
    assert [state.title for state in states.kept(store)] == ["no time at all", "2099-01-01T00:00:00+00:00"]


def test_a_number_is_never_given_twice(store: Store) -> None:
    safety.give_back(store, safety.begin(store, "a step", linking=True))
    assert safety.begin(store, "a step", linking=True).id == 2


def test_no_room_is_said_beforehand(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(store.environment)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6))
    before = fingerprint(store.environment)
    with pytest.raises(NoRoom, match=r"needs 17 MB, and 1 MB are free"):
        safety.begin(store, "a step", linking=True)
    assert fingerprint(store.environment) == before and states.under_way(store) is None and states.ids(store) == []


def test_a_failure_while_the_image_is_made_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = fingerprint(store.environment)
    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space"):
        safety.begin(store, "a step", linking=True)
    assert fingerprint(store.environment) == before and states.under_way(store) is None and states.ids(store) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"version": 2}', "another version of mlenv-doctor"),
        ("[]", "another version"),
        ("no JSON", "cannot be read"),
        ('{"version": 1, "files": [], "beside": [], "id": 1}', "cannot be read"),
        (
            '{"version": 1, "files": [], "beside": [], "id": 1, "environment": "/q/.venv", "title": "", "when": ""}',
            "belongs to another environment",
        ),
    ],
)
def test_a_journal_that_is_not_ours(store: Store, text: str, says: str) -> None:
    store.journal.write_text(text)
    before = fingerprint(store.environment)
    with pytest.raises(BadJournal, match=says):
        safety.recover(store)
    assert fingerprint(store.environment) == before and store.journal.read_text() == text


def test_what_can_be_swapped_is_not_changed_by_the_trial(store: Store) -> None:
    before = fingerprint(store.environment)
    with locked(store):
        safety.refuse_what_cannot_be_swapped(store)
    assert fingerprint(store.environment) == before


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.EBUSY, "it is a mount point"), (errno.EXDEV, "separate file system"), (errno.EACCES, "Permission denied")],
)
def test_what_cannot_be_renamed_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch, number: int, says: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(Unfit, match=says):
        safety.refuse_what_cannot_be_swapped(store)


def test_a_new_environment_that_appears_in_the_middle_is_not_deleted(store: Store) -> None:
    state = safety.begin(store, "a step", linking=True)
    os.rename(store.environment, store.aside(state.id))
    store.environment.mkdir()
    (store.environment / "work").write_text("somebody's")
    with pytest.raises(safety.BadInput, match="created again"):
        safety.recover(store)
    assert (store.environment / "work").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from mlenv_doctor.repair import safety, states
sys.path.insert(0, {tests!r})
from repair.tree import harm
store = states.Store(Path({folder!r}))
seen = 0
def count(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.utime", "shutil.rmtree"):
        seen += 1
        if seen == {moment}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
if {way!r} == "undo":
    safety.undo(store, states.kept(store)[0])
else:
    state = safety.begin(store, "a step", [store.environment.parent / ".env"], linking={way!r} == "accept")
    harm(store.environment)
    (store.environment.parent / ".env").write_text("other")
    safety.accept(store) if {way!r} == "accept" else safety.give_back(store, state)
print(seen)
"""


def killed(store: Store, way: str, moment: int) -> int:
    """Run a repair in a process of its own, killed at its so-manieth step in the file system; how many there were, if it was not."""
    tests = str(Path(__file__).parent.parent)
    code = KILLED.format(tests=tests, folder=str(store.environment), way=way, moment=moment)
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert done.returncode in (0, -signal.SIGKILL)
    return int(done.stdout or 0)


def contents(folder: Path) -> dict[str, object]:
    """What is in a folder, without what is random in it."""
    return {name: entry[-1] for name, entry in fingerprint(folder).items() if "__pycache__" not in name}


def before_a_kill(folder: Path, way: str) -> Store:
    """An environment and a file beside it; where a state is to be brought back, with one that was changed since."""
    store = small(folder / ".venv")
    (folder / ".env").write_text("A=1\n")
    if way == "undo":
        safety.begin(store, "an earlier one", [folder / ".env"], linking=True)
        harm(store.environment)
        (folder / ".env").write_text("other")
        safety.accept(store)
    return store


def survives_a_kill(folder: Path, way: str, moment: int) -> str:
    """Kill, recover twice, and compare; returns how it ended: "before" or "after"."""
    store = before_a_kill(folder, way)
    before, file = fingerprint(store.environment), fingerprint(folder / ".env")
    killed(store, way, moment)
    safety.recover(store)
    safety.recover(store)
    assert states.under_way(store) is None
    assert all((store.place(id) / "state.json").exists() for id in states.ids(store))
    if fingerprint(store.environment) == before:
        assert fingerprint(folder / ".env") == file
        return "before"
    harmed = small(folder / "harmed/.venv").environment
    harm(harmed)
    unharmed = contents(small(folder / "unharmed/.venv").environment)
    assert contents(store.environment) == (unharmed if way == "undo" else contents(harmed)), "something between"
    assert (folder / ".env").read_text() == ("A=1\n" if way == "undo" else "other")
    assert states.kept(store), "what was given up can still be brought back"
    return "after"


WAYS = ("accept", "give back", "undo")


@pytest.mark.parametrize("seed", range(9))
def test_a_kill_leaves_nothing_between(tmp_path: Path, seed: int) -> None:
    survives_a_kill(tmp_path, WAYS[seed % 3], random.Random(seed).randint(1, 150))


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_kill_at_a_hundred_moments_leaves_nothing_between(tmp_path: Path, way: str) -> None:
    steps = killed(before_a_kill(tmp_path / "whole", way), way, 0)
    ends = {survives_a_kill(tmp_path / str(n), way, 1 + n * steps // 99) for n in range(100)}
    assert ends == ({"before"} if way == "give back" else {"before", "after"})
