"""Read what a failed import said: the reader of errors names the cause, and data/import_cures.toml what cures it here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath
from typing import Any

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Fix, Missing, fix, table
from mlenv_doctor.patient import Imported, Libraries, Place, Python
from mlenv_doctor.records import dataclass

from ..error_texts import reading_of
from ..libraries.dependencies import parsed, satisfies
from ..libraries.incompatible_pairs import meeting
from ..libraries.installed import reinstall
from ..torch.extensions import beside

PLATFORMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
TRACED = re.compile(r'File "([^"]+)", line')
FILE = re.compile(r"(?<![^\s:('\"])[^\s:('\"]{1,300}-packages[\\/][^\s:('\"]{1,200}\.(?:so|dylib|pyd)\b[\w.]{0,20}")
LIBRARY = re.compile(
    r"(?<![\w./+-])(?P<a>[\w./+-]{1,300}\.so[\w.-]{0,20}): (?:cannot (?:open|allocate)|version)"
    r"|Error loading shared library (?P<b>[\w.+-]{1,100})"
    r"|Library not loaded: \S{0,200}?(?P<c>[\w+-]{1,100}\.dylib)"
)
PROVIDER = re.compile(r"cannot import name '\w{1,100}' from '(?P<top>\w{1,100})")


@dataclass(frozen=True)
class ImportCure:
    """One row of the table; data/import_cures.toml says what each field means."""

    cause: str
    fix: str
    culprit: str = ""
    word: str = ""
    installed: str = ""
    besides: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    again: bool = False
    named: str = ""


@dataclass(frozen=True)
class Reading:
    """What a failure means. `seat` is the library or file that is to blame: failures of one cause and seat are one fault."""

    cause: str
    message: str
    seat: str
    fix: Fix


@cache
def import_cures() -> tuple[ImportCure, ...]:
    """The table."""
    return tuple(_row(row) for row in table(__package__, "import_cures")["cure"])


def _row(row: Mapping[str, Any]) -> ImportCure:
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key != "as"}
    return ImportCure(**rest, named=row.get("as", ""))


def read(imported: Imported, culprit: str, libraries: Libraries, python: Python) -> Reading | None:
    """What the failure of one import means; None where the reader does not know it, or no row of the table cures it."""
    if imported.instead:
        return _for_another_python(imported, culprit, libraries, python)
    said = said_by(imported)
    place = Place(os=PLATFORMS.get(python.platform, ""))
    found = reading_of(said, {Libraries: libraries, Python: python, Place: place})
    if found.kind.value == "unknown":
        return None
    top = _provider(said, libraries)
    for cure in import_cures():
        if cure.cause == found.cause and _fits(cure, said, found.culprit, top, libraries, python):
            blamed = _of_file(said, libraries) or _on_the_way(cure, imported, libraries) or culprit
            library = _library(said) if cure.fix in WITH_A_LIBRARY else ""
            packages = tuple(dict.fromkeys(name.format(culprit=blamed, top=top) for name in cure.packages))
            how = _cure(cure, blamed, packages, library, top, libraries, python)
            return Reading(cure.named or cure.cause, found.message, library or blamed, how)
    return None


def said_by(imported: Imported) -> str:
    """All that a failed import said, as a person would paste it."""
    reason = imported.reason if imported.outcome != "error" or imported.reason.isidentifier() else ""
    return "\n".join(
        part for part in (imported.detail, f"{reason}: {imported.message}".removeprefix(": ").removesuffix(": ")) if part
    )


WITH_A_LIBRARY = ("libs.preload", "libs.reinstall-with-needs", "system.library", "libs.headless-opencv", "system.libstdcxx")


def _fits(cure: ImportCure, said: str, blamed: str, top: str, libraries: Libraries, python: Python) -> bool:
    if cure.culprit not in ("", blamed) or (cure.word and not re.search(cure.word, said)):
        return False
    if "{top}" in cure.packages and not top:
        return False
    return _met(cure.installed, libraries, python)


def _met(asked: str, libraries: Libraries, python: Python) -> bool:
    """Whether the circumstances of a cure are given."""
    requirement = parsed(asked) if asked else None
    if requirement is None:
        return True
    found = libraries.find(requirement.name)
    return bool(found and found.version and satisfies(found.version, str(requirement.specifier)))


def _provider(said: str, libraries: Libraries) -> str:
    """The installed distribution that lacks a name; empty for none."""
    found = PROVIDER.search(said)
    return distribution_of(f"site-packages/{found['top']}/__init__.py", libraries) if found else ""


def _library(said: str) -> str:
    """The shared library that is missing, or of another version."""
    found = LIBRARY.search(said)
    return next((name for name in found.groups() if name), "") if found else ""


def _for_another_python(imported: Imported, culprit: str, libraries: Libraries, python: Python) -> Reading:
    """A compiled module is there under a name that only another Python imports."""
    found = libraries.find(culprit)
    version = (found.version if found else None) or ""
    here = "{}.{}".format(*python.minor)
    says = f"{culprit} {version} was installed for another Python than this {here}: it contains {imported.instead}"
    return Reading("wrong-binary", says, culprit, fix("libs.reinstall", **_same(culprit, (), libraries)))


def _same(name: str, others: tuple[str, ...], libraries: Libraries) -> dict[str, tuple[str, ...]]:
    """What names a library in the version and the build that is there."""
    found = libraries.find(name)
    same = reinstall(name, (found.version if found else None) or "").values
    return {"packages": (*same["packages"], *others), "options": tuple(same["options"])}


def _of_file(said: str, libraries: Libraries) -> str:
    """The distribution that a compiled file named in the words belongs to; empty where it is none's."""
    found = FILE.search(said)
    return distribution_of(found[0], libraries) if found else ""


def _on_the_way(cure: ImportCure, imported: Imported, libraries: Libraries) -> str:
    """The last distribution on the way to a failure that is none of those it may only show in; empty for none."""
    files = TRACED.findall(imported.detail) if cure.besides else []
    passed = (file for file in reversed(files) if not any(f"-packages/{top}/" in file for top in cure.besides))
    return next((found for file in passed if "-packages" in file and (found := distribution_of(file, libraries))), "")


def distribution_of(path: str, libraries: Libraries) -> str:
    """The installed distribution whose file this is, by the name at the top of site-packages; empty where that is not known.

    The libraries that a wheel brings along lie in a folder beside it that has the name of the distribution: scipy.libs.
    """
    tops = [part.name for part in PurePath(path).parents if part.parent.name in ("site-packages", "dist-packages")]
    name = (tops or [PurePath(path).name])[-1].partition(".")[0]
    owner = next((module.owner for module in libraries.modules if module.name == name and module.owner), "")
    found = libraries.find(owner or canonicalize_name(name))
    return found.name if found else ""


def _cure(
    cure: ImportCure, culprit: str, packages: tuple[str, ...], library: str, top: str, libraries: Libraries, python: Python
) -> Fix:
    if cure.fix == "libs.headless-opencv" and not culprit.startswith("opencv-"):  # others need the library itself
        return _system_library("system.library", PurePath(library).name, python)
    if cure.fix in ("system.library", "libs.headless-opencv"):
        return _system_library(cure.fix, PurePath(library).name, python)
    if cure.fix in ("torch.together", "torch.rebuild"):
        return beside(packages[0], libraries, Missing("torch_build", "not-asked", "not checked"))
    if cure.fix == "libs.newer" and (remedy := known_remedy(culprit, top, libraries)):
        return fix("libs.satisfy", packages=(remedy,))
    if library and not packages:
        return fix(cure.fix, library=library)
    if cure.again:
        return fix(cure.fix, **_same(packages[0], packages[1:], libraries))
    return fix(cure.fix, packages=packages) if packages else fix(cure.fix)


def known_remedy(culprit: str, other: str, libraries: Libraries) -> str:
    """What was seen to cure these two together; empty where they are no known pair. To upgrade both is only a guess."""
    pairs = (pair for pair, owner, found in meeting(libraries) if (owner.name, found.name) == (culprit, other))
    return next((pair.remedy for pair in pairs), "")


def _system_library(id: str, library: str, python: Python) -> Fix:
    """To install a library of the system, where it is known which package brings it."""
    row = table(__package__, "shared_libraries").get(library, {})
    if ("brew" if python.platform == "darwin" else "apt") not in row:
        return fix("system.find-library", library=library)
    return fix(id, library=library, **{name: tuple(row.get(name, ())) for name in ("apt", "dnf", "brew", "conda")})
