"""Drift: judge results by what is new since a saved report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..model import Finding, Result, Status, Verdict, decide, ok
from .compare import KNOWN_AS, LOUD, Comparison, Identity, compare, identity

FAMILY = "baseline"
WHY = "A machine that was never quite ready can still be kept from getting worse: what is new stands out, what is gone is known."
Results = tuple[Result, ...]


def since(before: Iterable[Result], results: Results, *, strict: bool = False) -> tuple[Results, Verdict]:
    """The results in which only what is new is loud, with one more that says what changed; and the verdict that they come to."""
    change = compare(before, results)
    verdict = decide((_with(result, change.same, _as_passed) for result in results), strict=strict)
    return (*(_with(result, change.same, _as_known) for result in results), _changes(change)), verdict


def _with(result: Result, known: Iterable[Identity], quiet: Callable[[Finding], Finding]) -> Result:
    """A result in which what is known is no longer loud."""
    findings = tuple(
        quiet(finding) if finding.status in LOUD and identity(result, finding) in known else finding
        for finding in result.findings
    )
    return replace(result, findings=findings)


def _as_passed(finding: Finding) -> Finding:
    return replace(finding, status=Status.PASS)


def _as_known(finding: Finding) -> Finding:
    """What is known stays in the report with its cause and what it was, so that the report can be the next baseline."""
    evidence = {**finding.evidence, KNOWN_AS: finding.status.value}
    message = f"known from the baseline: {finding.message}"
    return replace(finding, status=Status.SKIP, message=message, evidence=evidence, fix=None)


def _changes(change: Comparison) -> Result:
    """What became of the findings of the baseline, in one sentence: a longer story would be folded."""
    gone, unseen = map(_names, (change.gone, change.unseen))
    message = f"{len(change.new)} new, {len(change.same)} known, {len(change.gone)} gone" + (f": {gone}" if gone else "")
    message += f"; not checked now: {unseen}" if unseen else ""
    return Result(f"{FAMILY}.changes", FAMILY, "What changed since the baseline is known", (ok(message, brief=message),), why=WHY)


def _names(findings: Iterable[Identity]) -> str:
    return ", ".join(map(str, findings))
