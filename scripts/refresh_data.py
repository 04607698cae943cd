"""Renew what the tables of checks/mlenv_checks/gpu/data say of releases of PyTorch, from a package index.

usage: python3 scripts/refresh_data.py [--index URL] [--since VERSION] [--write]

For each release of torch that is newer than the table (or than --since) it reads, out of the wheels on the index, for which CUDA,
Pythons and cards they were built, and of torchvision and torchaudio which torch they name. No wheel is downloaded whole: its list
of contents and the few files that say so are asked for by range. What would change is shown, and written only with --write. What
no index says (builds of other indexes, drivers, cards) is kept by hand; each table names its sources. It never runs by itself.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from ranged import BLOCK, Ranged, Unreadable, opened

DATA = Path(__file__).parents[1] / "checks/mlenv_checks/gpu/data"
BUILDS, FAMILY = DATA / "torch_builds.csv", DATA / "torch_family.csv"
SIMPLE = "application/vnd.pypi.simple.v1+json"  # https://peps.python.org/pep-0691/
ARCHS = re.compile(rb"sm_\d{2,3}[af]?(?: (?:sm|compute)_\d{2,3}[af]?)+")
PLATFORMS = {"manylinux": "linux", "linux": "linux", "win": "windows"}


@dataclass(frozen=True)
class Wheel:
    """A wheel on the index: minor is the Python that it was built for."""

    version: Version
    platform: str
    minor: tuple[int, int]
    url: str


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", help="the package index (its simple API); by default the one that pip is configured for")
    parser.add_argument("--since", help="look at releases from this one on, also where the table has them")
    parser.add_argument("--write", action="store_true", help="write what was shown")
    asked = parser.parse_args()
    try:
        index = asked.index or configured_index()
        changes = [table for table in (new_builds(index, asked.since), new_family(index)) if table]
    except Unreadable as why:
        print(f"refresh_data: {why}", file=sys.stderr)
        return 2
    for file, rows in changes:
        stale = superseded(file, rows)
        for sign, row in (*(("-", row) for row in stale), *(("+", row) for row in rows)):
            print(f"{sign} {file.name}: {row}")
        if asked.write:
            insert(file, rows, stale)
    print("nothing is new" if not changes else "written" if asked.write else "nothing was written; --write does")
    return 0


def configured_index() -> str:
    """The index that pip is configured for. Raises Unreadable where it is not."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    found = os.environ.get("PIP_INDEX_URL") or said.stdout.strip()
    if not found:
        raise Unreadable("pip is not configured for an index of its own; name one with --index URL")
    return found


def wheels(index: str, package: str) -> list[Wheel]:
    """The wheels of all final releases, one for each version, platform and Python."""
    with opened(f"{index.rstrip('/')}/{package}/", {"Accept": SIMPLE}) as answer:
        try:
            files = json.load(answer)["files"]
        except (ValueError, KeyError, TypeError):
            raise Unreadable(f"{index}: this index does not speak the simple API in JSON (PEP 691)") from None
    found = (_wheel(str(file["filename"]), str(file["url"])) for file in files if str(file["filename"]).endswith(".whl"))
    return [wheel for wheel in found if wheel and not wheel.version.is_prerelease]


def _wheel(name: str, url: str) -> Wheel | None:
    """What the name of a wheel says; None for systems that have no CUDA."""
    _, version, _, tags = parse_wheel_filename(name)
    tag = next(iter(tags))
    system = next((ours for theirs, ours in PLATFORMS.items() if tag.platform.startswith(theirs)), "")
    minor = re.fullmatch(r"cp3(\d+)|py3", tag.interpreter)
    if not system or not minor or tag.abi.endswith("t"):  # builds without the interpreter's lock are the same builds
        return None
    machine = "" if system == "windows" else "-aarch64" if "aarch64" in tag.platform else "-x86_64"
    return Wheel(version, system + machine, (3, int(minor[1] or 0)), url)


def new_builds(index: str, since: str | None) -> tuple[Path, list[str]] | None:
    """The builds that the table lacks, as lines for it."""
    known = set() if since else {(row["torch"], row["platform"]) for row in table(BUILDS) if row["on_pypi"] == "yes"}
    written = set(BUILDS.read_text("utf-8").splitlines())
    least = Version(since) if since else max(Version(row["torch"]) for row in table(BUILDS))
    groups: dict[tuple[str, str], list[Wheel]] = {}
    for wheel in wheels(index, "torch"):
        if wheel.version >= least and (str(wheel.version), wheel.platform) not in known:
            groups.setdefault((str(wheel.version), wheel.platform), []).append(wheel)
    lines = [line for group in groups.values() if (line := _build(group)) and line not in written]
    return (BUILDS, sorted(lines, reverse=True)) if lines else None


def _build(group: list[Wheel]) -> str:
    """The line of one build; empty for one without CUDA."""
    first, last = min(wheel.minor for wheel in group), max(wheel.minor for wheel in group)
    cuda, archs = read_build(group[0].url)
    if not cuda:
        return ""
    capabilities = " ".join(f"{arch[:-1]}.{arch[-1]}" for arch in archs)
    return ",".join(
        (str(group[0].version), cuda, group[0].platform, "yes", "{}.{}".format(*first), "{}.{}".format(*last), capabilities)
    )


def read_build(url: str) -> tuple[str, list[str]]:
    """For which CUDA a wheel was built, and for which architectures it holds machine code."""
    try:
        with zipfile.ZipFile(cast(IO[bytes], Ranged(url))) as wheel:
            said = re.search(r"^cuda\s*(?::[^=\n]*)?=\s*'([\d.]+)'", wheel.read("torch/version.py").decode(), re.M)
            return (said[1], _archs(wheel)) if said else ("", [])
    except (zipfile.BadZipFile, KeyError) as why:
        raise Unreadable(f"{url}: this is no wheel of torch ({why})") from None


def _archs(wheel: zipfile.ZipFile) -> list[str]:
    """The list that torch.cuda.get_arch_list() returns stands as one text in the library of the bindings."""
    name = next((name for name in wheel.namelist() if re.search(r"/(lib)?torch_python\.(so|dll)$", name)), "")
    if not name:
        return []
    rest = b""
    with wheel.open(name) as stream:
        while block := stream.read(BLOCK):
            found = ARCHS.search(rest + block)
            if found and found.end() < len(rest + block):
                return [arch[3:].rstrip("af") for arch in found[0].decode().split() if arch.startswith("sm_")]
            rest = block[-500:]
    return []


def new_family(index: str) -> tuple[Path, list[str]] | None:
    """Releases of torchvision and torchaudio that name exactly one torch, and that the table lacks."""
    lines: list[str] = []
    for package in ("torchvision", "torchaudio"):
        known = {row["version"] for row in table(FAMILY) if row["package"] == package}
        newest = max(Version(version) for version in known)
        fresh = {wheel.version: wheel for wheel in wheels(index, package) if wheel.version > newest}
        lines += [f"{package},{version},{pin}" for version, wheel in sorted(fresh.items()) if (pin := _pinned_torch(wheel.url))]
    return (FAMILY, lines) if lines else None


def _pinned_torch(url: str) -> str:
    """The one torch that a wheel asks for; empty where it takes several."""
    with zipfile.ZipFile(cast(IO[bytes], Ranged(url))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        needs = [Requirement(text) for text in parse_email(wheel.read(name))[0].get("requires_dist", [])]
    pins = (re.fullmatch(r"==([\d.]+)", str(need.specifier)) for need in needs if need.name == "torch")
    return next((pin[1] for pin in pins if pin), "")


def table(file: Path) -> list[Mapping[str, str]]:
    """The rows of a table; lines that begin with # are remarks."""
    return list(csv.DictReader(line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")))


def superseded(file: Path, rows: list[str]) -> list[str]:
    """The lines of a table that new ones replace: those of the same release and platform from the index."""
    fresh = {(row.split(",")[0], row.split(",")[2]) for row in rows}
    lines = [line.split(",") for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [",".join(line) for line in lines if file == BUILDS and line[3] == "yes" and (line[0], line[2]) in fresh]


def insert(file: Path, rows: list[str], stale: list[str]) -> None:
    """Write new rows below the head of a table (torch_builds has the newest first) or at its end."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line not in stale]
    head = next(number for number, line in enumerate(lines) if not line.startswith("#")) + 1
    at = head if file == BUILDS else len(lines)
    file.write_text("\n".join([*lines[:at], *rows, *lines[at:]]) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
