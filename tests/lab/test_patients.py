"""Every patient of the lab: exactly its cause is red, and nothing else.

By default one patient is looked at for each set of causes that are red, one that only warns and a healthy one of each family;
all others are marked slow.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from lab.patient import Patient


def _room(file: Path) -> str:
    """Such as "gpu", "gpu-driver" or "healthy"."""
    kind = file.stem.removeprefix("patients").removesuffix("_patients").strip("_")
    return "-".join(part for part in (file.parent.name if file.parent.name != "lab" else "", kind) if part)


TESTS = Path(__file__).parents[1]
FILES = [*sorted(TESTS.glob("families/*/patients*.py")), TESTS / "lab/healthy_patients.py"]
EVERYONE = [
    (_room(file), patient)
    for file in FILES
    for patient in import_module(".".join(file.relative_to(TESTS).with_suffix("").parts)).PATIENTS
]


def slow_ones() -> set[str]:
    """The patients that are not needed to see every cause of a failure once."""
    known: set[object] = set()
    slow = {f"{family} {patient.id}" for family, patient in EVERYONE if patient.slow}
    for family, patient in EVERYONE:
        kind = frozenset(patient.red) or (family, bool(patient.yellow))
        if kind in known:
            slow.add(f"{family} {patient.id}")
        elif not patient.slow:
            known.add(kind)
    return slow


SLOW = slow_ones()


@pytest.mark.parametrize(
    "patient",
    [
        pytest.param(
            patient,
            id=f"{family}-{patient.id.replace(' ', '-')}",
            marks=[pytest.mark.slow] if f"{family} {patient.id}" in SLOW else [],
        )
        for family, patient in EVERYONE
    ],
)
def test_patient(patient: Patient, tmp_path: Path) -> None:
    patient.examine(tmp_path)


def test_every_patient_has_a_name_of_its_own() -> None:
    names = [(family, patient.id) for family, patient in EVERYONE]
    assert len(names) == len(set(names))


def test_every_cause_of_a_patient_is_seen_by_default() -> None:
    fast = [patient for family, patient in EVERYONE if f"{family} {patient.id}" not in SLOW]
    seen = {cause for patient in fast for cause in patient.red}
    needs_more = {cause for _, patient in EVERYONE if patient.slow for cause in patient.red}
    assert {cause for _, patient in EVERYONE for cause in patient.red} <= seen | needs_more
