"""Imported libraries that are listed as installed and whose module is gone: interrupted installations, deleted files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, fail, skip
from mlenv_doctor.patient import Libraries, Python, Wanted

from ..libraries.catalogue import import_names
from ..libraries.import_names import distribution_of_import
from ..libraries.installed import again, half
from ..libraries.wrong_names import opencv_gone
from .naming import Lack, rows, some, spot


def is_half_installed(lack: Lack, libraries: Libraries) -> bool:
    """Whether a missing module is the one that its library is for, and the library's metadata is there.

    pkg_resources is not that of setuptools, which is whole without it.
    """
    found, top = libraries.find(lack.distribution), lack.use.top
    if not found or not found.record or found.editable or found.installer == "conda" or lack.use.state != "missing":
        return False
    of_its_name = canonicalize_name(top) == found.name == distribution_of_import(top)
    return of_its_name or import_names().get(found.name, "").partition(".")[0] == top


def interrupted(lacking: Sequence[Lack], wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Finding]:
    """A finding for each library, unless the checks of the libraries themselves have one."""
    told = {library.name for library in wanted.libraries if half(library, libraries, python)}
    for name, group in groupby(sorted(lacking, key=lambda lack: lack.distribution), lambda lack: lack.distribution):
        uses = [lack.use for lack in group]
        if name in told or name in opencv_gone(libraries):
            by = f"libraries.leftovers:{name}" if name in told else "libraries.opencv"
            yield skip(f"half installed: {some(uses)}", subject=name, blocked_by=by)
            continue
        found = libraries.find(name)
        listed = f"{name} {found.version}" if found and found.version else name
        message = f"{listed} is listed as installed, but its module {uses[0].top} is missing"
        yield fail(
            "interrupted-install",
            message,
            subject=name,
            evidence=rows(uses),
            location=spot(uses[0]),
            fix=again(name, libraries),
        )
