"""What differs between two machines or days, in words and as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..foreign.clean import harmless
from .look import Look
from .page import Page

if TYPE_CHECKING:
    from ..documents.compare import Identity
    from ..documents.diff import Change, Difference, Side
    from ..model import Finding

SCHEMA = "1.0"
FORMATS = ("text", "json")
NOTHING = "none"


def words(found: Difference, look: Look) -> str:
    """The differences in words, a line each."""
    page = Page(look)
    arrow = "->" if look.ascii else "→"
    for letter, side in (("A", found.a), ("B", found.b)):
        page.line(flat(f"{letter}  {side.file}: {_who(side)}"), style="bold")
    page.line()
    for change in found.changed:
        page.line(flat(f"{change.name} {change.a or NOTHING} {arrow} {change.b or NOTHING}"))
    if found.unchanged:
        page.line(flat(_unchanged(found.unchanged)), style="dim")
    _findings(page, found)
    page.line()
    page.line("No difference" if found.same else f"Different: {_tally(found)}", style="bold")
    return page.text()


def flat(text: str) -> str:
    """One line: what a file says must not look like a line of ours."""
    return " ".join(harmless(text).split("\n"))


def _who(side: Side) -> str:
    python = f"Python {side.machine['Python']} at {side.python}"
    return f"{side.kind}, {python}, {side.machine['system']}"


def _unchanged(changes: Iterable[Change]) -> str:
    """Such as "unchanged: Python 3.12.3, driver 580.65.06, 41 libraries"."""
    machine = [f"{change.name} {change.a}" for change in changes if change.about == "machine"]
    count = sum(change.about == "library" for change in changes)
    libraries = [f"{count} {'library' if count == 1 else 'libraries'}"] if count else []
    return f"unchanged: {', '.join(machine + libraries)}"


def _findings(page: Page, found: Difference) -> None:
    for word, findings in (("new", found.findings.new), ("gone", found.findings.gone)):
        for key, finding in findings.items():
            sign = "pass" if word == "gone" else finding.status.value
            page.status(sign, flat(f"{word}: {key}"), f"  {flat(finding.message)}")
    for letter, unseen in (("B", found.findings.unseen), ("A", found.elsewhere)):
        if unseen:
            page.status("skip", f"not checked in {letter}: ", flat(", ".join(map(str, unseen))))


def _tally(found: Difference) -> str:
    counts = ((len(found.changed), "changed"), (len(found.findings.new), "new"), (len(found.findings.gone), "gone"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def as_json(found: Difference, look: Look) -> str:
    """One document, and nothing else. ASCII only."""
    return json.dumps(document(found), indent=1) + "\n"


def document(found: Difference) -> dict[str, Any]:
    """The differences as plain data; null is what is not there."""
    return {
        "schema_version": SCHEMA,
        "kind": "mlenv-doctor diff",
        "same": found.same,
        "a": _side(found.a),
        "b": _side(found.b),
        "changed": [_change(change) for change in found.changed],
        "unchanged": [_change(change) for change in found.unchanged],
        "new": _list(found.findings.new),
        "gone": _list(found.findings.gone),
        "not_looked_at": {"a": _list(found.elsewhere), "b": _list(found.findings.unseen)},
    }


def _side(side: Side) -> dict[str, Any]:
    return {"file": side.file, "kind": side.kind, "python": side.python}


def _change(change: Change) -> dict[str, Any]:
    return {"about": change.about, "name": change.name, "a": change.a, "b": change.b}


def _list(findings: Mapping[Identity, Finding]) -> list[dict[str, str | None]]:
    return [
        {
            "id": key.check,
            "cause": key.cause,
            "subject": key.subject or None,
            "status": finding.status.value,
            "message": finding.message,
        }
        for key, finding in findings.items()
    ]
