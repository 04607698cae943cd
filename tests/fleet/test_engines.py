"""Real engines, each with a sick node: the sick one is named with what differs, and nothing is left on the nodes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fleet.engines import doctor, engine, free_port, patients, running, slurm, sshd, wait_for

pytestmark = pytest.mark.slow
ASKED = ("libraries", "--quick", "--require=lib:numpy", "--require=lib:pandas", "--timeout=100", "--format=json")


def told(done: subprocess.CompletedProcess[str]) -> tuple[list[tuple[str, dict[str, str | None], list[str]]], dict[str, str]]:
    """The groups with what differs and the causes that only they have; and the silent nodes."""
    assert done.stderr == "", done.stderr
    data: Any = json.loads(done.stdout)
    groups = []
    for group in data["groups"]:
        differs = {change["name"]: change["here"] for change in group["differs"]}
        causes = [f"{one['cause']} {one['subject']}" for one in group["causes"] if one["subject"] in ("numpy", "pandas")]
        groups.append((group["nodes"], differs, causes))
    return groups, {group["nodes"]: group["why"] for group in data["silent"]}


def left_behind() -> list[Path]:
    return list(Path("/tmp").glob("mlenv-doctor-node-*"))


SICK: tuple[dict[str, str | None], list[str]] = ({"numpy": "2.1.0", "pandas": None}, ["not-installed pandas"])


def test_ssh(tmp_path: Path) -> None:
    pytest.importorskip("ClusterShell", reason="the extra ssh")
    python = patients(tmp_path)
    with sshd(tmp_path) as environ:
        done = doctor("fleet", "ssh", "node[1-4],dead1,nowhere.invalid", *ASKED, f"--python={python}", environ=environ)
        groups, silent = told(done)
        assert groups == [("node[1,3-4]", {}, []), ("node2", *SICK)] and done.returncode == 1
        assert silent.pop("dead1").startswith("unreachable: ssh: connect to host")
        assert list(silent) == ["nowhere.invalid"] and silent["nowhere.invalid"].startswith("unreachable: ")
        (tmp_path / "user.pub").write_text("")
        refused = doctor("fleet", "ssh", "node1", *ASKED, environ=environ)
        assert refused.returncode == 3 and "unreachable: " in refused.stdout and "Permission denied (" in refused.stdout
    assert left_behind() == []


def test_slurm(tmp_path: Path) -> None:
    python = patients(tmp_path)
    with slurm(tmp_path) as environ:
        done = doctor("fleet", "slurm", *ASKED, f"--python={python}", "--", "-N3", environ=environ)
        assert told(done) == ([("n[1,3]", {}, []), ("n2", *SICK)], {}) and done.returncode == 1
        script = f"exec {doctor_of_tests()} fleet slurm {' '.join(ASKED)} --python={python}"
        inside = subprocess.run(
            ["salloc", "-Q", "-N2", "-w", "n[2-3]", "sh", "-c", script], env=environ, capture_output=True, text=True
        )
        assert {nodes for nodes, *_ in told(inside)[0]} == {"n2", "n3"}
        wrong = doctor("fleet", "slurm", "--", "--partition=nosuch", environ=environ)
        assert wrong.returncode == 3 and "srun gave no node" in wrong.stderr and wrong.stderr.count("\n") == 1
    gone = doctor("fleet", "slurm", "--deadline=20", "--", "-N1", environ=environ)
    assert gone.returncode == 3 and "srun gave no node" in gone.stderr and gone.stderr.count("\n") == 1
    assert left_behind() == []


def doctor_of_tests() -> str:
    from lab.ward import DOCTOR

    return str(DOCTOR)


def test_dask(tmp_path: Path) -> None:
    bin, port, python = engine(tmp_path / "engine", "distributed"), free_port(), patients(tmp_path)
    scheduler = ("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    worker = (
        "-m",
        "distributed.cli.dask_worker",
        f"tcp://127.0.0.1:{port}",
        "--no-nanny",
        "--nthreads=1",
        "--no-dashboard",
        "--host",
    )
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with running(bin / "python", *scheduler):
        wait_for(port)
        with (
            running(bin / "python", *worker, "127.0.0.1", environ={**environ, "NODE": "n1"}),
            running(bin / "python", *worker, "127.0.0.2", environ={**environ, "NODE": "n2"}),
            running(bin / "python", *worker, "127.0.0.3", environ={**environ, "NODE": "n3"}),
        ):
            ready = f"import distributed; distributed.Client('tcp://127.0.0.1:{port}').wait_for_workers(3, timeout=90)"
            subprocess.run([bin / "python", "-c", ready], check=True, capture_output=True)
            address = f"tcp://127.0.0.1:{port}"
            done = doctor("fleet", "dask", address, *ASKED, f"--python={python}", environ=environ, at=bin / "mlenv-doctor")
            assert told(done) == ([("127.0.0.[1,3]", {}, []), ("127.0.0.2", *SICK)], {}) and done.returncode == 1
            own = doctor("fleet", "dask", address, "python", "--quick", environ=environ, at=bin / "mlenv-doctor")
            assert "127.0.0.[1-3]  3 nodes, the norm" in own.stdout, own
    nobody = doctor("fleet", "dask", f"tcp://127.0.0.1:{free_port()}", environ=environ, at=bin / "mlenv-doctor")
    assert (nobody.returncode, nobody.stderr.count("\n")) == (3, 1) and "no Dask scheduler at" in nobody.stderr
    assert left_behind() == []


RAY = """
import json, subprocess, sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "env_vars": {"NODE": "n1"}})
for name in ("n2", "n3"):
    cluster.add_node(num_cpus=1, env_vars={"NODE": name})
done = subprocess.run([sys.argv[1], *sys.argv[2:], "--address", cluster.address], capture_output=True, text=True)
print(json.dumps([done.returncode, done.stdout, done.stderr]))
cluster.shutdown()
"""


def test_ray(tmp_path: Path) -> None:
    bin, python = engine(tmp_path / "engine", "ray"), patients(tmp_path)
    words = [bin / "mlenv-doctor", "fleet", "ray", *ASKED, f"--python={python}"]
    ran = subprocess.run([bin / "python", "-c", RAY, *words], capture_output=True, text=True, timeout=400)
    code, out, err = json.loads(ran.stdout.splitlines()[-1])
    assert code == 1 and err == "", (code, out, err)
    groups = {tuple(differs.items()): nodes for nodes, differs, _ in told(subprocess.CompletedProcess([], code, out, err))[0]}
    assert len(groups) == 2 and tuple(SICK[0].items()) in groups
    assert json.loads(out)["answered"] == 3
    nobody = doctor("fleet", "ray", "--address", "127.0.0.1:1", environ=dict(os.environ), at=bin / "mlenv-doctor")
    assert nobody.returncode == 3 and "no Ray cluster at 127.0.0.1:1" in nobody.stderr, nobody
    assert left_behind() == []


@pytest.mark.parametrize("runner", [("ssh", "n1"), ("ray",), ("dask", "tcp://127.0.0.1:1")], ids=lambda words: words[0])
def test_an_engine_that_is_not_there(tmp_path: Path, runner: tuple[str, ...]) -> None:
    bin = engine(tmp_path / "engine")
    done = doctor("fleet", *runner, environ=dict(os.environ), at=bin / "mlenv-doctor")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"-m pip install 'PATH/TO/mlenv-doctor[{runner[0]}]'" in done.stderr
