"""Guidance for repairs: what is wrong, and the commands in the order in which they help."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Finding, Prescription, Report, Result, Status
from .lines import LOUD, count
from .look import Look
from .page import Page
from .problems import Problem
from .text import head, heading, skipped, steps, summed_up


def render(report: Report, look: Look, optional: bool = False) -> str:
    """The fixes of a report, numbered. With `optional`, also what could be done though nothing is wrong."""
    page = Page(look)
    head(page, report)
    planned = list(repairs(report, optional))
    for number, (prescription, results) in enumerate(planned, 1):
        page.line(f"{number}. {marked(prescription)}", style="bold", hang=3)
        found = tuple(findings_of(report, results, prescription, optional))
        for said in summed_up(Problem(found[0].status, results[0], found, prescription), look.verbose):
            page.line(said, indent=3, hang=2)
        steps(page, prescription)
        page.line()
    without = [f for r in report.results for f in r.findings if f.status in LOUD and not f.fix]
    for finding in without:
        page.headline(finding.status.value, finding.message, "no automatic fix")
    if not planned and not without:
        page.status("pass", "Nothing to repair", said_of(report.results))
    if planned and report.repairs:
        page.then(report.repairs, indent=0, word="To apply these repairs")
    return page.text()


def marked(prescription: Prescription) -> str:
    """The title of a fix, and whether it was seen to cure this: what was not never looks like a cure."""
    return heading(prescription) + ("" if prescription.proven else " - a suggestion")


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


def said_of(results: Iterable[Result]) -> str:
    """How many checks passed, and otherwise why nothing was checked."""
    results = list(results)
    passed = sum(any(finding.status is Status.PASS for finding in result.findings) for result in results)
    if passed:
        return f" ({count(passed, 'check')} passed)"
    return f": {next(skipped(results), 'nothing was checked')}"
