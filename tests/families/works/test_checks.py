"""The check of real work, called with facts made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.works.checks import libraries_at_work
from mlenv_checks.works.facts import Worked, Works
from mlenv_checks.works.pieces import pieces
from mlenv_doctor.api import Finding, Outcome, Task
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Place, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.12.4", executable="/p/bin/python", prefix="/p")
PLACE = Place(os="linux")
NAMES = ("numpy", "pandas", "ipykernel", "jupyter-client", "torch", "openai", "scikit-learn", "joblib", "xgboost")


def wanted(*names: str, whole: bool = False) -> Wanted:
    return Wanted(tuple(WantedLibrary(name) for name in names), whole=whole)


def installed(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/s", "/s/i") for name in names))


def look(*worked: Worked, imports: Imports | Missing | None = None, want: tuple[str, ...] = NAMES) -> list[Finding]:
    known = imports if imports is not None else Imports()
    return list(libraries_at_work(Works(worked), wanted(*want, "jupyter"), installed(*NAMES), known, PYTHON, PLACE))


def only(*worked: Worked, **more: Any) -> Finding:
    found = look(*worked, **more)
    assert len(found) == 1, found
    return found[0]


def test_what_was_done_is_said_with_its_figures() -> None:
    figures = {"steps": 20.0, "first loss": 0.69, "last loss": 0.21}
    found = only(Worked("torch", "ok", "saving", seconds=1.234, figures=figures))
    assert found.message == "torch trained 20 steps on the CPU: loss from 0.69 to 0.21; two workers loaded its data"
    assert found.evidence == {"seconds": "1.23", "steps": "20", "first loss": "0.69", "last loss": "0.21"}
    assert only(Worked("openai", "ok", words={"answer": "built a client"})).message == "openai built a client"
    assert only(Worked("openai", "ok")).message == "openai ?"


def test_what_a_piece_proves_besides_is_told_where_it_is_wanted() -> None:
    assert [(f.subject, f.message) for f in look(Worked("scikit-learn", "ok", figures={"accuracy": 0.9}))][1:] == [
        ("joblib", "joblib stored and loaded a model")
    ]
    assert only(Worked("scikit-learn", "ok"), want=("scikit-learn",)).subject == "scikit-learn"


def test_the_subject_is_the_library_that_is_wanted() -> None:
    assert only(Worked("jupyter", "ok")).subject == "jupyter"
    assert only(Worked("jupyter", "ok"), want=("notebook",)).subject == "jupyter"
    assert only(Worked("sqlite3", "ok")).subject == "sqlite3"


@pytest.mark.parametrize(
    ("worked", "status", "cause", "words"),
    [
        (Worked("numpy", "wrong", "solving equations", message="off by 1"), "fail", "wrong-result", "numpy gives a wrong result at"),
        (Worked("sqlite3", "wrong", "reading", message="off by 1"), "fail", "wrong-result", "sqlite3 gives a wrong result"),
        (Worked("numpy", "slow", "solving equations", seconds=25), "warn", "works-slowly", "still busy with solving equations"),
        (Worked("numpy", "cut", reason="was not reached"), "unknown", "", "was not tried to its end: it was not reached"),
        (Worked("numpy", "stuck", "solving equations"), "fail", "does-not-work", "hangs at solving equations: nothing happens"),
        (Worked("numpy", "error", "", "OddError", "odd"), "fail", "does-not-work", "numpy fails at its imports: OddError: odd"),
        (Worked("numpy", "error", "x", "OddError"), "fail", "does-not-work", "numpy fails at x: OddError"),
        (Worked("numpy", "crash", "x", "was killed by SIGSEGV"), "fail", "does-not-work", "kills Python at x: it was killed by"),
        (Worked("torch", "crash", "x", "was killed by SIGBUS"), "fail", "shm-too-small", "a bus error"),
        (Worked("numpy", "crash", "x", "was killed by SIGBUS"), "fail", "does-not-work", "killed by SIGBUS"),
        (Worked("numpy", "crash", "x", "was killed by SIGKILL"), "fail", "memory-low", "where memory runs out"),
        (Worked("numpy", "exit", "x", "ended with exit code 3"), "fail", "does-not-work", "kills Python at x: it ended with"),
        (Worked("openai", "error", "x", "ConnectError", "Network is unreachable"), "fail", "loopback-down", "cannot reach itself"),
        (Worked("torch", "error", "x", "RuntimeError", "can't start new thread"), "fail", "no-process-limit", "no more processes"),
        (
            Worked("torch", "error", "x", "RuntimeError", "unable to open shared memory object </torch_1>: Read-only file system (30)"),
            "fail", "shm-not-writable", "/dev/shm is not writable",
        ),
        (
            Worked("torch", "error", "x", "RuntimeError", "DataLoader worker (pid 1) is killed by signal: Bus error."),
            "fail", "shm-too-small", "torch fails at x: Shared memory (/dev/shm) is too small",
        ),
        (
            Worked("numpy", "error", "x", "ModuleNotFoundError", "No module named 'yaml'"),
            "fail", "not-installed", "pyyaml is not installed",
        ),
        (
            Worked("numpy", "error", "x", "OSError", "fatal: detected dubious ownership in repository at '/w'"),
            "fail", "does-not-work", "git refuses a folder",
        ),
        (
            Worked("jupyter", "error", "starting a kernel", "KernelDied", "SystemExit: 3"),
            "fail", "kernel-dies", "the notebook kernel dies at its start: SystemExit: 3",
        ),
        (Worked("jupyter", "error", "running a cell", "KernelDied"), "fail", "kernel-dies", "the notebook kernel dies at running a cell"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_named(worked: Worked, status: str, cause: str, words: str) -> None:
    found = only(worked)
    assert (found.status.value, found.cause) == (status, cause)
    assert words in found.message
    assert (found.fix is None) == (status == "unknown")


def test_a_fault_is_told_once() -> None:
    numpy, pandas = look(Worked("numpy", "wrong", "x"), Worked("pandas", "error", "y", "ValueError", "odd"))
    assert (numpy.cause, pandas.status.value, pandas.blocked_by) == ("wrong-result", "skip", "libraries.work:numpy")
    third = look(Worked("numpy", "wrong", "x"), Worked("scikit-learn", "wrong", "y"), Worked("xgboost", "wrong", "z"))[2]
    assert third.blocked_by == "libraries.work:numpy"


def test_a_limit_of_the_machine_is_told_once() -> None:
    said = "can't start new thread"
    first, second = look(
        Worked("scikit-learn", "error", "y", "RuntimeError", said), Worked("torch", "error", "x", "RuntimeError", said)
    )
    assert first.cause == "no-process-limit"
    assert (second.status.value, second.blocked_by) == ("skip", "libraries.work:scikit-learn")


def test_two_faults_of_their_own_are_both_told() -> None:
    found = look(Worked("openai", "error", "x", "OddError", "a"), Worked("torch", "error", "x", "OddError", "b"))
    assert [finding.cause for finding in found] == ["does-not-work", "does-not-work"]


def test_a_library_that_does_not_load_is_not_tried() -> None:
    imports = Imports((Imported("numpy", "error"), Imported("pandas", "ok")))
    found = look(imports=imports, want=("numpy", "pandas"))
    assert ("numpy", "libraries.import:numpy") in [(finding.subject, finding.blocked_by) for finding in found]
    assert all(finding.status.value == "skip" for finding in found)


def test_nothing_to_try() -> None:
    found = list(
        libraries_at_work(Works(), wanted("requests"), installed("requests"), Missing("imports", "x", "y"), PYTHON, PLACE)
    )
    assert [finding.status.value for finding in found] == ["skip"]


def test_not_asked_and_not_known() -> None:
    for kind, status in ((Why.NOT_ASKED, "skip"), (Why.ERROR, "unknown")):
        found = list(
            libraries_at_work(
                Missing("works", kind, "not checked without --deep"), wanted(), installed(), Imports(), PYTHON, PLACE
            )
        )
        assert [finding.status.value for finding in found] == [status]


def test_a_process_for_each_piece_that_is_wanted_installed_and_loads() -> None:
    facts: dict[Any, Any] = {
        Wanted: wanted("numpy", "pandas", "torch", "xgboost"),
        Libraries: installed("numpy", "pandas", "xgboost", "scikit-learn", "pyarrow"),
        Imports: Imports((Imported("numpy", "ok"), Imported("pandas", "crash"))),
    }
    tasks = Works.tasks(facts)
    assert tasks is not None
    assert {task.question["piece"]: task.question["besides"] for task in tasks} == {"numpy": [], "xgboost": ["scikit-learn"]}
    assert Works.tasks({**facts, Imports: Missing("imports", "x", "y")}) is None


def test_sqlite_is_tried_for_those_who_use_it() -> None:
    for want, tried in ((wanted(whole=True), True), (wanted(), False), (Wanted(whole=False, used=("sqlalchemy",)), True)):
        facts: dict[Any, Any] = {Wanted: want, Libraries: installed(), Imports: Imports()}
        assert [task.question["piece"] for task in Works.tasks(facts) or ()] == ["sqlite3"] * tried


def outcome(name: str, fact: Works | Missing) -> Outcome:
    return Outcome(Task((Works,), name, 1.0, {"piece": name}), {Works: fact}, 2.0)


def test_what_processes_answered_becomes_one_fact_in_the_order_of_the_table() -> None:
    log = "mlenv-doctor step: one\nFatal Python error\nmlenv-doctor step: two\nBus error"
    found = Works.gathered(
        [
            outcome("torch", Missing("works", Why.KILLED, "was killed by SIGBUS", log)),
            outcome("numpy", Works((Worked("numpy", "ok"),))),
            outcome("pandas", Works()),
            outcome("openai", Missing("works", Why.ERROR, "gave an invalid answer")),
        ]
    )
    assert [(one.name, one.outcome, one.step) for one in found.pieces] == [
        ("numpy", "ok", ""), ("pandas", "cut", ""), ("torch", "crash", "two"), ("openai", "error", ""),
    ]  # fmt: skip
    assert (found.pieces[2].message, found.pieces[2].reason) == ("Bus error", "was killed by SIGBUS")


def test_every_piece_names_pieces_that_exist_and_has_a_probe() -> None:
    from mlenv_checks.works.probes.works import PIECES

    names = [piece.name for piece in pieces()]
    assert set(names) == set(PIECES)
    for piece in pieces():
        assert set(piece.needs) <= set(names[: names.index(piece.name)]), "those that others build on come first"
