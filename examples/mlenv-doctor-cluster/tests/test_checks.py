"""Checks are pure functions: their tests are plain calls."""

from __future__ import annotations

from mlenv_doctor_cluster.cluster.checks import launcher, modules
from mlenv_doctor_cluster.cluster.facts import EnvironmentModules

from mlenv_doctor.api import Missing
from mlenv_doctor.patient import Distribution, Libraries


def installed(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/site") for name in names))


def test_the_launcher_is_needed_beside_torch_only() -> None:
    assert launcher(installed()).status.value == "skip"
    assert launcher(installed("torch")).cause == "cluster-launcher-missing"
    assert launcher(installed("torch", "our-cluster-launcher")).status.value == "pass"


def test_a_cuda_module_disturbs_torch_only() -> None:
    loaded = EnvironmentModules(True, ("gcc/13.2", "cuda/11.8"))
    assert modules(loaded, installed("torch")).cause == "cluster-cuda-module"
    assert modules(loaded, installed("numpy")).status.value == "pass"
    assert modules(EnvironmentModules(True, ("gcc/13.2",)), installed("torch")).status.value == "pass"
    assert modules(EnvironmentModules(), installed("torch")).status.value == "skip"
    assert modules(Missing("environment_modules", "error", "could not be read"), installed()).status.value == "unknown"
