"""What all rules share: the case before them, and how they name libraries and versions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from ..reading import Candidate, Cure
from ..surroundings import Surroundings
from ..trace import Frame, Trace
from ..world import Change, Knowledge


@dataclass(frozen=True)
class Case:
    """An error, what is known of its surroundings, and what is known of the world."""

    trace: Trace
    facts: Surroundings
    knowledge: Knowledge

    def distribution(self, module: str) -> str:
        """The distribution of a module: from the table, or one that is installed under that very name."""
        known = self.knowledge.distribution(module)
        top = canonicalize_name(module.partition(".")[0])
        return known or (top if self.facts.version(top) else "")

    def library(self, frame: Frame) -> str:
        """The distribution that a frame lies in, or the name of its folder where no distribution is known."""
        return self.distribution(frame.module) or frame.top.replace("_", "-")

    def is_known(self, distribution: str) -> bool:
        """Whether a name is certainly that of a distribution, so that it may stand in an install command."""
        return bool(self.facts.version(distribution)) or distribution in self.knowledge.imports.values()

    def written(self, module: str) -> bool:
        """Whether the text shows an import of this module and no file of a library: the program itself imports it."""
        top = re.escape(module.partition(".")[0])
        line = re.compile(rf"^[ \t]{{0,4}}(?:>>> ?)?(?:import|from) {top}\b", re.M)
        return not any(frame.top for frame in self.trace.frames) and bool(line.search(self.trace.text))

    def with_version(self, distribution: str) -> str:
        """A distribution and its version, as a sentence names it."""
        version = self.facts.version(distribution)
        return f"{distribution} {version}" if version else distribution

    def user(self, at: int, provider: str) -> Frame | None:
        """Who used what failed: the deepest frame that is neither Python's nor the provider's."""
        tops = {frame.top for frame in self.trace.frames if frame.top and self.library(frame) == provider}
        return self.trace.user(at, frozenset(tops))


def upgrade(distribution: str) -> Cure:
    """To install the newest release of a distribution."""
    return Cure(f"Upgrade {distribution}", install=(distribution,), upgrade=True)


def older(change: Change) -> str:
    """The requirement for the last releases before a change."""
    return f"{change.distribution}<{change.version}"


def either(case: Case, user: str, provider: str, bound: str) -> Cure:
    """To upgrade the library that uses a name, or to go back to a release of the provider that still has it."""
    if case.is_known(user):
        return Cure(f"Upgrade {user}, or install {bound}", install=(user,), upgrade=True, notes=(f"Or: pip install '{bound}'",))
    return Cure(f"Install {bound}, or a newer release of {user}", install=(bound,))


def candidate(cause: str, message: str, decides: str = "", cure: Cure | None = None, likelihood: str = "possible") -> Candidate:
    """One of several readings."""
    return Candidate(cause, message, likelihood, decides, cure)
