"""The report as JUnit XML: a suite for each family, a case for each finding, as Jenkins, GitLab and GitHub's actions read it.

They have no warnings: what only warns passes, and its case says so in its output, unless --strict made it a failure.
GitLab shows the text of a failure and not its attributes, so the text tells all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..model import Finding, Report, Result, Status
from .lines import one_line
from .look import Look
from .story import story

Case = tuple[Result, Finding]
COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}  # what a case can hold, and where it is counted
ATTACHMENT = "[[ATTACHMENT|"  # in an output, GitLab and Jenkins offer the file that is named behind it


def render(report: Report, look: Look) -> str:
    """One document, in ASCII: it survives every encoding."""
    root = Element("testsuites", name="mlenv-doctor", time=f"{report.duration_s:.3f}")
    total: Counter[str] = Counter()
    for family in dict.fromkeys(result.family for result in report.results):
        cases = [(result, finding) for result in report.results if result.family == family for finding in result.findings]
        total += _suite(SubElement(root, "testsuite", name=one_line(family)), report, cases)
    root.attrib.update({key: str(total[key]) for key in ("tests", "failures", "errors")})
    indent(root, " ")
    document: bytes = tostring(root, encoding="us-ascii")
    return f'<?xml version="1.0" encoding="us-ascii"?>\n{document.decode()}\n'


def _suite(suite: Element, report: Report, cases: list[Case]) -> Counter[str]:
    """Fill the suite of a family. Returns what it counts."""
    counted = Counter(tests=len(cases))
    for name, (result, finding) in zip(_names(cases), cases):
        case = SubElement(suite, "testcase", name=name, classname=one_line(result.id))
        kind = _kind(report, result, finding)
        counted[COUNTED.get(kind, "")] += 1
        text = story(report, finding)
        if kind:
            about = f"{result.id}/{finding.cause or finding.status.value}"
            SubElement(case, kind, message=one_line(finding.message), type=one_line(about)).text = text
        else:
            SubElement(case, "system-out").text = f"{finding.status.value}: {text.replace(ATTACHMENT, '[[ATTACHMENT |')}"
    suite.attrib.update({key: str(counted[key]) for key in ("tests", *COUNTED.values())})
    return counted


def _kind(report: Report, result: Result, finding: Finding) -> str:
    """The element that says how a case ended; "" where it passed."""
    unknown = "error" if result.broken or finding.required or report.strict else "skipped"
    warned = "failure" if report.strict else ""
    return {Status.FAIL: "failure", Status.WARN: warned, Status.SKIP: "skipped", Status.UNKNOWN: unknown}.get(finding.status, "")


def _names(cases: list[Case]) -> Iterator[str]:
    """A name for each case, the same whatever it finds: readers follow it from run to run, and of two alike keep one."""
    seen: Counter[tuple[str, str]] = Counter()
    for result, finding in cases:
        name = one_line(f"{result.title}: {finding.subject}" if finding.subject else result.title)
        seen[result.id, name] += 1
        yield f"{name} #{seen[result.id, name]}" if seen[result.id, name] > 1 else name
