"""Every patient of the lab: exactly its cause is red, and nothing else."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from .patient import Patient

HERE = Path(__file__).parent
EVERYONE = [
    (file.stem.removesuffix("_patients"), patient)
    for file in sorted(HERE.glob("*_patients.py"))
    if file.name != Path(__file__).name
    for patient in import_module(f"{__package__}.{file.stem}").PATIENTS
]


@pytest.mark.parametrize(
    "patient",
    [
        pytest.param(patient, id=f"{family}-{patient.id.replace(' ', '-')}", marks=[pytest.mark.slow] if patient.slow else [])
        for family, patient in EVERYONE
    ],
)
def test_patient(patient: Patient, tmp_path: Path) -> None:
    patient.examine(tmp_path)


def test_every_patient_has_a_name_of_its_own() -> None:
    names = [(family, patient.id) for family, patient in EVERYONE]
    assert len(names) == len(set(names))
