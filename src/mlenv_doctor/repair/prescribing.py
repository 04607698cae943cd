"""Make out the fixes of all findings for one machine: the sheets of all plug-ins as one, and the plan in order."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ..examine.checking import Check
from ..examine.engine import WORDS
from ..examine.registry import Plugin, broken, sheets
from ..model import Fix, Prescription, Report, Result, Status, fix_key, plan_key
from ..tables import text
from . import CheatSheet, Unfit, spoken
from .cells import FUNCTION
from .sheet import united

if TYPE_CHECKING:
    from ..examine.order import Order
    from ..patient.target import Target

LONG = 400  # characters of a command that is code rather than words


def cheat_sheet(plugins: Iterable[Plugin]) -> tuple[CheatSheet, tuple[Check[...], ...]]:
    """The sheets of all plug-ins as one, and for each that cannot be used a check that says so."""
    sheet, unusable = CheatSheet(()), []
    plugins = tuple(plugins)
    sheet.folders = tuple(folder for plugin in plugins for folder in plugin.folders)
    for plugin in plugins:
        try:
            for fixes in sheets(plugin):
                sheet.add(fixes)
        except Unfit as why:
            unusable.append(broken(plugin.name, f"brings fixes that cannot be used: {why}"))
    return sheet, tuple(unusable)


def prescribe(results: Iterable[Result], sheet: CheatSheet, patient: Mapping[str, str], called: str) -> dict[str, Prescription]:
    """The fix of each finding, made out for this machine; one that the sheet cannot serve becomes a note that says so."""
    found: dict[str, Prescription] = {}
    for result in results:
        for finding in result.findings:
            if finding.fix:
                made = made_out(finding.fix, verify(called, result.id), sheet, patient)
                found[fix_key(finding.fix)] = replace(made, proven=is_proven(finding.fix, (finding.cause,), sheet))
    return found


def is_proven(fix: Fix, causes: Iterable[str], sheet: CheatSheet) -> bool:
    """Whether a fix was carried out in the lab for each of these causes, and cured it."""
    return all((fix.id, cause) in _proofs(sheet.folders) for cause in causes)


@cache
def _proofs(folders: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The fixes and causes of the tables of all plug-ins."""
    found: set[tuple[str, str]] = set()
    for folder in folders:
        with suppress(OSError):
            rows = (line.split("\t") for line in text(folder, "data/proven.tsv").splitlines() if not line.startswith("#"))
            found |= {(row[0], row[1]) for row in rows if len(row) > 1}
    return frozenset(found)


def verify(called: str, id: str) -> str:
    """What to type to see whether it helped: the check again; for what only the words of an error said, all of them."""
    if called == FUNCTION:
        return f"{called}()" if id.startswith(f"{WORDS}.") else f'{called}("{id}")'
    return f"{called} check" if id.startswith(f"{WORDS}.") else f"{called} check {id}"


def repair_command(report: Report, order: Order, target: Target) -> str:
    """What to type to have the problems of a report repaired; empty where the doctor can repair none of them.

    It repeats what decides which Python is examined and what is required of it.
    """
    loud = (Status.FAIL, Status.WARN)
    if order.saved or order.called == FUNCTION or not any(f.fix and f.status in loud for r in report.results for f in r.findings):
        return ""
    from .place import NotOurs, scope_of
    from .steps import steps

    try:
        possible = any(not step.left for step in steps(report, scope_of(target, order.project), loud))
    except NotOurs:
        return ""
    if not possible:
        return ""
    same = (
        *(("--target", order.python) if order.python else ()),
        *(word for name in order.settings.profile for word in ("--profile", name)),
        *(word for name in order.settings.require for word in ("--require", name)),
    )
    asks = ("--yes",) if order.session else ()
    return f"{order.called} {shlex.join(('fix', '--apply', *asks, *same))}"


def made_out(fix: Fix, check: str, sheet: CheatSheet, patient: Mapping[str, str]) -> Prescription:
    """One fix made out."""
    try:
        return spoken(_shorter(sheet.prescribe(fix, patient, check), check), patient)
    except Unfit as why:
        return Prescription(fix.id, "No fix available", "nothing", "you", (), (str(why),), check)


def _shorter(made: Prescription, check: str) -> Prescription:
    """A command too long to read has a short form: the doctor's own repair, which runs it and undoes what does not help."""
    if " check " not in check or all(len(command.text) < LONG for command in made.commands):
        return made
    return replace(
        made, notes=(f"Shorter, and undone if it does not help: {check.replace(' check ', ' fix --apply ', 1)}", *made.notes)
    )


def plan(results: Iterable[Result], sheet: CheatSheet, patient: Mapping[str, str], called: str) -> dict[str, Prescription]:
    """All fixes in order, failures first, those joined that differ only in the packages they name."""
    pairs = [
        (result.id, finding.cause, finding.fix)
        for status in (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.SKIP)
        for result in results
        for finding in result.findings
        if finding.fix and finding.status is status
    ]
    homes = {plan_key(fix): id for id, _, fix in reversed(pairs)}
    causes: dict[str, list[str]] = {}
    for _, cause, fix in pairs:
        causes.setdefault(plan_key(fix), []).append(cause)
    found: dict[str, Prescription] = {}
    for key, fix in united(fix for _, _, fix in pairs).items():
        found |= _with_others(key, fix, verify(called, homes[key]), causes[key], sheet, patient)
    return found


def _with_others(
    key: str, fix: Fix, check: str, causes: Iterable[str], sheet: CheatSheet, patient: Mapping[str, str]
) -> dict[str, Prescription]:
    """A fix, and those that are tried one after the other where it does not cure."""
    made = replace(made_out(fix, check, sheet, patient), proven=is_proven(fix, causes, sheet))
    with suppress(Unfit):
        other = replace(fix, id=sheet.entry(fix.id).otherwise)
        if other.id and other.id != fix.id:
            after = plan_key(other)
            return {key: replace(made, otherwise=after), **_with_others(after, other, check, causes, sheet, patient)}
    return {key: made}
