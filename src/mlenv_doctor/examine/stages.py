"""For which stages of the roadmap a machine is ready, worked out from the findings alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from ..model import Finding, Result, Status
from ..patient import Libraries, Wanted
from ..stage import Stage, StageState

ALWAYS = ("python", "venv")  # a machine whose Python or environment is broken is ready for nothing
SOUND = (Status.PASS, Status.WARN)


def stage_states(
    stages: Iterable[Stage],
    results: Iterable[Result],
    installed: Libraries | None = None,
    wanted: Wanted | None = None,
    told: Iterable[Result] = (),
    work: Collection[str] = (),
) -> tuple[StageState, ...]:
    """The state of every stage. What was not looked at is neither ready nor missing: such a stage is left out.

    A library that no check judged, because the project does not use it, is there if it is installed. A project with code or
    requirements of its own (`wanted`) is not told that it lacks what it does not require, or what nothing in `told` complains of.
    work: the checks that judge real work; what they had no time for says nothing against a stage.
    """
    results, told = tuple(results), tuple(told)
    tried = {f.subject: f.status for r in results if r.id in work for f in r.findings}
    results = tuple(_decided(result) if result.id in work else result for result in results)
    there = frozenset(found.name for found in installed.distributions) if installed else frozenset[str]()
    found = (state for stage in stages if (state := _state(stage, results, there)))
    owned = ((stage, _of_project(stage, lacking, wanted or Wanted(), told)) for stage, lacking in found)
    return tuple(replace(own, works=own.ready and _works(stage, tried)) for stage, own in owned if own)


def _decided(result: Result) -> Result:
    return replace(result, findings=tuple(f for f in result.findings if f.status is not Status.UNKNOWN))


def _works(stage: Stage, tried: Mapping[str, Status]) -> bool:
    """Whether the libraries that a stage needs did real work, each of them; of several that will do, one that was tried."""
    needs = [need.partition("/")[2].split("|") for need in stage.needs if need.startswith("libraries/")]
    return bool(needs) and all(any(tried.get(name) is Status.PASS for name in names) for names in needs)


def _state(stage: Stage, results: tuple[Result, ...], there: frozenset[str]) -> tuple[Stage, tuple[str, ...]] | None:
    """A stage and the needs that are not met."""
    looked = {result.family for result in results}
    if not {need.partition("/")[0] for need in stage.needs} <= looked:
        return None
    broken = tuple(family for family in ALWAYS if any(f.status is Status.FAIL for f in _findings(results, family)))
    return stage, broken + tuple(need for need in stage.needs if not _met(need, results, there))


def _of_project(stage: Stage, lacking: tuple[str, ...], wanted: Wanted, told: tuple[Result, ...]) -> StageState | None:
    """The state of a stage for a project: one that lacks only what the project does without is left out."""
    if lacking and not wanted.whole and stage.name not in wanted.profiles:
        lacking = tuple(need for need in lacking if _matters(need, stage, wanted, told))
        if not lacking:
            return None
    return StageState(stage.name, not lacking, tuple(map(_name, lacking)))


def _matters(need: str, stage: Stage, wanted: Wanted, told: tuple[Result, ...]) -> bool:
    """Whether the project requires a library; or whether something complains of a family's subject."""
    family, _, subjects = need.partition("/")
    if need in ALWAYS:
        return any(_matters(other, stage, wanted, told) for other in stage.needs if other.startswith("libraries/"))
    if family == "libraries":
        return any(wanted.library(name) for name in subjects.split("|"))
    about = (f for f in _findings(told, family) if not subjects or f.subject in subjects.split("|"))
    return any(f.status not in (Status.PASS, Status.SKIP) or f.blocked_by for f in about)


def _name(need: str) -> str:
    """How a need is called in a sentence: a library by its name, others with their family (an mlflow server, an llm key)."""
    family, _, subjects = need.partition("/")
    names = subjects.replace("|", " or ") or family
    return names if family == "libraries" or not subjects else f"{family} {names}"


def _met(need: str, results: tuple[Result, ...], there: frozenset[str]) -> bool:
    """Whether nothing speaks against a need; a named subject must have been verified as well."""
    family, _, subjects = need.partition("/")
    if not subjects:
        return not any(f.status is Status.FAIL for f in _findings(results, family))
    about = {subject: [f for f in _findings(results, family) if f.subject == subject] for subject in subjects.split("|")}
    of_libraries = family == "libraries"
    return any(_sound(found) or (of_libraries and not found and subject in there) for subject, found in about.items())


def _sound(findings: list[Finding]) -> bool:
    """Whether something was verified about a subject and nothing failed, is blocked or is not there at all."""
    bad = any(f.status in (Status.FAIL, Status.UNKNOWN) or f.blocked_by or f.cause in ABSENT for f in findings)
    return not bad and any(f.status in SOUND for f in findings)


ABSENT = frozenset({"not-installed", "sdk-missing", "key-missing", "key-empty", "key-placeholder", "mlflow-not-running"})


def _findings(results: Iterable[Result], family: str) -> Iterator[Finding]:
    return (finding for result in results if result.family == family for finding in result.findings)
