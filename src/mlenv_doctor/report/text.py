"""The report for a reader at a terminal: what failed first and whole, what passed in a line per family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ..model import Finding, Prescription, Report, Result, Status, Verdict, plan_key
from .look import Look
from .page import Page

LOUD = (Status.FAIL, Status.WARN, Status.UNKNOWN)
MANY = 3  # more findings of one cause than this are told in one line
VERDICTS = {
    Verdict.READY: ("pass", "Ready"),
    Verdict.NOT_READY: ("fail", "Not ready"),
    Verdict.UNKNOWN: ("unknown", "No verdict"),
}
REPORT = "the report"  # the Python is that of a text which somebody pasted
CHOSEN = {
    "--python": "named with --python",
    "VIRTUAL_ENV": "the active virtual environment",
    "CONDA_PREFIX": "the active conda environment",
    "project": "the virtual environment of this project",
    "PATH": "the first on PATH",
    "self": "the one that runs the doctor",
    "kernel": "the Python of this notebook",
    "caller": "the one that runs this program",
}


def render(report: Report, look: Look) -> str:
    """The whole screen."""
    page = Page(look)
    head(page, report)
    shown: set[str] = set()
    for status in LOUD:
        for result in report.results:
            findings = [finding for finding in result.findings if finding.status is status]
            if findings:
                loud(page, report, result, findings, shown)
    quiet(page, report)
    foot(page, report)
    return page.text()


def head(page: Page, report: Report) -> None:
    """Who was examined, and why that one."""
    target, place = report.target, report.place
    page.line(f"mlenv-doctor {report.version}", style="bold")
    page.line(who(target))
    page.line(where(place.get("os", ""), place.get("distro", ""), place.get("kind", "")))
    page.line()


def who(target: Mapping[str, str]) -> str:
    """Such as "Python 3.12.4 at /p/.venv/bin/python: the active virtual environment"."""
    version = f"Python {target['version']}" if target.get("version") else "Python"
    if target["chosen_by"] == REPORT:
        return f"{version}, as the pasted report says; what it does not say is not judged"
    return f"{version} at {target['python']}: {CHOSEN.get(target['chosen_by'], target['chosen_by'])}"


def where(system: str, distro: str, kind: str) -> str:
    """Such as "Linux (debian), container"."""
    name = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}.get(system, system)
    return name + (f" ({distro})" if distro not in ("", "other") else "") + (f", {kind}" if kind not in ("", "machine") else "")


def loud(page: Page, report: Report, result: Result, findings: list[Finding], shown: set[str]) -> None:
    """A check that has something to say: its findings, and their fix."""
    page.status(findings[0].status.value, result.title, f"  {result.id}")
    tell(page, findings)
    for finding in findings:
        prescription = report.planned(finding)
        if prescription and finding.fix and plan_key(finding.fix) not in shown:
            shown.add(plan_key(finding.fix))
            fix(page, prescription)
    page.line()


def tell(page: Page, findings: Iterable[Finding]) -> None:
    """The findings, each in a line; many of one cause together in one."""
    for sentence, finding in told(findings, page.look.verbose):
        page.line(sentence, indent=2, hang=2)
        for name, value in finding.evidence.items() if finding and page.look.verbose else ():
            page.line(f"{name}: {value}", style="dim", indent=4, hang=2)


def told(findings: Iterable[Finding], everything: bool) -> Iterator[tuple[str, Finding | None]]:
    """The findings as sentences, each with its own; many of one cause are one sentence, unless everything is to be told."""
    for cause, group in groupby(findings, key=lambda finding: finding.cause):
        together = list(group)
        alike = all(finding.subject and not finding.location for finding in together)
        if len(together) > MANY and not everything and alike:
            yield f"{len(together)} {cause}: {', '.join(finding.subject for finding in together)}", None
        else:
            yield from ((sentence(finding), finding) for finding in together)


def sentence(finding: Finding) -> str:
    """A finding with its place and cause."""
    place = f" ({finding.location.file}:{finding.location.line or 1})" if finding.location else ""
    return f"{finding.message}{place}" + (f"  [{finding.cause}]" if finding.cause else "")


def fix(page: Page, prescription: Prescription) -> None:
    """A fix below the findings that ask for it."""
    page.line(f"Fix: {heading(prescription)}", indent=2, hang=5)
    steps(page, prescription)


def heading(prescription: Prescription) -> str:
    """What a fix does, what it risks, and who must act."""
    who = {"you": "", "admin": "needs an administrator", "provider": "your provider must do it"}[prescription.who]
    risk = "" if prescription.risk == "nothing" else prescription.risk
    said = "; ".join(filter(None, (risk, who)))
    return prescription.title + (f" ({said})" if said else "")


def steps(page: Page, prescription: Prescription) -> None:
    """The commands, alone on their lines, what else is to be known, and how to see that it worked."""
    for command in prescription.commands:
        page.command(command.text)
    for note in prescription.notes:
        page.line(note, indent=4, hang=2)
    page.then(prescription.verify)


def quiet(page: Page, report: Report) -> None:
    """What passed, and what was not needed, in a line per family; with -v in a line per finding."""
    for family in dict.fromkeys(result.family for result in report.results):
        results = [result for result in report.results if result.family == family]
        findings = [(result, finding) for result in results for finding in result.findings if finding.status not in LOUD]
        if page.look.verbose:
            for result, finding in findings:
                page.status(finding.status.value, f"{result.id:24} ", finding.message + blocked(finding), hang=27)
        elif findings:
            fold(page, family, [finding for _, finding in findings])


def fold(page: Page, family: str, findings: list[Finding]) -> None:
    """One line for a family: what was verified, or else why nothing was."""
    passed = list(dict.fromkeys(finding.message for finding in findings if finding.status is Status.PASS))
    skipped = list(dict.fromkeys(finding.message + blocked(finding) for finding in findings if finding.status is Status.SKIP))
    page.status("pass" if passed else "skip", f"{family:10} ", summary(passed) if passed else skipped[0], hang=13)


def summary(messages: list[str], most: int = 4) -> str:
    """The first few messages, and how many there are besides."""
    more = f" and {len(messages) - most} more" if len(messages) > most else ""
    return "; ".join(messages[:most]) + more


def blocked(finding: Finding) -> str:
    """Which finding says more."""
    return f" (see {finding.blocked_by})" if finding.blocked_by else ""


def foot(page: Page, report: Report) -> None:
    """The stages of the roadmap, and the verdict."""
    page.line()
    ready = [stage.name for stage in report.stages if stage.ready]
    if ready:
        page.line(f"{'Ready for':14} {', '.join(ready)}", hang=15)
    for stage in report.stages:
        if not stage.ready:
            page.line(f"{'Not yet ready':14} {stage.name}: needs {', '.join(stage.missing)}", hang=15)
    status, word = VERDICTS[report.verdict]
    page.status(status, word, f": {tally(report.summary().items())} in {report.duration_s:.1f} s")


def tally(summary: Iterable[tuple[str, int]]) -> str:
    """Such as "1 failed, 14 passed"."""
    names = {"fail": "failed", "warn": "to look at", "pass": "passed", "skip": "skipped", "unknown": "unknown"}
    found = dict(summary)
    return ", ".join(f"{found[key]} {name}" for key, name in names.items() if found.get(key)) or "nothing was looked at"
