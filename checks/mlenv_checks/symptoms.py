"""Read what a failed import said: one table (data/symptoms.toml) from words, exit code and signal to the cause and its cure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from string import Formatter

from packaging.utils import canonicalize_name

from mlenv_doctor import Fix, Missing, fix
from mlenv_doctor.facts import Imported, Libraries, Python

from .beside_torch import beside
from .contents import table
from .dependencies import parsed, satisfies
from .installed import reinstall

TRACED = re.compile(r'File "([^"]+)", line')
PLATFORMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


@dataclass(frozen=True)
class Symptom:
    """One entry of the table; data/symptoms.toml says what each field means."""

    cause: str
    says: str
    fix: str
    pattern: re.Pattern[str] | None = None
    signal: str = ""
    installed: str = ""
    on: str = ""
    packages: tuple[str, ...] = ()
    anew: bool = False
    instead: bool = False
    besides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a failure means. `seat` is the library or file that is to blame: failures of one cause and seat are one fault."""

    cause: str
    message: str
    seat: str
    fix: Fix


@cache
def symptoms() -> tuple[Symptom, ...]:
    """The table."""
    return tuple(
        Symptom(
            **{
                **row,
                "pattern": re.compile(row["pattern"], re.DOTALL) if "pattern" in row else None,
                "packages": tuple(row.get("packages", ())),
                "besides": tuple(row.get("besides", ())),
            }
        )
        for row in table("symptoms")["symptom"]
    )


def read(imported: Imported, culprit: str, libraries: Libraries, python: Python) -> Reading | None:
    """What the failure of one import means; None where nothing in the table fits."""
    said = f"{imported.message}\n{imported.detail}"
    for symptom in symptoms():
        groups = _fits(symptom, imported, said, libraries, python)
        if groups is not None:
            blamed = _of_file(groups, libraries) or _on_the_way(symptom, imported, libraries) or culprit
            return _reading(symptom, groups, blamed, libraries, python)
    return None


def _fits(symptom: Symptom, imported: Imported, said: str, libraries: Libraries, python: Python) -> Mapping[str, str] | None:
    """What the words of a symptom name, where it fits; None where it does not."""
    if symptom.on not in ("", PLATFORMS.get(python.platform)) or not _met(symptom.installed, libraries, python):
        return None
    if symptom.signal and not (imported.outcome == "crash" and symptom.signal in imported.reason):
        return None
    if symptom.instead:
        return {"file": imported.instead} if imported.instead else None
    if symptom.pattern is None:
        return {}
    found = symptom.pattern.search(said)
    return None if found is None else {name.rstrip("2"): text for name, text in found.groupdict().items() if text}


def _met(asked: str, libraries: Libraries, python: Python) -> bool:
    """Whether the circumstances of a symptom are given."""
    requirement = parsed(asked) if asked else None
    if requirement is None:
        return True
    found = libraries.find(requirement.name)
    version = python.version if requirement.name == "python" else found.version if found else None
    return version is not None and satisfies(version, str(requirement.specifier))


def _of_file(groups: Mapping[str, str], libraries: Libraries) -> str:
    """The distribution that a file named in the words belongs to; empty where it is none's."""
    return distribution_of(groups["file"], libraries) if "file" in groups else ""


def _on_the_way(symptom: Symptom, imported: Imported, libraries: Libraries) -> str:
    """The last distribution on the way to a failure that is none of those it may only show in; empty for none."""
    files = TRACED.findall(imported.detail) if symptom.besides else []
    passed = (file for file in reversed(files) if not any(f"-packages/{top}/" in file for top in symptom.besides))
    return next((found for file in passed if "-packages" in file and (found := distribution_of(file, libraries))), "")


def distribution_of(path: str, libraries: Libraries) -> str:
    """The installed distribution whose file this is, by the name at the top of site-packages; empty where that is not known.

    The libraries that a wheel brings along lie in a folder beside it that is called after the distribution: scipy.libs.
    """
    tops = [part.name for part in PurePath(path).parents if part.parent.name in ("site-packages", "dist-packages")]
    name = (tops or [PurePath(path).name])[-1].partition(".")[0]
    owner = next((module.owner for module in libraries.modules if module.name == name and module.owner), "")
    found = libraries.find(owner or canonicalize_name(name))
    return found.name if found else ""


def _reading(symptom: Symptom, groups: Mapping[str, str], culprit: str, libraries: Libraries, python: Python) -> Reading:
    words = {**_versions(symptom, groups, libraries), **_about(culprit, libraries, python), **groups}
    packages = tuple(dict.fromkeys(template.format_map(words) for template in symptom.packages))
    seat = groups.get("library") or culprit
    return Reading(
        symptom.cause, symptom.says.format_map(words), seat, _cure(symptom, culprit, packages, groups, libraries, python)
    )


def _about(culprit: str, libraries: Libraries, python: Python) -> dict[str, str]:
    found = libraries.find(culprit)
    return {"culprit": culprit, "version": (found.version if found else None) or "", "python": "{}.{}".format(*python.minor)}


def _versions(symptom: Symptom, groups: Mapping[str, str], libraries: Libraries) -> dict[str, str]:
    """The versions of the libraries that a symptom speaks of."""
    words = {word for template in (symptom.says, *symptom.packages) for _, word, _, _ in Formatter().parse(template) if word}
    found = {word: libraries.find(canonicalize_name(word)) for word in words}
    versions = {word: (d.version if d else None) or "of unknown version" for word, d in found.items()}
    top = libraries.find(canonicalize_name(groups.get("top", "")))
    return {**versions, "top_version": (top.version if top else None) or "of unknown version"}


def _cure(
    symptom: Symptom, culprit: str, packages: tuple[str, ...], groups: Mapping[str, str], libraries: Libraries, python: Python
) -> Fix:
    if symptom.fix == "libs.headless-opencv" and not culprit.startswith("opencv-"):  # others need the library itself
        return _system_library("system.library", PurePath(groups["library"]).name, python)
    if symptom.fix in ("system.library", "libs.headless-opencv"):
        return _system_library(symptom.fix, PurePath(groups["library"]).name, python)
    if symptom.fix in ("torch.together", "torch.rebuild"):
        return beside(packages[0], libraries, Missing("torch_build", "not-asked", "is not looked at"))
    if "library" in groups and not packages:
        return fix(symptom.fix, library=groups["library"])
    if symptom.anew:
        found = libraries.find(packages[0])
        same = reinstall(packages[0], (found.version if found else None) or "").values
        return fix(symptom.fix, packages=(*same["packages"], *packages[1:]), options=same["options"])
    return fix(symptom.fix, packages=packages) if packages else fix(symptom.fix)


def _system_library(id: str, library: str, python: Python) -> Fix:
    """To install a library of the system, where it is known which package brings it."""
    row = table("shared_libraries").get(library, {})
    if ("brew" if python.platform == "darwin" else "apt") not in row:
        return fix("system.find-library", library=library)
    return fix(id, library=library, **{name: tuple(row.get(name, ())) for name in ("apt", "dnf", "brew", "conda")})
