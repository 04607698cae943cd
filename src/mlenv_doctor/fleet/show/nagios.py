"""The fleet for Nagios: one line with a status and numbers, then a line for each group that differs or is silent."""

from __future__ import annotations

from ...report.look import Look
from ...report.nagios import STATES, first_line
from . import Shown
from .told import names_of, nodes, summary

MOST = 20  # lines behind the first


def state(shown: Shown) -> int:
    """0 all alike and ready, 1 some only differ, 2 some are not ready or silent, 3 nobody answered. A baseline is not weighed."""
    fleet = shown.fleet
    if not fleet.answered:
        return 3
    if fleet.silent or any(group.node.verdict == "not-ready" for group in fleet.groups):
        return 2
    return 1 if fleet.odd or any(group.node.verdict != "ready" for group in fleet.groups) else 0


def render(shown: Shown, look: Look) -> str:
    fleet = shown.fleet
    odd = sum(len(group.names) for group in fleet.odd)
    silent = fleet.nodes - fleet.answered
    sick = sum(len(group.names) for group in fleet.groups if group.node.verdict == "not-ready")
    told = f"{nodes(fleet.nodes)}, {odd} differ, {sick} not ready, {silent} silent"
    numbers = f"nodes={fleet.nodes};;;0 differ={odd};0;;0 sick={sick};;0;0 silent={silent};;0;0"
    lines = [f"{first_line(STATES[state(shown)], told)} | {numbers}"]
    lines += [f"{names_of(group.names)}: {summary(group)}" for group in fleet.odd[:MOST]]
    lines += [f"{names_of(group.names)}: no answer: {group.why}" for group in fleet.silent[:MOST]]
    text = "\n".join([lines[0], *(each.replace("|", "/") for each in lines[1:])]) + "\n"
    return text.encode("ascii", "backslashreplace").decode() if look.ascii else text
