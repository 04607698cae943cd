"""Look again after a step: is what it was for cured, did nothing else turn red, does everything still import that did?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..model import Finding, Report, Status
from .changes import METADATA, Change, plain

LONGEST = 60.0  # seconds that one import may take
MOST = 16  # libraries whose import is tried besides those that the examination itself imports
RED = (Status.FAIL, Status.WARN)


def uncured(findings: Iterable[tuple[str, Finding]], after: Report) -> list[Finding]:
    """What of the findings of a step is still red, by check, cause and subject; and what could not be judged this time."""
    red = {(r.id, f.cause, f.subject): f for r in after.results for f in r.findings if f.status in RED}
    open = {(r.id, f.subject): f for r in after.results for f in r.findings if f.status is Status.UNKNOWN}
    still = ((red.get((id, f.cause, f.subject)) or open.get((id, f.subject)) or open.get((id, ""))) for id, f in findings)
    return [finding for finding in still if finding]


def worse(before: Report, after: Report) -> list[Finding]:
    """What fails now and did not before. What could not be judged before is not harm done."""
    states = {result.id: {f.subject: f.status for f in result.findings} for result in before.results}
    red = {(r.id, f.subject) for r in before.results for f in r.findings if f.status is Status.FAIL}
    return [
        finding
        for result in after.results
        for finding in result.findings
        if finding.status is Status.FAIL and (result.id, finding.subject) not in red
        if _was_well(states.get(result.id, {}), finding.subject)
    ]


def _was_well(states: Mapping[str, Status], subject: str) -> bool:
    """Whether a subject was judged and passed; one that was not named passed with the check as a whole."""
    status = states.get(subject, states.get("", Status.PASS if Status.PASS in states.values() else Status.SKIP))
    return status in (Status.PASS, Status.WARN)


def modules(environment: Path, changes: Iterable[Change]) -> list[str]:
    """The importable names of the packages that change, and of those that need one of them."""
    names = {change.name for change in changes if change.old}
    found: list[str] = []
    for site in environment.glob("lib/python*/site-packages"):
        for info in sorted(site.glob("*.dist-info")):
            match = METADATA.fullmatch(info.name)
            if match and (plain(match["name"]) in names or names & _needs(info)):
                found.extend(top_level(info))
    return list(dict.fromkeys(found))[:MOST]


def _needs(info: Path) -> set[str]:
    """The names of what a distribution requires, extras included: one more import tried does no harm."""
    lines = _text(info / "METADATA").splitlines()
    needed = (line[14:].strip() for line in lines if line.startswith("Requires-Dist:"))
    return {plain("".join(_name(word))) for word in needed}


def _name(requirement: str) -> str:
    end = next((i for i, letter in enumerate(requirement) if not (letter.isalnum() or letter in "._-")), len(requirement))
    return requirement[:end]


def top_level(info: Path) -> list[str]:
    """The packages and modules that a distribution brings, by its list of files."""
    tops = {line.split(",")[0] for line in _text(info / "RECORD").splitlines()}
    packages = {path.split("/")[0] for path in tops if path.count("/") == 1 and path.endswith("/__init__.py")}
    single = {path[:-3] for path in tops if "/" not in path and path.endswith(".py")}
    return sorted(name for name in packages | single if name.isidentifier() and not name.startswith("_"))


def _text(file: Path) -> str:
    try:
        return file.read_bytes()[: 1 << 20].decode("utf-8", "replace")
    except OSError:
        return ""


def importable(python: str, names: Iterable[str], site: Path | None = None) -> set[str]:
    """Which of these modules an interpreter can import, each in a process of its own that leaves nothing behind.

    site: a folder with packages that stands in for its own, such as that of an image.
    """
    names = list(names)
    instead = _FROM.format(site=str(site)) if site else ""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return {
            name for name, worked in zip(names, pool.map(lambda name: _runs(python, f"{instead}import {name}"), names)) if worked
        }


_FROM = """import os, site, sys
sys.path[:] = [p for p in sys.path if os.path.basename(p) != "site-packages"]
site.addsitedir({site!r})
"""


def _runs(python: str, code: str) -> bool:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}
    try:
        done = subprocess.run(
            [python, "-c", code], cwd=os.path.dirname(python), env=environ, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def lost(python: str, names: Iterable[str], image: Path) -> list[str]:
    """The modules that cannot be imported now and can from the image of the state before. Each is tried twice at most."""
    failing = sorted(set(names) - importable(python, names))
    before = next(iter(sorted(image.glob("lib/python*/site-packages"))), None)
    return sorted(importable(python, failing, before)) if before else []
