"""Guidance for repairs: what is wrong, and the commands in the order in which they help."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Finding, Prescription, Report, Result, Status
from .look import Look
from .page import Page
from .text import LOUD, head, heading, steps, summary, tell


def render(report: Report, look: Look, optional: bool = False) -> str:
    """The fixes of a report, numbered. With `optional`, also what could be done though nothing is wrong."""
    page = Page(look)
    head(page, report)
    planned = list(repairs(report, optional))
    for number, (prescription, results) in enumerate(planned, 1):
        page.line(f"{number}. {heading(prescription)}", style="bold", hang=3)
        tell(page, findings_of(report, results, prescription, optional))
        steps(page, prescription)
        page.line()
    without = [f for r in report.results for f in r.findings if f.status in LOUD and not f.fix]
    for finding in without:
        page.status(finding.status.value, finding.message)
    if not planned and not without:
        page.status("pass", "Nothing to repair: ", evidence(report.results))
    return page.text()


def repairs(report: Report, optional: bool) -> Iterable[tuple[Prescription, list[Result]]]:
    """Each fix with the results that ask for it, failures first."""
    for prescription in report.plan.values():
        results = [r for r in report.results if any(True for _ in findings_of(report, [r], prescription, optional))]
        if results:
            yield prescription, results


def findings_of(report: Report, results: list[Result], prescription: Prescription, optional: bool) -> Iterable[Finding]:
    """The findings that a fix helps."""
    wanted = (*LOUD, Status.SKIP) if optional else LOUD
    return (f for r in results for f in r.findings if f.status in wanted and report.planned(f) is prescription)


def evidence(results: Iterable[Result]) -> str:
    """What was verified, and otherwise why nothing had to be."""
    for status in (Status.PASS, Status.SKIP):
        messages = list(dict.fromkeys(f.message for r in results for f in r.findings if f.status is status))
        if messages:
            return summary(messages)
    return "nothing was looked at"
