"""A probe is a module: its test sets the variables and calls it."""

from __future__ import annotations

import pytest
from mlenv_doctor_cluster.cluster.probes.environment_modules import SIGNS, read_environment_modules


def test_loaded_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADEDMODULES", "gcc/13.2:cuda/11.8")
    assert read_environment_modules({}) == {"present": True, "loaded": ["gcc/13.2", "cuda/11.8"]}


def test_a_machine_without_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOADEDMODULES", *SIGNS):
        monkeypatch.delenv(name, raising=False)
    assert read_environment_modules({}) == {"present": False, "loaded": []}
