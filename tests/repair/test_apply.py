"""`fix --apply` and `undo` on real environments: broken, repaired, green, undone, and the same as before to the last byte."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.patient import require
from lab.repairing import note
from lab.ward import DOCTOR, Ward

from . import clinic
from .tree import fingerprint, wheel


def whole(ward: Ward) -> dict[str, tuple[object, ...]]:
    """All of the project, without the states and the time of its folder."""
    found = fingerprint(ward.project)
    return {name: entry for name, entry in found.items() if name != "." and not name.startswith(".mlenv-doctor")}


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return clinic.project(tmp_path / "with a blank")


def goes_there_and_back(ward: Ward) -> None:
    """Repaired it is green, undone it is as before."""
    before, found = whole(ward), ward.check().findings("fail")
    visit = ward.doctor("fix", "--apply", "--yes")
    assert visit.code == 0 and "done and verified" in visit.stdout, visit.stdout + visit.stderr
    assert ward.check().causes("fail") == set()
    if len({finding["cause"] for finding in found}) == 1:
        note(found[0]["fix"]["id"], found[0]["cause"])
    assert whole(ward) != before
    undone = ward.doctor("undo", "--yes")
    assert undone.code == 0, undone.stderr
    assert whole(ward) == before


@pytest.mark.parametrize("fault", [clinic.too_old, clinic.base_gone])
def test_there_and_back(ward: Ward, fault: Callable[[Ward], None]) -> None:
    fault(ward)
    goes_there_and_back(ward)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [f for f in clinic.FAULTS if f.__name__ not in ("listed_twice", "leftovers")])
def test_every_fault_there_and_back(ward: Ward, fault: Callable[[Ward], None]) -> None:
    fault(ward)
    goes_there_and_back(ward)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [clinic.listed_twice, clinic.leftovers])
def test_a_warning_is_repaired_when_it_is_named(ward: Ward, fault: Callable[[Ward], None]) -> None:
    fault(ward)
    (found,) = ward.check().findings("warn")
    before = whole(ward)
    assert ward.doctor("fix", "--apply", "--yes").code == 0
    assert whole(ward) == before, "only failures are repaired unasked"
    visit = ward.doctor("fix", "--apply", found["id"], "--yes")
    assert visit.code == 0 and found["cause"] not in ward.check().causes("warn"), visit.stdout
    assert ward.doctor("undo", "--yes").code == 0
    assert whole(ward) == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_several_faults_at_once_end_green_or_as_before(ward: Ward, seed: int) -> None:
    draw = random.Random(seed)
    faults = draw.sample(clinic.FAULTS, draw.randint(2, 4))
    for fault in sorted(faults, key=clinic.FAULTS.index):
        fault(ward)
    before = whole(ward)
    names = [fault.__name__ for fault in faults]
    visit = ward.doctor("fix", "--apply", "--yes")
    after = ward.check()
    assert (visit.code, after.causes("fail") != set()) in ((0, False), (1, True)), (
        f"{names}\n{visit.stdout}{visit.stderr}\n{after}"
    )
    if visit.code:
        assert whole(ward) == before or "done and verified" in visit.stdout, names
    if "done and verified" in visit.stdout:
        assert ward.doctor("undo", "--yes").code == 0
    assert whole(ward) == before, names


def test_what_does_not_help_is_undone_and_said(ward: Ward) -> None:
    ward.write("requirements.txt", "worse>=2\n")
    ward.write("app.py", "import worse\n")
    clinic.pip(ward.project / ".venv/bin/python", "install", "worse==1.0")
    before = whole(ward)
    visit = ward.doctor("fix", "--apply", "--yes")
    assert visit.code == 1 and "undone; " in visit.stdout and "worse" in visit.stdout, visit.stdout + visit.stderr
    assert whole(ward) == before
    assert ward.doctor("undo", "--yes").code == 2, "there is nothing to go back to"


def test_nothing_to_repair_leaves_no_trace(ward: Ward) -> None:
    before = fingerprint(ward.project)
    visit = ward.doctor("fix", "--apply", "--yes")
    assert visit.code == 0 and "Ready" in visit.stdout
    assert {k: v[0] for k, v in fingerprint(ward.project).items()} == {k: v[0] for k, v in before.items()}


def test_the_plan_as_data_changes_nothing(ward: Ward) -> None:
    clinic.too_old(ward)
    before = fingerprint(ward.project)
    visit = ward.doctor("fix", "--dry-run", "--format", "json")
    plan = json.loads(visit.stdout)
    assert visit.code == 1 and plan["environment"] == str(ward.project / ".venv")
    (step,) = plan["steps"]
    assert step["applies"] and step["packages"] == [{"name": "beta", "old": "1.0", "new": "2.0"}]
    assert step["findings"][0]["cause"] == "requirement-unmet"
    assert fingerprint(ward.project) == before


@pytest.mark.slow
def test_an_installer_that_cannot_say_what_it_would_do_does_nothing(ward: Ward) -> None:
    clinic.too_old(ward)
    ward.environ["PIP_FIND_LINKS"] = "/nowhere"
    before = whole(ward)
    visit = ward.doctor("fix", "--apply", "--yes")
    assert visit.code == 1 and "Left for you" in visit.stdout and "ERROR: No matching distribution" in visit.stdout, visit.stdout
    assert whole(ward) == before


@pytest.mark.slow
def test_a_failure_after_half_of_the_work_leaves_nothing(ward: Ward) -> None:
    """The index is gone in the middle: after pip said what it would do, and after beta was uninstalled."""
    clinic.listed_twice(ward)
    links = ward.root / "wheels"
    links.mkdir()
    ward.environ["PIP_FIND_LINKS"] = str(links)
    (found,) = ward.check().findings("warn")
    before = whole(ward)
    visit = ward.doctor("fix", "--apply", found["id"], "--yes")
    assert "done and verified" not in visit.stdout, visit.stdout
    assert whole(ward) == before


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_gives_everything_back(ward: Ward, number: int) -> None:
    clinic.too_old(ward)
    slow_pip(ward)
    before = whole(ward)
    process = started(ward)
    wait_for(ward.project / "pip-is-at-work")
    process.send_signal(number)
    assert process.wait(60) == 130
    (ward.project / "pip-is-at-work").unlink()
    assert whole(ward) == before
    assert not (ward.project / ".mlenv-doctor/.venv/journal.json").exists()


def test_a_killed_repair_is_undone_at_the_next_start(ward: Ward) -> None:
    clinic.too_old(ward)
    slow_pip(ward)
    before = whole(ward)
    process = started(ward)
    wait_for(ward.project / "pip-is-at-work")
    assert ward.doctor("undo", "--yes").code == 2, "another repair holds it"
    assert "a repair of" in ward.doctor("check", "--quick").stderr
    process.kill()
    process.wait()
    time.sleep(0.1)
    assert "was interrupted; mlenv-doctor undo" in ward.doctor("check", "--quick").stderr
    (ward.project / "pip-is-at-work").unlink()
    visit = ward.doctor("undo", "--yes")
    assert visit.code == 0 and "interrupted repair" in visit.stdout, visit.stdout + visit.stderr
    assert whole(ward) == before


def slow_pip(ward: Ward) -> None:
    """A pip that takes something away, says that it is at work, and then takes its time."""
    main = clinic.site(ward) / "pip/__main__.py"
    work = f"open({str(ward.project / 'pip-is-at-work')!r}, 'w').close(); import shutil; shutil.rmtree({str(clinic.site(ward) / 'beta')!r}); time.sleep(30)"
    main.write_text(
        f"import sys, time\nif '--dry-run' not in sys.argv and 'install' in sys.argv:\n    {work}\n"
        + main.read_text().replace("from __future__ import annotations", "")
    )


def started(ward: Ward) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [DOCTOR, "fix", "--apply", "--yes"],
        cwd=ward.project,
        env=ward.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for(path: Path) -> None:
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.1)
    pytest.fail(f"{path} does not appear")


ON_A_SMALL_DISK = """
import os, subprocess, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from repair.tree import fingerprint
environment = Path(".venv")
size = os.statvfs(".").f_bavail * os.statvfs(".").f_frsize
with open("../filler", "wb") as filler:
    filler.write(bytes(size - {free}))
before = fingerprint(environment)
done = subprocess.run([{doctor!r}, "fix", "--apply", "--yes"], capture_output=True, text=True)
assert fingerprint(environment) == before, "not as before"
print(done.stdout + done.stderr)
sys.exit(done.returncode)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("free", "code", "says"), [(6, 2, "no room for the state before the repair"), (30, 1, "No space left on device")]
)
def test_a_full_disk_changes_nothing(
    ward: Ward, free: int, code: int, says: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Too full for the image; and full in the middle of the installation."""
    require("root")
    clinic.too_old(ward)
    big = wheel(tmp_path_factory.mktemp("wheels"), "beta", "3.0", f"DATA = '{'x' * 60_000_000}'\n")
    ward.environ["PIP_FIND_LINKS"] = f"{clinic.index()} {big.parent}"
    ward.write("requirements.txt", "beta>=3\n")
    small = f"{ward.root}/small"
    ward.mounts += [
        f"mkdir '{small}'",
        f"mount -t tmpfs -o size=100m none '{small}'",
        f"cp -a '{ward.project}' '{small}/project'",
        f"mount --bind '{small}' '{ward.root}/home'",
        f"mount --bind '{small}/project' '{ward.project}'",
        f"cd '{ward.project}'",
    ]
    script = ON_A_SMALL_DISK.format(tests=str(Path(__file__).parent.parent), doctor=str(DOCTOR), free=free * 10**6)
    script = script.replace('"../filler"', f"{small + '/filler'!r}")
    visit = ward.run(sys.executable, "-c", script)
    assert visit.code == code and says in visit.stdout, visit.stdout + visit.stderr


@pytest.mark.slow
@pytest.mark.parametrize("options", ["ro", "rw"])
def test_another_file_system(ward: Ward, options: str) -> None:
    """The environment is a file system of its own, or one that cannot be written: it cannot be swapped, and nothing begins."""
    require("root")
    clinic.too_old(ward)
    folder = ward.project if options == "ro" else ward.project / ".venv"
    ward.mounts += [f"mount --bind '{folder}' '{folder}'", f"mount -o remount,bind,{options} '{folder}'", f"cd '{ward.project}'"]
    before = whole(ward)
    visit = ward.doctor("fix", "--apply", "--yes")
    assert visit.code == 2 and visit.stderr.count("\n") == 1, visit.stdout + visit.stderr
    assert ("cannot be written" if options == "ro" else "is a mount point") in visit.stderr
    assert whole(ward) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("fix", "--apply"), "nothing was changed: this asks before it changes anything"),
        (("fix", "--apply", "--yes", "nonsense"), "there is no check or family called 'nonsense'"),
        (("fix", "--apply", "--dry-run"), "choose one"),
        (("fix", "--yes"), "--yes needs --apply"),
        (("fix", "--format", "json"), "--format json needs --dry-run"),
        (("fix", "--apply", "--yes", "--from", "report.json"), "only this one can be repaired"),
        (("undo",), "nothing was repaired in"),
        (("undo", "--list"), "nothing was repaired in"),
        (("undo", "7", "--yes"), "nothing was repaired in"),
        (("undo", "zero"), "is not a valid integer"),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    if arguments == ("fix", "--apply"):
        clinic.base_gone(ward)
    ward.write("report.json", "{}")
    visit = ward.doctor(*arguments)
    assert visit.code == 2 and says in visit.stderr and visit.stderr.count("\n") == 1, visit.stdout + visit.stderr
    assert visit.stdout == ""


def test_another_projects_environment_is_not_touched(ward: Ward) -> None:
    clinic.too_old(ward)
    other = Ward(ward.root / "second")
    other.environ = {**ward.environ}
    before = whole(ward)
    visit = other.doctor("fix", "--apply", "--yes")
    assert visit.code == 2 and "belongs to another project" in visit.stderr, visit.stdout + visit.stderr
    assert whole(ward) == before


@pytest.mark.slow
def test_a_running_kernel_is_named(ward: Ward) -> None:
    clinic.too_old(ward)
    process = subprocess.Popen([ward.project / ".venv/bin/python", "-c", "import time; time.sleep(60)"])
    try:
        visit = ward.doctor("fix", "--dry-run")
    finally:
        process.kill()
        process.wait()
    assert f"process {process.pid} (python" in visit.stdout and "restart it afterwards" in visit.stdout
