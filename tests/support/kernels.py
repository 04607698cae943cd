"""A notebook that is really executed, by nbclient in an ipykernel of this Python, and what its cells came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
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


def executed(*cells: str, folder: Path, environ: Mapping[str, str] | None = None, save: Path | None = None) -> list[Shown]:
    """Execute the cells in one kernel that starts in `folder` with these variables, and nothing else of ours."""
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=metadata)
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    commands = folder / ".commands"
    commands.mkdir(exist_ok=True)
    if not (commands / "sh").exists():
        (commands / "sh").symlink_to("/bin/sh")
    client.execute(env={"HOME": str(folder), "PATH": str(commands), **(environ or {})})
    if save:
        nbformat.write(notebook, save)
    return [shown(cell.outputs) for cell in notebook.cells]


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
