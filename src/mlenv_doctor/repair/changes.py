"""What a step would change, by the installer's own dry run: packages with old and new version, and the size of its downloads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from .commands import installs

LONGEST = 180.0  # seconds that an installer may take to say what it would do
FETCHED = re.compile(r"Downloading \S+?\.(?:whl|tar\.gz|zip) \((\d+(?:\.\d+)?) ([kMG]?)B\)")
UNITS = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3}
OF_UV = re.compile(r"(?m)^ ([+~-]) ([A-Za-z0-9._-]+)==(\S+)")
AWAY = (
    "connection broken by",
    "Max retries exceeded",
    "error sending request",
    "dns error",
    "Failed to fetch",
)  # pip's, uv's words
UNREACHABLE = "the package index cannot be reached"
METADATA = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.(?:dist|egg)-info")


@dataclass(frozen=True)
class Change:
    """One package: its version before and after; empty for not installed. Equal ones: it is installed again."""

    name: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Preview:
    """What commands would change, and how many bytes they would fetch, as far as the installer says. problem: why it cannot."""

    changes: tuple[Change, ...] = ()
    size: int = 0
    problem: str = ""


def plain(name: str) -> str:
    """A package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(environment: Path) -> dict[str, str]:
    """The packages of an environment with their versions, from the names of their metadata; of a double entry both versions."""
    found: dict[str, str] = {}
    for site in (*environment.glob("lib/python*/site-packages"), environment / "Lib/site-packages"):
        with suppress(OSError):
            for name in sorted(os.listdir(site)):
                if match := METADATA.fullmatch(name):
                    key = plain(match["name"])
                    found[key] = f"{found[key]}, {match['version']}" if key in found else match["version"]
    return found


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The packages that two listings do not agree about."""
    names = sorted({*before, *after})
    return tuple(Change(n, before.get(n, ""), after.get(n, "")) for n in names if before.get(n) != after.get(n))


def preview(commands: Sequence[Sequence[str]], environment: Path, project: Path, longest: float = LONGEST) -> Preview:
    """Ask the installers what they would do, one command after the other. Nothing is changed.

    One that is itself still to be made cannot be asked: then nothing is there yet that could change.
    """
    before, size = installed(environment), 0
    listing, again = dict(before), set[str]()
    for argv in commands:
        if not installs(argv) or (os.path.isabs(argv[0]) and not os.path.exists(argv[0])):
            continue
        new, gone, fetched, problem = _asked(list(argv), project, longest)
        if problem:
            return Preview(problem=problem)
        size += fetched
        removed = {name: version for name, version in before.items() if name not in listing}
        listing = {name: version for name, version in listing.items() if name not in gone}
        listing |= {**_again(argv, removed), **new}
        again |= {name for name in new if before.get(name) == new[name]}
    same = tuple(Change(name, before[name], before[name]) for name in sorted(again) if before[name] == listing.get(name))
    return Preview((*difference(before, listing), *same), size)


def _again(argv: Sequence[str], removed: Mapping[str, str]) -> dict[str, str]:
    """What a command installs that an earlier one removed: until then the installer takes it for installed."""
    pinned = (word.partition("==") for word in argv if "==" in word)
    return {plain(name): version for name, _, version in pinned if plain(name) in removed and "uninstall" not in argv}


def _asked(argv: list[str], project: Path, longest: float) -> tuple[dict[str, str], set[str], int, str]:
    """What one command would install, what it would remove, how much it would fetch, and why that cannot be said."""
    if "uninstall" in argv:
        names = argv[argv.index("uninstall") + 1 :]
        return {}, {plain(name) for name in names if not name.startswith("-")} - _values(names), 0, ""
    if "uv" in os.path.basename(argv[0]) or argv[1:3] == ["-m", "uv"]:
        return _by_uv(argv, project, longest)
    return _by_pip(argv, project, longest)


def _values(words: Sequence[str]) -> set[str]:
    """The words that are values of an option, such as the interpreter after --python."""
    return {plain(value) for option, value in pairwise(words) if option == "--python"}


def _by_pip(argv: list[str], project: Path, longest: float) -> tuple[dict[str, str], set[str], int, str]:
    with tempfile.TemporaryDirectory(prefix="mlenv-doctor-") as folder:
        report = Path(folder, "report.json")
        at = argv.index("install") + 1
        code, said = _run([*argv[:at], "--dry-run", "--report", str(report), "--progress-bar=off", *argv[at:]], project, longest)
        if code:
            return {}, set(), 0, last_line(said) or "the installer does not say what it would change"
        try:
            new = {plain(i["metadata"]["name"]): i["metadata"]["version"] for i in json.loads(report.read_text())["install"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {}, set(), 0, "the installer does not say what it would change"
    return new, set(), sum(round(float(n) * UNITS[unit]) for n, unit in FETCHED.findall(said)), ""


def _by_uv(argv: list[str], project: Path, longest: float) -> tuple[dict[str, str], set[str], int, str]:
    code, said = _run([*argv, "--dry-run"], project, longest)
    if code:
        return {}, set(), 0, last_line(said) or "the installer does not say what it would change"
    found = OF_UV.findall(said)
    return {plain(n): v for sign, n, v in found if sign != "-"}, {plain(n) for sign, n, _ in found if sign == "-"}, 0, ""


def _run(argv: list[str], project: Path, longest: float) -> tuple[int, str]:
    """Run a command that changes nothing; its exit code and all that it said."""
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            argv, cwd=project, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=longest,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1, f"{os.path.basename(argv[0])} did not answer within {longest:.0f} s"
    except OSError as why:
        return 1, f"{argv[0]}: {why.strerror}"
    return done.returncode, done.stdout.decode("utf-8", "replace")


def unannounced(planned: Preview, real: Sequence[Change]) -> list[Change]:
    """What changed although the plan did not show it, or otherwise than it did."""
    shown = {change.name: change.new for change in planned.changes}
    return [change for change in real if change.name not in shown or (shown[change.name] not in ("", change.new))]


def last_line(said: str) -> str:
    """The line of an output that says what went wrong: the last error, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "× ", "x "))]
    because = next((line[line.index("Because") :] for line in lines if "Because" in line), "")
    away = UNREACHABLE if any(word in said for word in AWAY) else ""
    return ": ".join(filter(None, (away, (errors or lines or [""])[-1], because)))[:300]
