"""Libraries that were installed for development, from a folder that may since have been moved."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Project, Wanted

from .dependencies import all_needed
from .facts import Editable, Sources


@check("libraries.editable", causes=("editable-source-vanished",))
def editable_sources_are_there(
    sources: Sources | Missing, wanted: Wanted, libraries: Libraries, project: Project
) -> Iterator[Finding]:
    """Editable installs.

    Such a library is only a note of a folder; pip lists it as before when the folder was moved, renamed or is not mounted.
    """
    if isinstance(sources, Missing):
        yield unknown(f"the editable installs could not be read: the probe {sources.reason}")
        return
    gone = {editable.name: editable for editable in sources.editables if not editable.there}
    for editable in gone.values():
        yield _gone(editable, wanted, libraries, project)
    if sources.editables and not gone:
        yield ok(f"{', '.join(sorted({editable.name for editable in sources.editables}))}: the code exists")


def _gone(editable: Editable, wanted: Wanted, libraries: Libraries, project: Project) -> Finding:
    """What to say of one: red where it is the project itself, or what it needs."""
    name = editable.name
    own = name == canonicalize_name(project.name)
    names = {library.name for library in wanted.libraries}
    if name in names and not libraries.find(name):  # an .egg-link alone is not listed as installed
        return skip("it does not exist", subject=name, blocked_by=f"libraries.installed:{name}")
    say = fail if (own and not _beside(name, libraries)) or name in all_needed(names, libraries) else warn
    message = f"{name} was installed as editable from {editable.path}, which no longer exists"
    return say("editable-source-vanished", message, subject=name, evidence={"file": editable.file}, fix=_cure(own, name, project))


def _beside(name: str, libraries: Libraries) -> bool:
    """Whether the project's own package lies at its top, where scripts and notebooks find it without being installed."""
    return any(canonicalize_name(local.name) == name and not local.namespace for local in libraries.local)


def _cure(own: bool, name: str, project: Project) -> Fix:
    return fix("names.editable", folder=project.root) if own else fix("names.gone", packages=(name,))
