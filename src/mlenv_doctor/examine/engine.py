"""Judge a snapshot: run every check on the facts it asks for, and let no check break the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..errors import Broken
from ..facts import Fact, Missing, Snapshot, Why
from ..model import Finding, Fix, Location, Result, Status, skip
from ..patient import Pasted
from .checking import Check
from .limit import GRACE, OutOfTime, end_within

WORDS = "symptom"  # the family that explains the words of an error


def judge(checks: Iterable[Check[...]], snapshot: Snapshot, off: Iterable[Check[...]] = ()) -> tuple[Result, ...]:
    """Run the checks, in order; those switched off are named as skipped."""
    skipped = {check.id: _result(check, (skip("turned off with --skip or in the configuration"),)) for check in off}
    checks = tuple(checks)
    deep = frozenset(check.id for check in checks if check.deep)
    return once(shown_by_work(in_time(checks, snapshot), deep)) + tuple(skipped.values())


def in_time(checks: tuple[Check[...], ...], snapshot: Snapshot) -> tuple[Result, ...]:
    """The results of all checks; where the time runs out, the rest of them is unknown."""
    results: list[Result] = []
    try:
        for check in checks:
            results.append(run(check, snapshot))
    except OutOfTime:
        end_within(GRACE)
        late = Finding(Status.UNKNOWN, "not checked within the time budget")
        results += [_result(check, (late,)) for check in checks[len(results) :]]
    return tuple(results)


def shown_by_work(results: tuple[Result, ...], deep: frozenset[str]) -> tuple[Result, ...]:
    """One fault, one red line: work that fails is not told again where another check failed for this library or with this cause.

    deep: the checks that judge real work.
    """
    others = [(f"{r.id}:{f.subject}" if f.subject else r.id, f) for r in results if r.id not in deep for f in r.findings]
    failed = {key: by for by, f in reversed(others) if f.status is Status.FAIL for key in (f.subject, f.cause) if key}
    return tuple(replace(r, findings=tuple(_explained(f, failed) for f in r.findings)) if r.id in deep else r for r in results)


def _explained(finding: Finding, failed: Mapping[str, str]) -> Finding:
    by = failed.get(finding.subject) or failed.get(finding.cause) if finding.status is Status.FAIL else None
    return skip(f"it does not work either: {finding.message}", subject=finding.subject, blocked_by=by) if by else finding


def once(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """One fault, one red line: what the words of an error say is not told again where a check has found the same cause.

    That check saw more than the words: where it only warns (one card of several), the words are no failure either.
    """
    found = {f.cause: r.id for r in results if r.family != WORDS for f in r.findings if f.status in (Status.FAIL, Status.WARN)}
    failed = {
        f.subject: f"{r.id}:{f.subject}" for r in results if r.family != WORDS for f in r.findings if f.status is Status.FAIL
    }
    return tuple(
        replace(r, findings=tuple(_echo(f, found, failed) for f in r.findings)) if r.family == WORDS else r for r in results
    )


def _echo(finding: Finding, found: Mapping[str, str], failed: Mapping[str, str]) -> Finding:
    """A finding about the words of an error, or a pointer to the finding that explains them."""
    if finding.status is Status.UNKNOWN:
        by = next((failed[name] for name in finding.evidence.get("named", "").split() if name in failed), None)
        return skip(f"{by} explains this error", blocked_by=by) if by else finding
    by = found.get(finding.cause) if finding.status is Status.FAIL else None
    return skip(f"the error message says the same: {finding.message}", blocked_by=by) if by else finding


def run(check: Check[...], snapshot: Snapshot) -> Result:
    """Run one check. Without a fact that it needs it is skipped; a bug in it is a finding, not a crash."""
    if Pasted in snapshot and not check.pasted:
        return _result(check, (skip("the pasted report does not say"),))
    facts: dict[str, Fact | Missing] = {}
    for name, kind in check.needs.items():
        fact = snapshot.get(kind, Missing(kind.section, Why.NOT_ASKED, "not checked"))
        if isinstance(fact, Missing) and name not in check.takes_missing:
            return _result(check, (because_missing(fact, kind),))
        facts[name] = fact
    try:
        found = check.function(**facts)
        findings = (found,) if isinstance(found, Finding) else tuple(found)
        for finding in findings:
            refuse_malformed(finding)
        return _result(check, findings or (skip("nothing to check here"),))
    except Broken as why:
        return _result(check, (Finding(Status.UNKNOWN, str(why)),), broken=True)
    except (Exception, SystemExit) as bug:
        message = f"this check has a bug: {type(bug).__name__}: {bug}"
        return _result(check, (Finding(Status.UNKNOWN, message),), broken=True)


def refuse_malformed(found: object) -> None:
    """Raise Broken unless this is a finding that every renderer can show: plug-ins come from anywhere."""
    if not isinstance(found, Finding):
        raise Broken(f"this check returned {type(found).__name__} instead of a finding")
    if not isinstance(found.message, str) or not found.message:
        raise Broken("this check returned a finding without a message")
    if found.status in (Status.WARN, Status.FAIL) and not found.cause:
        raise Broken(f"this check names no cause: {found.message}")
    words = all(isinstance(word, str) for pair in (*found.evidence.items(), (found.brief,)) for word in pair)
    if not (words and isinstance(found.fix, Fix | None) and isinstance(found.location, Location | None)):
        raise Broken(f"this check returned an invalid fix, location or evidence: {found.message}")


def because_missing(fact: Missing, kind: type[Fact]) -> Finding:
    """The skip of a check whose fact is missing: it points to the check that reports why."""
    blocked = kind.owner or None if fact.kind not in (Why.NOT_ASKED, Why.ABSENT) else None
    return skip(
        f"{kind.__name__}: {fact.reason}" if fact.kind == Why.NOT_ASKED else f"{fact.section} {fact.reason}", blocked_by=blocked
    )


def _result(check: Check[...], findings: tuple[Finding, ...], *, broken: bool = False) -> Result:
    return Result(check.id, check.family, check.title, findings, broken, check.why)
