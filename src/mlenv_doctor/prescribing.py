"""Make out the fixes of all findings for one machine: the sheets of all plug-ins as one, and the plan in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .checking import Check
from .engine import WORDS
from .fixes import CheatSheet, Unfit, spoken
from .fixes.cells import FUNCTION
from .fixes.sheet import united
from .model import Fix, Prescription, Result, Status, fix_key, plan_key
from .registry import Plugin, broken


def cheat_sheet(plugins: Iterable[Plugin]) -> tuple[CheatSheet, tuple[Check[...], ...]]:
    """The sheets of all plug-ins as one, and for each that cannot be used a check that says so."""
    sheet, unusable = CheatSheet(()), []
    for plugin in plugins:
        try:
            sheet.add(plugin.cheatsheet)
        except Unfit as why:
            unusable.append(broken(plugin.name, f"brings fixes that cannot be used: {why}"))
    return sheet, tuple(unusable)


def prescribe(results: Iterable[Result], sheet: CheatSheet, patient: Mapping[str, str], called: str) -> dict[str, Prescription]:
    """The fix of each finding, made out for this machine; one that the sheet cannot serve becomes a note that says so."""
    found: dict[str, Prescription] = {}
    for result in results:
        for finding in result.findings:
            if finding.fix:
                found[fix_key(finding.fix)] = made_out(finding.fix, verify(called, result.id), sheet, patient)
    return found


def verify(called: str, id: str) -> str:
    """What to type to see whether it helped: the check again; for what only the words of an error said, all of them."""
    if called == FUNCTION:
        return f"{called}()" if id.startswith(f"{WORDS}.") else f'{called}("{id}")'
    return f"{called} check" if id.startswith(f"{WORDS}.") else f"{called} check {id}"


def made_out(fix: Fix, check: str, sheet: CheatSheet, patient: Mapping[str, str]) -> Prescription:
    """One fix made out."""
    try:
        return spoken(sheet.prescribe(fix, patient, check), patient)
    except Unfit as why:
        return Prescription(fix.id, "No fix can be made out", "nothing", "you", (), (str(why),), check)


def plan(results: Iterable[Result], sheet: CheatSheet, patient: Mapping[str, str], called: str) -> dict[str, Prescription]:
    """All fixes in order, failures first, those joined that differ only in the packages they name."""
    pairs = [
        (result.id, finding.fix)
        for status in (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.SKIP)
        for result in results
        for finding in result.findings
        if finding.fix and finding.status is status
    ]
    homes = {plan_key(fix): id for id, fix in reversed(pairs)}
    return {
        key: made_out(fix, verify(called, homes[key]), sheet, patient) for key, fix in united(fix for _, fix in pairs).items()
    }
