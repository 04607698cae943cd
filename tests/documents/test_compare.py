"""What is new, gone, known and unseen between two lists of results, and what a baseline makes of it."""

from __future__ import annotations

import pytest

from mlenv_doctor import Finding, Status, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.documents.baseline import since
from mlenv_doctor.documents.compare import KNOWN_AS, Identity, compare
from mlenv_doctor.model import Result, Verdict

BAD = fail("not-installed", "numpy is not installed", subject="numpy", fix=fix("libs.install"))
MILD = warn("not-installed", "numpy is not installed, and nobody asked", subject="numpy")
FINE = ok("numpy 2.4", subject="numpy")


def result(*findings: Finding, id: str = "libraries.installed") -> Result:
    return Result(id, id.partition(".")[0], "The libraries are installed", findings)


def fates(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> tuple[int, int, int, int]:
    """How many are new, gone, the same, unseen."""
    found = compare([result(*before)], [result(*after)] if after else [])
    return len(found.new), len(found.gone), len(found.same), len(found.unseen)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((FINE,), (BAD,), (1, 0, 0, 0)),
        ((BAD,), (FINE,), (0, 1, 0, 0)),
        ((BAD,), (BAD,), (0, 0, 1, 0)),
        ((BAD,), (fail("not-installed", "other words", subject="numpy"),), (0, 0, 1, 0)),
        ((BAD,), (fail("numpy-broken", "m", subject="numpy"),), (1, 1, 0, 0)),
        ((BAD,), (fail("not-installed", "m", subject="pandas"),), (1, 1, 0, 0)),
        ((MILD,), (BAD,), (1, 0, 0, 0)),
        ((BAD,), (MILD,), (0, 0, 1, 0)),
        ((MILD, BAD), (BAD,), (0, 0, 1, 0)),
        ((BAD, MILD), (BAD,), (0, 0, 1, 0)),
        ((BAD,), (skip("half installed", subject="numpy"),), (0, 0, 0, 1)),
        ((BAD,), (unknown("nobody knows"),), (0, 0, 0, 1)),
        ((BAD,), (skip("no pandas", subject="pandas"),), (0, 1, 0, 0)),
        ((BAD,), (), (0, 0, 0, 1)),
        ((skip("no GPU"),), (BAD,), (1, 0, 0, 0)),
    ],
)
def test_what_becomes_of_a_finding(
    before: tuple[Finding, ...], after: tuple[Finding, ...], expected: tuple[int, int, int, int]
) -> None:
    assert fates(before, after) == expected


def test_the_same_cause_in_another_check_is_another_finding() -> None:
    found = compare([result(BAD)], [result(BAD, id="libraries.import"), result(FINE)])
    assert [*found.new] == [Identity("libraries.import", "not-installed", "numpy")]
    assert [str(key) for key in found.gone] == ["not-installed (libraries.installed: numpy)"]
    assert str(Identity("gpu.driver", "driver-too-old", "")) == "driver-too-old (gpu.driver)"


def test_a_subject_with_control_characters_is_the_same_one_after_it_was_saved() -> None:
    saved, live = fail("c-d", "m", subject="kernel red"), fail("c-d", "m", subject="kernel \x1b[31mred\x1b[0m")
    assert fates((saved,), (live,)) == (0, 0, 1, 0)


def test_only_what_is_new_is_loud() -> None:
    other = fail("not-installed", "pandas is not installed", subject="pandas")
    results, verdict = since([result(BAD, MILD)], (result(BAD, other, FINE),))
    assert verdict is Verdict.NOT_READY
    known, new, fine = results[0].findings
    assert (known.status, known.cause, known.fix) == (Status.SKIP, "not-installed", None)
    assert known.message == "known from the baseline: numpy is not installed" and known.evidence == {KNOWN_AS: "fail"}
    assert (new, fine) == (other, FINE)
    assert results[-1].findings[0].message == "1 new, 1 known, 0 gone"


@pytest.mark.parametrize(
    ("findings", "strict", "expected"),
    [
        ((BAD,), False, Verdict.READY),  # it was looked at: a verdict, though nothing passed
        ((BAD,), True, Verdict.READY),
        ((BAD, warn("c-d", "m")), False, Verdict.READY),
        ((BAD, warn("c-d", "m")), True, Verdict.NOT_READY),
        ((BAD, unknown("m", required=True)), False, Verdict.UNKNOWN),
        ((skip("no GPU here"),), False, Verdict.UNKNOWN),
        ((BAD, fail("c-d", "m")), False, Verdict.NOT_READY),
    ],
)
def test_the_verdict_is_of_what_is_new(findings: tuple[Finding, ...], strict: bool, expected: Verdict) -> None:
    assert since([result(BAD)], (result(*findings),), strict=strict)[1] is expected


def test_what_is_gone_is_said_all_of_it() -> None:
    many = [fail("not-installed", "m", subject=f"library-{n}") for n in range(50)]
    results, _ = since([result(*many, BAD), result(BAD, id="gpu.driver")], (result(FINE),))
    said = results[-1].findings[0].message
    assert said.startswith("0 new, 0 known, 51 gone: not-installed (libraries.installed: library-0), ")
    assert all(f"library-{n})" in said for n in range(50))
    assert said.endswith("; not checked now: not-installed (gpu.driver: numpy)")


def test_a_report_judged_by_a_baseline_can_be_the_next_one() -> None:
    first, _ = since([result(BAD)], (result(BAD),))
    second, verdict = since(first, (result(BAD),))
    assert verdict is Verdict.READY and second[-1].findings[0].message == "0 new, 1 known, 0 gone"
    assert since(first, (result(FINE),))[0][-1].findings[0].message.startswith("0 new, 0 known, 1 gone: ")
    mild, _ = since([result(MILD)], (result(MILD),))
    assert since(mild, (result(BAD),))[1] is Verdict.NOT_READY  # it was known as a warning only
