"""The report as workflow commands of GitHub Actions: annotations, and the same as a page in the job's summary.

GitHub shows ten annotations of a kind for a step and cuts each at 4096 characters. What does not fit is told
in the log as plain lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from ..model import Finding, Report, Result, Status
from .lines import count, one_line, told
from .look import Look
from .paths import rooted
from .problems import tally
from .short import line
from .story import story
from .text import VERDICTS

KINDS = {Status.FAIL: "error", Status.WARN: "warning", Status.UNKNOWN: "notice"}
MOST = 10  # annotations of a kind
LONGEST = 4096  # characters of an annotation
SUMMARY = 1 << 20  # bytes of a step's summary; GitHub drops a larger one whole


def render(report: Report, look: Look) -> str:
    """The annotations first; below them in the log all that they do not tell, and the verdict."""
    lines = [text for status, kind in KINDS.items() for text in _annotations(report, status, kind)]
    text = "".join(f"{text}\n" for text in [*lines, _verdict(report)])
    return text.encode("ascii", "backslashreplace").decode() if look.ascii else text


def _annotations(report: Report, status: Status, kind: str) -> Iterator[str]:
    """The commands for the findings of one status; the last place tells of those that find none."""
    findings = list(told(report, status))
    places = len(findings) if len(findings) <= MOST else MOST - 1
    for result, finding in findings[:places]:
        yield from _annotation(report, kind, result, finding)
    if findings[places:]:
        rest = ", ".join(dict.fromkeys(result.id for result, _ in findings[places:]))
        yield command(
            kind,
            f"{count(len(findings) - places, 'more finding')} in the log of this step: {rest}"[:LONGEST],
            title="mlenv-doctor",
        )
        yield from (inert(line(*found)) for found in findings[places:])


def _annotation(report: Report, kind: str, result: Result, finding: Finding) -> Iterator[str]:
    """One finding as a command; if it is cut, the whole as a line below."""
    text = story(report, finding)
    properties = {"title": f"{result.id}: {finding.cause}" if finding.cause else result.id}
    if finding.location:
        properties["file"] = rooted(report, finding.location.file)  # the runner makes it relative to the repository
        properties["line"] = str(finding.location.line or 1)
    yield command(kind, text if len(text) <= LONGEST else text[: LONGEST - 1] + "…", **properties)
    if len(text) > LONGEST:
        yield inert(one_line(text))


def _verdict(report: Report) -> str:
    return inert(one_line(f"mlenv-doctor: {VERDICTS[report.verdict][1]}: {tally(report)}"))


def command(kind: str, text: str, **properties: str) -> str:
    """A workflow command, escaped as the runner reads it."""
    named = ",".join(
        f"{name}={_data(one_line(value)).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items()
    )
    return f"::{kind} {named}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def inert(text: str) -> str:
    """A line of the log that is no command: those begin with `::`, or with `##[` anywhere in the line."""
    text = text.replace("##[", "## [")
    return f": {text}" if text.lstrip().startswith("::") else text


def summarize(report: Report, environ: Mapping[str, str] = os.environ) -> None:
    """Add the report to the summary of the job, if this is one. What the runner would refuse is left out: the log has it too."""
    from .markdown import page

    path = environ.get("GITHUB_STEP_SUMMARY", "")
    with suppress(OSError, ValueError):
        there = os.path.getsize(path) if os.path.isfile(path) else 0
        text = f"{page(report, SUMMARY - there - 1)}\n".encode()
        if path and (os.path.isfile(path) or not os.path.exists(path)) and there + len(text) <= SUMMARY:
            with open(path, "ab") as file:
                file.write(text)
