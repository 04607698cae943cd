"""What the built-in families know of making an environment: which Pythons suit, and which build of PyTorch."""

from __future__ import annotations

from mlenv_doctor.api import SettingUp

from .gpu.facts import Accelerators, Gpu
from .gpu.first_torch import first_torch
from .python.versions import python_versions


def setting_up() -> SettingUp:
    """All of it."""
    known = python_versions()
    return SettingUp(known["comfortable"], known["best"], known["newest"], (Gpu, Accelerators), first_torch)
