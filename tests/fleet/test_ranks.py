"""The ranks of a job compare their environments: through a folder, and through torch.distributed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mlenv_doctor
from mlenv_doctor.errors import BadInput, Failed
from mlenv_doctor.fleet.ranks import JOBS, RANKS, Different, told

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import mlenv_doctor
print("compared", len(mlenv_doctor.same_everywhere(timeout=float(sys.argv[2]))))
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {*JOBS, *(name for pair in RANKS for name in pair)}:
        monkeypatch.delenv(name, raising=False)


def site(folder: Path, **libraries: str) -> Path:
    for name, version in libraries.items():
        (folder / f"{name}-{version}.dist-info").mkdir(parents=True)
    return folder


def start(cwd: Path, extra: Path, rank: int, world: int, timeout: float = 30) -> subprocess.Popen[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "RANK": str(rank),
        "WORLD_SIZE": str(world),
        "PYTHONPATH": f"{ROOT}/src",
        "MASTER_PORT": "7",
    }
    words = [sys.executable, "-c", PROGRAM, str(extra), str(timeout)]
    return subprocess.Popen(words, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_ranks_that_are_alike_go_on(tmp_path: Path) -> None:
    same = site(tmp_path / "same", numpy="2.4.6")
    ranks = [start(tmp_path, same, number, 3) for number in range(3)]
    assert all(rank.communicate()[0].startswith("compared ") and rank.returncode == 0 for rank in ranks)


def test_a_rank_with_another_numpy_stops_all_with_one_sentence(tmp_path: Path) -> None:
    same, other = site(tmp_path / "same", numpy="2.4.6"), site(tmp_path / "other", numpy="2.1.0", left_over="1")
    ranks = [start(tmp_path, other if number == 2 else same, number, 4) for number in range(4)]
    for rank in ranks:
        _, err = rank.communicate()
        assert rank.returncode == 1
        assert err.splitlines()[-1].endswith(
            "Different: rank 2 of 4 has another environment than the others: left-over 1 instead of none; numpy 2.1.0 instead of 2.4.6"
        )


def test_a_rank_that_does_not_come_is_named(tmp_path: Path) -> None:
    _, err = start(tmp_path, tmp_path, 0, 2, timeout=0.3).communicate()
    assert "Failed: same_everywhere: no word from rank 1 within 0.3 s in" in err.splitlines()[-1]


def test_another_job_in_the_same_folder_does_not_disturb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    with pytest.raises(Failed):
        mlenv_doctor.same_everywhere(rank=0, world=2, folder=tmp_path, timeout=0)
    monkeypatch.setenv("SLURM_JOB_ID", "2")
    with pytest.raises(Failed, match="rank 0"):
        mlenv_doctor.same_everywhere(rank=1, world=2, folder=tmp_path, timeout=0)


def test_what_lies_there_is_not_taken_for_another_rank(tmp_path: Path) -> None:
    """Neither nonsense nor the file of an earlier run, even where that says what is wanted."""
    with pytest.raises(Failed):
        mlenv_doctor.same_everywhere(rank=0, world=2, folder=tmp_path, timeout=0)
    (folder,) = tmp_path.iterdir()
    earlier = (folder / "rank-0.json").read_text()
    for text in ("[1]", "{", "[" * 100_000, '{"fingerprint": 1, "token": "", "seen": {}}', earlier):
        (folder / "rank-1.json").write_text(text)
        with pytest.raises(Failed, match="no word from rank 1"):
            mlenv_doctor.same_everywhere(rank=0, world=2, folder=tmp_path, timeout=0.2)


def test_what_another_rank_says_is_shown_as_one_line() -> None:
    assert told([{"numpy": "1"}, {"numpy": "1"}, {"numpy": "\x1b[2J\n2"}]).isprintable()


def test_a_single_process_has_nobody_to_compare_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert mlenv_doctor.same_everywhere()["Python"] == sys.version.split()[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("rank", "world"), [(1, 1), (-1, 2), (0, None), (None, 2)])
def test_what_cannot_be(rank: int | None, world: int | None) -> None:
    with pytest.raises(BadInput):
        mlenv_doctor.same_everywhere(rank=rank, world=world)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failed, match="name a folder that all ranks share"):
        mlenv_doctor.same_everywhere(rank=0, world=2, folder=tmp_path / "file")


class Distributed:
    """Enough of torch.distributed for one process: the others have what `others` says."""

    def __init__(self, *others: dict[str, str]) -> None:
        self.others, self.asked = others, 0

    def is_available(self) -> bool:
        return True

    def is_initialized(self) -> bool:
        return True

    def get_world_size(self) -> int:
        return 1 + len(self.others)

    def get_rank(self) -> int:
        return 0

    def all_gather_object(self, into: list[object], mine: object) -> None:
        from mlenv_doctor.fleet.ranks import hashed

        self.asked += 1
        into[:] = [mine, *(hashed(other) if isinstance(mine, str) else other for other in self.others)]


def test_torch_is_asked_where_it_is_initialized(monkeypatch: pytest.MonkeyPatch) -> None:
    from mlenv_doctor.fleet.ranks import fingerprint

    alike, unlike = Distributed(fingerprint(), fingerprint()), Distributed(fingerprint(), {"Python": "3.9.0"})
    monkeypatch.setitem(sys.modules, "torch.distributed", alike)
    assert mlenv_doctor.same_everywhere() and alike.asked == 1
    monkeypatch.setitem(sys.modules, "torch.distributed", unlike)
    with pytest.raises(Different, match="rank 2 of 3 has another environment"):
        mlenv_doctor.same_everywhere()
    assert unlike.asked == 2


def test_the_sentence_is_short_however_much_differs() -> None:
    assert told([{}, {}]) == ""
    many = [{f"p{n}": "1" for n in range(500)}] + [{}] * 20
    assert len(told(many)) < 300 and "rank 0 of 21" in told(many) and "and 495 more" in told(many)
