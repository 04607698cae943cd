"""Does the installed version of each library have the names that the code uses?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlenv_doctor.api import Finding, Location, Missing, Why, check, fail, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Project, Python, Wanted
from mlenv_doctor.records import dataclass

from ..libraries.api_changes import change_of
from ..libraries.dependencies import satisfies
from ..libraries.preparation import ROOT, preparation
from .facts import Code, LibraryNames, MissingName
from .naming import BESIDE

MOST = 10


@dataclass(frozen=True)
class _Gone:
    """A name that is certainly not there: of which library and version, and what helps."""

    use: MissingName
    library: str
    advice: str = ""


@check("project.names", causes=("name-not-in-library",))
def names_are_in_the_libraries(
    library_names: LibraryNames | Missing, code: Code, project: Project, wanted: Wanted, libraries: Libraries, python: Python
) -> Iterator[Finding]:
    """Names of libraries that the code uses.

    Releases remove names: the code then ends with an ImportError or AttributeError. The type checker ty finds the names where it
    is installed; what it says counts only where a table of changes, or the library's own files, confirm it.
    """
    if isinstance(library_names, Missing):
        say = skip if library_names.kind in (Why.NOT_ASKED, Why.ABSENT) else unknown
        yield say(f"the libraries' names: {library_names.reason}")
        return
    if not library_names.engine:
        yield skip("ty is not installed: names that a release removed are not looked for")
        return
    if library_names.problem:
        yield skip(f"ty {library_names.problem}")
        return
    if preparation(wanted, libraries).unprepared:
        yield skip("the installed versions are not those of this project", blocked_by=ROOT)
        return
    gone = list(_gone(library_names.names, code, project, wanted, libraries, python))
    yield from map(_told, gone[:MOST])
    if len(gone) > MOST:
        yield warn("name-not-in-library", f"{len(gone) - MOST} more names are not in the installed libraries", subject="more")
    if not gone:
        yield ok(f"nothing is missing in the libraries that {_amount(library_names)} use{_ending(library_names)}")


def _amount(names: LibraryNames) -> str:
    return f"{names.files} file{'' if names.files == 1 else 's'}"


def _ending(names: LibraryNames) -> str:
    return ("s" if names.files == 1 else "") + ("" if names.complete else "; the others were not read")


def _gone(
    names: Iterable[MissingName], code: Code, project: Project, wanted: Wanted, libraries: Libraries, python: Python
) -> Iterator[_Gone]:
    """The names that are certainly missing, and that no other check tells."""
    owners = {use.top: use.owner for use in code.uses if use.owner}
    told = [use.module for use in code.uses if use.state == "part" and use.weight == "needed" and not use.optional]
    for use in names:
        owner = owners.get(use.module.partition(".")[0], "python")
        found = libraries.find(owner)
        version = python.version if owner == "python" else (found.version or "") if found else ""
        change = change_of(owner, version, use.module, use.name) if version else None
        confirmed = change or (use.confirmed and owner != "python")
        if (
            confirmed
            and version
            and owner != project.name
            and _is_as_wanted(owner, wanted, libraries)
            and not _is_told(use, told)
        ):
            known = f"; {_cure(change.how, change.version, change.instead)}" if change else ""
            yield _Gone(use, f"{'Python' if owner == 'python' else owner} {version}", known)


def _is_as_wanted(owner: str, wanted: Wanted, libraries: Libraries) -> bool:
    """Whether a library is there in the version that the project asks for: else that is the fault, and told elsewhere."""
    found = libraries.find(owner)
    asked = [library.specifier for library in wanted.libraries if library.name == owner]
    return found is None or all(satisfies(found.version, specifier) for specifier in asked)


def _is_told(use: MissingName, told: Sequence[str]) -> bool:
    """Whether the check of imports says it: that a part of a library is not there."""
    return any(use.whole == part or use.module == part or use.module.startswith(part + ".") for part in told)


def _cure(how: str, version: str, instead: str) -> str:
    """What helps, by the table."""
    if how == "added":
        return f"it came with version {version}"
    return f"version {version} {how} it" + (f": use {instead}" if instead else "")


def _told(gone: _Gone) -> Finding:
    use = gone.use
    aside = bool(BESIDE.intersection(use.file.lower().split("/")[:-1]))
    say = fail if use.weight == "needed" and not aside else warn
    more = f" (and {use.places - 1} more)" if use.places > 1 else ""
    message = f"{use.file}:{use.line}{more} uses {use.whole}, which {gone.library} does not have{gone.advice}"
    return say("name-not-in-library", message, subject=use.whole, location=Location(use.file, use.line))
