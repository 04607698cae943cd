"""Is what the code imports there?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from mlenv_doctor.api import Finding, Fix, Location, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import Libraries, Project, Python, Wanted

from ..jupyter.facts import Jupyter
from ..libraries.dependencies import all_needed
from ..libraries.facts import Lock
from ..libraries.preparation import ROOT, is_there, preparation
from .commands import own_install
from .facts import Code, ImportedModule
from .half_installed import interrupted, is_half_installed
from .moved import advice
from .naming import (
    OF_PYTHON_2,
    REMOVED,
    Lack,
    declarations,
    elsewhere,
    first_ones,
    is_generated,
    lacks,
    names_of,
    place,
    rows,
    some,
    spot,
)

TOOLS = ("setuptools", "pip", "wheel")  # nobody declares what every environment brings


@check("project.imports", causes=("import-not-installed", "module-unknown", "module-removed", "interrupted-install"))
def imports_are_installed(
    code: Code,
    project: Project,
    wanted: Wanted,
    libraries: Libraries,
    python: Python,
    lock: Lock | Missing,
    jupyter: Jupyter | Missing,
) -> Iterator[Finding]:
    """Imports in the code.

    A module that is imported at the top of a file and is not installed ends the program at its first line.
    """
    if not code.files and not code.notebooks:
        yield skip("no code here")
        return
    others = _of_other_kernels(jupyter)
    found = [lack for lack in lacks(code, project, wanted) if lack.use.files > 1 or lack.use.file not in others]
    needed = sorted((lack for lack in found if lack.needed and not elsewhere(lack.use)), key=lambda lack: _rank(lack.use))
    if needed and preparation(wanted, libraries).unprepared:
        yield skip(f"not installed: {some([lack.use for lack in needed])}", blocked_by=ROOT)
    else:
        yield from _absent(needed, project, wanted, libraries, code, lock)
        halves = [lack for lack in needed if is_half_installed(lack, libraries)]
        yield from interrupted(halves, wanted, libraries, python)
        yield from _removed([lack for lack in needed if _is_removed(lack, libraries) and lack not in halves], libraries, python)
        yield from _unknown([lack for lack in needed if not lack.distribution and not _is_removed(lack, libraries)], wanted)
    yield from _remarks(found, code)
    if not needed:
        unread = f"; {code.left_out} more were not read, because the project is large" if code.left_out else ""
        yield ok(f"every import of {amount(code)} is installed{unread}", brief=f"all imports of {amount(code)} are installed")


def _of_other_kernels(jupyter: Jupyter | Missing) -> set[str]:
    """The notebooks that run in the kernel of another environment: what they import is not looked for in this one."""
    kernels = () if isinstance(jupyter, Missing) else jupyter.kernels
    return {
        name
        for kernel in kernels
        if kernel.found and kernel.alive and kernel.python and not kernel.mine
        for name in kernel.notebooks
    }


def _rank(use: ImportedModule) -> tuple[bool, int, str]:
    """Programs before notebooks, what lies near before what lies deep."""
    return bool(use.cell), use.file.count("/"), use.module


def amount(code: Code) -> str:
    """How much code was read."""
    numbers = [(code.files, "file"), (code.notebooks, "notebook")]
    return " and ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in numbers if number)


def _absent(
    needed: Sequence[Lack], project: Project, wanted: Wanted, libraries: Libraries, code: Code, lock: Lock | Missing
) -> Iterator[Finding]:
    """The libraries that are not installed. What the project requires is told where its requirements are judged."""
    absent = [lack for lack in needed if lack.distribution and not libraries.find(lack.distribution)]
    asked = [lack for lack in absent if lack.declared == "requirement"]
    rest = [lack for lack in absent if lack.declared != "requirement"]
    open_wish = next((library.name for library in wanted.libraries if library.line and not is_there(library, libraries)), "")
    by = f"libraries.installed:{open_wish}" if open_wish else None
    if asked:
        yield skip(f"required but not installed: {some([lack.use for lack in asked])}", blocked_by=by)
    if not rest:
        return
    locked = {package.name for package in lock.packages} if isinstance(lock, Lock) else set()
    if by and all(lack.distribution in locked or not lack.declared for lack in rest):
        yield skip(
            f"not installed; may be a dependency of a missing requirement: {some([lack.use for lack in rest])}", blocked_by=by
        )
    else:
        for mild, some_of in _by_need(rest, wanted):
            repair = _install(some_of, project, locked, code)
            yield _told("import-not-installed", some_of, "not installed", repair, mild)


def _by_need(lacking: Sequence[Lack], wanted: Wanted) -> list[tuple[bool, list[Lack]]]:
    """What the program needs, and what only notebooks and tools beside it do, where the project says what it needs."""
    beside = [lack for lack in lacking if wanted.declared and lack.beside]
    return [(mild, some_of) for mild, some_of in ((False, [x for x in lacking if x not in beside]), (True, beside)) if some_of]


def _install(rest: Sequence[Lack], project: Project, locked: set[str], code: Code) -> Fix:
    """The project's own command where that brings them all, else one for these libraries."""
    names = tuple(dict.fromkeys(lack.distribution for lack in rest))
    own = all(lack.distribution in locked or lack.declared == "address" for lack in rest)
    return own_install(project, code, names) if own else fix("libs.install", packages=names)


def _told(cause: str, lacking: Sequence[Lack], state: str, repair: Fix | None, mild: bool = False) -> Finding:
    """One sentence about all of them: one fault, one line."""
    say = warn if mild else fail
    uses = [lack.use for lack in lacking]
    first = uses[0]
    if len(uses) == 1:
        message = f"{place(first)} imports {first.module}, which is {state}"
    else:
        message = f"{len(uses)} imported modules are {state}: {some(uses)}"
    return say(cause, message, evidence=rows(uses), location=spot(first), fix=repair)


def _unknown(lacking: Sequence[Lack], wanted: Wanted) -> Iterator[Finding]:
    """Modules that no table knows. They are named, and never made into a command: a guessed name may be somebody's trap."""
    sure = [lack for lack in lacking if not lack.use.unclear and not is_generated(lack.use)]
    for mild, some_of in _by_need(sure, wanted):
        yield _told("module-unknown", some_of, "not installed and not in the list of known packages", None, mild)
    unsure = [lack.use for lack in lacking if lack.use.unclear or is_generated(lack.use)]
    if unsure:
        yield skip(f"not found, but the code changes sys.path or a build creates it: {some(unsure)}")


def _is_removed(lack: Lack, libraries: Libraries) -> bool:
    """Whether a module was part of Python, or of a library that is installed."""
    return lack.use.top in REMOVED or lack.use.top in OF_PYTHON_2 or bool(libraries.find(lack.distribution))


def _removed(lacking: Sequence[Lack], libraries: Libraries, python: Python) -> Iterator[Finding]:
    """What the installed Python or library no longer has: one sentence for each of them."""
    for owner, group in groupby(
        sorted(lacking, key=lambda lack: _home(lack, libraries, python)), lambda lack: _home(lack, libraries, python)
    ):
        uses = [lack.use for lack in group]
        known = advice(uses)
        message = f"{owner} does not have {some(uses)}" + (f"; {known}" if known else "")
        repair = fix("libs.install", packages=("setuptools",)) if "distutils" in {use.top for use in uses} else None
        yield fail("module-removed", message, subject=uses[0].module, evidence=rows(uses), location=spot(uses[0]), fix=repair)


def _home(lack: Lack, libraries: Libraries, python: Python) -> str:
    found = libraries.find(lack.distribution)
    return f"{found.name} {found.version or ''}".strip() if found else f"Python {python.version}"


def _remarks(found: Sequence[Lack], code: Code) -> Iterator[Finding]:
    """What is missing without harm, and what was not read."""
    special = [lack.use for lack in found if lack.use.weight == "needed" and elsewhere(lack.use)]
    if special:
        yield skip(f"exists only on {elsewhere(special[0])}: {some(special)}")
    spare = [
        lack.use
        for lack in found
        if not lack.needed and lack.use.weight not in ("typing", "unparsed") and not elsewhere(lack.use)
    ]
    if spare:
        yield skip(f"not installed, and used only in some functions, extras, tests or examples: {some(spare)}")
    if not code.complete:
        left = f", {code.left_out} were not" if code.left_out else ""
        yield skip(f"the project is large: {amount(code)} were read{left}")


@check("project.declared", causes=("import-not-declared",))
def imports_are_declared(code: Code, project: Project, wanted: Wanted, libraries: Libraries) -> Finding:
    """Declared imports.

    An import that is not declared is missing on the next machine.
    """
    if not wanted.declared or not project.requirements:
        return skip("the project does not declare what it needs")
    if any(library.line and not is_there(library, libraries) for library in wanted.libraries):
        return skip("the dependencies of the requirements are unknown while some of them are missing")
    named = declarations(project, wanted, code)
    brought = all_needed(named, libraries)
    own = {*names_of(project.requirements), project.name, *TOOLS}
    loose = [use for use in code.uses if use.state == "found" and use.weight == "needed" and use.owner and not use.optional]
    loose = [use for use in loose if use.owner not in brought and use.top not in brought and use.owner not in own]
    if not loose:
        return ok("every import is declared, or is a dependency of a declared package")
    names = first_ones(list(dict.fromkeys(use.owner for use in loose)))
    file = _list_of(project)
    message = f"imported but not declared: {some(loose)}; add {names} to {file.rpartition('/')[2]}"
    return warn("import-not-declared", message, evidence=rows(loose), location=Location(file))


def _list_of(project: Project) -> str:
    """The file in which the project declares most."""
    files: Iterable[str] = [declared.file for declared in project.requirements]
    return max(dict.fromkeys(files), key=list(files).count)
