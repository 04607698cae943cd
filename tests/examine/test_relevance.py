"""Only what is used is judged: complaints of families that the project has no use for."""

from __future__ import annotations

import pytest

from mlenv_doctor.api import Finding, Result, Status, fail, ok, skip, unknown, warn
from mlenv_doctor.examine.relevance import Subject, relevant
from mlenv_doctor.patient import Wanted

SUBJECTS = {"gpu": Subject(("torch*", "gpu"), "no GPU is used")}
FOUND = (fail("broken", "x"), warn("odd", "y"), unknown("z"), ok("fine"), skip("not here"))


def statuses(wanted: Wanted, *asked: str, family: str = "gpu") -> list[str]:
    result = Result(f"{family}.card", family, "Card", FOUND)
    return [finding.status.value for finding in relevant([result], SUBJECTS, wanted, asked)[0].findings]


ALL = [finding.status.value for finding in FOUND]
QUIET = ["skip", "skip", "skip", "pass", "skip"]


@pytest.mark.parametrize(
    ("wanted", "asked", "expected"),
    [
        (Wanted(), (), ALL),
        (Wanted(whole=False), (), QUIET),
        (Wanted(whole=False), ("gpu",), ALL),
        (Wanted(whole=False), ("gpu.card",), ALL),
        (Wanted(whole=False), ("libraries",), QUIET),
        (Wanted(whole=False, used=("torchvision",)), (), ALL),
        (Wanted(whole=False, used=("gpu",)), (), ALL),
        (Wanted(whole=False, used=("numpy",), brought=("torch",)), (), ALL),
        (Wanted(whole=False, used=("numpy",)), (), QUIET),
    ],
)
def test_a_family_complains_where_it_matters(wanted: Wanted, asked: tuple[str, ...], expected: list[str]) -> None:
    assert statuses(wanted, *asked) == expected


def test_other_families_are_left_alone_and_nothing_is_lost() -> None:
    assert statuses(Wanted(whole=False), family="python") == ALL
    quiet: Finding = relevant([Result("gpu.card", "gpu", "Card", FOUND)], SUBJECTS, Wanted(whole=False), ())[0].findings[0]
    assert quiet.status is Status.SKIP and quiet.message == "no GPU is used; found: x"
