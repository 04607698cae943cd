"""The verdict, and how findings are counted."""

from __future__ import annotations

import pytest

from mlenv_doctor import Finding, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.model import EXIT_CODES, Report, Result, Verdict, count, decide, fix_key, plan_key

PASS, WARN, FAIL, SKIP, UNKNOWN = ok("p"), warn("c", "w"), fail("c", "f"), skip("s"), unknown("u")


def made(*findings: Finding, broken: bool = False) -> list[Result]:
    return [Result("a.b", "a", "A", findings, broken)]


@pytest.mark.parametrize(
    ("findings", "broken", "usual", "strict"),
    [
        ([PASS], False, 0, 0),
        ([PASS, SKIP], False, 0, 0),
        ([PASS, WARN], False, 0, 1),
        ([WARN], False, 0, 1),
        ([PASS, FAIL], False, 1, 1),
        ([PASS, UNKNOWN], False, 0, 3),
        ([PASS, UNKNOWN], True, 3, 3),
        ([FAIL, UNKNOWN], True, 1, 1),
        ([SKIP], False, 3, 3),
        ([UNKNOWN], False, 3, 3),
        ([], False, 3, 3),
    ],
)
def test_the_exit_code(findings: list[Finding], broken: bool, usual: int, strict: int) -> None:
    results = made(*findings, broken=broken)
    assert EXIT_CODES[decide(results)] == usual
    assert EXIT_CODES[decide(results, strict=True)] == strict


def test_every_status_is_counted() -> None:
    assert count(made(PASS, PASS, WARN)) == {"pass": 2, "warn": 1, "fail": 0, "skip": 0, "unknown": 0}


def test_fixes_that_differ_only_in_lists_are_planned_together() -> None:
    one, other = fix("libs.install", packages=("numpy",)), fix("libs.install", packages=("pandas",))
    assert plan_key(one) == plan_key(other) and fix_key(one) != fix_key(other)
    assert plan_key(fix("a", x="1")) != plan_key(fix("a", x="2"))


def test_a_finding_without_a_fix_has_no_prescription() -> None:
    report = Report("1", {}, {}, Verdict.READY, (), (), {}, {}, 0.0)
    assert report.prescription(PASS) is None and report.planned(PASS) is None
    repair = fail("c", "f", fix=fix("x"))
    assert report.prescription(repair) is None and report.planned(repair) is None
    assert report.summary()["fail"] == 0


def test_the_public_names_are_all_there() -> None:
    import mlenv_doctor

    for name in mlenv_doctor.__all__:
        assert getattr(mlenv_doctor, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        mlenv_doctor.nonsense  # noqa: B018
