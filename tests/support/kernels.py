"""A notebook that is really executed, by nbclient in an ipykernel of this Python, and what its cells came to."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook


@dataclass
class Shown:
    """The outputs of one cell."""

    printed: str = ""
    errors: str = ""
    error: str = ""
    traceback: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    displayed: int = 0

    @property
    def plain(self) -> str:
        return self.data.get("text/plain", "")

    @property
    def html(self) -> str:
        return self.data.get("text/html", "")


def executed(
    *cells: str, folder: Path, environ: Mapping[str, str] | None = None, python: str | Path = sys.executable
) -> list[Shown]:
    """Execute the cells in one kernel of `python` that starts in `folder` with these variables, and nothing else of ours."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, manager(folder / ".kernels", python), timeout=300, allow_errors=True)
    client.resources = {"metadata": {"path": str(folder)}}
    commands = folder / ".commands"
    commands.mkdir(exist_ok=True)
    if not (commands / "sh").exists():
        (commands / "sh").symlink_to("/bin/sh")
    client.execute(env={"HOME": str(folder), "PATH": str(commands), **(environ or {})})
    return [shown(cell.outputs) for cell in notebook.cells]


def manager(folder: Path, python: str | Path) -> AsyncKernelManager:
    """What starts a kernel of this Python, registered as a user would."""
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "P",
        "language": "python",
    }
    (folder / "lab").mkdir(parents=True, exist_ok=True)
    (folder / "lab/kernel.json").write_text(json.dumps(spec))
    return AsyncKernelManager(kernel_name="lab", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder)]))


def shown(outputs: list[Any]) -> Shown:
    """What one cell shows."""
    found = Shown(displayed=sum(output.output_type in ("display_data", "execute_result") for output in outputs))
    for output in outputs:
        if output.output_type == "stream":
            found.printed += output.text if output.name == "stdout" else ""
            found.errors += output.text if output.name == "stderr" else ""
        elif output.output_type == "error":
            found.error, found.traceback = f"{output.ename}: {output.evalue}", "\n".join(output.traceback)
        else:
            found.data = output.data
    return found
