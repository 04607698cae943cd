"""A short run of the fuzzer over every reader of foreign text; `python3 -m support.fuzz SECONDS` runs as long as one likes."""

from __future__ import annotations

import pytest

from support.fuzz import run


@pytest.mark.parametrize("seed", [pytest.param(1), *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
def test_no_reader_breaks_dawdles_or_tells(seed: int) -> None:
    done = run(2 if seed == 1 else 20, seed)
    assert done.tried > 20 and done.broken == [] and done.found == []
    assert done.worst < 3, done.slowest
