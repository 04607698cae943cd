"""What may cure an import: what the doctor prints for it, other versions of those involved, and removing an intruder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from ...model import Prescription
from ...patient import Imported, Libraries, Wanted
from ..changes import METADATA, plain
from ..commands import Scope, driver_problem, installs
from ..sheet import INSTALLERS
from ..verify import top_level

MOST = 8  # candidates for one import
TRACED = re.compile(r'File "[^"\n]{0,400}[\\/](?:site|dist)-packages[\\/]([A-Za-z0-9_]{1,100})')
NAMED = re.compile(r"(?:from |module |named )['\"]([A-Za-z0-9_]{1,100})")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
OPTIONS = ("-m", "--python", "--upgrade", "--no-deps")  # of commands whose outcome is all that they are about


@dataclass(frozen=True)
class Candidate:
    """Something to try. commands: as they are for the environment. exact: they have to be run as they are.

    Of all others the outcome counts: which versions the installer chose.
    """

    title: str
    commands: tuple[tuple[str, ...], ...]
    exact: bool = False

    @property
    def packages(self) -> list[str]:
        """The names of the packages that its commands ask for."""
        return [name for argv in self.commands for word in _asked(argv) if (name := _name(word))]


@dataclass(frozen=True)
class Installer:
    """How packages are installed here: by pip or uv, with this interpreter."""

    manager: str
    python: str

    def command(self, verb: str, *words: str) -> tuple[str, ...]:
        """One command; verb: "@install", "@reinstall" or "@uninstall"."""
        return (*(self.python if word == "{python}" else word for word in INSTALLERS[verb][self.manager]), *words)


def printed(fixes: Iterable[Prescription], scope: Scope) -> Iterator[Candidate]:
    """What the doctor prints anyway, as far as it only installs or removes packages of the environment."""
    for made in fixes:
        commands = tuple(command.argv for command in made.commands)
        if commands and all(installs(argv) and not driver_problem(argv, scope) for argv in commands):
            asked = " ".join(word for argv in commands for word in _asked(argv))
            yield Candidate(f"{made.title} ({asked})"[:200], commands, any(map(_is_exact, commands)))


def _asked(argv: Sequence[str]) -> list[str]:
    """The packages that a command names, with the versions it asks for."""
    at = next((number for number, word in enumerate(argv) if word in ("install", "uninstall")), len(argv))
    return [word for option, word in pairwise(argv[at:]) if not word.startswith("-") and not option.startswith("--python")]


def _name(requirement: str) -> str:
    try:
        return plain(Requirement(requirement).name)
    except InvalidRequirement:
        return ""


def _is_exact(argv: Sequence[str]) -> bool:
    """Whether the words of a command say more than the versions that come of it."""
    return "uninstall" in argv or any(word.startswith("-") and word not in OPTIONS for word in argv)


def involved(imported: Imported, libraries: Libraries, owners: Mapping[str, Sequence[str]]) -> list[str]:
    """The installed distributions that a failure is about: first the one that lacks something, then who uses it, outwards.

    owners: the distributions that bring each name at the top of site-packages.
    """
    named = NAMED.findall(imported.message[-2000:])[:1]
    traced = reversed(TRACED.findall(imported.detail[-20000:]))
    found = [name for top in (*named, *traced) for name in owners.get(top, ())]
    return [name for name in dict.fromkeys((*found, imported.name)) if libraries.find(name) and NAME.fullmatch(name)]


def owners_of(environment: Path) -> dict[str, list[str]]:
    """The distributions that bring each package or module at the top of site-packages."""
    found: dict[str, list[str]] = {}
    for site in (*environment.glob("lib/python*/site-packages"), environment / "Lib/site-packages"):
        for info in sorted(site.glob("*.dist-info")):
            if match := METADATA.fullmatch(info.name):
                for top in top_level(info):
                    found.setdefault(top, []).append(plain(match["name"]))
    return found


def other_versions(names: Sequence[str], libraries: Libraries, installer: Installer) -> Iterator[Candidate]:
    """Other versions of those involved, the likeliest first. names: as `involved` has them."""
    first, users = names[0], names[1:2] or names[:1]
    needs = [name for name in _requires(first, libraries) if name not in names]
    yield from (_newer(name, libraries, installer) for name in users)
    yield from _older(first, libraries, installer)
    yield from (_newer(name, libraries, installer) for name in (first, *names[2:]) if name not in users)
    yield from (older for name in users if name != first for older in _older(name, libraries, installer))
    yield from (older for name in needs for older in list(_older(name, libraries, installer))[:1])


def _requires(name: str, libraries: Libraries) -> Iterator[str]:
    """The installed distributions that one requires."""
    found = libraries.find(name)
    for text in found.requires if found else ():
        other = _name(text)
        if libraries.find(other) and NAME.fullmatch(other):
            yield other


def _newer(name: str, libraries: Libraries, installer: Installer) -> Candidate:
    version = version_of(name, libraries)
    return Candidate(f"upgrade {name}", (installer.command("@install", f"{name}>{version.public}" if version else name),))


def _older(name: str, libraries: Libraries, installer: Installer) -> Iterator[Candidate]:
    """Below the installed major version, then below the minor one."""
    version = version_of(name, libraries)
    if version is None:
        return
    bounds = (
        *([f"{version.major}"] if version.major else []),
        *([f"{version.major}.{version.minor}"] if version.minor else []),
        *([version.public] if version.micro else []),
    )
    for bound in bounds[:2]:
        yield Candidate(f"downgrade {name} below {bound}", (installer.command("@install", f"{name}<{bound}"),))


def version_of(name: str, libraries: Libraries) -> Version | None:
    """The installed version; None where it says nothing."""
    found = libraries.find(name)
    try:
        return Version(found.version) if found and found.version else None
    except InvalidVersion:
        return None


def intruders(
    names: Iterable[str], libraries: Libraries, owners: Mapping[str, Sequence[str]], installer: Installer, wanted: Wanted
) -> Iterator[Candidate]:
    """Of two distributions that write into the same package: remove one that nothing needs, and restore the other."""
    needed = {other for each in libraries.by_name for other in _requires(each, libraries)}
    needed |= {library.name for library in wanted.libraries}
    guilty = set(names)
    for sharing in owners.values():
        rivals = [name for name in dict.fromkeys(sharing) if libraries.find(name) and NAME.fullmatch(name)]
        for intruder in rivals if len(rivals) == 2 and guilty & set(rivals) else ():
            other = rivals[1 - rivals.index(intruder)]
            if intruder in needed or not (version := version_of(other, libraries)):
                continue
            again = installer.command("@reinstall", "--no-deps", f"{other}=={version}")
            yield Candidate(
                f"remove {intruder}, which overwrites files of {other}", (installer.command("@uninstall", intruder), again), True
            )
