"""`check --deep`: real work is done where it is asked for, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.ward import Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    """A project that uses SQLite."""
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    ward.write("app.py", "import sqlalchemy\n")
    return ward


def work(ward: Ward, *args: str) -> list[str] | None:
    """How real work ended, if it is part of the report at all."""
    visit = ward.check(*args)
    results = [result for result in visit.report["results"] if result["id"] == "libraries.work"]
    return [finding["status"] for finding in results[0]["findings"]] if results else None


def test_it_is_done_with_the_option_or_by_its_name(ward: Ward) -> None:
    assert work(ward) is None
    assert work(ward, "libraries") is None
    assert work(ward, "--deep") == ["pass"]
    assert work(ward, "libraries.work") == ["pass"]
    assert work(ward, "libraries.work", "--quick") == ["skip"]
    assert work(ward, "--deep", "--skip", "libraries.work") == ["skip"]


def test_what_was_measured_is_in_the_report(ward: Ward) -> None:
    (finding,) = [found for found in ward.check("--deep").findings("pass") if found["id"] == "libraries.work"]
    assert finding["subject"] == "sqlite3" and float(finding["evidence"]["seconds"]) >= 0


@pytest.mark.parametrize("other", [("--quick",), ("--from", "saved.json")])
def test_options_that_contradict_each_other_are_refused(ward: Ward, other: tuple[str, ...]) -> None:
    visit = ward.doctor("check", "--deep", *other)
    assert visit.code == 2
    assert (
        f"--deep runs the libraries and {other[0]}" in visit.stderr
        or f"--deep runs the libraries of this machine, and {other[0]}" in visit.stderr
    )


def test_a_write_is_a_part_of_real_work(ward: Ward) -> None:
    visit = ward.doctor("check", "--write")
    assert visit.code == 2 and "use --deep --write" in visit.stderr


def test_without_the_option_nothing_is_written_and_the_report_says_so(ward: Ward) -> None:
    ward.environ["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
    for args, message in (
        ((), "nothing was written to http://127.0.0.1:9: --deep --write does that"),
        (("--write",), "not installed"),
    ):
        (finding,) = [
            found
            for found in ward.check("libraries.mlflow-write", "--deep", *args).findings()
            if found["id"] == "libraries.mlflow-write"
        ]
        assert finding["status"] == "skip" and message in finding["message"]
