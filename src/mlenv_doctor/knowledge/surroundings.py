"""What is known of the place where an error happened: versions, requirements, Python, system. Silence means: not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..patient import Native, SharedLibraries


@dataclass(frozen=True)
class Surroundings:
    """The machine or the list of packages that an error is read against.

    complete: the versions are all there is; a distribution that is not among them is not installed.
    requires: of each distribution its requirements. declared: what the project asks for, and where.
    local: names that the project's own files can be imported by. prefix: the environment's folder.
    installer: what installs there: "pip", "uv" for an environment without pip, or "ensurepip" where pip has to come first.
    whose: what a sentence calls it. native: what there is to compile here. shared: the libraries that the error names, looked up.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    complete: bool = False
    python: str = ""
    executable: str = ""
    prefix: str = ""
    os: str = ""
    place: str = ""
    declared: Mapping[str, str] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    whose: str = ""
    installer: str = "pip"
    distro: str = ""
    native: Native | None = None
    shared: SharedLibraries | None = None

    def version(self, name: str) -> str:
        """The version of a distribution, of "python", or of the "sqlite" it is linked to; empty where it is not known."""
        if name == "sqlite" and self.native and self.native.sqlite:
            return self.native.sqlite
        return self.python if name == "python" else self.versions.get(canonicalize_name(name), "")

    def absent(self, name: str) -> bool:
        """Whether a distribution is certainly not installed."""
        return self.complete and bool(name) and canonicalize_name(name) not in self.versions

    def meets(self, asked: str) -> bool | None:
        """Whether a requirement such as `numpy>=2` is met; None where the version is not known."""
        requirement = requirement_of(asked)
        version = self.version(requirement.name) if requirement else ""
        return within(version, str(requirement.specifier)) if requirement and version else None

    def unmet(self, user: str, provider: str) -> str:
        """What `user` requires of `provider` that the installed version is not; empty where that is not the case."""
        version = self.version(provider)
        for line in self.requires.get(canonicalize_name(user), ()):
            asked = requirement_of(line)
            same = asked and canonicalize_name(asked.name) == canonicalize_name(provider) and _applies(asked)
            if asked and same and version and within(version, str(asked.specifier)) is False:
                return f"{asked.name}{asked.specifier}"
        return ""


def requirement_of(text: str) -> Requirement | None:
    """A requirement, or None for what is none."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def within(version: str, specifier: str) -> bool | None:
    """Whether a version is one of those; None where it cannot be compared."""
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return None


def _applies(asked: Requirement) -> bool:
    try:
        return asked.marker is None or asked.marker.evaluate({"extra": ""})
    except Exception:  # a marker of a foreign metadata file may be anything
        return False
