"""A name that is missing because something else is imported: a file of the project, a folder, or a module on its way."""

from __future__ import annotations

import re

from ..reading import Cure, Kind, Reading
from .common import Case, candidate


def circle(case: Case, module: str, name: str, path: str) -> Reading:
    """A module that imports itself on the way."""
    top = module.partition(".")[0]
    if "-packages" in path:
        return _incomplete(case, module, name)
    if name.startswith("_"):
        cure = Cure("Start Python in another folder, or build the package in place: pip install -e .")
        said = f"Python imports {top} from its source folder {path}; only the installed package has the compiled part {name}"
        return Reading(
            Kind.ENVIRONMENT,
            " ".join(said.split()),
            "source-folder-shadows-install",
            top,
            cure,
            (candidate("shadowed-by-file", f"the folder {top} in the working directory hides the installed package"),),
        )
    if not path and not any(frame.own for frame in case.trace.frames):
        return _hidden_or_circle(case, module, name)
    own = case.trace.own
    return Reading(
        Kind.PROGRAM,
        f"Circular import: {name} does not exist yet when it is imported from {module}",
        "circular-import",
        module,
        Cure("Move the import into the function that needs it, or what both need into a third module"),
        (
            candidate(
                "shadowed-by-file",
                f"a file called {top}.py hides a library {top}",
                f"whether {top} is also the name of an installed library",
            ),
        ),
        where=own.place if own else "",
    )


def _incomplete(case: Case, module: str, name: str) -> Reading:
    """An installed library imports itself in a circle: some of its files are missing or of another version."""
    dist = case.distribution(module) or module.partition(".")[0]
    return Reading(
        Kind.ENVIRONMENT,
        f"{module} of {dist} is incomplete: {name} cannot be imported from it",
        "interrupted-install",
        dist,
        Cure(f"Reinstall {dist}", install=(dist,) if case.is_known(dist) else (), reinstall=True),
        (
            candidate("shadowed-by-file", f"a file of the project has the name of a module that {dist} imports"),
            candidate("known-bad-pair", f"{dist} does not fit a library that it imports"),
        ),
    )


def _hidden_or_circle(case: Case, module: str, name: str) -> Reading:
    """A top-level module that imports itself, without a path: for a library a file of its name, for own code a circle."""
    known, last = bool(case.distribution(module)), module.rpartition(".")[2]
    return Reading(
        Kind.ENVIRONMENT if known else Kind.UNKNOWN,
        f"A file of the project is named like a library ({last}.py, perhaps the program itself) and is imported "
        "instead of it; or two modules of the program import each other (circular import)",
        "shadowed-by-file",
        f"{last}.py",
        Cure(
            f"If {module} is a library: rename {last}.py, and delete __pycache__ next to it; else move one of the "
            "imports into a function"
        ),
        (
            candidate(
                "circular-import",
                "two modules of the program import each other",
                f"whether {module} is a library or a part of the program",
            ),
            candidate(
                "interrupted-install",
                f"the files of {module} are incomplete",
                f'`python -c "import {module}; print({module}.__file__)"`',
            ),
        ),
    )


def nowhere(case: Case, module: str, name: str) -> Reading | None:
    """The module is an empty folder (a namespace): what is looked for was never installed into it."""
    dist = case.knowledge.distribution(f"{module}.{name}")
    if dist and dist != case.knowledge.distribution(module):
        return Reading(
            Kind.ENVIRONMENT,
            f"{dist} is not installed: it provides {name} of {module}",
            "not-installed",
            dist,
            Cure(f"Install {dist} with the Python that runs the program", install=(dist,)),
        )
    dist = case.distribution(module)
    return Reading(
        Kind.ENVIRONMENT,
        f"Python finds only a folder called {module}, not the library: it is not installed, half-uninstalled, or "
        "hidden by a folder of that name",
        "namespace-folder",
        dist or module,
        Cure(
            f"Reinstall {dist or module}, and rename a folder of that name in the project",
            install=(dist,) if dist else (),
            reinstall=True,
        ),
        (
            candidate("interrupted-install", f"the files of {dist or module} are incomplete"),
            candidate("not-installed", f"{dist or module} is not installed"),
        ),
    )


def shadow(case: Case, module: str, name: str, path: str, partly: bool, at: int) -> Reading | None:
    """A file of the project is imported in the library's place."""
    top = module.partition(".")[0]
    own = (
        next((f for f in case.trace.frames if f.own and re.search(rf"(?:^|[\\/]){re.escape(top)}\.py$", f.file)), None)
        if top
        else None
    )
    outside = bool(path) and "-packages" not in path and bool(re.search(rf"(?:^|[\\/]){re.escape(top)}\.py$", path))
    if not (own or outside):
        if partly and top in case.knowledge.standard and path and "-packages" not in path:
            own = None
        else:
            return None
    file = path if outside else own.file if own else f"{top}.py"
    what = "module of Python's standard library" if top in case.knowledge.standard else "library"
    cause = "shadowed-stdlib-module" if top in case.knowledge.standard else "shadowed-by-file"
    return Reading(
        Kind.ENVIRONMENT,
        f"The file {file} hides the {what} {top}: Python imports the file instead of it",
        cause,
        file,
        Cure(f"Rename {top}.py, and delete __pycache__ next to it"),
    )
