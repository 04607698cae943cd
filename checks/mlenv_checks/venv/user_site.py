"""Do libraries come from the environment itself, or from the user's folder that all Pythons of a minor version share?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, check, fail, fix, ok, skip
from mlenv_doctor.patient import Distribution, Libraries, Python, Wanted
from .facts import Prefix


@check("venv.user-site", causes=("user-site-leak",))
def libraries_come_from_the_environment(
    python: Python, prefix: Prefix, libraries: Libraries, wanted: Wanted
) -> Iterator[Finding]:
    """Packages in the user folder.

    What `pip install --user` once put into the home folder comes first, in every Python of that minor version.
    """
    hidden = [
        (name, mine, own)
        for name in (library.name for library in wanted.libraries)
        for mine, own in _pairs(name, python, libraries)
    ]
    for name, mine, own in hidden if _isolated(python) else ():
        message = f"{name} {mine.version} from {mine.folder} is used instead of {own.version} in the environment ({own.folder})"
        yield fail("user-site-leak", message, subject=name, fix=fix("venv.no-user-site"))
    if not hidden:
        seen = (
            "the environment also sees the packages of its base Python"
            if prefix.system_site
            else "no packages from the user folder (~/.local)"
        )
        yield ok(seen)
    elif not _isolated(python):
        yield skip(f"{hidden[0][0]} from the user folder is used before the system's, as `pip install --user` intends")


def _isolated(python: Python) -> bool:
    """Whether this Python is one that its own packages are meant to suffice for: not the one of the system."""
    return python.conda or not (python.externally_managed or python.in_venv or python.base_prefix in ("/usr", "/usr/local"))


def _pairs(name: str, python: Python, libraries: Libraries) -> Iterator[tuple[Distribution, Distribution]]:
    """A library of the user's folder that hides another version in the environment."""
    found = [distribution for distribution in libraries.distributions if distribution.name == name]
    others = [other for other in found if other.folder != python.user_site]
    if found and others and found[0].folder == python.user_site and others[0].version != found[0].version:
        yield found[0], others[0]
