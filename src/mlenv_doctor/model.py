"""What the doctor can say: a Finding with its Status, Cause and Fix, gathered into Results and a Report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import Enum

from .foreign.text import LONGEST_TEXT, line, shut
from .records import dataclass
from .stage import StageState


class Status(Enum):
    """How a look at one thing ended."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"


class Verdict(Enum):
    """What a whole report comes to."""

    READY = "ready"
    NOT_READY = "not-ready"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Fix:
    """An entry of the cheat sheet and the values to fill into its commands.

    A value is a word, or a tuple of words that becomes several arguments.
    """

    id: str
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Location:
    """Where in a file of the user something stands. Lines count from 1; 0 means the whole file."""

    file: str
    line: int = 0

    def __post_init__(self) -> None:
        shut(self, "file")


@dataclass(frozen=True)
class Finding:
    """One thing that a check has to say about one subject."""

    status: Status
    message: str
    cause: str = ""
    subject: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    fix: Fix | None = None
    location: Location | None = None
    blocked_by: str | None = None
    required: bool = False  # of what is unknown: somebody asked for it, so that the verdict depends on it
    brief: str = ""  # of what passed: what there is, in a few words, for the one line of a family ("RTX 3060")

    def __post_init__(self) -> None:
        """The door: no text breaks its line. Evidence may, as data (see report.lines)."""
        shut(self, "message", "cause", "subject", "blocked_by", "brief", most=LONGEST_TEXT)
        shut(self, "evidence", most=LONGEST_TEXT, whole=False)


@dataclass(frozen=True)
class Command:
    """One command of a fix: the argument list, and the same made ready to paste into the patient's shell."""

    argv: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Prescription:
    """A fix made out for one patient. proven: in the lab it cured these causes. otherwise: the key of what is tried after it."""

    id: str
    title: str
    risk: str
    who: str
    commands: tuple[Command, ...]
    notes: tuple[str, ...]
    verify: str
    proven: bool = False
    otherwise: str = ""

    def __post_init__(self) -> None:
        shut(self, "title")
        object.__setattr__(self, "notes", tuple(line(note) for note in self.notes))


@dataclass(frozen=True)
class Result:
    """A check and what it found."""

    id: str
    family: str
    title: str
    findings: tuple[Finding, ...]
    broken: bool = False  # the check itself has a bug: the doctor failed, not the patient
    why: str = ""  # why it matters that this is verified


@dataclass(frozen=True)
class Report:
    """Everything a renderer needs. Frozen: renderers decide nothing.

    project: the folder that was examined; empty where only a pasted text was. strict: warnings count as failures.
    repairs: the command that repairs what the doctor can repair; empty where it can repair nothing.
    """

    version: str
    target: Mapping[str, str]
    place: Mapping[str, str]
    verdict: Verdict
    stages: tuple[StageState, ...]
    results: tuple[Result, ...]
    prescriptions: Mapping[str, Prescription]
    plan: Mapping[str, Prescription]
    duration_s: float
    project: str = ""
    strict: bool = False
    repairs: str = ""

    def __post_init__(self) -> None:
        shut(self, "project", "target", "place", "repairs")

    def prescription(self, finding: Finding) -> Prescription | None:
        """The fix of one finding, made out for this machine."""
        return self.prescriptions.get(fix_key(finding.fix)) if finding.fix else None

    def planned(self, finding: Finding) -> Prescription | None:
        """The same, joined with the fixes of other findings that differ only in what they name."""
        return self.plan.get(plan_key(finding.fix)) if finding.fix else None

    def summary(self) -> dict[str, int]:
        """How many findings ended in which status."""
        return count(self.results)


def fix_key(fix: Fix) -> str:
    """A text that is equal for equal fixes."""
    return f"{fix.id} {sorted(fix.values.items())}"


def plan_key(fix: Fix) -> str:
    """A text that is equal for fixes that differ only in their lists of words: one command can do them all."""
    return f"{fix.id} {sorted(item for item in fix.values.items() if isinstance(item[1], str))}"


def count(results: Iterable[Result]) -> dict[str, int]:
    """How many findings ended in which status; every status is named."""
    seen = Counter(finding.status for result in results for finding in result.findings)
    return {status.value: seen[status] for status in Status}


def decide(results: Iterable[Result], *, strict: bool = False) -> Verdict:
    """READY unless something failed; UNKNOWN where nothing was verified, what is required could not be, or a check itself broke.

    With `strict`, warnings count as failures and what is unknown leaves the verdict unknown.
    """
    results = list(results)
    seen = {finding.status for result in results for finding in result.findings}
    if Status.FAIL in seen or (strict and Status.WARN in seen):
        return Verdict.NOT_READY
    looked = seen & {Status.PASS, Status.WARN}
    open_wish = any(f.required and f.status is Status.UNKNOWN for result in results for f in result.findings)
    if not looked or open_wish or any(result.broken for result in results) or (strict and Status.UNKNOWN in seen):
        return Verdict.UNKNOWN
    return Verdict.READY


EXIT_CODES = {Verdict.READY: 0, Verdict.NOT_READY: 1, Verdict.UNKNOWN: 3}


def fix(id: str, **values: str | tuple[str, ...]) -> Fix:
    """Point at an entry of the cheat sheet."""
    return Fix(id, values)


def ok(message: str, *, subject: str = "", evidence: Mapping[str, str] | None = None, brief: str = "") -> Finding:
    """Verified; the message carries the evidence, and `brief` what the one line of a family shows of it."""
    return Finding(Status.PASS, message, subject=subject, evidence=evidence or {}, brief=brief)


def warn(
    cause: str,
    message: str,
    *,
    subject: str = "",
    evidence: Mapping[str, str] | None = None,
    fix: Fix | None = None,
    location: Location | None = None,
) -> Finding:
    """It works but will bite, or is not set up yet and nobody asked for it."""
    return Finding(Status.WARN, message, cause, subject, evidence or {}, fix, location)


def fail(
    cause: str,
    message: str,
    *,
    subject: str = "",
    evidence: Mapping[str, str] | None = None,
    fix: Fix | None = None,
    location: Location | None = None,
) -> Finding:
    """It is broken, or missing though required."""
    return Finding(Status.FAIL, message, cause, subject, evidence or {}, fix, location)


def skip(message: str, *, subject: str = "", blocked_by: str | None = None, fix: Fix | None = None) -> Finding:
    """Not needed here, switched off, or blocked by another finding (a check id, or `id:subject`).

    `fix` is what could be done by somebody who wants it all the same; only `mlenv-doctor fix` shows it.
    """
    return Finding(Status.SKIP, message, subject=subject, blocked_by=blocked_by, fix=fix)


def unknown(message: str, *, subject: str = "", evidence: Mapping[str, str] | None = None, required: bool = False) -> Finding:
    """It could not be determined; the message says why. required: it was asked for, so that the verdict is unknown as well."""
    return Finding(Status.UNKNOWN, message, subject=subject, evidence=evidence or {}, required=required)
