"""Folders that cannot be written or in which nothing runs, paths that are none, users without a name, other alphabets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from families.system.patients import SYSTEM, mounted, silent_about
from families.system.patients_limits import fixed_with
from lab.patient import Patient
from lab.somebody import as_somebody
from lab.visit import Visit
from lab.ward import Ward

LOCKED = [f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}" for folder in ("/tmp", "/var/tmp")]
USER = ("root", "setpriv")


def compiler(ward: Ward) -> None:
    """Something that can build: only whether it is there is looked at."""
    ward.script(ward.bin / "cc", "#!/bin/sh\n")


def noexec(*more: str, builds: bool = True) -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        mounted("mount -t tmpfs -o noexec none '{root}/tmp'", *more)(ward)
        if builds:
            compiler(ward)

    return make


def variable(name: str, value: str) -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        mounted()(ward)
        ward.environ[name] = value

    return make


def user(
    *, home: str = "", caches: str = "", libraries: tuple[str, ...] = ("torch",), **environ: str
) -> Callable[[Ward], object]:
    """A user for whom the system has no name; `home` and `caches` say whose these folders are."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=libraries)
        (ward.home / ".cache").mkdir()
        ward.environ |= {"USER": "me", **{name: text.format(root=ward.root) for name, text in environ.items()}}
        as_somebody(ward)
        for folder, owner in ((ward.home, home), (ward.home / ".cache", caches)):
            if owner == "root":
                os.chown(folder, 0, 0)
            elif owner == "locked":
                folder.chmod(0o500)

    return make


def all_was_read(visit: Visit) -> None:
    assert not visit.findings("unknown") and len(visit.findings("pass")) > 8, f"\n{visit}"


def nameless(ward: Ward) -> None:
    user()(ward)
    del ward.environ["USER"]


def temporary_folder_of_root(ward: Ward) -> None:
    """What a Dockerfile makes of /tmp that copies a folder there."""
    user()(ward)
    over = "mount -t overlay none -o lowerdir=/tmp,upperdir=/mnt/ut,workdir=/mnt/wt /tmp"
    ward.mounts[1:1] = ["mkdir /mnt/ut /mnt/wt", over, "chmod 755 /tmp"]


def nothing_but_shared_memory(ward: Ward) -> None:
    """A container with `--read-only` and no `--tmpfs /tmp`: Python finds no folder, and we work in /dev/shm."""
    ward.venv(libraries=("torch",))
    ward.mounts += [
        *LOCKED,
        f"mount --bind '{ward.project}' '{ward.project}'",
        f"mount -o remount,bind,ro '{ward.project}'",
        f"cd '{ward.project}'",
    ]


def locale(source: str, charmap: str, name: str) -> Callable[[Ward], object]:
    """A locale that was compiled for this ward, and is in use."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=("numpy",))
        folder = ward.root / "locales"
        folder.mkdir()
        done = subprocess.run(
            [shutil.which("localedef") or "", "-c", "-i", source, "-f", charmap, folder / name], capture_output=True
        )
        assert (folder / name).is_dir(), done.stderr
        ward.environ |= {"LOCPATH": str(folder), "LANG": name}

    return make


def speaks(**environ: str) -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        ward.venv(libraries=("numpy",))
        del ward.environ["LANG"]
        ward.environ |= environ

    return make


def in_a_folder_with_a_colon(ward: Ward) -> None:
    """uv makes an environment where venv refuses to; here it is made elsewhere and all its paths are rewritten."""
    ward.venv(libraries=("numpy",))
    old, new = ward.project, ward.root / "a:b"
    for script in (ward.prefix / "bin").iterdir():
        if script.is_file() and not script.is_symlink() and str(old) in (text := script.read_text()):
            script.write_text(text.replace(str(old), str(new / "project")))
    new.mkdir()
    old.rename(new / "project")
    old.symlink_to(new / "project")
    ward.environ |= {"VIRTUAL_ENV": f"{new}/project/.venv", "PATH": f"{new}/project/.venv/bin:{ward.bin}"}


def colon_without_environment(ward: Ward) -> None:
    (ward.root / "a:b").mkdir()
    ward.project.rmdir()
    (ward.root / "a:b" / "project").mkdir()
    ward.project.symlink_to(ward.root / "a:b" / "project")


def without_environment_on_a_laptop(ward: Ward) -> None:
    """Recorded there: in a container nobody misses an environment."""
    colon_without_environment(ward)
    (ward.bin / "python3").symlink_to(Path(sys.base_prefix) / "bin/python3")
    facts = json.loads(ward.doctor("snapshot").stdout)
    facts["facts"]["place"] |= {"kind": "machine", "kinds": ["machine"]}
    ward.write("laptop.json", json.dumps(facts))
    ward.args += ["--from", "laptop.json"]


def colon_with_environment_elsewhere(ward: Ward) -> None:
    colon_without_environment(ward)
    ward.venv(ward.root / "elsewhere", libraries=("numpy",))


def small_home(*, caches_there: bool, size: str = "200m") -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        mounted(f"mount -t tmpfs -o size={size} none '{ward.home}'")(ward)
        if not caches_there:
            ward.environ["XDG_CACHE_HOME"] = str(ward.root / "scratch")

    return make


PATIENTS = [
    Patient("temporary files nowhere but in shared memory", nothing_but_shared_memory, red=("tmp-not-writable",), yellow=None, args=SYSTEM, needs=("root",)),
    Patient("a folder for temporary files that is gone", variable("TMPDIR", "/scratch/of/a/job/that/ended"), yellow=("tmp-not-writable",), args=SYSTEM, also=fixed_with("tmp-not-writable", "unset TMPDIR")),
    Patient("a folder for temporary files that is root's", temporary_folder_of_root, yellow=("tmp-not-writable",), args=SYSTEM, needs=USER, also=fixed_with("tmp-not-writable", "1777")),
    Patient("nothing runs in the folder for temporary files", noexec(), yellow=("tmp-noexec",), args=SYSTEM, needs=("root",), also=fixed_with("tmp-noexec", "TMPDIR=")),
    Patient("nothing runs there, and nothing is built", noexec(builds=False), args=SYSTEM, needs=("root",)),
    Patient("a folder for temporary files on the project's disk", lambda ward: (mounted()(ward), compiler(ward)), args=SYSTEM),
    Patient("a cache that sudo made", user(caches="root"), yellow=("home-not-writable",), args=SYSTEM, needs=USER, also=fixed_with("home-not-writable", "chown")),
    Patient("a cache that is closed to its owner", user(caches="locked"), yellow=("home-not-writable",), args=SYSTEM, needs=USER, also=fixed_with("home-not-writable", "chmod u+rwx")),
    Patient("a home of somebody else", user(HOME="/", libraries=("torch", "ipykernel")), yellow=("home-not-writable",), args=SYSTEM, needs=USER, also=fixed_with("home-not-writable", "export HOME=")),
    Patient("a home that does not exist", user(HOME="/nonexistent"), yellow=("home-not-writable",), args=SYSTEM, needs=USER, also=fixed_with("home-not-writable", "XDG_CACHE_HOME")),
    Patient("models are to be kept in a folder of root", user(HF_HOME="/var/lib/models"), yellow=("home-not-writable",), args=SYSTEM, needs=USER, also=fixed_with("home-not-writable", "HF_HOME")),
    Patient("no home, and all caches in a place of their own", user(HOME="/nonexistent", XDG_CACHE_HOME="{root}/project/cache"), args=SYSTEM, needs=USER, also=all_was_read),
    Patient("no home, and a service that fetches nothing", user(HOME="/nonexistent", libraries=("fastapi",)), args=SYSTEM, needs=USER, also=all_was_read),
    Patient("a home of one's own", user(libraries=("torch", "ipykernel")), args=SYSTEM, needs=USER, also=all_was_read),
    Patient("a user without a name", nameless, yellow=("uid-without-passwd",), args=SYSTEM, needs=USER, also=fixed_with("uid-without-passwd", "USER=")),
    Patient("root through sudo", variable("SUDO_USER", "me"), args=SYSTEM),
    Patient("a locale that is not UTF-8", locale("de_DE", "ISO-8859-1", "de_DE.ISO-8859-1"), yellow=("locale-not-utf8",), args=SYSTEM, needs=("localedef",), also=fixed_with("locale-not-utf8", "PYTHONUTF8=1")),
    Patient("a locale in UTF-8", locale("de_DE", "UTF-8", "de_DE.UTF-8"), args=SYSTEM, needs=("localedef",)),
    Patient("no locale, and no UTF-8 either", speaks(PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", LANG="C"), yellow=("locale-not-utf8",), args=SYSTEM),
    Patient("what is printed is Latin", speaks(LANG="C.UTF-8", PYTHONIOENCODING="latin-1"), yellow=("locale-not-utf8",), args=SYSTEM, also=fixed_with("locale-not-utf8", "unset PYTHONIOENCODING")),
    Patient("what is printed is forgiving", speaks(LANG="C.UTF-8", PYTHONIOENCODING="ascii:backslashreplace"), args=SYSTEM),
    Patient("no locale", speaks(LANG="C"), args=SYSTEM),
    Patient("no locale at all", speaks(), args=SYSTEM),
    Patient("LC_ALL=POSIX", speaks(LC_ALL="POSIX"), args=SYSTEM),
    Patient("a locale that this machine does not have", speaks(LANG="xx_XX.ISO-8859-1"), args=SYSTEM),
    Patient("a colon in the path of the environment", in_a_folder_with_a_colon, red=("path-with-colon",), args=SYSTEM, also=fixed_with("path-with-colon", "a-b")),
    Patient("a colon in the path of the project", without_environment_on_a_laptop, red=("path-with-colon",), args=SYSTEM),
    Patient("a colon in the path of the project, the environment elsewhere", colon_with_environment_elsewhere, args=SYSTEM),
    Patient("a small home with little room", small_home(caches_there=True), yellow=(), args=SYSTEM, needs=("root",)),
    Patient("a small home with little room, caches elsewhere", small_home(caches_there=False), absent=("disk-full",), args=SYSTEM, needs=("root",), also=silent_about("home")),
    Patient("a small home with no room", small_home(caches_there=True, size="1m"), red=("disk-full",), args=SYSTEM, needs=("root",)),
]  # fmt: skip
