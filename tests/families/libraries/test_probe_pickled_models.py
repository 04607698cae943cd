"""The probe of pickled models, run for real on the bytes that scikit-learn and pickle write."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

import pytest

from mlenv_checks.libraries.facts import ModelFile, Models
from support.probing import probe


class Estimator:
    """Saved as scikit-learn's are: what was learned, and after it the version."""

    def __init__(self, version: str, **state: object) -> None:
        self.state = {**state, "_sklearn_version": version}

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (), None, None, iter(self.state.items())


class Bomb:
    """Whoever unpickles this writes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.file,)


def look(folder: Path) -> Models:
    found = probe(Models, cwd=folder)
    assert isinstance(found, Models), found
    return found


def save(path: Path, what: object, protocol: int = 4) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(what, protocol))


def test_every_protocol(tmp_path: Path) -> None:
    for protocol, version in enumerate(["0.24.2", "1.0", "1.2.2", "1.9.1", "1.6.dev0", "1.10"]):
        what = [Estimator(version, depth=3), Estimator(version, names=["1.2.3", "x" * 300])]
        save(tmp_path / f"{protocol}.pkl", what, protocol)
    assert [file.scikit_learn for file in look(tmp_path).files] == ["0.24.2", "1.0", "1.2.2", "1.9.1", "1.6.dev0", "1.10"]


def test_what_follows_a_version_is_not_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.joblib").write_bytes(b"\x8c\x10_sklearn_version\x94\x8c\x051.2.2234\x94")
    (tmp_path / "b.joblib").write_bytes(b"X\x10\0\0\0_sklearn_versionq\x05X\x05\0\0\x001.2.2234")
    (tmp_path / "c.joblib").write_bytes(b"_sklearn_version\x94\x8c\xff1.2.2\x94 and _sklearn_version of 1.3")
    (tmp_path / "d.joblib").write_bytes(b"_sklearn_version\x94\x8c\xff1.2.2\x94 _sklearn_version\x94\x8c\x051.4.0\x94")
    assert [(file.path, file.scikit_learn) for file in look(tmp_path).files] == [
        ("a.joblib", "1.2.2"),
        ("b.joblib", "1.2.2"),
        ("d.joblib", "1.4.0"),
    ]


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    save(tmp_path / "bomb.pkl", [Bomb(tmp_path / "exploded"), Estimator("1.5.2")])
    assert look(tmp_path).files == (ModelFile("bomb.pkl", "1.5.2"),)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    "data, numpy_2",
    [
        (b"\x8c\x16numpy._core.multiarray\x94\x8c\x06scalar", True),
        (b"cnumpy._core.numeric\n_frombuffer\n", True),
        (b"\x8c\x15numpy.core.multiarray\x94\x8c\x06scalar", False),
        (b"a text about numpy._core", False),
    ],
)
def test_modules_of_numpy_2(tmp_path: Path, data: bytes, numpy_2: bool) -> None:
    (tmp_path / "array.pkl").write_bytes(data)
    assert look(tmp_path).files == ((ModelFile("array.pkl", numpy_2=True),) if numpy_2 else ())


def test_only_the_users_own_models(tmp_path: Path) -> None:
    for folder in ("mlruns/0/abc", ".venv/lib", ".dvc", "__pycache__", "tests/data", "node_modules", "a/b/c/d/e/f"):
        save(tmp_path / folder / "model.pkl", Estimator("1.2.2"))
    save(tmp_path / "env/lib/model.pkl", Estimator("1.2.2"))
    (tmp_path / "env/pyvenv.cfg").touch()
    save(tmp_path / ".hidden.pkl", Estimator("1.2.2"))
    save(tmp_path / "model.bin", Estimator("1.2.2"))
    save(tmp_path / "a/b/c/d/Model.PKL", Estimator("1.2.2"))
    assert [file.path for file in look(tmp_path).files] == ["a/b/c/d/Model.PKL"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pkl")
    (tmp_path / "gone.pkl").symlink_to("/nowhere")
    (tmp_path / "zero.pkl").symlink_to("/dev/zero")
    (tmp_path / "folder.pkl").mkdir()
    (tmp_path / "empty.pkl").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert look(tmp_path) == Models(looked=4)


def test_a_huge_model_is_read_at_both_ends_in_time(tmp_path: Path) -> None:
    with (tmp_path / "huge.pkl").open("wb") as file:
        file.seek(20 << 30)
        file.write(pickle.dumps(Estimator("1.5.2"), 5))
    started = time.monotonic()
    assert look(tmp_path).files == (ModelFile("huge.pkl", "1.5.2"),)
    assert time.monotonic() - started < 5


def test_not_more_than_so_many(tmp_path: Path) -> None:
    for number in range(45):
        save(tmp_path / f"model{number:02}.pkl", Estimator("1.5.2"))
    found = look(tmp_path)
    assert (len(found.files), found.looked, found.more) == (40, 40, True)


@pytest.mark.slow
def test_a_crowded_project_is_left_in_time(tmp_path: Path) -> None:
    for folder in range(30):
        (tmp_path / f"d{folder:02}").mkdir()
        for number in range(800):
            (tmp_path / f"d{folder:02}/{number}.jpg").touch()
    save(tmp_path / "z/model.pkl", Estimator("1.5.2"))
    assert look(tmp_path).files == ()
