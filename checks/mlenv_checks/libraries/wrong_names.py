"""Libraries under wrong names: what the package index has under the name that one imports is often something else."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import PurePath

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, Location, check, fail, fix, ok, warn
from mlenv_doctor.patient import Declared, Distribution, Libraries, Project, Wanted

from .catalogue import import_names, right_names
from .dependencies import all_needed, parsed
from .installed import in_environment

HOLLOW = ("sklearn", "pytorch")  # on the index these hold nothing but a word of warning
HELPFUL = ("bs4", "dotenv")  # these bring the right library along; nobody is hurt
JWT, PYJWT = "jwt", "pyjwt"  # both bring a package `jwt`
INSTALLERS = ("pip", "uv")  # conda's packages of OpenCV call themselves by all its names, and lie there only once


@check("libraries.names", causes=("wrong-distribution",))
def libraries_by_their_names(wanted: Wanted, libraries: Libraries, project: Project) -> Iterator[Finding]:
    """Package names.

    Some are called otherwise on the package index than in `import`; under the name of the import lies something else there.
    """
    used = all_needed((library.name for library in wanted.libraries if library.required), libraries)
    hollow = {name: _hollow(name, used, libraries) for name in HOLLOW if in_place_of(right_names()[name], libraries) == name}
    jwts = [finding] if (finding := _two_jwts(used, libraries)) else []
    declared = [f for d in project.requirements if (f := _declared(d, libraries)) and f.subject not in hollow]
    yield from (*hollow.values(), *jwts, *declared)
    if not (hollow or jwts or declared):
        yield ok("all package names are right")


def in_place_of(right: str, libraries: Libraries) -> str:
    """The distribution without content that was installed in place of a library; empty where the library is there, or neither."""
    wrong = next((name for name in HOLLOW if right_names()[name] == right), "")
    module = in_environment(import_names().get(right, right), libraries)
    alone = libraries.find(wrong) and not libraries.find(right) and not (module and module.origin)
    return wrong if alone else ""


def _hollow(name: str, used: Set[str], libraries: Libraries) -> Finding:
    found, right = libraries.find(name), right_names()[name]
    version = f" {found.version}" if found and found.version else ""
    say = fail if used & {name, right} else warn
    message = f"{name}{version} is an empty package; install {right} instead"
    return say("wrong-distribution", message, subject=name, fix=fix("names.right", wrong=(name,), right=(right,)))


def _two_jwts(used: Set[str], libraries: Libraries) -> Finding | None:
    """jwt and PyJWT have written over each other; alone either of them is a library that one may want."""
    wrong, right = libraries.find(JWT), libraries.find(PYJWT)
    if not wrong or not right or wrong.folder != right.folder:
        return None
    say = fail if PYJWT in used else warn
    message = f"jwt {wrong.version} and pyjwt {right.version} are different libraries with the same files; one broke the other"
    return say("wrong-distribution", message, subject=JWT, fix=fix("libs.part", packages=(JWT, PYJWT), keep=(PYJWT,)))


def _declared(declared: Declared, libraries: Libraries) -> Finding | None:
    """A wrong name in the project's own files, though this machine has the right library: on the next it will be missing."""
    requirement = parsed(declared.text)
    wrong = canonicalize_name(requirement.name) if requirement and not requirement.url else ""
    right = "pyjwt" if wrong == JWT else right_names().get(wrong, "")
    if wrong in HELPFUL or not right or not libraries.find(right):
        return None  # where it is missing, that is said already
    file = PurePath(declared.file).name
    message = f"{file} requires {wrong}, which is the wrong name; the installed library is called {right} on the package index"
    cure = fix("names.in-file", file=file, wrong=wrong, right=right)
    return warn("wrong-distribution", message, subject=wrong, location=Location(declared.file, declared.line), fix=cure)


@check("libraries.opencv", causes=("opencv-duplicates",))
def opencv_is_there_once(wanted: Wanted, libraries: Libraries) -> Iterator[Finding]:
    """OpenCV packages.

    Its four distributions bring the same files: the one installed last wins, and to remove one removes cv2 for all.
    """
    found = [d for d in libraries.distributions if _is_opencv(d)]
    if not found:
        return
    names = tuple(dict.fromkeys(d.name for d in found))
    keep = _kept(names, wanted)
    cure = fix("names.one-opencv", packages=names, keep=keep)
    if opencv_gone(libraries):
        used = all_needed((library.name for library in wanted.libraries), libraries)
        say = fail if used & set(names) else warn
        message = f"cv2 is missing although {names[0]} is installed: removing another OpenCV package deleted it"
        yield say("opencv-duplicates", message, subject=names[0], fix=cure)
    elif len(names) > 1:
        message = f"{' and '.join(names)} all install cv2: the last one wins, and removing one breaks the others"
        yield warn("opencv-duplicates", message, subject=names[0], fix=cure)
    else:
        yield ok(f"{names[0]} {found[0].version or ''}".strip())


def opencv_gone(libraries: Libraries) -> tuple[str, ...]:
    """The distributions of OpenCV that are listed though there is no cv2; that they lack files is one fault with that."""
    module = next((module for module in libraries.modules if module.name == "cv2"), None)
    return tuple(d.name for d in libraries.distributions if _is_opencv(d)) if module and not module.origin else ()


def _is_opencv(found: Distribution) -> bool:
    return found.name.startswith(("opencv-python", "opencv-contrib-python")) and found.installer in INSTALLERS


def _kept(names: tuple[str, ...], wanted: Wanted) -> str:
    """Which of several to keep: the one that is asked for; else the one with most in it, and without windows."""
    asked = [library.name for library in wanted.libraries if library.name in names]
    return asked[0] if asked else max(names, key=lambda name: ("contrib" in name, "headless" in name))
