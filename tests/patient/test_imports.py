"""Which imports are planned, and what is made of their outcomes."""

from __future__ import annotations

import pytest

from mlenv_checks.torch.facts import Torch
from mlenv_doctor.examine.follow_up import FollowUp
from mlenv_doctor.examine.tasks import Outcome, Task
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Project, Python, Wanted, WantedLibrary

INSTALLED = Libraries((Distribution("numpy", "2.0", "/s", info="/s/numpy-2.0.dist-info"), Distribution("torch", "2.9", "/s")))
NUMPY, PANDAS, TORCH = (WantedLibrary(name, imports=(name,)) for name in ("numpy", "pandas", "torch"))


def planned(kinds: tuple[type, ...], *libraries: WantedLibrary) -> list[tuple[str, tuple[type, ...]]]:
    following = FollowUp(kinds, lambda facts: Wanted(libraries))
    first = Outcome(
        Task((Project, Python, Libraries), "", 1.0), {Project: Project(), Python: Python(), Libraries: INSTALLED}, 0.1
    )
    return [(task.label, task.kinds) for task in following(first)]


@pytest.mark.parametrize(
    ("kinds", "libraries", "tasks"),
    [
        ((Imports,), (NUMPY, PANDAS), [("numpy", (Imports,))]),
        ((Imports, Torch), (NUMPY, TORCH), [("numpy", (Imports,)), ("torch", (Imports, Torch))]),
        ((Imports, Torch), (NUMPY,), [("numpy", (Imports,)), ("torch", (Torch,))]),
        ((Torch,), (NUMPY,), [("torch", (Torch,))]),
        ((), (NUMPY, TORCH), []),
    ],
    ids=["only what is installed", "torch answers for itself", "torch unasked", "torch alone", "nothing"],
)
def test_what_is_planned(
    kinds: tuple[type, ...], libraries: tuple[WantedLibrary, ...], tasks: list[tuple[str, tuple[type, ...]]]
) -> None:
    assert planned(kinds, *libraries) == tasks


def test_a_task_says_what_the_probe_must_know() -> None:
    (task,) = Imports.tasks({Wanted: Wanted((NUMPY,)), Libraries: INSTALLED}) or []
    assert task.question == {"import": {"name": "numpy", "modules": ["numpy"], "info": "/s/numpy-2.0.dist-info"}} and task.heavy


def outcome(name: str, fact: Imports | Missing) -> Outcome:
    return Outcome(Task((Imports,), name, 60.0), {Imports: fact}, 1.5)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Why.TIMEOUT, "hang"),
        (Why.KILLED, "crash"),
        (Why.NO_ANSWER, "exit"),
        (Why.ERROR, "error"),
        (Why.NOT_STARTED, "not-run"),
        (Why.BUDGET, "not-run"),
        ("of a newer version", "error"),
    ],
)
def test_silence_is_an_outcome(kind: str, expected: str) -> None:
    (found,) = Imports.gathered([outcome("numpy", Missing("imports", kind, "why", "first\nlast words\n"))]).libraries
    assert (found.name, found.outcome, found.reason, found.message, found.seconds) == (
        "numpy",
        expected,
        "why",
        "last words",
        1.5,
    )


def test_the_order_does_not_depend_on_who_was_first() -> None:
    ends = [outcome(name, Imports((Imported(name, "ok"),))) for name in ("torch", "numpy")]
    ends.append(outcome("pandas", Missing("imports", Why.ERROR, "why")))
    assert [found.name for found in Imports.gathered(ends).libraries] == ["numpy", "pandas", "torch"]
    assert Imports.gathered(ends) == Imports.gathered(ends[::-1])


def test_an_empty_answer_is_told() -> None:
    assert Imports.gathered([outcome("numpy", Imports(()))]).libraries == (Imported("numpy", "not-run"),)


def test_without_libraries_nothing_is_planned_and_nothing_is_claimed() -> None:
    following = FollowUp((Imports, Torch), lambda facts: Wanted((NUMPY,)))
    missing = Missing("libraries", Why.ERROR, "why")
    first = Outcome(Task((Project, Python, Libraries), "", 1.0), {Project: Project(), Python: Python(), Libraries: missing}, 0.1)
    assert following(first) == [] and Imports not in following.facts and Torch not in following.facts


def test_what_was_not_needed_is_said() -> None:
    following = FollowUp((Torch,), lambda facts: Wanted((NUMPY,)))
    libraries = Libraries((Distribution("numpy", "2.0", "/s"),))
    following(
        Outcome(Task((Project, Python, Libraries), "", 1.0), {Project: Project(), Python: Python(), Libraries: libraries}, 0.1)
    )
    assert following.facts[Torch] == Missing("torch", Why.ABSENT, "is not installed")


def test_long_words_are_cut() -> None:
    (found,) = Imports.gathered(
        [outcome("numpy", Imports((Imported("numpy", "error", message="m" * 900, detail="d" * 9000 + "end"),)))]
    ).libraries
    assert found.message == "m" * 500 and len(found.detail) == 4000 and found.detail.endswith("end")
