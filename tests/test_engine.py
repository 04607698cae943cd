"""The engine: a check gets its facts, and no check breaks the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mlenv_doctor.api import Finding, Missing, Status, check, fail, ok, warn
from mlenv_doctor.engine import judge, once
from mlenv_doctor.facts import Fact, Pasted, Place, Python, Why
from mlenv_doctor.model import Result

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
        ("pass", "3.12.1 on linux"), ("pass", "a"), ("warn", "b"), ("skip", "nothing to look at here"), ("pass", "there"),
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
    (result,) = judge([one], {Python: Missing("python", kind, "not looked at with --quick"), Place: Place()})
    assert result.findings[0].status is Status.SKIP and result.findings[0].blocked_by is None


def test_a_fact_that_nobody_read_is_no_crash() -> None:
    assert results(one, facts={}) == [("skip", "Python: was not looked at")]


def test_what_was_switched_off_is_said() -> None:
    (result,) = judge([], HERE, off=[one])
    assert result.findings[0].message == "switched off with --skip or in the configuration"


@check("test.exits")
def exits(python: Python) -> Finding:
    """It ends the whole program."""
    raise SystemExit(0)


MALFORMED = {
    "no message": (Finding(Status.PASS, ""), "does not say what"),
    "message of another kind": (Finding(Status.PASS, None), "does not say what"),  # type: ignore[arg-type]
    "warning without a cause": (Finding(Status.WARN, "m"), "names no cause"),
    "failure without a cause": (Finding(Status.FAIL, "m"), "names no cause"),
    "evidence": (Finding(Status.PASS, "m", evidence={"n": 3}), "none: m"),  # type: ignore[dict-item]
    "fix": (Finding(Status.PASS, "m", fix="text"), "none: m"),  # type: ignore[arg-type]
    "location": (Finding(Status.PASS, "m", location="text"), "none: m"),  # type: ignore[arg-type]
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


def test_a_pasted_report_is_judged_by_the_checks_that_say_so() -> None:
    facts: dict[type[Fact], Fact | Missing] = {**HERE, Pasted: Pasted()}
    assert results(one, speaks, facts=facts) == [("skip", "a pasted report does not say"), ("pass", "3.12.1")]
