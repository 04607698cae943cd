"""Every kind of address, on the disk, examined as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from families.project.kinds import Kind
from families.project.test_kinds import expect_healthy, expect_sick

from .kinds import HEALTHY, SICK


@pytest.mark.parametrize("kind", SICK, ids=lambda kind: kind.name)
def test_a_wrong_address(kind: Kind, tmp_path: Path) -> None:
    expect_sick(kind, tmp_path, "services", "containers")


@pytest.mark.parametrize("kind", HEALTHY, ids=lambda kind: kind.name)
def test_what_looks_alike(kind: Kind, tmp_path: Path) -> None:
    expect_healthy(kind, tmp_path, "services", "containers", "libraries")
