"""The report for Nagios and what speaks its language: one line with a status and numbers, then a line for each finding.

A monitor reads the first line, where `|` begins the numbers and cannot stand for itself; what it says is decided by EXIT_CODES.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Report, Status, Verdict
from .lines import LOUD, one_line, told
from .look import Look
from .problems import tally
from .short import line

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
MOST = 5  # causes in the first line: it is sent as a message, and old monitors cut it at 1024 bytes
LONGEST = 60  # characters of a cause


def exit_code(report: Report) -> int:
    """0 all is well, 1 something only warns, 2 something is broken, 3 no verdict."""
    if report.verdict is Verdict.READY:
        return int(bool(report.summary()[Status.WARN.value]))
    return 2 if report.verdict is Verdict.NOT_READY else 3


def render(report: Report, look: Look) -> str:
    """The status first, with the numbers behind it; then what is to be looked at."""
    head = first_line(STATES[exit_code(report)], "; ".join(filter(None, (tally(report), *_causes(report)))))
    text = f"{head} | {_numbers(report)}\n" + "".join(f"{_without_bars(line(*found))}\n" for found in told(report, *LOUD))
    return text.encode("ascii", "backslashreplace").decode() if look.ascii else text


def first_line(state: str, text: str) -> str:
    """Such as "MLENV OK - 45 passed"."""
    return f"MLENV {state} - {_without_bars(one_line(text))}"


def _causes(report: Report) -> Iterator[str]:
    """What is wrong, in a few words."""
    causes = list(dict.fromkeys(finding.cause[:LONGEST] for _, finding in told(report, Status.FAIL, Status.WARN)))
    if causes:
        more = f" and {len(causes) - MOST} more" if len(causes) > MOST else ""
        yield ", ".join(causes[:MOST]) + more


def _numbers(report: Report) -> str:
    """Performance data: label=value;warn;crit;min."""
    found = report.summary()
    counted = f"failed={found['fail']};;0;0 warnings={found['warn']};0;;0 unknown={found['unknown']};;;0"
    return f"{counted} time={report.duration_s:.3f}s;;;0"


def _without_bars(text: str) -> str:
    return text.replace("|", "/")
