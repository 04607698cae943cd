"""Checks are pure functions: their tests are plain calls."""

from __future__ import annotations

from cluster_checks import launcher

from mlenv_doctor.facts import Distribution, Libraries


def installed(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/site") for name in names))


def test_the_launcher_is_wanted_beside_torch_only() -> None:
    assert launcher(installed()).status.value == "skip"
    assert launcher(installed("torch")).cause == "cluster-launcher-missing"
    assert launcher(installed("torch", "our-cluster-launcher")).status.value == "pass"
