"""Which installed distributions contradict each other, worked out from their own metadata for the target's Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mlenv_doctor.facts import Distribution, Libraries, Python

EXTRA = re.compile(r"\bextra\s*==")


@dataclass(frozen=True)
class Conflict:
    """One requirement that is not met: `owner` asks for `asked` of `name`; `found` is the installed version, or None."""

    owner: str
    owner_version: str
    name: str
    asked: str
    found: str | None


def conflicts(libraries: Libraries, python: Python) -> tuple[Conflict, ...]:
    """All unmet requirements among the installed distributions. Only the first of a name on the path counts."""
    environment = {**python.markers, "extra": ""}
    first: dict[str, Distribution] = {}
    for distribution in libraries.distributions:
        first.setdefault(distribution.name, distribution)
    return tuple(conflict for owner in first.values() for conflict in _of(owner, first, environment))


def _of(owner: Distribution, installed: Mapping[str, Distribution], environment: Mapping[str, str]) -> Iterator[Conflict]:
    for text in owner.requires:
        if EXTRA.search(text):  # most lines of most metadata: not worth parsing
            continue
        requirement = parsed(text)
        if requirement is None or not _applies(requirement, environment):
            continue
        name = canonicalize_name(requirement.name)
        found = installed.get(name)
        if found is None or not satisfies(found.version, str(requirement.specifier)):
            asked = f"{name}{requirement.specifier}"
            yield Conflict(owner.name, owner.version or "", name, asked, found.version if found else None)


def _applies(requirement: Requirement, environment: Mapping[str, str]) -> bool:
    """Whether the marker of a requirement lets it apply; one that compares what cannot be compared does not."""
    try:
        return requirement.marker is None or requirement.marker.evaluate(dict(environment))
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def parsed(text: str) -> Requirement | None:
    """A requirement, or None where its text is none: old metadata holds such."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def satisfies(version: str | None, specifier: str) -> bool:
    """Whether a version meets a specifier. One that cannot be compared is given the benefit of the doubt."""
    requirement = parsed(f"x{specifier}")
    try:
        return requirement is None or version is None or requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True
