"""Do libraries come from the environment itself, or from the user's folder that all Pythons of a minor version share?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, check, fail, fix, ok, skip
from mlenv_doctor.facts import Distribution, Libraries, Prefix, Python, Wanted


@check("venv.user-site", causes=("user-site-leak",))
def libraries_come_from_the_environment(
    python: Python, prefix: Prefix, libraries: Libraries, wanted: Wanted
) -> Iterator[Finding]:
    """The libraries come from the environment itself.

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
            "the environment sees the packages of its base as well"
            if prefix.system_site
            else "no library comes from the user's folder"
        )
        yield ok(seen)
    elif not _isolated(python):
        yield skip(f"{hidden[0][0]} of the user's folder comes before that of the system, as `pip install --user` means it")


def _isolated(python: Python) -> bool:
    """Whether this Python is one that its own packages are meant to suffice for: not the one of the system."""
    return python.conda or not (python.externally_managed or python.in_venv or python.base_prefix in ("/usr", "/usr/local"))


def _pairs(name: str, python: Python, libraries: Libraries) -> Iterator[tuple[Distribution, Distribution]]:
    """A library of the user's folder that hides another version in the environment."""
    found = [distribution for distribution in libraries.distributions if distribution.name == name]
    others = [other for other in found if other.folder != python.user_site]
    if found and others and found[0].folder == python.user_site and others[0].version != found[0].version:
        yield found[0], others[0]
