"""The problems of a report: findings that have one cause, or that one repair cures, are one problem and are counted once."""

from __future__ import annotations

import re

from ..foreign.patterns import pattern
from ..model import Finding, Prescription, Report, Result, Status, plan_key
from ..records import dataclass
from .lines import LOUD, count

FEW = 3  # more subjects than this are counted as well as named
# words that begin with a capital at the beginning of a headline; names of libraries, files and variables stay as they are
ORDINARY = pattern(
    "(?:a|all|an|another|both|connection|each|every|importing|in|it|its|line|most|no|nobody|none|nothing|of|only|out|packages|parts|"
    "permission|running|some|something|the|their|there|these|this|those|unknown|what|where|which)[ :]"
)
MOST = 4  # more findings of one problem than this are shown only with -v


@dataclass(frozen=True)
class Problem:
    """What is wrong, by its worst finding; `check` is the first check that found it."""

    status: Status
    check: Result
    findings: tuple[Finding, ...]
    fix: Prescription | None


def problems(report: Report) -> list[Problem]:
    """All problems: failures first, then warnings, then what could not be checked, each in the order of the report."""
    found: dict[tuple[str, ...], tuple[Status, Result, list[Finding]]] = {}
    for status in LOUD:
        for result in report.results:
            for finding in result.findings:
                if finding.status is status:
                    found.setdefault(_root(report, result, finding), (status, result, []))[2].append(finding)
    return [Problem(status, result, tuple(all_), _fix(report, all_)) for status, result, all_ in found.values()]


def _root(report: Report, result: Result, finding: Finding) -> tuple[str, ...]:
    """What findings of one problem share: the repair that cures them, else their check and cause."""
    if finding.fix and report.planned(finding):
        return ("fix", plan_key(finding.fix))
    return (result.id, finding.status.value, finding.cause or finding.message)


def _fix(report: Report, findings: list[Finding]) -> Prescription | None:
    return next((fix for finding in findings if (fix := report.planned(finding))), None)


def headline(problem: Problem, everything: bool = False) -> tuple[str, list[Finding]]:
    """The sentence that states a problem, and the findings that it does not tell of.

    Of several such as "pandas is not installed" it is "pandas and seaborn are not installed", unless everything is asked for.
    """
    first, *rest = problem.findings
    predicate = _predicate(first)
    if everything or not predicate:
        return stated(first), rest
    alike = [finding for finding in problem.findings if _predicate(finding) == predicate]
    names = list(dict.fromkeys(finding.subject for finding in alike))
    if len(names) < 2:
        return stated(first), rest
    return _plural(names, predicate, problem.check.family), [finding for finding in rest if finding not in alike]


def _predicate(finding: Finding) -> str:
    """What is said of the subject, where the sentence is of the form "SUBJECT is ..."."""
    start = f"{finding.subject} is "
    return finding.message[len(start) :] if finding.subject and finding.message.startswith(start) else ""


def _plural(names: list[str], predicate: str, family: str) -> str:
    if len(names) <= FEW:
        return f"{', '.join(names[:-1])} and {names[-1]} are {predicate}"
    what = family if family.endswith("s") else "names"
    return f"{len(names)} {what} are {predicate}: {', '.join(names)}"


def stated(finding: Finding) -> str:
    """The sentence of a finding, with a capital at its beginning unless it begins with a name, such as that of its subject."""
    said, subject = finding.message, finding.subject
    named = bool(subject) and said.startswith(f"{subject} ")
    return said[:1].upper() + said[1:] if ORDINARY.match(said) and not named else said


def place(finding: Finding) -> str:
    """The file and line of a finding, where its sentence does not name both."""
    where = finding.location
    if not where:
        return ""
    told = where.file in finding.message and (not where.line or str(where.line) in re.findall(r"\d+", finding.message))
    return "" if told else f"{where.file}:{where.line or 1}"


def tally(report: Report) -> str:
    """Such as "1 problem, 2 warnings (45 checks passed)"."""
    found = [problem.status for problem in problems(report)]
    words = {Status.FAIL: "problem", Status.WARN: "warning"}
    counted = [count(found.count(status), word) for status, word in words.items() if status in found]
    counted += [f"{found.count(Status.UNKNOWN)} not verified"] if Status.UNKNOWN in found else []
    passed = sum(_passed(result) for result in report.results)
    if not counted:
        return f"{count(passed, 'check')} passed" if passed else "nothing was checked"
    return ", ".join(counted) + (f" ({count(passed, 'check')} passed)" if passed else "")


def _passed(result: Result) -> bool:
    seen = {finding.status for finding in result.findings}
    return Status.PASS in seen and not seen & set(LOUD)
