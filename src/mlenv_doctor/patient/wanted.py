"""Work out what is asked of this machine: from the command line, the project's declarations, or the cheat sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..facts import Used
from ..foreign.secret_words import random
from ..foreign.secrets import without_credentials
from ..records import dataclass
from ..stage import Stage
from . import Declared, Libraries, Project, Python, Wanted, WantedLibrary

if TYPE_CHECKING:
    from packaging.requirements import Requirement

GPU, MLFLOW, KEY, LIBRARY = "gpu", "mlflow", "key:", "lib:"
EVERYTHING = "all"
NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
ONE_OF_SEVERAL = "llm"  # any one SDK does: the family llm judges that as a whole, not library by library
SERVED = "mlops"  # the stage that needs a tracking server


class Impossible(BadInput):
    """A wish that cannot be understood; the text says why and what is possible."""


@dataclass(frozen=True)
class Wishes:
    """What the user required by options and configuration."""

    profiles: tuple[str, ...] = ()
    gpu: bool = False
    mlflow: bool = False
    keys: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def wishes(profiles: Iterable[str], require: Iterable[str], stages: Iterable[Stage]) -> Wishes:
    """Understand --profile and --require. Raises Impossible."""
    known = [stage.name for stage in stages]
    chosen = tuple(dict.fromkeys(name for given in profiles for name in _profile(given, known)))
    required = tuple(require)
    for word in required:
        _refuse_impossible(word)
    return Wishes(
        chosen,
        GPU in required,
        MLFLOW in required,
        tuple(word.removeprefix(KEY) for word in required if word.startswith(KEY)),
        tuple(word.removeprefix(LIBRARY) for word in required if word.startswith(LIBRARY)),
    )


def _profile(name: str, known: list[str]) -> list[str]:
    if name == EVERYTHING:
        return known
    if name not in known:
        raise Impossible(f"--profile {name}: there is no such profile; choose from {', '.join([*known, EVERYTHING])}")
    return [name]


def _refuse_impossible(word: str) -> None:
    """Raise Impossible unless --require can be met by some machine."""
    possible = "possible are gpu, mlflow, key:NAME and lib:REQUIREMENT, such as lib:torch>=2.6"
    if word.startswith(LIBRARY):
        from packaging.requirements import InvalidRequirement

        try:
            specifier = requirement(word.removeprefix(LIBRARY)).specifier
        except InvalidRequirement as why:
            raise Impossible(f"--require {word}: not a requirement ({str(why).splitlines()[0]})") from None
        if _contradicts_itself(str(specifier)):
            raise Impossible(f"--require {word}: no version can satisfy this")
    elif word.startswith(KEY):
        if without_credentials(word) != word or random(word.removeprefix(KEY)):
            raise Impossible(
                "--require key: this looks like a key itself; name the variable that holds it, such as key:OPENAI_API_KEY"
            )
        if not word.removeprefix(KEY).isidentifier():
            raise Impossible(f"--require {word}: a key is named as its variable is, such as key:OPENAI_API_KEY")
    elif word not in (GPU, MLFLOW):
        raise Impossible(f"--require {word}: {possible}")


def _contradicts_itself(specifier: str) -> bool:
    """Whether no version at all can satisfy a specifier: none at its bounds, just above them, or far beyond."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    asked = SpecifierSet(specifier)
    if any(spec.operator == "===" for spec in asked):
        return False  # whatever stands there is compared as text
    bounds = [Version(spec.version.removesuffix(".*")) for spec in asked]
    near = [word for bound in bounds for word in (str(bound), bound.base_version, f"{bound.base_version}.0.1")]
    return not any(asked.contains(candidate, prereleases=True) for candidate in ["0", "9999", *near])


def requirement(text: str) -> Requirement:
    """Parse a requirement (PEP 508). Raises packaging.requirements.InvalidRequirement."""
    from packaging.requirements import Requirement

    return Requirement(text)


def want(
    wished: Wishes,
    project: Project | None,
    python: Python | None,
    known: Iterable[WantedLibrary],
    used: Used | None = None,
    installed: Libraries | None = None,
) -> Wanted:
    """Everything that the verdict depends on. used: what the project's code uses, where that is known."""
    catalogue = {library.name: library for library in known}
    declares = bool(project and project.declares)
    whole = used is None or not (declares or used.code)
    declared = _declared(project, python, catalogue) if project and declares else {}
    libraries = dict(declared if declares or not whole else _of_stages(wished, catalogue))
    for name in used.libraries if used and not whole else ():
        libraries.setdefault(name, replace(catalogue.get(name, WantedLibrary(name)), required=True, source="the code"))
    for library in catalogue.values():
        if library.stage in wished.profiles and library.stage != ONE_OF_SEVERAL and library.name not in libraries:
            libraries[library.name] = replace(library, required=True, source=f"profile {library.stage}")
    for text in wished.libraries:
        _add(libraries, _wanted(Declared(text, "--require"), catalogue))
    optional = {_normal(found.group()) for each in project.grouped if (found := NAME.match(each.text))} if project else set()
    names = {*libraries, *_asked_for(wished), *({_normal(name) for name in used.names} - optional if used else ())}
    return Wanted(
        tuple(libraries.values()),
        wished.profiles,
        declares,
        wished.gpu,
        wished.mlflow or SERVED in wished.profiles,
        ONE_OF_SEVERAL in wished.profiles,
        wished.keys,
        tuple(sorted(names)),
        () if whole or not installed else tuple(sorted(_brought(names, installed) - names)),
        whole,
    )


def _asked_for(wished: Wishes) -> Iterable[str]:
    """What --require and --profile name, as the libraries by whose use a family matters."""
    if wished.gpu:
        yield GPU
    if wished.mlflow or SERVED in wished.profiles:
        yield MLFLOW


def _brought(names: Iterable[str], installed: Libraries) -> set[str]:
    """The installed distributions that these are or require, and what those require."""
    requires = {found.name: found.requires for found in reversed(installed.distributions)}
    todo, seen = [name for name in names if name in requires], set[str]()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            plain = (text for text in requires[name] if "extra ==" not in text)
            needed = (_normal(found.group()) for text in plain if (found := NAME.match(text)))
            todo += [other for other in needed if other in requires]
    return seen


def _normal(name: str) -> str:
    """A module's or a distribution's name as distributions are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_stages(wished: Wishes, catalogue: Mapping[str, WantedLibrary]) -> Iterable[tuple[str, WantedLibrary]]:
    """The cheat sheet's libraries; with a profile only its own are required, and the others looked at if they are there."""
    for library in catalogue.values():
        if library.stage and (not wished.profiles or library.stage == ONE_OF_SEVERAL):
            yield library.name, library
        elif library.stage:
            yield library.name, replace(library, required=library.stage in wished.profiles)


def _declared(project: Project, python: Python | None, catalogue: Mapping[str, WantedLibrary]) -> dict[str, WantedLibrary]:
    """The libraries that a project declares and that apply to this Python."""
    libraries: dict[str, WantedLibrary] = {}
    for declared in project.requirements:
        if _applies(declared, python):
            _add(libraries, _wanted(declared, catalogue))
    for wanted in (_wanted(declared, catalogue) for declared in project.conda):
        if wanted.name in catalogue:  # another one may be no library of Python at all, or have another name there
            _add(libraries, wanted)
    return libraries


def _applies(declared: Declared, python: Python | None) -> bool:
    """Whether the marker of a requirement lets it apply; one that cannot be understood or compared does not."""
    try:
        marker = requirement(declared.text).marker
        return marker is None or marker.evaluate({**(python.markers if python else {}), "extra": ""})
    except (ValueError, KeyError):
        return False


def _add(libraries: dict[str, WantedLibrary], new: WantedLibrary) -> None:
    """Add a wish; one for a library that is wanted already narrows its versions."""
    old = libraries.get(new.name)
    parts = [part for library in (old, new) if library for part in library.specifier.split(",") if part]
    both = ",".join(dict.fromkeys(parts))
    extras = {*(old.extras if old else ()), *new.extras}
    address = new.address or (old.address if old else "")
    libraries[new.name] = replace(new, specifier=both, extras=tuple(sorted(extras)), address=address)


def _wanted(declared: Declared, catalogue: Mapping[str, WantedLibrary]) -> WantedLibrary:
    from packaging.utils import canonicalize_name

    parsed = requirement(declared.text)
    name = canonicalize_name(parsed.name)
    known = catalogue.get(name, WantedLibrary(name))
    wanted = replace(known, specifier=str(parsed.specifier), extras=tuple(sorted(parsed.extras)))
    return replace(wanted, required=True, source=declared.file, line=declared.line, address=parsed.url or "")
