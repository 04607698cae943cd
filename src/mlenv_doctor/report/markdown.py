"""The report to paste into an issue: what is wrong first and open, what is well folded away.

Nothing of what the machine said can break out: it is escaped, no word of it calls a person or another issue (GitHub and
GitLab look for those after the Markdown is read), and a fence is longer than any that it encloses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..model import Finding, Prescription, Report, Result, Status
from .lines import LOUD, count, evidence_of, one_line, plain, told
from .look import Look
from .problems import tally
from .text import CHOSEN, REPORT, VERDICTS, heading, where

LONGEST = 65_000  # bytes; GitHub refuses an issue of more than 65536 characters
ESCAPED = re.compile(r"[\\`*_\[\]<>&~|$#@!]|:(?=//)|(?<=[wW])\.")  # means something; `:` and `.` where a link may begin
BEGIN = re.compile(
    r"^(?:(?=[-+=/])|(\d{1,9})(?=[.)](?:\s|$)))"
)  # where a line begins: a list, a heading, or what GitLab takes for an order
BREAK = "<!-- -->"  # shows nothing, and parts a sign from the word that it would make a reference of
REFERENCE = re.compile(r"(?<=[@#!$%&~^])(?=[\w\"'{*])|(?<=:)(?=[\w+-]+:)|(?<=\[)(?=\w+:)|(?i:(?<=\bG[HL]-)(?=\d))")
FOLDED = {Status.PASS: "passed", Status.SKIP: "skipped"}
FOOT = "\n{left} left out because an issue has a size limit; `mlenv-doctor check` shows everything.\n"
FOOT_ROOM = 120


def render(report: Report, look: Look) -> str:
    """As much of the report as an issue may hold, the most important first."""
    text = page(report, LONGEST)
    return text.encode("ascii", "xmlcharrefreplace").decode() if look.ascii else text


def page(report: Report, longest: int) -> str:
    """The report in at most this many bytes (of UTF-8)."""
    head, foot = _head(report), _foot(report)
    room = longest - _size(head + foot) - FOOT_ROOM
    kept, left = [], 0
    for block, findings in (*_open(report), *_folded(report)):
        if _size(block) <= room:
            room -= _size(block)
            kept.append(block)
        else:
            left += findings
    return head + "".join(kept) + foot + (FOOT.format(left=count(left, "finding")) if left else "")


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _head(report: Report) -> str:
    """The verdict, and who was examined."""
    target, place = report.target, report.place
    why = CHOSEN.get(target["chosen_by"], target["chosen_by"])
    python = f"Python {target['version']}" if target.get("version") else "Python"
    who = "as a pasted report says" if why == REPORT else f"at {code(target['python'])}: {words(why)}"
    where_ = words(where(place.get("os", ""), place.get("distro", ""), place.get("kind", "")))
    verdict = f"{VERDICTS[report.verdict][1]}: {tally(report)}"
    return f"### mlenv-doctor {words(report.version)}\n\n**{words(verdict)}**\n\n{words(python)} {who}\\\n{where_}\n"


def _open(report: Report) -> Iterable[tuple[str, int]]:
    """What is to be looked at: a block for each finding, and how many it tells of. A fix follows the last that asks for it."""
    findings = list(told(report, *LOUD))
    last = {id(fix): number for number, (_, finding) in enumerate(findings) if (fix := report.planned(finding))}
    for number, (result, finding) in enumerate(findings):
        prescription = report.planned(finding)
        now = prescription if prescription and last[id(prescription)] == number else None
        yield "\n" + _item(result, finding) + (_remedy(now) if now else ""), 1


def _item(result: Result, finding: Finding) -> str:
    """One finding as an item of a list, its evidence below."""
    cause = f" {code(finding.cause)}" if finding.cause else ""
    place = f" in {code(f'{finding.location.file}:{finding.location.line or 1}')}" if finding.location else ""
    evidence = "".join(f"  - {words(name + ':')} {code(value)}\n" for name, value in evidence_of(finding))
    return f"- **{finding.status.value.upper()}** {code(result.id)}{cause}{place}\\\n  {words(finding.message)}\n{evidence}"


def _remedy(prescription: Prescription) -> str:
    """A fix: its commands in a block to copy, and what else is to be known."""
    commands = fenced("\n".join(command.text for command in prescription.commands)) if prescription.commands else ""
    notes = "".join(f"\n{words(note)}\n" for note in prescription.notes)
    return f"\n**Fix:** {words(heading(prescription))}\n{commands}{notes}\nThen: {code(prescription.verify)}\n"


def _folded(report: Report) -> Iterable[tuple[str, int]]:
    """What passed and what was skipped, each folded, with the number of its findings."""
    for status, word in FOLDED.items():
        lines = [f"- {code(result.id)} {words(finding.message)}{_blocked(finding)}\n" for result, finding in told(report, status)]
        if lines:
            yield f"\n<details><summary>{len(lines)} {word}</summary>\n\n{''.join(lines)}\n</details>\n", len(lines)


def _blocked(finding: Finding) -> str:
    return f" (see {code(finding.blocked_by)})" if finding.blocked_by else ""


def _foot(report: Report) -> str:
    """The stages of the roadmap."""
    ready = ", ".join(stage.name + " (works)" * stage.works for stage in report.stages if stage.ready)
    lines = [f"- Ready for {words(ready)}\n"] if ready else []
    lines += [f"- Not ready for {words(s.name)}: needs {words(', '.join(s.missing))}\n" for s in report.stages if not s.ready]
    return "\n" + "".join(lines) if lines else ""


def words(text: str) -> str:
    """Text in which nothing means anything: signs escaped, references broken, line breaks kept."""
    parts = REFERENCE.sub("\0", plain(text).strip()).split("\0")
    escaped = BREAK.join(ESCAPED.sub(r"\\\g<0>", part) for part in parts)
    return BEGIN.sub(r"\1\\", escaped).replace("\n", "<br>")


def code(text: str) -> str:
    """A code span, with more backticks around it than inside."""
    text = one_line(text) or " "
    ticks = "`" * (_longest_run(text) + 1)
    blank = " " if text.strip() and (text[0] in "` " or text[-1] in "` ") else ""
    return f"{ticks}{blank}{text}{blank}{ticks}"


def fenced(text: str) -> str:
    """A block of code, with a fence that is longer than any inside."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"\n{fence}sh\n{plain(text)}\n{fence}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
