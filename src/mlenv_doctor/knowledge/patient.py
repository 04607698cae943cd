"""What the facts of an examination say of the surroundings of an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from packaging.utils import canonicalize_name

from ..facts import Fact, Missing
from ..patient import Libraries, Native, Pasted, Place, Project, Python, SharedLibraries
from .surroundings import Surroundings, requirement_of

F = TypeVar("F", bound=Fact)


def surroundings(facts: Mapping[type[Fact], Fact | Missing]) -> Surroundings:
    """The machine of a snapshot, or as far as a pasted report tells of it."""
    libraries = _known(facts, Libraries) or Libraries()
    python, place, project = _known(facts, Python), _known(facts, Place), _known(facts, Project)
    told = Pasted in facts  # a pasted report is silent about most
    return Surroundings(
        versions={found.name: found.version or "" for found in reversed(libraries.distributions)},
        requires={found.name: found.requires for found in reversed(libraries.distributions)},
        complete=bool(libraries.distributions) and not told,
        python=python.version if python else "",
        executable=(python.executable if python else "") or "",
        prefix=(python.prefix if python else "") or "",
        os=place.os if place else "",
        place=_kind(place) if place else "",
        declared=dict(_declared(project)) if project else {},
        local=frozenset(module.name for module in libraries.local),
        whose=(python.prefix if python else "") or "",
        installer=_installer(python, place),
        distro=place.distro if place else "",
        native=_known(facts, Native),
        shared=_looked_up(_known(facts, SharedLibraries)),
    )


def _looked_up(shared: SharedLibraries | None) -> SharedLibraries | None:
    return shared if shared and shared.looked else None


def _installer(python: Python | None, place: Place | None) -> str:
    """What installs into this environment. Of a machine of which too little is known, pip."""
    if python is None or python.pip:
        return "pip"
    return "uv" if place and place.uv else "ensurepip"


def _known(facts: Mapping[type[Fact], Fact | Missing], kind: type[F]) -> F | None:
    found = facts.get(kind)
    return found if isinstance(found, kind) else None


def _kind(place: Place) -> str:
    """The places that entries tell apart."""
    kinds = {place.kind, *place.kinds}
    return "wsl" if "wsl" in kinds else "container" if kinds & {"container", "docker", "kubernetes"} else "machine"


def _declared(project: Project) -> Iterator[tuple[str, str]]:
    for one in (*project.requirements, *project.conda):
        asked = requirement_of(one.text)
        if asked:
            yield canonicalize_name(asked.name), f"{one.file}:{one.line}" if one.line else one.file
