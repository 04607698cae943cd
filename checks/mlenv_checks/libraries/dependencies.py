"""Which installed distributions contradict each other, worked out from their own metadata for the target's Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mlenv_doctor.api import Fix, fix
from mlenv_doctor.patient import Distribution, Libraries, Python, WantedLibrary
from mlenv_doctor.records import dataclass

from .installed import stand_in

EXTRA = re.compile(r"\bextra\s*==")
VERSIONS = r"(?:<=|>=|==|!=|~=|<|>)[ ]?\d+(?:\.\d+){0,4}"
PLAIN = re.compile(rf"([A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)[ ]?((?:{VERSIONS}(?:,[ ]?{VERSIONS})*)?)[ ]?(?:;(.*))?")


@dataclass(frozen=True)
class Conflict:
    """One requirement that is not met: `owner` asks for `asked` of `name`; `found` is the installed version, or None.

    extra: the part of the owner that asks, where it is not the owner as a whole.
    """

    owner: str
    owner_version: str
    name: str
    asked: str
    found: str | None
    extra: str = ""

    @property
    def who(self) -> str:
        """The owner with its version, as one writes it: uvicorn[standard] 0.40."""
        return f"{self.owner}[{self.extra}] {self.owner_version}" if self.extra else f"{self.owner} {self.owner_version}"


def conflicts(libraries: Libraries, python: Python, wanted: Iterable[WantedLibrary] = ()) -> tuple[Conflict, ...]:
    """All unmet requirements among the installed distributions, and among the extras that are wanted of them.

    Only the first of a name on the path counts.
    """
    environments = {"": {**python.markers, "extra": ""}}
    extras = {library.name: library.extras for library in wanted}
    first = libraries.by_name
    environments |= {extra: {**python.markers, "extra": extra} for names in extras.values() for extra in names}
    asked = [(owner, extra) for owner in first.values() for extra in ("", *extras.get(owner.name, ()))]
    found = (conflict for owner, extra in asked for conflict in _of(owner, extra, first, environments[extra]))
    instead = cache(lambda name: stand_in(name, libraries))
    return tuple(conflict for conflict in found if conflict.found or not instead(conflict.name))


def by_name(found: Iterable[Conflict]) -> dict[str, list[Conflict]]:
    """The conflicts of each distribution that is missing or does not suit: one fault, however many suffer from it."""
    grouped: dict[str, dict[str, Conflict]] = {}
    for conflict in found:
        grouped.setdefault(conflict.name, {}).setdefault(conflict.owner, conflict)
    return {name: list(conflicts.values()) for name, conflicts in grouped.items()}


def repair(group: Sequence[Conflict], wanted: Iterable[WantedLibrary] = ()) -> Fix:
    """What ends the conflicts about one distribution: to install it, or to upgrade those that it does not suit.

    One whose version somebody asked for stays; what it needs follows.
    """
    name = group[0].name
    kept = {library.name for library in wanted if library.specifier}
    asked = name + ",".join(dict.fromkeys(part for c in group if (part := c.asked.removeprefix(name))))
    if group[0].found is None:
        return fix("libs.install", packages=(asked,))
    if any(conflict.owner in kept for conflict in group):
        return fix("libs.satisfy", packages=(asked,))
    return fix("libs.align", packages=tuple(conflict.owner for conflict in group), asked=(asked,))


def requirements_of(name: str, libraries: Libraries) -> Sequence[str]:
    """The names of what a distribution requires, without its extras."""
    found = libraries.find(name)
    return _names(found.requires) if found else ()


@lru_cache(maxsize=1 << 16)
def _names(requires: tuple[str, ...]) -> tuple[str, ...]:
    """The names in some requirements that name no extra."""
    return tuple(name for text in _of_extras(requires, False) if (name := _name(text)))


@lru_cache(maxsize=1 << 16)
def _of_extras(requires: tuple[str, ...], wanted: bool) -> tuple[str, ...]:
    """The requirements of extras, or all others. Most lines of most metadata name an extra: those are not worth parsing."""
    return tuple(text for text in requires if ("extra" in text and bool(EXTRA.search(text))) is wanted)


def _name(text: str) -> str:
    """The name in a requirement, empty where the text is none. Most are plain, and there may be tens of thousands."""
    plain = PLAIN.fullmatch(text)
    if plain and (not plain[3] or parsed(f"x;{plain[3]}")):
        return canonicalize_name(plain[1])
    requirement = parsed(text)
    return canonicalize_name(requirement.name) if requirement else ""


def all_needed(names: Iterable[str], libraries: Libraries) -> set[str]:
    """Some distributions and all that they require, and what those require."""
    todo, seen = list(names), set[str]()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += requirements_of(name, libraries)
    return seen


def _of(
    owner: Distribution, extra: str, installed: Mapping[str, Distribution], environment: Mapping[str, str]
) -> Iterator[Conflict]:
    for text in _of_extras(owner.requires, bool(extra)):
        if _is_met(text, installed):
            continue
        requirement = parsed(text)
        if requirement is None or not _applies(requirement, environment):
            continue
        name = canonicalize_name(requirement.name)
        found = installed.get(name)
        if found is None or not satisfies(found.version, str(requirement.specifier)):
            asked = f"{name}{requirement.specifier}"
            yield Conflict(owner.name, owner.version or "", name, asked, found.version if found else None, extra)


def _is_met(text: str, installed: Mapping[str, Distribution]) -> bool:
    """Whether a plain requirement is met, whatever its marker says: no need to understand that."""
    name, specifier = _plain(text)
    found = installed.get(name)
    return bool(found and satisfies(found.version, specifier))


@lru_cache(maxsize=1 << 16)
def _plain(text: str) -> tuple[str, str]:
    """The name in a plain requirement and the versions that it allows; both empty where it is not plain."""
    plain = PLAIN.fullmatch(text)
    return (canonicalize_name(plain[1]), plain[2]) if plain else ("", "")


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


@lru_cache(maxsize=1 << 16)
def satisfies(version: str | None, specifier: str) -> bool:
    """Whether a version meets a specifier. One that cannot be compared is given the benefit of the doubt."""
    try:
        return version is None or _specifiers(specifier).contains(Version(version), prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return True


@lru_cache(maxsize=1 << 14)
def _specifiers(text: str) -> SpecifierSet:
    """Raises InvalidSpecifier."""
    return SpecifierSet(text)
