"""Judge a snapshot: run every check on the facts it asks for, and let no check break the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .checking import Check
from .errors import Broken
from .facts import Fact, Missing, Pasted, Snapshot, Why
from .model import Finding, Fix, Location, Result, Status, skip

WORDS = "symptom"  # the family that explains the words of an error


def judge(checks: Iterable[Check[...]], snapshot: Snapshot, off: Iterable[Check[...]] = ()) -> tuple[Result, ...]:
    """Run the checks, in order; those switched off are named as skipped."""
    skipped = {check.id: _result(check, (skip("switched off with --skip or in the configuration"),)) for check in off}
    return once(tuple(run(check, snapshot) for check in checks)) + tuple(skipped.values())


def once(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """One fault, one red line: what the words of an error say is not told again where a check has found the same cause.

    That check saw more than the words: where it only warns (one card of several), the words are no failure either.
    """
    found = {f.cause: r.id for r in results if r.family != WORDS for f in r.findings if f.status in (Status.FAIL, Status.WARN)}
    return tuple(replace(r, findings=tuple(_echo(f, found) for f in r.findings)) if r.family == WORDS else r for r in results)


def _echo(finding: Finding, found: Mapping[str, str]) -> Finding:
    by = found.get(finding.cause) if finding.status is Status.FAIL else None
    return skip(f"the words of the error say so too: {finding.message}", blocked_by=by) if by else finding


def run(check: Check[...], snapshot: Snapshot) -> Result:
    """Run one check. Without a fact that it needs it is skipped; a bug in it is a finding, not a crash."""
    if Pasted in snapshot and not check.pasted:
        return _result(check, (skip("a pasted report does not say"),))
    facts: dict[str, Fact | Missing] = {}
    for name, kind in check.needs.items():
        fact = snapshot.get(kind, Missing(kind.section, Why.NOT_ASKED, "was not looked at"))
        if isinstance(fact, Missing) and name not in check.takes_missing:
            return _result(check, (because_missing(fact, kind),))
        facts[name] = fact
    try:
        found = check.function(**facts)
        findings = (found,) if isinstance(found, Finding) else tuple(found)
        for finding in findings:
            refuse_malformed(finding)
        return _result(check, findings or (skip("nothing to look at here"),))
    except Broken as why:
        return _result(check, (Finding(Status.UNKNOWN, str(why)),), broken=True)
    except (Exception, SystemExit) as bug:
        message = f"this check has a bug: {type(bug).__name__}: {bug}"
        return _result(check, (Finding(Status.UNKNOWN, message),), broken=True)


def refuse_malformed(found: object) -> None:
    """Raise Broken unless this is a finding that every renderer can show: plug-ins come from anywhere."""
    if not isinstance(found, Finding):
        raise Broken(f"this check answered {type(found).__name__} instead of a finding")
    if not isinstance(found.message, str) or not found.message:
        raise Broken("this check found something and does not say what")
    if found.status in (Status.WARN, Status.FAIL) and not found.cause:
        raise Broken(f"this check names no cause: {found.message}")
    words = all(isinstance(word, str) for pair in found.evidence.items() for word in pair)
    if not (words and isinstance(found.fix, Fix | None) and isinstance(found.location, Location | None)):
        raise Broken(f"this check gave evidence, a fix or a location that is none: {found.message}")


def because_missing(fact: Missing, kind: type[Fact]) -> Finding:
    """The skip of a check whose fact is missing: it points to the check that reports why."""
    blocked = kind.owner or None if fact.kind not in (Why.NOT_ASKED, Why.ABSENT) else None
    return skip(
        f"{kind.__name__}: {fact.reason}" if fact.kind == Why.NOT_ASKED else f"{fact.section} {fact.reason}", blocked_by=blocked
    )


def _result(check: Check[...], findings: tuple[Finding, ...], *, broken: bool = False) -> Result:
    return Result(check.id, check.family, check.title, findings, broken, check.why)
