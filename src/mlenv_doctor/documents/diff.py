"""What differs between two machines, or between two days of one: two saved reports, two snapshots, or one of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import BadInput
from ..facts import Fact, Missing, every_fact
from ..model import Finding, Report, Result, Status
from ..patient import Libraries
from ..records import dataclass
from .compare import Comparison, Identity, compare
from .saved import SavedReport, report_of, saved_document
from .snapshot import BadSnapshot, from_file

INSTALLED = "libraries.installed"  # the check whose findings name the versions of what is wanted
Known = dict[str, str | None]  # by name; None for what is known not to be there, and no entry for what is not known


@dataclass(frozen=True)
class Side:
    """One of the two. whole: every installed library is among `libraries`, so that one without an entry is not there."""

    file: str
    kind: str
    python: str
    machine: Known
    libraries: Known
    whole: bool
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Change:
    """Something that is different, or is not: of the machine, or a library. None is what is not there."""

    about: str
    name: str
    a: str | None
    b: str | None


@dataclass(frozen=True)
class Difference:
    """All that differs. `elsewhere`: what only b found, where a did not look at all."""

    a: Side
    b: Side
    changed: tuple[Change, ...]
    unchanged: tuple[Change, ...]
    findings: Comparison
    elsewhere: Mapping[Identity, Finding]

    @property
    def same(self) -> bool:
        """Whether nothing differs, as far as both looked."""
        return not (self.changed or self.findings.new or self.findings.gone)


def difference(a: Side, b: Side) -> Difference:
    """Compare what both sides know."""
    changes = [*_changes("machine", a.machine, b.machine), *_changes("library", *_libraries(a, b))]
    found = compare(a.results, b.results)
    looked = {result.id for result in a.results}
    new = {key: finding for key, finding in found.new.items() if key.check in looked}
    return Difference(
        a,
        b,
        tuple(change for change in changes if change.a != change.b),
        tuple(change for change in changes if change.a == change.b),
        Comparison(new, found.gone, found.same, found.unseen),
        {key: finding for key, finding in found.new.items() if key not in new},
    )


def side(path: Path, judged: Callable[[Path], Report]) -> Side:
    """Read one side. A snapshot is `judged` by this version, without any project's settings. Raises BadInput."""
    document = saved_document(path, str(path))
    if not isinstance(document, dict) or document.get("kind") != "mlenv-doctor snapshot":
        return _of_report(path, report_of(document, str(path)))
    try:
        return _of_snapshot(path, judged(path), from_file(path)[0])
    except BadSnapshot as why:
        raise BadInput(str(why).removeprefix("--from ")) from None


def _of_report(path: Path, report: SavedReport | Report) -> Side:
    """What a report says of its machine."""
    machine, libraries = figures(report)
    return Side(str(path), "report", report.target.get("python", ""), machine, libraries, False, report.results)


def figures(report: SavedReport | Report) -> tuple[Known, Known]:
    """The figures of the machine and the versions of libraries in a report. It speaks only of the libraries that were wanted."""
    by_id = {result.id: result.findings for result in report.results}
    told = [kind.reported(report.results) for kind in every_fact()]
    machine: Known = {"Python": report.target.get("version") or "unknown", "system": _system(report.place)}
    libraries = dict(filter(None, map(_library, by_id.get(INSTALLED, ()))))
    for headline in told:
        machine |= headline.machine
        libraries |= headline.libraries
    return machine, libraries


def _library(finding: Finding) -> tuple[str, str | None] | None:
    """What a finding of `libraries.installed` says of its library; None where that is no version."""
    name, _, rest = finding.message.partition(" ")
    if finding.subject and finding.message.startswith(f"{finding.subject} is not installed"):
        return finding.subject, None
    plain = finding.status is Status.PASS and name == finding.subject and " " not in rest
    return (name, rest) if plain else None


def _of_snapshot(path: Path, report: Report, facts: Mapping[type[Fact], Fact | Missing]) -> Side:
    """The same from facts, which know more."""
    said = _of_report(path, report)
    machine, libraries = figures_of_facts(facts)
    whole = isinstance(facts.get(Libraries), Libraries)
    known = (said.machine | machine, said.libraries | libraries)
    return Side(said.file, "snapshot", said.python, *known, whole, said.results)


def figures_of_facts(facts: Mapping[type[Fact], Fact | Missing]) -> tuple[Known, Known]:
    """The figures of the machine and the versions of all its libraries, from facts."""
    libraries = facts.get(Libraries)
    machine: Known = {}
    known: Known = {}
    if isinstance(libraries, Libraries):
        known = {found.name: found.version or "of unknown version" for found in libraries.distributions}
    for headline in (found.headline() for found in facts.values() if isinstance(found, Fact)):
        machine |= headline.machine
        known |= headline.libraries
    return machine, known


def _system(place: Mapping[str, str]) -> str:
    """Such as "linux debian container"."""
    return " ".join(filter(None, (place.get(key) for key in ("os", "distro", "kind"))))


def _libraries(a: Side, b: Side) -> tuple[Known, Known]:
    """The libraries of both, with None for those that a side knows not to be there."""
    names = sorted({*a.libraries, *b.libraries})
    first, second = ({name: one.libraries.get(name) for name in names if name in one.libraries or one.whole} for one in (a, b))
    return first, second


def _changes(about: str, a: Known, b: Known) -> list[Change]:
    """What both know, side by side; where neither has it there is nothing to say."""
    return [Change(about, name, a[name], b[name]) for name in a if name in b and not a[name] is b[name] is None]
