"""What came of one run of the doctor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Visit:
    """What came of one run of the doctor."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def report(self) -> dict[str, Any]:
        """The JSON document."""
        found: dict[str, Any] = json.loads(self.stdout)
        return found

    def findings(self, *statuses: str) -> list[dict[str, Any]]:
        """The findings of these statuses (all without one), each with the id of its check."""
        everything = [{"id": r["id"], **f} for r in self.report["results"] for f in r["findings"]]
        return [f for f in everything if not statuses or f["status"] in statuses]

    def causes(self, *statuses: str) -> set[str]:
        """The causes of the findings of these statuses."""
        return {f["cause"] for f in self.findings(*statuses)}

    def broken(self) -> list[str]:
        """What the doctor says of itself: plug-ins that do not load, checks with a bug."""
        return [f["message"] for f in self.findings("unknown") if f["id"].startswith("plugin.") or "has a bug" in f["message"]]

    def __str__(self) -> str:
        lines = [
            f"{f['status']:7} {f['id']:24} {f['cause'] or '':22} {f['subject'] or '':16} {f['message']}" for f in self.findings()
        ]
        return "\n".join([f"exit {self.code} after {self.seconds:.1f} s", *lines, self.stderr])
