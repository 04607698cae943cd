"""The modules of Python's standard library that a file of a project can hide: data/stdlib_modules.txt."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mlenv_doctor.api import text


@cache
def stdlib_names() -> Mapping[str, bool]:
    """The modules that ML libraries import, with whether hiding one breaks an import already, or only what is called later."""
    lines = (line for line in text(__package__, "data/stdlib_modules.txt").splitlines() if not line.startswith("#"))
    return {name.rstrip("?"): not name.endswith("?") for line in lines for name in line.split()}
