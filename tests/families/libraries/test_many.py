"""Tens of thousands of distributions are judged in a few seconds: nothing grows with the square of their number."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.dependencies import conflicts, requirements_of
from mlenv_doctor.examine.engine import judge
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.patient import Distribution, Libraries, Python
from support import scripts

SITE = "/v/lib/python3.11/site-packages"
PYTHON = Python(executable="/v/bin/python", version="3.11.7", prefix="/v", base_prefix="/usr", purelib=SITE)
MANY = 20_000
judging = scripts.load("judging")


def test_twenty_thousand_distributions_are_judged() -> None:
    """How long that takes is measured by scripts/bench.py; with a rule that grows with the square it would take minutes."""
    snapshot = judging.machine(MANY)
    results = {result.id: result for result in judge(find_plugins()[0].checks, snapshot)}
    assert not any(result.broken for result in results.values())
    assert len(results["libraries.listed-once"].findings) == MANY / 20 and len(results["libraries.overlaps"].findings) == MANY / 8
    assert len([found for found in results["libraries.dependencies"].findings if found.fix]) == 100


@pytest.mark.parametrize(
    ("text", "needs", "unmet"),
    [
        ("numpy", ["numpy"], False),
        ("NumPy>=1.2,<3", ["numpy"], False),
        ("numpy>=2 ; python_version > '3.8'", ["numpy"], True),
        ("numpy>=2 ; python_version < '3.8'", ["numpy"], False),
        ("numpy>=2; nonsense", [], False),
        ("numpy<3 ; nonsense", [], False),
        ("numpy>=1.0.*", [], False),
        ("numpy (>=2)", ["numpy"], True),
        ("numpy[extra]==1.26.*", ["numpy"], False),
        ("numpy @ https://example.org/numpy.whl", ["numpy"], False),
        ("two words", [], False),
        ("numpy>=2; extra == 'dev'", [], False),
        ("", [], False),
    ],
)
def test_the_short_way_to_understand_a_requirement_leads_where_the_long_one_does(
    text: str, needs: list[str], unmet: bool
) -> None:
    libraries = Libraries((Distribution("a", "1", SITE, requires=(text,)), Distribution("numpy", "1.26.4", SITE)))
    assert list(requirements_of("a", libraries)) == needs
    assert bool(conflicts(libraries, PYTHON)) is unmet
