"""For which stages of the roadmap a machine is ready, worked out from the findings alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import Finding, Result, Stage, StageState, Status

ALWAYS = ("python", "venv")  # a machine whose Python or environment is broken is ready for nothing
SOUND = (Status.PASS, Status.WARN)


def stage_states(stages: Iterable[Stage], results: Iterable[Result]) -> tuple[StageState, ...]:
    """The state of every stage. What was not looked at is neither ready nor missing: such a stage is left out."""
    results = tuple(results)
    return tuple(state for stage in stages if (state := _state(stage, results)) is not None)


def _state(stage: Stage, results: tuple[Result, ...]) -> StageState | None:
    looked = {result.family for result in results}
    if not {need.partition("/")[0] for need in stage.needs} <= looked:
        return None
    broken = tuple(family for family in ALWAYS if any(f.status is Status.FAIL for f in _findings(results, family)))
    lacking = tuple(_name(need) for need in stage.needs if not _met(need, results))
    return StageState(stage.name, not (broken or lacking), broken + lacking)


def _name(need: str) -> str:
    """How a need is called in a sentence: a library by its name, others with their family (an mlflow server, an llm key)."""
    family, _, subjects = need.partition("/")
    names = subjects.replace("|", " or ") or family
    return names if family == "libraries" or not subjects else f"{family} {names}"


def _met(need: str, results: tuple[Result, ...]) -> bool:
    """Whether nothing speaks against a need; a named subject must have been verified as well."""
    family, _, subjects = need.partition("/")
    if not subjects:
        return not any(f.status is Status.FAIL for f in _findings(results, family))
    return any(_sound([f for f in _findings(results, family) if f.subject == subject]) for subject in subjects.split("|"))


def _sound(findings: list[Finding]) -> bool:
    """Whether something was verified about a subject and nothing failed, is blocked or is not there at all."""
    bad = any(f.status in (Status.FAIL, Status.UNKNOWN) or f.blocked_by or f.cause in ABSENT for f in findings)
    return not bad and any(f.status in SOUND for f in findings)


ABSENT = frozenset({"not-installed", "sdk-missing", "key-missing", "key-empty", "key-placeholder", "mlflow-not-running"})


def _findings(results: Iterable[Result], family: str) -> Iterator[Finding]:
    return (finding for result in results if result.family == family for finding in result.findings)
