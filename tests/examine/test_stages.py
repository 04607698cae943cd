"""The stages of the roadmap are worked out from the findings alone."""

from __future__ import annotations

import pytest

from mlenv_doctor import Finding, Stage, fail, ok, skip, unknown, warn
from mlenv_doctor.examine.stages import stage_states
from mlenv_doctor.model import Result
from mlenv_doctor.patient import Wanted, WantedLibrary

STAGE = Stage("s", "1", "S", ("libraries/numpy", "libraries/openai|anthropic", "gpu"))
FINE = {"libraries": [ok("", subject="numpy"), ok("", subject="openai")], "gpu": [skip("no GPU here")], "python": [ok("")]}


def state(**families: list[Finding]) -> tuple[bool, tuple[str, ...]] | None:
    results = [Result(f"{family}.x", family, "X", tuple(found)) for family, found in {**FINE, **families}.items() if found]
    states = stage_states([STAGE], results)
    return (states[0].ready, states[0].missing) if states else None


def worked(*found: Finding) -> tuple[bool, bool]:
    """Whether the stage is ready and works, where a check of real work found this."""
    results = [Result(f"{family}.x", family, "X", tuple(f)) for family, f in FINE.items()]
    (only,) = stage_states([STAGE], [*results, Result("libraries.work", "libraries", "W", found)], work=["libraries.work"])
    return only.ready, only.works


def test_a_stage_works_where_its_libraries_did_real_work() -> None:
    assert worked(ok("", subject="numpy"), ok("", subject="anthropic")) == (True, True)
    assert worked(ok("", subject="numpy")) == (True, False)
    assert worked(fail("does-not-work", "", subject="numpy")) == (False, False)
    assert worked(ok("", subject="numpy"), unknown("", subject="openai")) == (True, False), "no time is no fault"


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


OF_A_SERVER = Stage("s", "1", "S", ("libraries/numpy", "server/key"))


def own_state(numpy: bool, *about_key: Finding, profiles: tuple[str, ...] = ()) -> tuple[bool, tuple[str, ...]] | None:
    """The state for a project of its own, which requires numpy or nothing; the environment holds nothing."""
    found = {"libraries": [], "server": list(about_key), "python": [fail("python-too-old", "")] if not about_key else [ok("")]}
    results = [Result(f"{family}.x", family, "X", tuple(each)) for family, each in found.items()]
    wanted = Wanted((WantedLibrary("numpy"),) if numpy else (), profiles, declared=True, whole=False)
    states = stage_states([OF_A_SERVER], results, None, wanted, results)
    return (states[0].ready, states[0].missing) if states else None


UNUSED, UNSET = skip("calls no server", subject="key"), warn("key-missing", "", subject="key")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (own_state(False, UNUSED), None),
        (own_state(True, UNUSED), (False, ("numpy",))),
        (own_state(False, UNSET), (False, ("server key",))),
        (own_state(False, skip("", subject="key", blocked_by="x")), (False, ("server key",))),
        (own_state(False, UNUSED, profiles=("s",)), (False, ("numpy", "server key"))),
        (own_state(True), (False, ("python", "numpy"))),
        (own_state(False), None),
    ],
)
def test_a_project_is_not_told_that_it_lacks_what_it_does_without(
    state: tuple[bool, tuple[str, ...]] | None, expected: tuple[bool, tuple[str, ...]] | None
) -> None:
    assert state == expected
