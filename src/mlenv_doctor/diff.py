"""What differs between two machines, or between two days of one: two saved reports, two snapshots, or one of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .compare import Comparison, Identity, compare
from .errors import BadInput
from .examination import examine
from .facts import Fact, Gpu, Libraries, Missing, System, TorchBuild
from .model import Finding, Report, Result, Status
from .order import Order
from .registry import Plugin
from .saved import SavedReport, report_of, saved_document
from .settings import Settings
from .snapshot import BadSnapshot, from_file

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


def side(path: Path, plugins: Iterable[Plugin]) -> Side:
    """Read one side. A snapshot is judged by this version, without any project's settings. Raises BadInput."""
    document = saved_document(path, str(path))
    if not isinstance(document, dict) or document.get("kind") != "mlenv-doctor snapshot":
        return _of_report(path, report_of(document, str(path)))
    try:
        report = examine(Order(Path(), Settings(), saved=path), plugins)
        return _of_snapshot(path, report, from_file(path)[0])
    except BadSnapshot as why:
        raise BadInput(str(why).removeprefix("--from ")) from None


def _of_report(path: Path, report: SavedReport | Report) -> Side:
    """What a report says of its machine. It speaks only of the libraries that were wanted."""
    by_id = {result.id: result.findings for result in report.results}
    driver = next((f.evidence for f in by_id.get("gpu.driver", ()) if f.status is Status.PASS), {})
    machine: Known = {"Python": report.target.get("version") or "unknown", "system": _system(report.place)}
    machine |= {
        name: driver[key]
        for name, key in (("driver", "driver"), ("CUDA of the driver", "cuda"), ("GPUs", "cards"))
        if key in driver
    }
    libraries = dict(filter(None, map(_library, by_id.get("libraries.installed", ()))))
    for finding in by_id.get("torch.build", ()):
        if build := re.match(r"torch (\S+?),", finding.message):
            libraries["torch"] = build[1]
    return Side(str(path), "report", report.target.get("python", ""), machine, libraries, False, report.results)


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
    libraries, build = facts.get(Libraries), facts.get(TorchBuild)
    known: Known = dict(said.libraries)
    if isinstance(libraries, Libraries):
        known |= {found.name: found.version or "of unknown version" for found in libraries.distributions}
    if isinstance(build, TorchBuild) and build.version:
        known["torch"] = build.version
    machine = {**said.machine, **_gpu(facts.get(Gpu)), **_size(facts.get(System))}
    return Side(said.file, "snapshot", said.python, machine, known, isinstance(libraries, Libraries), said.results)


def _gpu(gpu: Fact | Missing | None) -> Known:
    if not isinstance(gpu, Gpu):
        return {}
    cards = Counter(card.name for card in gpu.cards)
    return {
        "driver": gpu.driver or gpu.module or None,
        "CUDA of the driver": gpu.cuda or None,
        "GPUs": str(len(gpu.cards)),
        "cards": ", ".join(f"{count} {name}" for name, count in cards.items()) or None,
    }


def _size(system: Fact | Missing | None) -> Known:
    """Rounded: the same machine has some more or less memory after every start."""
    if not isinstance(system, System):
        return {}
    memory = f"{round(system.memory_total / 2**30)} GiB" if system.memory_total else None
    return {"memory": memory, "processors": str(system.cores)}


def _system(place: Mapping[str, str]) -> str:
    """Such as "linux debian container"."""
    return " ".join(filter(None, (place.get(key) for key in ("os", "distro", "kind"))))


def _libraries(a: Side, b: Side) -> tuple[Known, Known]:
    """The libraries of both, with None for those that a side knows not to be there."""
    names = sorted({*a.libraries, *b.libraries})
    return tuple({name: one.libraries.get(name) for name in names if name in one.libraries or one.whole} for one in (a, b))  # type: ignore[return-value]


def _changes(about: str, a: Known, b: Known) -> list[Change]:
    """What both know, side by side; where neither has it there is nothing to say."""
    return [Change(about, name, a[name], b[name]) for name in a if name in b and not a[name] is b[name] is None]
