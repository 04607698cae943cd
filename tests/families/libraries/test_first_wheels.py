"""Which requirements no wheel for this Python can meet."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.first_wheels import too_old_for
from mlenv_doctor.patient import WantedLibrary


@pytest.mark.parametrize(
    ("specifier", "minor", "too_old"),
    [
        ("==1.24.3", (3, 12), True),
        ("==1.26.4", (3, 12), False),
        (">=1.24", (3, 12), False),
        ("", (3, 12), False),
        ("not a version", (3, 12), False),
    ],
)
def test_a_pin_from_before_the_first_wheel(specifier: str, minor: tuple[int, int], too_old: bool) -> None:
    assert too_old_for(WantedLibrary("numpy", specifier), minor) is too_old


def test_a_library_that_the_table_does_not_know() -> None:
    assert not too_old_for(WantedLibrary("our-own", "==0.1"), (3, 12))
