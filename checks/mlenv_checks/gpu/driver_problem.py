"""What is between a program and the card of this machine, as a cause or as an open question."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Fix, fail, unknown, warn
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class DriverProblem:
    """Why the NVIDIA card that is here cannot be used.

    cause: empty where it cannot be named. hard: a fault even where nobody asked for a GPU.
    """

    cause: str
    message: str
    fix: Fix | None = None
    hard: bool = True

    def finding(self, required: bool) -> Finding:
        """How to report it."""
        if not self.cause:
            return unknown(self.message)
        return (fail if self.hard or required else warn)(self.cause, self.message, fix=self.fix)
