"""What one node says of itself: its verdict, the figures by which machines are compared, and what is wrong. No more than that.

Alike nodes say the same, byte for byte, as far as their findings hold no measured figure: no host name, no time, no free memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from .. import __version__
from ..documents.compare import LOUD
from ..documents.diff import figures, figures_of_facts
from ..documents.saved import SavedReport
from ..errors import BadInput
from ..facts import Fact, Missing
from ..foreign.clean import Cleaner
from ..foreign.text import line
from ..model import Finding, Report, Result, Verdict
from ..patient import Libraries
from ..records import dataclass

KIND, SCHEMA = "mlenv-doctor node", "1.0"
MOST_FIGURES, MOST_FINDINGS = 20_000, 2_000
LONGEST_NAME, LONGEST_VALUE, LONGEST_MESSAGE = 100, 200, 500  # characters
NODE, USER = "node", "user"
CLEAN = Cleaner()


Known = dict[str, str | None]  # by name; None is what is known not to be there


@dataclass(frozen=True)
class Found:
    """A failure or warning. who: "node" where an administrator must act, "user", or "" where nobody said."""

    check: str
    cause: str
    subject: str
    status: str
    message: str
    who: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same on another node: not its words, which may hold a measured figure."""
        return self.check, self.cause, self.subject, self.status


@dataclass(frozen=True)
class Node:
    """One node. whole: every installed library is named, so that one that is not named is not installed."""

    verdict: str
    machine: Known
    libraries: Known
    found: tuple[Found, ...]
    whole: bool = False


def of_examination(report: Report, facts: Mapping[type[Fact], Fact | Missing]) -> Node:
    """The node of an examination, and of a judged snapshot."""
    machine, libraries = figures(report)
    more, known = figures_of_facts(facts)
    found = found_in(report.results, lambda finding: _acts(report, finding))
    whole = isinstance(facts.get(Libraries), Libraries)
    return made(report.verdict.value, machine | more, libraries | known, found, whole)


def _acts(report: Report, finding: Finding) -> str:
    cure = report.prescription(finding)
    return actor(cure.who) if cure else ""


def actor(who: str) -> str:
    """Whose a fault is, by who must act: an administrator repairs what is the node's."""
    return {"admin": NODE, "you": USER}.get(who, "")


def of_report(report: SavedReport, document: Mapping[str, Any]) -> Node:
    """The node of a saved report. Raises BadInput where it has no verdict."""
    actors = {
        (result.get("id"), finding.get("message")): finding["fix"].get("who", "")
        for result in document["results"]
        for finding in result["findings"]
        if isinstance(finding.get("fix"), dict)
    }
    machine, libraries = figures(report)
    found = [
        Found(one.check, one.cause, one.subject, one.status, one.message, actor(actors.get((one.check, one.message), "")))
        for one in found_in(report.results, lambda finding: "")
    ]
    return made(_verdict(document.get("verdict")), machine, libraries, found)


def found_in(results: Iterable[Result], who: Callable[[Finding], str]) -> list[Found]:
    """The failures and warnings of results."""
    return [
        Found(result.id, finding.cause, finding.subject, finding.status.value, finding.message, who(finding))
        for result in results
        for finding in result.findings
        if finding.status in LOUD
    ]


def made(verdict: str, machine: Known, libraries: Known, found: Iterable[Found], whole: bool = False) -> Node:
    """A node whose every text is a clean, short line: it may come from a machine that nobody trusts."""
    kept = sorted((_clean(one) for one in list(found)[:MOST_FINDINGS]), key=lambda one: one.identity)
    return Node(verdict, _short(machine), _short(libraries), tuple(kept), whole)


@lru_cache(maxsize=4096)  # the same findings come from many nodes
def _clean(one: Found) -> Found:
    check, cause, subject = (line(CLEAN.line(text), LONGEST_NAME) for text in (one.check, one.cause, one.subject))
    status = one.status if one.status in ("fail", "warn") else "warn"
    return Found(
        check, cause, subject, status, line(CLEAN(one.message), LONGEST_MESSAGE), one.who if one.who in (NODE, USER) else ""
    )


def _short(figures: Known) -> Known:
    """Figures in the order of their names; one look at all of them, since most hold nothing that had to be cleaned."""
    pairs = sorted(figures.items())[:MOST_FIGURES]
    return {
        line(_named(name), LONGEST_NAME): None if value is None else line(_named(value), LONGEST_VALUE) for name, value in pairs
    }


def _named(text: str) -> str:
    return text if len(text) < 40 and text.isascii() and text.isprintable() and "@" not in text else CLEAN.line(text)


def _verdict(value: object) -> str:
    try:
        return Verdict(value).value
    except ValueError:
        raise BadInput(f"its verdict is {value!r:.40}") from None


def to_document(node: Node) -> str:
    """One line of JSON, the same for the same node."""
    document = {
        "kind": KIND,
        "schema_version": SCHEMA,
        "tool": {"name": "mlenv-doctor", "version": __version__},
        "verdict": node.verdict,
        "machine": node.machine,
        "libraries": node.libraries,
        "whole": node.whole,
        "findings": [vars(one) for one in node.found],
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def of_document(document: Mapping[str, Any]) -> Node:
    """The node that a document tells. Raises BadInput for another schema or a damaged one."""
    if str(document.get("schema_version")).partition(".")[0] != SCHEMA.partition(".")[0]:
        raise BadInput(f"its schema is {document.get('schema_version')!r:.40}, this version reads {SCHEMA}")
    try:
        found = [Found(*(str(one[name] or "") for name in Found.__annotations__)) for one in document["findings"]]
        figures = [{str(k): None if v is None else str(v) for k, v in document[of].items()} for of in ("machine", "libraries")]
        return made(_verdict(document["verdict"]), figures[0], figures[1], found, bool(document.get("whole")))
    except (KeyError, TypeError, AttributeError) as why:
        raise BadInput(f"this answer is damaged ({type(why).__name__}: {why!s:.80})") from None
