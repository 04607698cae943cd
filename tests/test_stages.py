"""The stages of the roadmap are worked out from the findings alone."""

from __future__ import annotations

import pytest

from mlenv_doctor import Finding, Stage, fail, ok, skip, unknown, warn
from mlenv_doctor.model import Result
from mlenv_doctor.stages import stage_states

STAGE = Stage("s", "1", "S", ("libraries/numpy", "libraries/openai|anthropic", "gpu"))
FINE = {"libraries": [ok("", subject="numpy"), ok("", subject="openai")], "gpu": [skip("no GPU here")], "python": [ok("")]}


def state(**families: list[Finding]) -> tuple[bool, tuple[str, ...]] | None:
    results = [Result(f"{family}.x", family, "X", tuple(found)) for family, found in {**FINE, **families}.items() if found]
    states = stage_states([STAGE], results)
    return (states[0].ready, states[0].missing) if states else None


NUMPY, OPENAI = ok("", subject="numpy"), ok("", subject="openai")


@pytest.mark.parametrize(
    ("families", "expected"),
    [
        ({}, (True, ())),
        ({"libraries": [NUMPY, ok("", subject="anthropic")]}, (True, ())),
        ({"libraries": [NUMPY]}, (False, ("openai or anthropic",))),
        ({"libraries": [OPENAI]}, (False, ("numpy",))),
        ({"libraries": [NUMPY, OPENAI, fail("c", "", subject="numpy")]}, (False, ("numpy",))),
        ({"libraries": [NUMPY, OPENAI, unknown("", subject="numpy")]}, (False, ("numpy",))),
        ({"libraries": [NUMPY, OPENAI, skip("", subject="numpy", blocked_by="x")]}, (False, ("numpy",))),
        ({"libraries": [warn("too-old-version", "", subject="numpy"), OPENAI]}, (True, ())),
        ({"libraries": [warn("not-installed", "", subject="numpy"), OPENAI]}, (False, ("numpy",))),
        ({"gpu": [fail("driver-missing", "")]}, (False, ("gpu",))),
        ({"python": [fail("python-too-old", "")]}, (False, ("python",))),
        ({"gpu": []}, None),
    ],
)
def test_the_state_of_a_stage(families: dict[str, list[Finding]], expected: tuple[bool, tuple[str, ...]] | None) -> None:
    assert state(**families) == expected
