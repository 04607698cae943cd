"""`fleet files` reads what people have: snapshots, reports, archives, logs; and says what it cannot read."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fleet.fleets import NORM, ODD, document, made, write
from lab.visit import Visit
from lab.ward import Ward
from mlenv_doctor.fleet.lines import written
from support.builtin import CAUSES
from support.documents import report, snapshot

assert CAUSES  # the documents below hold the facts of all families


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def fleet(ward: Ward, *words: str) -> Any:
    visit = ward.doctor("fleet", "files", *words, "--format", "json")
    assert visit.stderr == "", visit.stderr
    return json.loads(visit.stdout)


def groups(data: Any) -> list[tuple[str, str]]:
    return [(group["nodes"], group["verdict"]) for group in data["groups"]]


def silent(data: Any) -> dict[str, str]:
    return {group["nodes"]: group["why"] for group in data["silent"]}


def test_a_folder_with_everything(ward: Ward) -> None:
    ward.write("f/a1.json", snapshot())
    ward.write("f/a2.json", json.dumps(json.loads(snapshot())))  # laid out otherwise
    ward.write("f/deep/a3.json.gz", gzip.compress(snapshot().encode()))
    ward.write("f/b1.json", report())
    ward.write("f/c1.json", document(NORM))
    ward.write("f/notes.txt", "not a node")
    for name, data in {
        "bad1": b"no json",
        "bad2": b"",
        "bad3": b'{"kind": "other"}',
        "bad4": snapshot().replace('"1.0"', '"9.0"').encode(),
        "bad5": document(NORM).replace(b'"1.0"', b'"7.1"'),
        "bad6": document(NORM).replace(b'"findings":[]', b'"findings":[1]'),
        "bad7": b"[" * 100_000,
        "bad8": b'{"kind": "mlenv-doctor node", "silent": "no room\\n\\u001b[2J here"}',
    }.items():
        ward.write(f"f/{name}.json", data)
    data = fleet(ward, "f")
    assert {name for name, _ in groups(data)} >= {"a[1-3]"} and data["answered"] == 5
    assert silent(data) == {
        "bad[1,7]": "this is not JSON",
        "bad2": "it is empty",
        "bad3": "this is not a snapshot, a report or an answer of mlenv-doctor",
        "bad4": "its schema is '9.0', this version reads 1.0",
        "bad5": "its schema is '7.1', this version reads 1.0",
        "bad6": "this answer is damaged (TypeError: 'int' object is not subscriptable)",
        "bad8": "no room here",
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_fleet_of_files_ends_as_it_is(ward: Ward, seed: int) -> None:
    made_up = made(seed)
    write(made_up, ward.project / "fleet")
    visit = ward.doctor("fleet", "files", "fleet", "--output", "json:fleet.json")
    assert (visit.code, visit.stderr) == (int(bool(made_up.odd or made_up.silent)), "")
    again = ward.doctor("fleet", "files", "fleet", "--baseline", "fleet.json")
    assert again.code == 0 and "nothing changed" in again.stdout


def test_patterns_files_and_archives(ward: Ward) -> None:
    for name in ("n1", "n2", "x1"):
        ward.write(f"{name}.json", document(NORM))
    with tarfile.open(ward.project / "more.tar.gz", "w:gz") as archive:
        for name, data in (("./deep/t1.json", document(NORM)), ("t2.json", b"{"), ("readme", b"")):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    data = fleet(ward, "n*.json", "x1.json", "more.tar.gz")
    assert groups(data) == [("n[1-2],t1,x1", "ready")] and silent(data) == {"t2": "this is not JSON"}


def test_a_log_of_kubectl(ward: Ward) -> None:
    lines = [
        f"[pod/mlenv-doctor-{n}-abcde/doctor] {line}" for n in range(3) for line in written(f"gpu-{n}", document(NORM).decode())
    ]
    lines += ["[pod/mlenv-doctor-3-abcde/doctor] Unpacking", "x" * 1_000_000, written("gpu-3", "{}")[0]]
    cut = written("gpu-4", "{" + json.dumps(list(range(4000))) + "}")[:-1]
    log = ward.write("log", "\n".join([*lines, *cut]))
    data = json.loads(ward.run("sh", "-c", f"mlenv=$1; exec $mlenv fleet files - --format json < {log}", "sh", doctor()).stdout)
    assert groups(data) == [("gpu-[0-2]", "ready")]
    assert silent(data) == {
        "gpu-3": "this is not a snapshot, a report or an answer of mlenv-doctor",
        "gpu-4": "its answer is cut off",
    }


def doctor() -> str:
    from lab.ward import DOCTOR

    return str(DOCTOR)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere",), "nowhere: no such file or folder"),
        (("empty",), "empty: no .json, .json.gz or .tar file here"),
        (("*.jsonl",), "*.jsonl: no .json"),
        (("damaged.tar",), "damaged.tar: this archive cannot be read (damaged)"),
        (("-",), "-: standard input contains no answer from a node"),
        ((), "Missing argument 'PATH...|-'"),
        (("n.json", "--format", "sarif"), "--format sarif: unknown format; choose from text, json, junit, html, nagios"),
        (("n.json", "--output", "html:no/where"), "no/where cannot be written"),
        (("n.json", "--nagios", "--format", "json"), "--nagios prints its own format"),
        (("n.json", "--baseline", "n.json"), "--baseline n.json: this is not an mlenv-doctor fleet report"),
        (("n.json", "--baseline", "gone.json"), "--baseline gone.json: cannot be read: No such file or directory"),
        (("n.json", "--baseline", "bent.json"), "--baseline bent.json: this fleet is damaged"),
    ],
)
def test_bad_input_is_one_sentence(ward: Ward, words: tuple[str, ...], says: str) -> None:
    (ward.project / "empty").mkdir()
    ward.write("damaged.tar", "no archive" * 100)
    ward.write("n.json", document(NORM))
    ward.write("bent.json", '{"kind": "mlenv-doctor fleet", "schema_version": "1.0", "silent": [], "groups": [1]}')
    visit = ward.doctor("fleet", "files", *words)
    assert (visit.code, visit.stdout) == (2 if "--nagios" not in words else 3, visit.stdout), visit
    assert says in visit.stderr + visit.stdout and (visit.stderr + visit.stdout).count("\n") == 1


def test_what_cannot_be_read_is_a_silent_node(ward: Ward) -> None:
    ward.write("f/n1.json", document(NORM))
    os.mkfifo(ward.project / "f/pipe.json")
    (ward.project / "f/loop.json").symlink_to("loop.json")
    assert silent(fleet(ward, "f")) == {
        "loop": "cannot be read: Too many levels of symbolic links",
        "pipe": "cannot be read: it is not a regular file",
    }


def sick(ward: Ward) -> Visit:
    ward.write("f/n1.json", document(NORM))
    ward.write("f/n2.json", document(ODD["disk full"][0]))
    return ward.doctor("fleet", "files", "f", "--nagios")


def test_nagios_ends_as_a_plugin(ward: Ward) -> None:
    assert sick(ward).code == 2


def test_the_schema_is_printed(ward: Ward) -> None:
    assert json.loads(ward.doctor("schema", "fleet").stdout)["title"] == "Fleet of mlenv-doctor"


def test_an_answer_can_be_saved_and_is_the_same_twice(ward: Ward) -> None:
    ward.venv()
    first, second = (ward.doctor("fleet", "answer", "--quick") for _ in range(2))
    assert first.code == 0 and first.stdout == second.stdout and first.stdout.count("\n") == 1
    ward.write("n.json", first.stdout)
    ward.write("s.json", ward.doctor("snapshot", "--quick").stdout)
    assert len(fleet(ward, "n.json", "s.json")["groups"]) == 1  # a snapshot is judged as the node judges itself


def test_a_snapshot_is_judged_as_check_does_it(ward: Ward) -> None:
    ward.venv(libraries=["numpy"])
    ward.write("train.py", "import numpy\nimport pandas\n")
    ward.write("s.json", ward.doctor("snapshot", "--quick").stdout)
    data = fleet(ward, "s.json")
    checked = ward.doctor("check", "--from", "s.json", "--format", "json").report
    loud = {
        (r["id"], f["cause"], f["subject"]) for r in checked["results"] for f in r["findings"] if f["status"] in ("fail", "warn")
    }
    assert {(one["check"], one["cause"], one["subject"]) for one in data["groups"][0]["causes"]} == loud
    assert data["groups"][0]["verdict"] == checked["verdict"] and loud
