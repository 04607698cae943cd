"""`diff` and `check --baseline`, as people call them: two days of one machine, two machines, a report and a snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.ward import Ward
from mlenv_checks.gpu.facts import Card, Gpu
from mlenv_checks.system.facts import Disk, System
from mlenv_checks.torch.facts import TorchBuild
from mlenv_doctor import fail, ok, skip
from mlenv_doctor.cli.diff import diff, judging
from mlenv_doctor.documents.diff import Side, difference, side
from mlenv_doctor.documents.snapshot import to_document
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.facts import Missing, Snapshot, Why
from mlenv_doctor.model import Result
from mlenv_doctor.patient import Distribution, Libraries, Place, Python
from mlenv_doctor.patient.target import Target
from mlenv_doctor.report import renderer
from mlenv_doctor.report.difference import as_json, words
from mlenv_doctor.report.look import Look
from support.reports import REPORT

TARGET = Target("/p/.venv/bin/python", "/p/.venv", "VIRTUAL_ENV")
CARDS = (Card(0, "NVIDIA A100", capability="8.0"), Card(1, "NVIDIA A100", capability="8.0"))


def machine(torch: str, cuda: str, **libraries: str) -> Snapshot:
    """A machine with two cards, an older driver, and this torch."""
    installed = (Distribution(name, version, "/s") for name, version in ({"torch": torch.partition("+")[0]} | libraries).items())
    return {
        Python: Python(version="3.12.3", executable=TARGET.python, prefix="/p/.venv", base_prefix="/usr"),
        Place: Place(distro="debian"),
        Libraries: Libraries(tuple(installed)),
        TorchBuild: TorchBuild("/s/torch", torch, cuda, archs=("sm_80", "sm_90")),
        Gpu: Gpu(nvml=0, driver="560.35.03", module="560.35.03", cuda="12.6", cards=CARDS, library="libnvidia-ml.so.1"),
        System: System((Disk("home", "/h", "/", 9 << 36, 9 << 36),), memory_total=(64 << 30) - 12345, cores=8),
    }


def saved(folder: Path, name: str, facts: Snapshot) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(to_document(facts, TARGET, "/p", "0.1.0")))
    return file


@pytest.fixture
def days(tmp_path: Path) -> tuple[Side, Side]:
    """The day before an upgrade, and the day after."""
    before = machine("2.9.1+cu126", "12.6", numpy="2.1.0", pandas="2.2.0")
    after = machine("2.11.0+cu130", "13.0", numpy="2.1.0", scipy="1.14.0")
    plugins = find_plugins()
    return side(saved(tmp_path, "before", before), judging(plugins)), side(saved(tmp_path, "after", after), judging(plugins))


def test_in_words(days: tuple[Side, Side]) -> None:
    said = words(difference(*days), Look(ascii=False))
    assert "torch 2.9.1+cu126 → 2.11.0+cu130\n" in said
    assert "pandas 2.2.0 → none\n" in said and "scipy none → 1.14.0\n" in said
    assert (
        "driver 560.35.03, CUDA of the driver 12.6, GPUs 2, cards 2 NVIDIA A100, memory 64 GiB, processors 8, 1 library\n" in said
    )
    assert "✗ new: driver-too-old (torch.driver" in said
    assert "after.json: snapshot, Python 3.12.3 at /p/.venv/bin/python, linux debian machine" in said
    assert re.search(r"\nDifferent: 3 changed, \d new, \d gone\n$", said)


def test_the_other_way_round_it_is_gone(days: tuple[Side, Side]) -> None:
    said = words(difference(*reversed(days)), Look())
    assert "torch 2.11.0+cu130 -> 2.9.1+cu126\n" in said and "+ gone: driver-too-old (torch.driver" in said
    assert said.isascii()


def test_a_machine_does_not_differ_from_itself(days: tuple[Side, Side]) -> None:
    found = difference(days[0], days[0])
    assert found.same and words(found, Look()).endswith("No difference\n")


def test_as_data(days: tuple[Side, Side]) -> None:
    document = json.loads(as_json(difference(*days), Look()))
    assert (document["kind"], document["same"]) == ("mlenv-doctor diff", False)
    assert {"about": "library", "name": "torch", "a": "2.9.1+cu126", "b": "2.11.0+cu130"} in document["changed"]
    assert {"about": "machine", "name": "driver", "a": "560.35.03", "b": "560.35.03"} in document["unchanged"]
    assert [(new["cause"], new["status"]) for new in document["new"] if new["id"].startswith("torch.")] == [
        ("driver-too-old", "fail")
    ]
    assert document["a"]["kind"] == "snapshot" and document["not_looked_at"] == {"a": [], "b": []}


def test_what_is_not_known_is_no_difference(tmp_path: Path) -> None:
    gone = Missing("gpu", Why.TIMEOUT, "did not answer within 3 s")
    blind = {Python: Python(version="3.12.3"), Gpu: gone, System: gone, Libraries: gone, TorchBuild: gone}
    found = difference(
        *(side(saved(tmp_path, n, facts), judging(())) for n, facts in (("a", blind), ("b", machine("2.9.1", "12.6"))))
    )
    assert [change.name for change in found.changed] == ["system"] and found.b.whole and not found.a.whole


def test_sizes_that_could_not_be_read_are_none(tmp_path: Path) -> None:
    bare = {
        Python: Python(version="3.12.3"),
        System: System(),
        Gpu: Gpu(),
        Libraries: Libraries((Distribution("x", None, "/s"),)),
    }
    found = side(saved(tmp_path, "a", bare), judging(()))
    assert (found.machine["memory"], found.machine["driver"], found.machine["cards"]) == (None, None, None)
    assert found.libraries == {"x": "of unknown version"}
    assert [change.name for change in difference(found, found).unchanged] == ["Python", "system", "GPUs", "processors", "x"]


def test_nothing_can_be_injected_and_nothing_is_lost(tmp_path: Path) -> None:
    evil = "\x1b[2J\u202eodd\nNo difference\rNo difference\r\n" + "x" * 1_000
    facts = {Python: Python(version="3.12.3"), Libraries: Libraries((Distribution(evil, evil, "/s"),))}
    found = difference(
        side(saved(tmp_path, "a", facts), judging(())), side(saved(tmp_path, "b", {**facts, Libraries: Libraries()}), judging(()))
    )
    bad = fail("c-d", evil, subject=evil)
    before, after = Result("a.b", "a", "T", (ok("m"),)), Result("a.b", "a", "T", (bad, replace(bad, subject="other")))
    again = difference(*(replace(found.a, results=(results,)) for results in (before, after)))
    unseen = difference(replace(found.a, results=()), replace(found.a, results=(after,), machine={**found.a.machine}))
    for each in (found, again, unseen):
        said = words(each, Look(ascii=False))
        assert "\x1b" not in said and "\u202e" not in said and "x" * 1_000 in said
        assert [line for line in said.splitlines() if line.startswith("No diff")] == (["No difference"] if each.same else [])
        json.loads(as_json(each, Look()))


def test_a_report_that_says_little_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    odd = (Result("torch.build", "torch", "T", (skip("PyTorch is not installed"),)), Result("gpu.driver", "gpu", "T", (ok("m"),)))
    report = replace(REPORT, target={}, place={}, results=odd)
    file.write_text(renderer("json")(report, Look()))
    found = side(file, judging(()))
    assert (found.machine, found.libraries, found.python) == ({"Python": "unknown", "system": ""}, {}, "")
    nothing = difference(found, replace(found, machine={"Python": "3.12.3", "system": "linux"}))
    assert not nothing.unchanged and "unchanged" not in words(nothing, Look())


def test_the_command_in_one_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = saved(tmp_path, "a", machine("2.9.1", "12.6")), saved(tmp_path, "b", machine("2.9.1", "12.6", scipy="1"))
    for other, code in ((a, 0), (b, 1)):
        with pytest.raises(SystemExit) as end:
            diff.main([str(a), str(other)], standalone_mode=False)
        assert end.value.code == code
    assert "scipy none → 1\n" in capsys.readouterr().out


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """Reports and snapshots of two days: on the second numpy is newer, and pandas is gone."""
    made = Ward(tmp_path_factory.mktemp("two-days"))
    made.venv()
    made.write("old.json", made.check().stdout)
    made.write("old-snapshot.json", made.doctor("snapshot").stdout)
    made.library("numpy", "2.5.0")
    made.run("rm", "-rf", made.site / "pandas", next(made.site.glob("pandas-*.dist-info")))
    made.write("new.json", made.check().stdout)
    made.write("new-snapshot.json", made.doctor("snapshot").stdout)
    return made


@pytest.mark.parametrize("a", ["old.json", "old-snapshot.json"])
@pytest.mark.parametrize("b", ["new.json", "new-snapshot.json"])
def test_reports_and_snapshots_can_be_compared_with_each_other(two_days: Ward, a: str, b: str) -> None:
    visit = two_days.doctor("diff", a, b)
    assert visit.code == 1 and visit.stderr == "", visit.stderr
    lines = visit.stdout.splitlines()
    assert {"numpy 2.4.6 → 2.5.0", "pandas 3.0.3 → none"} <= set(lines)
    assert any(line.startswith("✗ new: not-installed (libraries.installed: pandas)") for line in lines)
    assert sum("→" in line for line in lines) == 2
    back = json.loads(two_days.doctor("diff", b, a, "--format", "json").stdout)
    assert [found["subject"] for found in back["gone"] if found["id"] == "libraries.installed"] == ["pandas"]


@pytest.mark.parametrize("pair", [("old.json", "old.json"), ("old.json", "old-snapshot.json"), ("old-snapshot.json", "old.json")])
def test_no_difference_is_exit_0(two_days: Ward, pair: tuple[str, str]) -> None:
    visit = two_days.doctor("diff", *pair)
    assert visit.code == 0 and visit.stdout.endswith("No difference\n"), visit.stdout


def test_what_only_one_of_them_looked_at_is_no_difference(two_days: Ward) -> None:
    two_days.write("python.json", two_days.check("python").stdout)
    there, back = two_days.doctor("diff", "python.json", "new.json"), two_days.doctor("diff", "new.json", "python.json")
    assert there.code == back.code == 0
    assert "- not checked in A: " in there.stdout and "not-installed (libraries.installed: pandas)" in there.stdout
    assert "- not checked in B: " in back.stdout


def bad_files(two_days: Ward) -> dict[str, str]:
    """Files that are no report, by what is said of them."""
    two_days.write("pyproject.toml", "[project]\nname = 'x'\n")
    two_days.write("empty.json", "")
    two_days.write("deep.json", "[" * 50_000)
    two_days.write("other.json", '{"some": "thing"}')
    two_days.write("newer.json", '{"tool": {"name": "mlenv-doctor"}, "schema_version": "9.0", "results": []}')
    two_days.write("damaged.json", '{"tool": {"name": "mlenv-doctor"}, "schema_version": "1.0", "results": [3]}')
    two_days.write("half.json", (two_days.project / "old.json").read_bytes()[:5000])
    return {
        "nowhere.json": "cannot be read",
        ".": "not a regular file",
        "/dev/zero": "not a regular file",
        "-": "cannot be read",
        "pyproject.toml": "not JSON",
        "empty.json": "not JSON",
        "deep.json": "not JSON",
        "half.json": "not JSON",
        "other.json": "not a report of mlenv-doctor",
        "newer.json": "its schema is '9.0'",
        "damaged.json": "damaged",
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda file: ["check", "--baseline", file],
        lambda file: ["diff", "old.json", file],
        lambda file: ["diff", file, "old.json"],
    ],
    ids=["baseline", "diff b", "diff a"],
)
def test_a_bad_file_gets_one_clear_sentence(two_days: Ward, call: Callable[[str], list[str]]) -> None:
    for file, says in bad_files(two_days).items():
        visit = two_days.doctor(*call(file))
        assert visit.code == 2 and visit.stdout == "", file
        assert f"{file}: " in visit.stderr and says in visit.stderr
        assert visit.stderr.count("\n") == 1 and "Traceback" not in visit.stderr


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"kind": "mlenv-doctor snapshot", "schema_version": "9.0"}, "its schema is '9.0'"),
        ({"kind": "mlenv-doctor snapshot", "schema_version": "1.0", "facts": {"python": 3}}, "damaged"),
    ],
)
def test_a_bad_snapshot_too(two_days: Ward, document: dict[str, Any], says: str) -> None:
    two_days.write("bad.json", json.dumps(document))
    visit = two_days.doctor("diff", "bad.json", "old.json")
    assert visit.code == 2 and visit.stderr.startswith("mlenv-doctor: bad.json: ") and says in visit.stderr
    visit = two_days.doctor("check", "--baseline", "old-snapshot.json")
    assert visit.code == 2 and "this is not a report of mlenv-doctor" in visit.stderr


def test_only_drift_fails(ward: Ward) -> None:
    ward.venv("other", libraries=("numpy",))
    assert ward.check().code == 1
    ward.write("known.json", ward.check().stdout)
    calm = ward.check("--baseline", "known.json")
    assert calm.code == 0 and calm.causes("fail") == set() and calm.report["verdict"] == "ready"
    (said,) = [found["message"] for found in calm.findings() if found["id"] == "baseline.changes"]
    assert said.endswith("known, 0 gone") and said.startswith("0 new")
    (ward.site / "numpy/__init__.py").write_text("import nothing_of_this_name")
    drifted = ward.check("--baseline", "known.json")
    assert drifted.code == 1 and {found["subject"] for found in drifted.findings("fail")} == {"numpy"}
    assert "pandas" not in "".join(str(found["fix"]) for found in drifted.findings("fail"))


def test_what_is_gone_is_said(ward: Ward) -> None:
    ward.venv("other", libraries=())
    ward.write("known.json", ward.check().stdout)
    for name in ("numpy", "pandas"):
        ward.library(name)
    visit = ward.doctor("check", "--baseline", "known.json")
    assert "2 gone: not-installed (libraries.installed: numpy), not-installed (libraries.installed: pandas)" in visit.stdout
    quick = ward.doctor("check", "--quick", "--skip", "libraries", "--baseline", "known.json")
    assert "0 gone; not checked now: " in quick.stdout and "not-installed (libraries.installed: numpy)" in quick.stdout


def test_the_baseline_can_be_renewed_in_place(ward: Ward) -> None:
    ward.venv("other", libraries=())
    ward.write("known.json", ward.check().stdout)
    for _ in range(2):
        assert ward.doctor("check", "--baseline", "known.json", "--output", "json:known.json").code == 0


def test_a_report_with_a_baseline_follows_the_schema(ward: Ward) -> None:
    import jsonschema

    ward.venv("other", libraries=())
    ward.write("known.json", ward.check().stdout)
    jsonschema.validate(ward.check("--baseline", "known.json").report, json.loads(ward.doctor("schema").stdout))
