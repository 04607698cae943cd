"""The engine: a check gets its facts, and no check breaks the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest

from mlenv_doctor.api import Finding, Missing, Status, check, fail, ok, warn
from mlenv_doctor.examine.engine import judge, once
from mlenv_doctor.facts import Fact, Why
from mlenv_doctor.model import Result
from mlenv_doctor.patient import Pasted, Place, Python

HERE = {Python: Python(version="3.12.1"), Place: Place()}


def results(*checks: object, facts: dict[type[Fact], Fact | Missing] | None = None) -> list[tuple[str, str]]:
    found = judge(checks, HERE if facts is None else facts)  # type: ignore[arg-type]
    return [(finding.status.value, finding.message) for result in found for finding in result.findings]


@check("test.one")
def one(python: Python, place: Place) -> Finding:
    """It is told its facts."""
    return ok(f"{python.version} on {place.os}")


@check("test.several")
def several(python: Python) -> Iterator[Finding]:
    """It may say several things."""
    yield ok("a")
    yield warn("b-cause", "b")


@check("test.none")
def none(python: Python) -> list[Finding]:
    """It may have nothing to say."""
    return []


@check("test.owner")
def owner(python: Python | Missing) -> Finding:
    """It reports what is missing."""
    return ok(python.reason) if isinstance(python, Missing) else ok("there")


@check("test.bug")
def bug(python: Python) -> Finding:
    """It has a bug."""
    raise KeyError("oops")


@check("test.late-bug")
def late_bug(python: Python) -> Iterator[Finding]:
    """It has a bug after its first word."""
    yield ok("fine so far")
    raise RuntimeError("oops")


@check("test.wrong")
def wrong(python: Python) -> object:
    """It answers something else than a finding."""
    return ["text"]


def test_checks_get_their_facts() -> None:
    assert results(one, several, none, owner) == [
        ("pass", "3.12.1 on linux"), ("pass", "a"), ("warn", "b"), ("skip", "nothing to check here"), ("pass", "there"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "says"),
    [(bug, "KeyError"), (late_bug, "RuntimeError"), (wrong, "str instead of a finding")],
    ids=["bug", "late", "wrong"],
)
def test_a_bug_is_a_finding(broken: Callable[..., object], says: str) -> None:
    (result,) = judge([broken], HERE)  # type: ignore[list-item]
    assert result.broken and result.findings[0].status is Status.UNKNOWN and says in result.findings[0].message


def test_a_missing_fact_skips_and_points_to_its_owner() -> None:
    missing = Missing("python", Why.TIMEOUT, "did not answer within 15 s")
    (blocked, told) = judge([one, owner], {Python: missing, Place: Place()})
    assert blocked.findings[0].status is Status.SKIP and blocked.findings[0].blocked_by == "python.starts"
    assert told.findings[0].message == "did not answer within 15 s"


@pytest.mark.parametrize("kind", [Why.NOT_ASKED, Why.ABSENT])
def test_what_was_not_asked_for_blocks_nobody(kind: str) -> None:
    (result,) = judge([one], {Python: Missing("python", kind, "not checked with --quick"), Place: Place()})
    assert result.findings[0].status is Status.SKIP and result.findings[0].blocked_by is None


def test_a_fact_that_nobody_read_is_no_crash() -> None:
    assert results(one, facts={}) == [("skip", "Python: not checked")]


def test_what_was_switched_off_is_said() -> None:
    (result,) = judge([], HERE, off=[one])
    assert result.findings[0].message == "turned off with --skip or in the configuration"


@check("test.exits")
def exits(python: Python) -> Finding:
    """It ends the whole program."""
    raise SystemExit(0)


MALFORMED = {
    "no message": (Finding(Status.PASS, ""), "without a message"),
    "message of another kind": (Finding(Status.PASS, None), "without a message"),  # type: ignore[arg-type]
    "warning without a cause": (Finding(Status.WARN, "m"), "names no cause"),
    "failure without a cause": (Finding(Status.FAIL, "m"), "names no cause"),
    "evidence": (Finding(Status.PASS, "m", evidence={"n": 3}), "an invalid fix, location or evidence: m"),  # type: ignore[dict-item]
    "fix": (Finding(Status.PASS, "m", fix="text"), "an invalid fix, location or evidence: m"),  # type: ignore[arg-type]
    "location": (Finding(Status.PASS, "m", location="text"), "an invalid fix, location or evidence: m"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("found", "says"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_finding_is_one_too(found: Finding, says: str) -> None:
    @check("test.malformed")
    def malformed(python: Python) -> Finding:
        """It is careless."""
        return found

    (result,) = judge([malformed], HERE)
    assert result.broken and says in result.findings[0].message


def test_a_check_cannot_end_the_program() -> None:
    (result,) = judge([exits], HERE)
    assert result.broken and "SystemExit" in result.findings[0].message


def says(id: str, *findings: Finding) -> Result:
    return Result(id, id.partition(".")[0], "It is so", findings)


def test_what_the_words_of_an_error_say_is_told_once() -> None:
    words = says("symptom.explained", fail("a", "the words"), fail("b", "the words"), fail("c", "the words"), ok("fine"))
    own = (says("x.one", fail("a", "seen")), says("x.two", warn("b", "one of several"), ok("well")))
    after = once((words, *own))
    assert after[1:] == own
    assert [(f.status.value, f.blocked_by) for f in after[0].findings] == [
        ("skip", "x.one"), ("skip", "x.two"), ("fail", None), ("pass", None)
    ]  # fmt: skip


@check("report.speaks", pasted=True)
def speaks(python: Python) -> Finding:
    """A report says this."""
    return ok(python.version)


@dataclass(frozen=True)
class Deed(Fact):
    section: ClassVar[str] = "deed"
    probe: ClassVar[str] = ""
    deep: ClassVar[bool] = True


@check("libraries.deed", causes=("does-not-work", "b-cause"))
def deed(deed: Deed) -> Iterator[Finding]:
    """Real work."""
    yield fail("does-not-work", "numpy fails", subject="numpy")
    yield fail("b-cause", "torch fails", subject="torch")
    yield fail("does-not-work", "pandas fails", subject="pandas")
    yield ok("works", subject="numpy")


@check("test.numpy", causes=("not-installed",))
def numpy_is_there() -> Finding:
    """numpy."""
    return fail("not-installed", "numpy is gone", subject="numpy")


@check("test.shared", causes=("b-cause",))
def shared() -> Iterator[Finding]:
    """A fault of the machine."""
    yield fail("b-cause", "b")
    yield warn("does-not-work", "only a warning", subject="pandas")


def test_work_that_fails_for_a_fault_that_is_known_is_no_second_red_line() -> None:
    *_, found = judge((numpy_is_there, shared, deed), {Deed: Deed()})
    seen = [(finding.status.value, finding.subject, finding.blocked_by) for finding in found.findings]
    assert seen == [
        ("skip", "numpy", "test.numpy:numpy"), ("skip", "torch", "test.shared"), ("fail", "pandas", None), ("pass", "numpy", None),
    ]  # fmt: skip


def test_a_pasted_report_is_judged_by_the_checks_that_say_so() -> None:
    facts: dict[type[Fact], Fact | Missing] = {**HERE, Pasted: Pasted()}
    assert results(one, speaks, facts=facts) == [("skip", "the pasted report does not say"), ("pass", "3.12.1")]


def test_a_finding_that_explains_the_given_error_is_linked_to_it() -> None:
    """What the words alone did not explain, a check of the library that they name may have explained."""
    words = Finding(Status.UNKNOWN, "The error was not explained", evidence={"named": "numpy pandas"}, required=True)
    broken = Result("libraries.import", "libraries", "", (fail("import-error", "pandas does not load", subject="pandas"),))
    (_, linked) = once((broken, Result("symptom.explained", "symptom", "", (words,))))
    assert (linked.findings[0].status, linked.findings[0].blocked_by) == (Status.SKIP, "libraries.import:pandas")
    (_, open_still) = once(
        (Result("libraries.import", "libraries", "", ()), Result("symptom.explained", "symptom", "", (words,)))
    )
    assert open_still.findings == (words,)


def test_a_fact_of_its_own_process_plans_nothing_further() -> None:
    assert Python.tasks({}) == ()
