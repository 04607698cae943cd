"""Do the libraries really load? Each was imported in a process of its own; here the outcomes are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from pathlib import PurePath

from packaging.utils import canonicalize_name

from mlenv_doctor import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown
from mlenv_doctor.facts import Imported, Imports, Interpreter, Libraries, Python, Wanted, Why

from .catalogue import import_names
from .dependencies import Conflict, conflicts, repair, requirements_of
from .installed import again, half
from .interpreter import lacks
from .startup import intruder

FAILED = ("error", "crash", "exit", "hang")
SAID = {
    "error": "{name} cannot be imported: {reason}: {message}",
    "exit": "{name} cannot be imported: the process {reason}",
    "crash": "importing {name} kills Python: it {reason}",
    "hang": "importing {name} never ends: it {reason}",
}
LACKING = re.compile(r"No module named '(\w+)'")
CAUSES = {"error": "import-error", "exit": "import-error", "crash": "import-crash", "hang": "import-hang"}


@check("libraries.import", causes=("import-error", "import-crash", "import-hang", "numpy-broken"))
def libraries_import(
    imports: Imports | Missing, wanted: Wanted, libraries: Libraries, python: Python, interpreter: Interpreter | Missing
) -> Iterator[Finding]:
    """The libraries can be imported.

    Installed is not the same as working: a missing system library, another numpy or a broken file shows only here.
    """
    if isinstance(imports, Missing):
        say = skip if imports.kind == Why.NOT_ASKED else unknown
        yield say("imports: " + imports.reason)
        return
    halves = {library.name for library in wanted.libraries if half(library, libraries, python)}
    contradicted = {conflict.owner: conflict for conflict in conflicts(libraries, python)}
    for imported in imports.libraries:
        owner = blamed_on_python(imported, interpreter)
        if owner:
            yield skip(f"{imported.name} cannot be imported", subject=imported.name, blocked_by=owner)
        else:
            yield judged(imported, imports, libraries, halves, contradicted)


def blamed_on_python(imported: Imported, interpreter: Interpreter | Missing) -> str:
    """The finding about Python itself that explains why an import fails; else empty."""
    folder = intruder(imported, interpreter)
    if folder:
        return f"python.path:{folder}"
    return "python.complete" if lacks(imported, interpreter) else ""


def judged(
    imported: Imported, imports: Imports, libraries: Libraries, halves: Set[str], contradicted: Mapping[str, Conflict]
) -> Finding:
    """What the import of one library came to, and whose fault it is."""
    name = imported.name
    if imported.outcome == "ok":
        found = libraries.find(name)
        evidence = {"file": imported.file, "seconds": f"{imported.seconds:.1f}"}
        version = (found.version if found else None) or imported.version
        return ok(f"{name} {version}".strip(), subject=name, evidence=evidence)
    if imported.outcome == "own":
        return skip(f"{name} is this project itself, whose code is not run", subject=name)
    if imported.outcome not in FAILED:
        return unknown(f"{name} was not imported: {imported.reason or 'its import name is not known'}", subject=name)
    if name in halves or name in contradicted:
        by = f"leftovers:{name}" if name in halves else f"dependencies:{contradicted[name].name}"
        return skip(f"{name} cannot be imported", subject=name, blocked_by=f"libraries.{by}")
    root = culprit(imported, imports, libraries)
    if root:
        return skip(f"{name} cannot be imported because of {root}", subject=name, blocked_by=f"libraries.import:{root}")
    return failed(imported, libraries, contradicted)


def failed(imported: Imported, libraries: Libraries, contradicted: Mapping[str, Conflict]) -> Finding:
    """The failure of a library that no other finding explains: it is broken itself, or what it needs is."""
    name = imported.name
    message = SAID[imported.outcome].format(name=name, reason=imported.reason, message=imported.message)
    evidence = {"last lines": "\n".join(imported.detail.strip().splitlines()[-6:]), "module": imported.module}
    cause = "numpy-broken" if name == "numpy" else CAUSES[imported.outcome]
    owner = deepest(name, contradicted.keys(), libraries)
    cure = repair([contradicted[owner]]) if owner else cure_of(imported, libraries)
    return fail(cause, message.rstrip(": "), subject=name, evidence=evidence, fix=cure)


def cure_of(imported: Imported, libraries: Libraries) -> Fix:
    """To install once more what is broken; of an import that never ends one first has to see where it waits."""
    anew = again(to_blame(imported, libraries), libraries)
    if imported.outcome != "hang":
        return anew
    parent, _, last = import_names().get(imported.name, imported.name.replace("-", "_")).rpartition(".")
    module = parent if last[:1].isupper() else f"{parent}.{last}".lstrip(".")
    return fix("libs.unblock", module=module, packages=anew.values["packages"], options=anew.values["options"])


def to_blame(imported: Imported, libraries: Libraries) -> str:
    """The distribution that lacks a module which its metadata promises, or in whose files the import failed.

    The library itself where that cannot be told.
    """
    lacking = LACKING.fullmatch(imported.message)
    promised = libraries.find(canonicalize_name(lacking[1])) if lacking else None
    if promised:
        return promised.name
    folder = PurePath(imported.file)
    tops = [path.name for path in folder.parents if path.parent.name in ("site-packages", "dist-packages")]
    found = libraries.find(canonicalize_name(tops[0])) if tops else None
    return found.name if found else imported.name


def culprit(imported: Imported, imports: Imports, libraries: Libraries) -> str:
    """The other library that is to blame: one that fails as well, and in whose files this import failed or that it needs."""
    broken = {other.name for other in imports.libraries if other.outcome in FAILED}
    seat = to_blame(imported, libraries)
    root = seat if seat in broken and seat != imported.name else deepest(imported.name, broken, libraries)
    circle = bool(root) and deepest(root, {imported.name}, libraries) == imported.name
    return "" if circle and imported.name < root else root  # of two that need each other one has to be named


def deepest(name: str, among: Set[str], libraries: Libraries) -> str:
    """The last of some distributions that is met on the way down from one to all that it needs; empty for none."""
    todo, seen, found = [name], {name}, ""
    while todo and among:
        for needed in requirements_of(todo.pop(0), libraries):
            if needed not in seen:
                seen.add(needed)
                todo.append(needed)
                found = needed if needed in among else found
    return found
