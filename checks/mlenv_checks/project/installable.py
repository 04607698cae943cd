"""Can what the project pins be installed for this Python at all?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import Libraries, Project, Python, Wanted, WantedLibrary

from ..libraries.first_wheels import first_wheel, fitting_python, unmeetable
from .commands import beside
from .facts import IndexVersions, OfferedPin
from .naming import MOST

SHOWN = 4


@check("project.installable", causes=("pin-without-wheel", "pin-not-on-index"))
def requirements_can_be_installed(
    wanted: Wanted, libraries: Libraries, python: Python, project: Project, index_versions: IndexVersions | Missing
) -> Iterator[Finding]:
    """Pinned versions.

    A version older than this Python has no wheel for it; pip then builds it, which takes long and usually fails.
    With --online pip is asked what the package index has of each pin that is not installed.
    """
    stuck = unmeetable(wanted.libraries, libraries, python)
    asked = index_versions.pins if isinstance(index_versions, IndexVersions) and not python.conda else ()
    told = [_offered(pin, python, project) for pin in asked if pin.name not in {each.name for each in stuck}]
    offered = [finding for finding in told if finding]
    if stuck:
        yield _too_old(stuck, python, project)
    yield from offered
    if not stuck and not offered:
        pinned = any(library.line and library.specifier for library in wanted.libraries)
        yield ok("no pinned version is too old for this Python") if pinned else skip("the project pins no version")


def _too_old(stuck: Sequence[WantedLibrary], python: Python, project: Project) -> Finding:
    """What the table of first wheels tells, in one sentence."""
    minor = "{}.{}".format(*python.minor)
    names = [f"{each.name}{each.specifier} (wheels begin with {first_wheel(each.name, python.minor)})" for each in stuck]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    fitting = fitting_python(stuck, python.minor)
    better = f"; Python {fitting} has wheels for all of them" if fitting else ""
    place = Location(beside(stuck[0].source, project), stuck[0].line)
    message = f"no wheel for Python {minor}: {', '.join(names[:SHOWN])}{more}{better}"
    repair = fix("python.install", version=fitting) if fitting else None
    return fail(
        "pin-without-wheel", message, evidence=dict(each.partition(" ")[::2] for each in names[:MOST]), location=place, fix=repair
    )


def _offered(pin: OfferedPin, python: Python, project: Project) -> Finding | None:
    """What the package index tells of one pin. What is published as source only is healthy."""
    file, minor = beside(pin.file, project), "{}.{}".format(*python.minor)
    place, said = Location(file, pin.line), f"{pin.name} {pin.version} ({file}:{pin.line})"
    if pin.state == "source" and pin.python:
        message = f"no wheel of {said} for Python {minor}: pip would build it from source; Python {pin.python} has a wheel"
        return warn("pin-without-wheel", message, subject=pin.name, location=place)
    if pin.state != "absent":
        return None
    if pin.python:
        message = f"{said} cannot be installed for Python {minor}; Python {pin.python} has a wheel"
        return fail("pin-without-wheel", message, subject=pin.name, location=place, fix=fix("python.install", version=pin.python))
    return warn(
        "pin-not-on-index", f"pip's package index does not have {said} for this machine", subject=pin.name, location=place
    )
