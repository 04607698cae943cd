"""Which imports are planned, and what is made of their outcomes."""

from __future__ import annotations

import pytest

from mlenv_doctor.collect import Outcome, Task
from mlenv_doctor.facts import Distribution, Imported, Imports, Libraries, Missing, Torch, Wanted, WantedLibrary, Why
from mlenv_doctor.imports import gather, import_tasks

INSTALLED = Libraries((Distribution("numpy", "2.0", "/s", info="/s/numpy-2.0.dist-info"), Distribution("torch", "2.9", "/s")))
NUMPY, PANDAS, TORCH = (WantedLibrary(name, imports=(name,)) for name in ("numpy", "pandas", "torch"))


def planned(kinds: tuple[type, ...], *libraries: WantedLibrary) -> list[tuple[str, tuple[type, ...]]]:
    return [(task.label, task.kinds) for task in import_tasks(kinds, Wanted(libraries), INSTALLED)]


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
    (task,) = import_tasks([Imports], Wanted((NUMPY,)), INSTALLED)
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
    (found,) = gather([outcome("numpy", Missing("imports", kind, "why", "first\nlast words\n"))]).libraries
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
    assert [found.name for found in gather(ends).libraries] == ["numpy", "pandas", "torch"]
    assert gather(ends) == gather(reversed(ends))


def test_what_is_no_import_is_left_out_and_an_empty_answer_is_told() -> None:
    other = Outcome(Task((Torch,), "torch", 60.0), {Torch: Torch()}, 1.0)
    assert gather([other, outcome("numpy", Imports(()))]).libraries == (Imported("numpy", "not-run"),)


def test_long_words_are_cut() -> None:
    (found,) = gather(
        [outcome("numpy", Imports((Imported("numpy", "error", message="m" * 900, detail="d" * 9000 + "end"),)))]
    ).libraries
    assert found.message == "m" * 500 and len(found.detail) == 4000 and found.detail.endswith("end")
