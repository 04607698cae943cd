"""The fleet on one page: the norm, what differs and where, who is silent. Short enough for 10,000 nodes."""

from __future__ import annotations

from collections.abc import Iterable

from ...report.look import Look
from ...report.page import Page
from ..drift import Drift
from ..fold import Fleet, Group, Silent
from ..node import Found
from . import Shown
from .told import VERDICTS, by_owner, causes, mark, names_of, nodes

MOST_GROUPS, MOST_SILENT, MOST_DIFFERS, MOST_CAUSES = 10, 6, 6, 4


def render(shown: Shown, look: Look) -> str:
    """The page."""
    page, fleet = Page(look), shown.fleet
    if shown.drift:
        _drift(page, shown.drift)
    for group in fleet.groups[: MOST_GROUPS + 1]:
        _group(page, group)
    _rest(page, fleet)
    for silent in fleet.silent[:MOST_SILENT]:
        _silent(page, silent)
    if len(fleet.silent) > MOST_SILENT:
        page.line(f"and {len(fleet.silent) - MOST_SILENT} more reasons for silence: see --format json")
    page.line()
    page.status(*verdict(shown))
    return page.text()


def _group(page: Page, group: Group) -> None:
    about = ", the norm" if group.norm else ""
    page.status(mark(group), names_of(group.names), f"  {nodes(len(group.names))}{about}: {VERDICTS[group.node.verdict]}")
    if group.norm:
        page.line(_headline(group), "dim", indent=2)
    for label, text in by_owner(group.differs, MOST_DIFFERS):
        page.line(f"{label}: {text}", indent=2, hang=2)
    _causes(page, group.node.found if group.norm else group.new)
    if group.gone:
        gone = list(dict.fromkeys(one.cause or one.check for one in group.gone))
        page.line(f"without the norm's {', '.join(gone[:MOST_DIFFERS])}", indent=2)
    page.line()


def _causes(page: Page, found: Iterable[Found]) -> None:
    told = causes(found)
    arrow = "->" if page.look.ascii else "→"
    for _, text in told[:MOST_CAUSES]:
        page.line(f"{arrow} {text}", indent=2, hang=2)
    if len(told) > MOST_CAUSES:
        page.line(f"and {len(told) - MOST_CAUSES} more causes", indent=2)


def _headline(group: Group) -> str:
    """Such as "Python 3.12.3, driver 580.95.05, memory 2015 GiB, 214 libraries"."""
    figures = [f"{name} {value}" for name, value in group.node.machine.items() if value is not None]
    return ", ".join([*figures, f"{len(group.node.libraries)} libraries"])


def _rest(page: Page, fleet: Fleet) -> None:
    rest = fleet.groups[MOST_GROUPS + 1 :]
    if rest:
        number = sum(len(group.names) for group in rest)
        page.line(f"and {len(rest)} more groups with {nodes(number)}: see --format json or html")
        page.line()


def _silent(page: Page, silent: Silent) -> None:
    page.status("unknown", names_of(silent.names), f"  {nodes(len(silent.names))}, no answer: {silent.why}")


def _drift(page: Page, drift: Drift) -> None:
    page.line("Since the baseline", "bold")
    for group in drift.changed[:MOST_GROUPS]:
        page.status("warn", names_of(group.names), f"  {nodes(len(group.names))} changed")
        for label, text in by_owner(group.differs, MOST_DIFFERS):
            page.line(f"{label}: {text}", indent=2, hang=2)
        _causes(page, group.new)
        if group.gone:
            page.line(f"gone: {', '.join(dict.fromkeys(one.cause or one.check for one in group.gone))}", indent=2)
    if len(drift.changed) > MOST_GROUPS:
        page.line(f"and {len(drift.changed) - MOST_GROUPS} more changes: see --format json")
    told = (("new", drift.new), ("no longer there", drift.gone), ("silent now", drift.fell_silent), ("answer again", drift.back))
    for word, names in told:
        if names:
            page.line(f"{word}: {names_of(names)}", indent=2)
    if not drift.any:
        page.line("nothing changed", indent=2)
    page.line()


def verdict(shown: Shown) -> tuple[str, str]:
    """The sign and the sentence of the last line."""
    fleet = shown.fleet
    if not fleet.answered:
        return "unknown", f"No answer from {nodes(fleet.nodes)}"
    odd = sum(len(group.names) for group in fleet.odd)
    sick = sum(len(group.names) for group in fleet.groups if group.node.verdict == "not-ready")
    told = ((odd, "differ"), (sick, "not ready"), (fleet.nodes - fleet.answered, "silent"))
    parts = ", ".join(f"{number} {word}" for number, word in told if number)
    status = {"ready": "pass", "not-ready": "fail", "unknown": "unknown"}[fleet.verdict.value]
    return status, f"{nodes(fleet.nodes)}: {parts or 'all alike, ' + VERDICTS[fleet.verdict.value]}"
