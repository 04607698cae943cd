"""Are the libraries there, in versions that fit each other, and do they really load?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import groupby
from pathlib import PurePath

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Distribution, Libraries, Module, Project, Python, Unreadable, Wanted, WantedLibrary

from ..python.interpreter import unserved
from ..python.stdlib import stdlib_names
from ..python.versions import without_wheel
from ..venv.checks import upgraded
from ..venv.facts import Prefix
from .catalogue import known_libraries, right_names
from .dependencies import all_needed, satisfies
from .installed import again, half, module_of, stand_in
from .integrity import listed_twice
from .preparation import INSTALLERS
from .roots import rooted, roots
from .wrong_names import in_place_of, opencv_gone

PROGRAMS = ("notebook", "jupyterlab")  # run by their own command, not imported by scripts: a file of this name hurts nobody


@check("libraries.readable")
def libraries_readable(python: Python, libraries: Libraries | Missing) -> Finding:
    """List of installed libraries.

    Without their metadata nothing can be said about versions.
    """
    if isinstance(libraries, Missing):
        return unknown(f"could not list the installed libraries: the probe {libraries.reason}")
    count = len(libraries.distributions)
    return ok(f"{count} distribution{'' if count == 1 else 's'} installed", brief=f"{count} installed")


@check("libraries.declared", causes=("requirement-unreadable",))
def project_declarations(project: Project | Missing) -> Iterator[Finding]:
    """Requirements files.

    A requirement that the installer cannot read stops it; one that it skips is missing later.
    """
    if isinstance(project, Missing):
        yield unknown(f"the project's files could not be read: the probe {project.reason}")
        return
    for file, found in groupby(project.unreadable, key=lambda bad: bad.file):
        yield from _unreadable(PurePath(file).name, list(found))
    if project.declares and not project.unreadable:
        yield ok(f"{len(project.requirements) + len(project.conda)} requirements declared")


def _unreadable(name: str, found: Sequence[Unreadable]) -> Iterator[Finding]:
    """What cannot be read of one file: a few lines of it one by one, many (a list of conda, say) in one sentence."""
    if len(found) > 3:
        message = f"{name}: {len(found)} unreadable lines, the first is line {found[0].line}: {found[0].reason}"
        yield warn("requirement-unreadable", message, location=Location(found[0].file, found[0].line))
        return
    for bad in found:
        yield warn("requirement-unreadable", f"{name}: {bad.reason}", location=Location(bad.file, bad.line))


@check("libraries.installed", causes=("not-installed", "namespace-folder"))
def libraries_installed(wanted: Wanted, libraries: Libraries, python: Python, prefix: Prefix | Missing) -> Iterator[Finding]:
    """Required libraries.

    They are the cheat sheet's, or those that the project declares, or what a profile or --require asks for.
    """
    if isinstance(prefix, Prefix) and upgraded(prefix, python):
        yield skip("they are in a folder of another Python", blocked_by="venv.intact")
        return
    told = roots(wanted, libraries, python)
    for library in wanted.libraries:
        yield rooted(_installed(library, libraries, python), library, told)


def _installed(library: WantedLibrary, libraries: Libraries, python: Python) -> Finding:
    found = libraries.find(library.name)
    if found:
        return ok(f"{library.name} {found.version or 'of unknown version'}", subject=library.name)
    if half(library, libraries, python):
        return skip("half installed", subject=library.name, blocked_by=f"libraries.leftovers:{library.name}")
    other = stand_in(library.name, libraries)
    if other:
        return ok(f"{library.name}, provided by {other.name} {other.version or ''}".strip(), subject=library.name)
    module = module_of(library, libraries)
    if module and module.origin and not module.owner:  # system packages need not bring metadata
        return ok(f"{library.name}, without metadata", subject=library.name)
    if library.name in INSTALLERS and library.line:
        return skip(f"{library.name} is not installed; programs work without it", subject=library.name)
    if not library.required:
        return skip(f"{library.name} is not installed and not required", subject=library.name)
    if without_wheel(library.name, python.minor):
        message = f"{library.name} has no wheel for Python {python.version} yet"
        return skip(message, subject=library.name, blocked_by="python.version")
    if unserved(library.name, python):
        return skip(f"{library.name} has no wheel for this build of Python", subject=library.name, blocked_by="python.wheels")
    empty = in_place_of(library.name, libraries)
    if empty:
        return skip(f"{empty} is installed instead", subject=library.name, blocked_by=f"libraries.names:{empty}")
    place = Location(library.source, library.line) if library.line else None
    right = right_names().get(library.name)
    install = fix("libs.install", packages=(right or _as_asked(library),))
    if module and module.namespace:
        message = f"{library.name} is not installed; Python imports the folder {module.locations[0]} instead"
        return fail("namespace-folder", message, subject=library.name, location=place, fix=install)
    state = f"is called {right} on the package index, and is not installed" if right else "is not installed"
    return fail("not-installed", f"{library.name} {state}", subject=library.name, location=place, fix=install)


def _as_asked(library: WantedLibrary) -> str:
    """What to tell an installer. What comes from an address is not sought on the index: it may be somebody else's there."""
    return f"{library.name} @ {library.address}" if library.address else library.name + library.specifier


@check("libraries.versions", causes=("too-old-version", "requirement-unmet"))
def libraries_versions(wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Finding]:
    """Required versions.

    A version outside of what a project declares is one that nobody tested it with.
    """
    told = roots(wanted, libraries, python)
    for library in wanted.libraries:
        found = libraries.find(library.name)
        if found and library.specifier:
            yield rooted(listed_twice(library.name, libraries) or _version(library, found), library, told)


def _version(library: WantedLibrary, found: Distribution) -> Finding:
    asked = library.name + library.specifier
    if satisfies(found.version, library.specifier):
        return ok(f"{library.name} {found.version} satisfies {library.specifier}", subject=library.name)
    cause = "requirement-unmet" if library.line else "too-old-version"
    if cause == "too-old-version" and satisfies("99999", library.specifier) is False:
        cause = "requirement-unmet"
    return fail(
        cause,
        f"{library.name} {found.version} is installed; {PurePath(library.source).name} requires {library.specifier}",
        subject=library.name,
        evidence={"installed": found.version or "", "asked": asked},
        location=Location(library.source, library.line) if library.line else None,
        fix=fix("libs.satisfy", packages=(asked,)),
    )


@check("libraries.leftovers", causes=("interrupted-install",))
def libraries_whole(wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Finding]:
    """Interrupted installations.

    An interrupted pip leaves folders that begin with ~ and packages without metadata; pip calls that healthy.
    """
    halves = [(library, lost) for library in wanted.libraries if (lost := half(library, libraries, python))]
    for library, lost in halves:
        if library.name in opencv_gone(libraries):
            yield skip("cv2 is gone", subject=library.name, blocked_by="libraries.opencv")
            continue
        message = f"the installation of {library.name} was interrupted: {lost}"
        asked = (_as_asked(library),)
        repair = again(library.name, libraries) if libraries.find(library.name) else fix("libs.install", packages=asked)
        yield fail("interrupted-install", message, subject=library.name, fix=repair)
    if libraries.leftovers:
        names = ", ".join(PurePath(path).name for path in libraries.leftovers[:6])
        repair = fix("libs.clean", leftovers=libraries.leftovers)
        yield warn("interrupted-install", f"an interrupted installation left files behind: {names}", fix=repair)
    if not halves and not libraries.leftovers:
        yield ok("no interrupted installations")


@check("libraries.shadowing", causes=("shadowed-by-file", "shadowed-stdlib-module"))
def libraries_not_shadowed(wanted: Wanted, libraries: Libraries, project: Project, python: Python) -> Iterator[Finding]:
    """Project files that hide libraries.

    Python looks in the folder of the script first: a torch.py or a random.py there is imported instead of the real one.
    """
    inside = any(local.name == "__init__" for local in libraries.local)  # a package's modules are not at the top
    candidates = [local for local in libraries.local if not local.namespace and not inside]
    roadmap = () if wanted.declared or wanted.whole else (library.name for library in known_libraries() if library.stage)
    used = all_needed((*(library.name for library in wanted.libraries), *roadmap), libraries)
    hidden = [finding for local in candidates if (finding := _hides(local, used, libraries, project))]
    yield from hidden
    if not hidden:
        yield ok("no project file hides a library")


def _hides(local: Module, used: Set[str], libraries: Libraries, project: Project) -> Finding | None:
    """What is wrong with a module of the project, if its name belongs to a library or to Python itself.

    A datasets.py does no harm where nothing uses the library datasets that came along with another one.
    """
    real = next((module for module in libraries.modules if module.name == local.name), None)
    path = PurePath(local.origin or "")
    old = path.parent if local.locations else path
    rename = fix("libs.rename", file=str(old), new=str(old.with_name(f"my_{old.name}")))
    if real and real.origin and local.name not in PROGRAMS and not _is_own(local, real, libraries, project):
        message = f"{path} hides the library {local.name}: scripts in this folder import this file instead"
        say = fail if used & {real.owner, canonicalize_name(local.name)} else warn
        return say("shadowed-by-file", message, subject=local.name, location=Location(str(path)), fix=rename)
    if local.name in stdlib_names():
        message = f"{path} hides Python's module {local.name}, which libraries import"
        say = fail if stdlib_names()[local.name] else warn
        return say("shadowed-stdlib-module", message, subject=local.name, location=Location(str(path)), fix=rename)
    return None


def _is_own(local: Module, real: Module, libraries: Libraries, project: Project) -> bool:
    """Whether the project is the library itself, or the library is installed from there.

    With the project on PYTHONPATH its file is what Python finds, though the real library lies in the environment.
    """
    if canonicalize_name(project.name) == canonicalize_name(local.name):
        return True
    found = libraries.find(canonicalize_name(local.name))
    elsewhere = found is not None and not found.editable and not str(local.origin).startswith(found.folder)
    return local.origin == real.origin and not elsewhere
