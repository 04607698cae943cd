"""Do the libraries really load? Each was imported in a process of its own; here the outcomes are read."""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor import Finding, Missing, check, fail, fix, ok, skip, unknown
from mlenv_doctor.facts import Imported, Imports, Libraries, Python, Wanted, Why

from .dependencies import conflicts, parsed

FAILED = ("error", "crash", "exit", "hang")
SAID = {
    "error": "{name} cannot be imported: {reason}: {message}",
    "exit": "{name} cannot be imported: the process {reason}",
    "crash": "importing {name} kills Python: it {reason}",
    "hang": "importing {name} never ends: it {reason}",
}
CAUSES = {"error": "import-error", "exit": "import-error", "crash": "import-crash", "hang": "import-hang"}


@check("libraries.import", causes=("import-error", "import-crash", "import-hang", "numpy-broken"))
def libraries_import(imports: Imports | Missing, wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Finding]:
    """The libraries can be imported.

    Installed is not the same as working: a missing system library, another numpy or a broken file shows only here.
    """
    if isinstance(imports, Missing):
        say = skip if imports.kind == Why.NOT_ASKED else unknown
        yield say("imports: " + imports.reason)
        return
    contradicted = {conflict.owner for conflict in conflicts(libraries, python)}
    for imported in imports.libraries:
        yield judged(imported, imports, libraries, contradicted)


def judged(imported: Imported, imports: Imports, libraries: Libraries, contradicted: set[str]) -> Finding:
    """What the import of one library came to, and whose fault it is."""
    name = imported.name
    if imported.outcome == "ok":
        found = libraries.find(name)
        evidence = {"file": imported.file, "seconds": f"{imported.seconds:.1f}"}
        version = (found.version if found else None) or imported.version
        return ok(f"{name} {version}".strip(), subject=name, evidence=evidence)
    if imported.outcome not in FAILED:
        return unknown(f"{name} was not imported: {imported.reason or 'its import name is not known'}", subject=name)
    if name in contradicted:
        return skip(f"{name} cannot be imported", subject=name, blocked_by=f"libraries.dependencies:{name}")
    root = culprit(imported, imports, libraries)
    if root:
        return skip(f"{name} cannot be imported because of {root}", subject=name, blocked_by=f"libraries.import:{root}")
    return failed(imported)


def failed(imported: Imported) -> Finding:
    """The failure of a library that is itself to blame."""
    name = imported.name
    message = SAID[imported.outcome].format(name=name, reason=imported.reason, message=imported.message)
    evidence = {"last lines": "\n".join(imported.detail.strip().splitlines()[-6:]), "module": imported.module}
    cause = "numpy-broken" if name == "numpy" else CAUSES[imported.outcome]
    return fail(cause, message.rstrip(": "), subject=name, evidence=evidence, fix=fix("libs.reinstall", packages=(name,)))


def culprit(imported: Imported, imports: Imports, libraries: Libraries) -> str:
    """The other library that is to blame: one that fails as well and that this one depends on; the deepest of them."""
    broken = {other.name for other in imports.libraries if other.outcome in FAILED} - {imported.name}
    todo, seen, found = [imported.name], {imported.name}, ""
    while todo and broken:
        for name in requirements_of(todo.pop(0), libraries):
            if name not in seen:
                seen.add(name)
                todo.append(name)
                found = name if name in broken else found
    return found


def requirements_of(name: str, libraries: Libraries) -> list[str]:
    """The names of what a distribution requires, without its extras."""
    found = libraries.find(name)
    texts = [text for text in (found.requires if found else ()) if "extra ==" not in text]
    return [requirement.name.lower().replace("_", "-") for text in texts if (requirement := parsed(text))]
