"""`fleet ssh`, with a stand-in for the program ssh that runs the command here, or lies: ClusterShell and the rest are real."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fleet.fleets import NORM, ODD, document
from lab.ward import Ward
from mlenv_doctor.fleet.lines import written

pytest.importorskip("ClusterShell", reason="the extra ssh")

SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
node=$2; shift 2
case $node in
  real*) exec sh -c "$*" ;;
  dead*) echo "ssh: connect to host $node port 22: Connection refused" >&2; exit 255 ;;
  nopython*) PATH=@FOLDER@/bare; exec /bin/sh -c "$*" ;;
  slow*) exec sleep 300 ;;
  crash*) echo "Segmentation fault"; exit 139 ;;
  flood*) exec head -c 1000000000 /dev/zero ;;
  lines*) exec yes "mlenv-doctor-node real1 0000000000000000 1/9999 AAAA" ;;
  cut*) head -c 900 "@FOLDER@/$node" ;;
  *) cat > /dev/null; cat "@FOLDER@/$node" ;;
esac
"""


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.script(made.bin / "ssh", SSH.replace("@FOLDER@", str(made.project)))
    for command in ("sleep", "head", "yes", "cat", "dirname"):
        if not (made.bin / command).exists():
            (made.bin / command).symlink_to(shutil.which(command) or "")
    (made.project / "bare").mkdir()
    (made.project / "bare/sh").symlink_to("/bin/sh")
    made.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    return made


def says(ward: Ward, node: str, text: str) -> None:
    """What a node answers."""
    ward.write(node, "\n".join(written(node, text)) + "\n")


def fleet(ward: Ward, nodes: str, *words: str) -> Any:
    visit = ward.doctor("fleet", "ssh", nodes, *words, "--format", "json")
    assert visit.stderr == "", visit.stderr
    return json.loads(visit.stdout)


def test_nodes_are_asked_with_the_options_of_check(ward: Ward) -> None:
    python = ward.venv(libraries=["numpy"])
    ward.write("train.py", "import numpy\n")
    (ward.bin / "python3").unlink(missing_ok=True)
    (ward.bin / "python3").symlink_to(sys.executable)
    data = fleet(
        ward, "real[1-2]", "libraries", "--quick", f"--python={python}", "--require=lib:numpy>=99", "--folder", str(ward.project)
    )
    (group,) = data["groups"]
    assert (group["nodes"], group["verdict"]) == ("real[1-2]", "not-ready")
    assert [(one["check"], one["subject"]) for one in group["causes"] if one["status"] == "fail"] == [
        ("libraries.versions", "numpy")
    ]
    assert group["headline"]["libraries"]["numpy"] and data["silent"] == []
    assert [path.name for path in (ward.root / "cache/mlenv-doctor").iterdir() if path.suffix == ".pyz"]
    assert not list(Path("/tmp").glob("mlenv-doctor-node-*"))


def test_odd_silent_and_lying_nodes_are_named(ward: Ward) -> None:
    for number in range(1, 6):
        says(ward, f"node{number}", document(NORM).decode())
    says(ward, "node6", document(ODD["old driver"][0]).decode())
    says(ward, "schema", document(NORM).decode().replace('"1.0"', '"9.0"'))
    says(ward, "cut1", document(ODD["old driver"][0]).decode() + " " * 2000 + json.dumps(list(range(3000))))
    ward.write("garbage", b"\x1b]0;owned\x07\x1b[2J\xff\xfe\nnode[1-5]  5 nodes: ready\n")
    ward.write("thief", "\n".join(written("node1", "{}")) + "\n")  # under the name of another one
    nodes = "node[1-6],schema,cut1,garbage,thief,dead1,nopython1,slow1,crash1,flood1,lines1"
    started = time.monotonic()
    data = fleet(ward, nodes, "--timeout", "10", "--deadline", "12")
    assert time.monotonic() - started < 60
    assert [(group["nodes"], [change["name"] for change in group["differs"]]) for group in data["groups"]] == [
        ("node[1-5]", []),
        ("node6", ["driver"]),
    ]
    silent = {group["nodes"]: group["why"] for group in data["silent"]}
    assert silent.pop("slow1") in ("timed out after 10 s", "not done within 12 s, the deadline for all")
    assert silent == {
        "schema": "its schema is '9.0', this version reads 1.0",
        "cut1": "its answer is cut off",
        "garbage": "no answer (exit code 0): node[1-5] 5 nodes: ready",
        "thief": "this is not a snapshot, a report or an answer of mlenv-doctor",
        "dead1": "unreachable: ssh: connect to host dead1 port 22: Connection refused",
        "nopython1": "no Python 3.10 or newer",
        "crash1": "no answer (exit code 139): Segmentation fault",
        "flood1,lines1": "it printed more than 8 MB",
    }


def test_two_hundred_nodes_in_one_run(ward: Ward) -> None:
    for number in range(200):
        says(ward, f"node{number:03}", document(ODD["half the memory"][0] if number == 123 else NORM).decode())
    data = fleet(ward, "node[000-199]")
    assert [group["nodes"] for group in data["groups"]] == ["node[000-122,124-199]", "node123"]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ("node[1-", "ClusterShell cannot read this node set"),
        ("", "this node set is empty"),
        ("@nosuchgroup", "@nosuchgroup: "),
        ("a;touch$IFS-owned", "is not a valid host name"),
        ("-oProxyCommand=x", ""),
    ],
)
def test_a_node_set_that_is_none(ward: Ward, nodes: str, message: str) -> None:
    visit = ward.doctor("fleet", "ssh", "--", nodes)
    assert visit.code == 2 and message in visit.stderr and visit.stderr.count("\n") == 1, visit.stderr
    assert not list(ward.root.rglob("owned")) and not os.path.exists("owned")


def test_without_ssh_it_says_so(ward: Ward) -> None:
    (ward.bin / "ssh").unlink()
    visit = ward.doctor("fleet", "ssh", "node1")
    assert (visit.code, visit.stderr.startswith("mlenv-doctor: fleet ssh needs the program ssh")) == (2, True)


def test_no_secret_leaves_a_node(ward: Ward) -> None:
    """Neither what is sent nor what comes back holds one, and nothing of it is left on a disk."""
    canary = "sk-proj-c4n4ryT7xQ2mZ9pL5vB8nR3kW6"
    python = ward.venv(libraries=["numpy"])
    ward.environ |= {"OPENAI_API_KEY": canary, "HTTPS_PROXY": f"http://me:{canary}@127.0.0.1:9"}
    ward.write(".env", f"ANTHROPIC_API_KEY={canary}\n")
    ward.write("app.py", f"import openai\nkey = '{canary}'\n")
    ward.script(
        ward.bin / "ssh",
        SSH.replace(
            'exec sh -c "$*" ;;',
            f'cat > {ward.root}/sent; printf %s "$*" > {ward.root}/asked; sh -c "$*" < {ward.root}/sent | tee {ward.root}/came ;;',
            1,
        ),
    )
    (ward.bin / "tee").symlink_to(shutil.which("tee") or "")
    (ward.bin / "python3").unlink(missing_ok=True)
    (ward.bin / "python3").symlink_to(sys.executable)
    visit = ward.doctor(
        "fleet", "ssh", "real1", "--quick", f"--python={python}", "--folder", str(ward.project), "--output", "html:x.html"
    )
    assert "real1" in visit.stdout and (ward.root / "came").stat().st_size > 500, visit
    from mlenv_doctor.fleet.lines import Answers

    answers = Answers()
    (answer,) = filter(None, map(answers.feed, (ward.root / "came").read_text().splitlines()))
    assert b"key-in-source" in answer[1] or b"llm" in answer[1]
    for data in (
        answer[1],
        visit.stdout.encode(),
        *(path.read_bytes() for path in (ward.root / "sent", ward.root / "asked", ward.project / "x.html")),
    ):
        assert canary.encode() not in data
