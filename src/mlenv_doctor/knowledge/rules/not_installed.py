"""A distribution that is not installed: what brings it, who asked for it, and where else it may be."""

from __future__ import annotations

import re

from ..reading import Candidate, Cure, Kind, Reading
from .common import Case, candidate

NOTEBOOK = re.compile(r"ipython-input|Cell In ?\[|ipykernel|KernelRestarter|\bIn ?\[\d+\]")
LOCAL = {
    "src",
    "utils",
    "util",
    "models",
    "model",
    "config",
    "configs",
    "data",
    "dataset",
    "helpers",
    "lib",
    "core",
    "common",
    "modules",
    "app",
    "main",
    "tools",
    "scripts",
    "tests",
    "train",
    "networks",
    "layers",
    "options",
    "settings",
    "db",
    "api",
    "services",
    "agents",
    "backend",
    "routers",
    "schemas",
    "crud",
    "database",
    "nodes",
    "trainer",
    "evaluation",
    "losses",
    "metrics",
    "preprocessing",
}


def install(case: Case, name: str, dist: str, at: int) -> Reading:
    """It is not installed: say what brings it, and who asked for it."""
    where = case.facts.declared.get(dist, "")
    asked = f", although {where} requires it" if where else ""
    here = f" in {case.facts.whose}" if case.facts.whose and case.facts.absent(dist) else ""
    brings = f" (it provides {name})" if dist != name else ""
    others: list[Candidate] = []
    if not case.facts.absent(dist):
        if NOTEBOOK.search(case.trace.text):
            others.append(
                candidate(
                    "kernel-wrong-interpreter",
                    "the notebook's kernel runs another Python than the one it was installed into",
                    "`import sys; sys.executable` in a cell",
                    Cure("Install it from a cell with %pip install, or choose the kernel of that environment"),
                )
            )
        others.append(
            candidate(
                "pip-python-mismatch",
                f"{dist} is installed in another Python than the one that runs",
                "`python -m pip show " + dist + "` with the same Python",
            )
        )
    cure = Cure(f"Install {dist} with the Python that runs the program", install=(dist,))
    return Reading(Kind.ENVIRONMENT, f"{dist} is not installed{here}{brings}{asked}", "not-installed", dist, cure, tuple(others))
