"""What is between a program and the card of this machine, as a cause or as an open question."""

from __future__ import annotations

from dataclasses import dataclass

from mlenv_doctor import Finding, Fix, fail, unknown, warn


@dataclass(frozen=True)
class Obstacle:
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
