"""Judge many snapshots: what two of them have in common is read and judged once.

A snapshot is a text of sections, one for each fact. Equal sections become one and the same fact, and a check that has judged
these very facts is not asked again. So of a thousand nodes that differ in their free memory only the few checks of memory run
again, and no difference that a check could see is ever passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from ..documents.diff import figures_of_facts
from ..documents.snapshot import KIND, SCHEMA
from ..errors import BadInput
from ..examine.checking import Check
from ..examine.engine import WORDS, once, run
from ..examine.registry import Plugin
from ..examine.relevance import relevant
from ..facts import Fact, Missing, every_fact, parse
from ..model import Finding, Result, decide
from ..patient import Libraries, Place, Project, Python, Said, Wanted
from ..patient.wanted import Wishes, want
from ..repair import Unfit
from ..repair.prescribing import cheat_sheet
from .node import Node, actor, found_in, made

FACTS = b'\n "facts": {'
SECTION = re.compile(rb'\n  "(\w{1,60})": ')  # as `mlenv-doctor snapshot` writes it: two spaces in, on a line of its own
MOST = 20_000  # sections, and judgements, that are remembered
Facts = dict[type[Fact], Fact | Missing]


class Judge:
    """Turns snapshots into nodes, and remembers what it has read and judged."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._plugins = tuple(plugins)
        checks = (check for plugin in self._plugins for check in plugin.checks)
        self._checks = tuple(check for check in checks if check.family != WORDS)
        self._kinds = {kind.section: kind for kind in every_fact() if kind.where != "here"}
        self._sections: dict[tuple[str, bytes], Fact | Missing] = {}
        self._judged: dict[tuple[object, ...], tuple[object, Result]] = {}
        self._wanted: dict[object, tuple[object, Wanted]] = {}

    def node(self, data: bytes) -> Node:
        """The node of one snapshot. Raises BadInput."""
        facts = self.facts(data)
        facts[Said] = Said("", False)
        facts[Wanted] = self._wants(facts)
        results = once(tuple(self._run(check, facts) for check in self._checks))
        wanted = facts[Wanted]
        assert isinstance(wanted, Wanted)
        subjects = {family: subject for plugin in self._plugins for family, subject in plugin.subjects.items()}
        results = relevant(results, subjects, wanted, ())
        machine, libraries = figures_of_facts(facts)
        python, place = facts.get(Python), facts.get(Place)
        told: list[tuple[str, str | None]] = [("Python", python.version if isinstance(python, Python) else "unknown")]
        if isinstance(place, Place):
            told.append(("system", " ".join(filter(None, (place.os, place.distro, place.kind)))))
        whole = isinstance(facts.get(Libraries), Libraries)
        return made(decide(results).value, dict(told) | machine, libraries, found_in(results, self._who), whole)

    def facts(self, data: bytes) -> Facts:
        """The facts of one snapshot. Raises BadInput."""
        sections = split(data) or split(laid_out(data))
        if sections is None:
            raise BadInput("this snapshot is damaged")
        if len(self._sections) > MOST:
            self._sections.clear()
        return {self._kinds[name]: self._fact(name, text) for name, text in sections.items() if name in self._kinds}

    def _fact(self, name: str, text: bytes) -> Fact | Missing:
        known = self._sections.get((name, text))
        if known is None:
            known = self._sections[name, text] = _read(self._kinds[name], text)
        return known

    def _run(self, check: Check[...], facts: Facts) -> Result:
        """The result of a check, from memory where it has judged these facts. The key holds them, so that none is freed."""
        taken = [facts.get(kind) for kind in check.needs.values()]
        key = (check.id, *map(id, taken))
        if len(self._judged) > MOST:
            self._judged.clear()
        if key not in self._judged:
            self._judged[key] = taken, run(check, facts)
        return self._judged[key][1]

    def _wants(self, facts: Facts) -> Wanted:
        """What is wanted of this machine; one object for all machines of which the same is wanted."""
        used = next((fact for fact in facts.values() if isinstance(fact, Fact) and fact.used_by_code()), None)
        taken = [_known(facts, Project), _known(facts, Python), used, _known(facts, Libraries)]
        key = tuple(map(id, taken))
        if len(self._wanted) > MOST:
            self._wanted.clear()
        if key not in self._wanted:
            project, python, _, libraries = taken
            code = used.used_by_code() if used else None
            wanted = want(Wishes(), project, python, self._libraries, code, libraries)  # type: ignore[arg-type]
            same = self._wanted.setdefault(repr(wanted), (wanted, wanted))
            self._wanted[key] = taken, same[1]
        return self._wanted[key][1]

    @cached_property
    def _libraries(self) -> tuple[Any, ...]:
        return tuple(library for plugin in self._plugins for library in plugin.libraries)

    @cached_property
    def _sheet(self) -> Any:
        return cheat_sheet(self._plugins)[0]

    def _who(self, finding: Finding) -> str:
        """Who must act, as the cheat sheet says."""
        try:
            return actor(self._sheet.entry(finding.fix.id).who) if finding.fix else ""
        except Unfit:
            return ""


def _known(facts: Mapping[type[Fact], Fact | Missing], kind: type[Fact]) -> Fact | None:
    found = facts.get(kind)
    return found if isinstance(found, Fact) else None


def split(data: bytes) -> dict[str, bytes] | None:
    """The sections of a snapshot, as they are written; None where it is laid out otherwise. Raises BadInput."""
    head, mark, body = data.partition(FACTS)
    body = body.rstrip()
    if not mark or not body.endswith(b"\n }\n}"):
        return None
    try:
        about = json.loads(head.rstrip().rstrip(b",") + b"}")
    except (ValueError, RecursionError):
        return None
    refuse_other(about)
    places = list(SECTION.finditer(body))
    ends = [place.start() for place in places[1:]] + [len(body) - len(b"\n }\n}")]
    return {place[1].decode("ascii"): body[place.end() : end].rstrip().removesuffix(b",") for place, end in zip(places, ends)}


def laid_out(data: bytes) -> bytes:
    """A snapshot laid out as `mlenv-doctor snapshot` does it. Raises BadInput."""
    try:
        document = json.loads(data)
        facts = document.pop("facts")
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError):
        raise BadInput("this snapshot is damaged") from None
    return json.dumps({**document, "facts": facts}, indent=1).encode("ascii")


def refuse_other(document: Any) -> None:
    """Raise BadInput for what is no snapshot, or one of another schema."""
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise BadInput("this is not a snapshot, a report or an answer of mlenv-doctor")
    if str(document.get("schema_version")).partition(".")[0] != SCHEMA.partition(".")[0]:
        raise BadInput(f"its schema is {document.get('schema_version')!r:.40}, this version reads {SCHEMA}")


def _read(kind: type[Fact], text: bytes) -> Fact | Missing:
    """One fact. Raises BadInput."""
    try:
        data = json.loads(text)
        if "missing" in data:
            return Missing(**{name: str(data["missing"][name]) for name in ("section", "kind", "reason", "detail")})
        fact = parse(kind, data)
        if isinstance(fact, Python):
            _ = fact.minor  # everything is judged by it
        return fact
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as why:
        raise BadInput(f"this snapshot is damaged ({type(why).__name__} in {kind.section})") from None
