"""Repairs of folders, limits and sessions: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from families.system.patients import mounted
from families.system.patients_folders import (
    in_a_folder_with_a_colon,
    locale,
    nameless,
    noexec,
    speaks,
    temporary_folder_of_root,
    user,
    variable,
)
from families.system.patients_limits import FULL_OF_FILES, group
from lab.patient import require
from lab.repairing import printed_fix, repair
from lab.visit import Visit
from lab.ward import DOCTOR, Ward

SYSTEM = ("system",)
SHELL = shutil.which("bash") or "/bin/sh"


def made(folder: Path, make: Callable[[Ward], object], *needs: str) -> Ward:
    for need in needs:
        require(need)
    ward = Ward(folder)
    make(ward)
    return ward


def repaired_there(ward: Ward, cause: str) -> Visit:
    """Run what is printed where the patient is: on its mounts, as its user; then look again in the same shell."""
    script = "\n".join(["set -e", *printed_fix(ward, cause, *SYSTEM), 'exec "$@"'])
    after = ward.run(SHELL, "-c", script, "sh", DOCTOR, "check", "--format", "json", *SYSTEM)
    assert cause not in after.causes() and after.code == 0, f"\n{after}"
    return after


NO_FILES = mounted("mount -t tmpfs -o size=500m,nr_inodes=60 none '{root}/tmp'", FULL_OF_FILES.replace("{folder}", "{root}/tmp"))


@pytest.mark.parametrize(
    ("cause", "make", "needs"),
    [
        ("tmp-not-writable", variable("TMPDIR", "/scratch/of/a/job/that/ended"), ()),
        ("tmp-noexec", noexec(), ("root",)),
        ("inodes-full", NO_FILES, ("root",)),
        ("cpu-limit", group(cpu_max="20000 100000\n"), ("root",)),
        ("locale-not-utf8", locale("de_DE", "ISO-8859-1", "de_DE.ISO-8859-1"), ("localedef",)),
        ("locale-not-utf8", speaks(PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", LANG="C"), ()),
        ("locale-not-utf8", speaks(LANG="C.UTF-8", PYTHONIOENCODING="latin-1"), ()),
    ],
)
def test_what_a_variable_repairs(cause: str, make: Callable[[Ward], object], needs: tuple[str, ...], tmp_path: Path) -> None:
    repair(made(tmp_path / "with a blank", make, *needs), cause, *SYSTEM)


@pytest.mark.parametrize(
    ("cause", "make"),
    [
        ("open-files-limit", mounted("ulimit -Sn 256")),
        ("uid-without-passwd", nameless),
        ("home-not-writable", user(caches="locked")),
        ("home-not-writable", user(HOME="/nonexistent")),
        ("home-not-writable", user(HOME="/", libraries=("torch", "ipykernel"))),
        ("home-not-writable", user(HF_HOME="/var/lib/models")),
    ],
)
def test_what_its_user_repairs(cause: str, make: Callable[[Ward], object], tmp_path: Path) -> None:
    repaired_there(made(tmp_path, make, "root", "setpriv"), cause)


def test_a_cache_that_sudo_made_is_taken_back(tmp_path: Path) -> None:
    ward = made(tmp_path, user(caches="root"), "root", "setpriv")
    ward.script(ward.bin / "sudo", '#!/bin/sh\nexec "$@"\n')
    (ward.bin / "chown").symlink_to(shutil.which("chown") or "")
    repair(ward, "home-not-writable", *SYSTEM)
    assert (ward.home / ".cache").stat().st_uid == ward.home.stat().st_uid != 0


def test_the_folder_for_temporary_files_is_opened(tmp_path: Path) -> None:
    ward = made(tmp_path, temporary_folder_of_root, "root", "setpriv")
    printed = printed_fix(ward, "tmp-not-writable", *SYSTEM)
    ward.mounts[-1:-1] = [line.removeprefix("sudo ") for line in printed]  # as the administrator that sudo makes of the user
    assert "tmp-not-writable" not in ward.check(*SYSTEM).causes()


def test_a_folder_with_a_colon_is_renamed(tmp_path: Path) -> None:
    ward = made(tmp_path, in_a_folder_with_a_colon)
    (line,) = printed_fix(ward, "path-with-colon", *SYSTEM)
    assert os.system(line) == 0
    new = ward.root / "a-b/project"
    assert new.is_dir()
    ward.project.unlink()
    ward.project.symlink_to(new)
    ward.environ |= {"VIRTUAL_ENV": f"{new}/.venv", "PATH": f"{new}/.venv/bin:{ward.bin}"}
    assert not ward.check(*SYSTEM).causes("fail")


@pytest.fixture
def control_group(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A control group of our own, of version 1."""
    made = Path("/sys/fs/cgroup", request.param, f"doctor-{os.getpid()}")
    try:
        made.mkdir()
    except OSError:
        pytest.skip(f"no control group of version 1 can be made in {made.parent}")
    yield made
    made.rmdir()


@pytest.mark.parametrize(
    ("control_group", "file", "tight", "loose", "cause"),
    [
        ("memory", "memory.limit_in_bytes", str(2 << 30), str(8 << 30), "memory-limit"),
        ("cpu", "cpu.cfs_quota_us", "40000", "-1", "cpu-limit"),
    ],
    indirect=["control_group"],
)
def test_a_real_limit_is_told_until_it_is_raised(
    control_group: Path, file: str, tight: str, loose: str, cause: str, tmp_path: Path
) -> None:
    ward = made(tmp_path, Ward.venv)
    enter = ("/bin/sh", "-c", f'echo $$ > {control_group}/cgroup.procs; exec "$@"', "sh")
    seen = []
    for value in (tight, loose):
        (control_group / file).write_text(value)
        visit = ward.run(*enter, DOCTOR, "check", "--format", "json", *SYSTEM)
        assert visit.code == 0, f"\n{visit}"
        seen.append(cause in visit.causes("warn"))
    assert seen == [True, False]
