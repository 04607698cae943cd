"""What a cure is searched for: imports that fail, and findings about libraries that have no proven cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...facts import Snapshot
from ...model import Finding, Prescription, Report, Status
from ...patient import Imported, Imports, Libraries, Wanted

FAILS = ("error", "crash", "exit", "hang")
FAMILY = Imports.owner.partition(".")[0]  # of the check about imports; its other checks say why libraries do not work together


@dataclass(frozen=True)
class Target:
    """One fault. check, finding: what says so. imported: the import that fails; of a library that imports how it went."""

    check: str
    finding: Finding
    imported: Imported

    @property
    def name(self) -> str:
        return self.imported.name

    @property
    def fails(self) -> bool:
        """Whether it is the import that fails."""
        return self.imported.outcome in FAILS


@dataclass(frozen=True)
class Seen:
    """One look: what was judged, and the facts it was judged by."""

    report: Report
    facts: Snapshot

    @property
    def imports(self) -> Imports | None:
        found = self.facts.get(Imports)
        return found if isinstance(found, Imports) else None

    @property
    def libraries(self) -> Libraries:
        found = self.facts.get(Libraries)
        return found if isinstance(found, Libraries) else Libraries()

    @property
    def wanted(self) -> Wanted:
        found = self.facts.get(Wanted)
        return found if isinstance(found, Wanted) else Wanted()


def targets(seen: Seen) -> list[Target]:
    """Everything to search for: what fails by itself, then what only fails because of it, then what fails when it is used."""
    outcomes = seen.imports.libraries if seen.imports else ()
    found = [target for imported in outcomes if imported.outcome in FAILS and (target := _of_import(imported, seen.report))]
    names = {target.name for target in found}
    return sorted(found, key=lambda target: target.finding.subject != target.name) + [
        target for target in _unproven(seen) if target.name not in names
    ]


def _of_import(imported: Imported, report: Report) -> Target | None:
    """The target of an import that fails, with the finding that explains it; None where only somebody else can help."""
    finding = next((f for id, f in _findings(report) if id == Imports.owner and f.subject == imported.name), None)
    if finding is None:
        return None
    id, blocking = _blocking(finding, report) or (Imports.owner, finding)
    made = report.prescription(blocking)
    return Target(id, blocking, imported) if made is None or made.who == "you" else None


def _blocking(finding: Finding, report: Report) -> tuple[str, Finding] | None:
    """What a finding waits for, if it waits for one."""
    id, _, subject = (finding.blocked_by or "").partition(":")
    return next(((i, f) for i, f in _findings(report) if i == id and f.subject == subject and f.status is Status.FAIL), None)


def _unproven(seen: Seen) -> Iterator[Target]:
    """The findings about an installed library that fail without a fix that is proven for them."""
    for id, finding in _findings(seen.report):
        if finding.status is not Status.FAIL or id == Imports.owner or not id.startswith(f"{FAMILY}."):
            continue
        made = seen.report.prescription(finding)
        if seen.libraries.find(finding.subject) and (made is None or (made.who == "you" and not made.proven)):
            known = seen.imports.find(finding.subject) if seen.imports else None
            yield Target(id, finding, known or Imported(finding.subject, "not-run"))


def _findings(report: Report) -> Iterator[tuple[str, Finding]]:
    return ((result.id, finding) for result in report.results for finding in result.findings)


def fixes(target: Target, report: Report) -> list[Prescription]:
    """What the doctor prints for a target, and what it would try after that."""
    made, planned = report.prescription(target.finding), report.planned(target.finding)
    found = [made] if made else []
    while planned and planned.otherwise in report.plan and len(found) < len(report.plan) + 1:
        planned = report.plan[planned.otherwise]
        found.append(planned)
    return found


def still_wrong(target: Target, seen: Seen) -> str:
    """Why a target is not cured; empty where it is."""
    imported = seen.imports.find(target.name) if seen.imports else None
    if target.fails:
        if imported is None:
            return f"{target.name} is not installed any more, or its import was not tried in time"
        if imported.outcome != "ok":
            return f"{target.name} still cannot be imported: {imported.reason or imported.outcome}: {imported.message}"
    red = (f for id, f in _findings(seen.report) if id == target.check and f.subject == target.finding.subject)
    return next((f.message for f in red if f.status in (Status.FAIL, Status.WARN, Status.UNKNOWN)), "")


def no_longer_imports(before: Seen, after: Seen) -> str:
    """A library that was imported before and is not now; empty for none."""
    then = before.imports.libraries if before.imports else ()
    now = {found.name for found in after.imports.libraries if found.outcome == "ok"} if after.imports else set()
    return next((found.name for found in then if found.outcome == "ok" and found.name not in now), "")
