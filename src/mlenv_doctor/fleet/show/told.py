"""What the formats share: the words about a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...report.lines import count
from ..fold import Differs, Group, words
from ..names import folded, shortened
from ..node import NODE, USER, Found

VERDICTS = {"ready": "ready", "not-ready": "not ready", "unknown": "no verdict"}
MARKS = {"ready": "pass", "not-ready": "fail", "unknown": "unknown"}
MOST_SUBJECTS = 8
WHOSE = {NODE: "node's", USER: "user's"}


def names_of(names: Sequence[str], most: int = 100) -> str:
    return shortened(folded(names), most)


def mark(group: Group) -> str:
    """The sign of a group: red if it is not ready, a warning if it is only different."""
    status = MARKS[group.node.verdict]
    return "warn" if status == "pass" and not group.norm else status


def by_owner(differs: Iterable[Differs], most: int) -> list[tuple[str, str]]:
    """For the node and for the user what differs, in one text each; after `most` differences only their number."""
    found = tuple(differs)
    texts = []
    for whose, label in WHOSE.items():
        mine = [words(change) for change in found if change.whose == whose]
        more = f"; and {len(mine) - most} more" if len(mine) > most else ""
        if mine:
            texts.append((label, "; ".join(mine[:most]) + more))
    return texts


def causes(found: Iterable[Found]) -> list[tuple[str, str]]:
    """Status and words of findings, failures first; of several with one cause only the subjects are told.

    Such as "driver-too-old (torch.driver, node's): torch 2.11 needs driver 580 or newer".
    """
    alike: dict[tuple[str, ...], list[Found]] = {}
    for one in sorted(found, key=lambda one: one.status != "fail"):
        alike.setdefault((one.status, one.cause, one.check, one.who), []).append(one)
    return [(status, f"{_label(ones[0])}: {_words(ones)}") for (status, *_), ones in alike.items()]


def _label(one: Found) -> str:
    whose = f", {WHOSE[one.who]}" if one.who else ""
    return f"{one.cause or one.check} ({one.check}{whose})"


def _words(ones: list[Found]) -> str:
    if len(ones) == 1:
        return ones[0].message
    more = f" and {len(ones) - MOST_SUBJECTS} more" if len(ones) > MOST_SUBJECTS else ""
    return ", ".join(one.subject or one.message for one in ones[:MOST_SUBJECTS]) + more


def summary(group: Group, most: int = 3) -> str:
    """The difference of a group in one line."""
    texts = [f"{text}" for _, text in by_owner(group.differs, most)]
    arrow = [one.cause for one in group.new if one.cause]
    causes = f" -> {', '.join(dict.fromkeys(arrow))}" if arrow else ""
    gone = [f"without {one.cause}" for one in group.gone[:most]]
    return ("; ".join([*texts, *gone]) or VERDICTS[group.node.verdict]) + causes


def nodes(number: int) -> str:
    return count(number, "node")
