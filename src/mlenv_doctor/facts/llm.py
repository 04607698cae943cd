"""LLM keys: the variables of the shell and of `.env`, reduced to what is no secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Keys(Fact):
    """To be filled in."""

    section: ClassVar[str] = "keys"
    probe: ClassVar[str] = "llm"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 10.0
    owner: ClassVar[str] = "llm.dotenv"
