"""A home, a project with notebooks, and environments by their files alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mlenv_checks.jupyter.facts import Jupyter, Kernel
from support.probing import probe

HOME_VARIABLES = {"JUPYTER_PATH": "", "JUPYTER_DATA_DIR": "", "XDG_DATA_HOME": "", "IPYTHONDIR": "", "PYTHONPATH": ""}


def environment(folder: Path, *modules: str) -> Path:
    """A virtual environment by its files alone; its interpreter."""
    site = folder / "lib/python3.11/site-packages"
    site.mkdir(parents=True)
    for name in modules:
        (site / name).mkdir()
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return folder / "bin/python"


def document(kernel: Any = "python3", *sources: Any, language: str | None = "python", info: str | None = None) -> str:
    metadata: dict[str, Any] = {"kernelspec": {"name": kernel, "display_name": "x"}}
    if language:
        metadata["kernelspec"]["language"] = language
    if info:
        metadata["language_info"] = {"name": info}
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources], "metadata": metadata})


def kernel_json(folder: Path, *argv: str, **more: Any) -> Path:
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps({"argv": [*argv, "-m", "ipykernel_launcher"], "language": "python", **more}))
    return folder / "kernel.json"


class Place:
    """A home, a project with an environment that has Jupyter, and another environment."""

    def __init__(self, root: Path) -> None:
        self.root, self.home, self.project = root, root / "home", root / "project"
        self.project.mkdir()
        self.user = self.home / ".local/share/jupyter/kernels"
        self.python = environment(self.project / ".venv", "ipykernel", "jupyterlab", "pandas")
        self.other = environment(root / "other", "ipykernel")

    def write(self, name: str, text: str) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def read(self, python: Path | None = None, **env: str) -> Jupyter:
        base = {**HOME_VARIABLES, "HOME": str(self.home), "PATH": "/nowhere"}
        found = probe(Jupyter, python=python or self.python, cwd=self.project, env={**base, **env})
        assert isinstance(found, Jupyter), found
        return found

    def kernel(self, **env: str) -> Kernel:
        (found,) = self.read(None, **env).kernels
        return found
