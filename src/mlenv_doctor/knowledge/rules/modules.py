"""A module that is not found: not installed, installed elsewhere, moved, hidden by a file of the project, or Python's own."""

from __future__ import annotations

import re
from difflib import get_close_matches

from ..reading import Cure, Kind, Reading
from .common import Case, candidate
from .not_installed import LOCAL, install
from .standard_library import of_python
from .submodules import submodule

MISSING = re.compile(
    r"""No module named:? (?P<quote>['"`]?)(?P<name>[A-Za-z_][\w.]*)(?:(?P=quote))?(?P<not_package>; '[\w.]+' is"""
    r" not a package)?"
)
RUN_AS_PROGRAM = re.compile(
    r"(?<!\S)(?P<python>\S{0,300}?python[\w.]{0,20}): (?:No module named"
    r"""|Error while finding module specification for) ['"]?(?P<name>[\w.]+)"""
)
ISOLATED = re.compile(
    r"pip-build-env|Getting requirements to build (?:wheel|editable)|build_meta|Preparing metadata"
    r"|build backend returned an error|build_wheel"
)
SATISFIED = re.compile(r"Requirement already satisfied: (?P<name>[\w.-]+)[^\n]{0,200}? in (?P<place>\S+)")


def module_not_found(case: Case) -> Reading | None:
    """`No module named X`, in every meaning that it has."""
    found = _last(case)
    if found is None:
        return None
    name, at = found["name"], found.start()
    top = name.partition(".")[0]
    readers = (
        _hidden,
        of_python,
        _in_isolated_build,
        _setuptools,
        _program,
        submodule,
        _elsewhere,
        _known,
        _own,
        _misspelled,
        _stranger,
    )
    for reader in readers:
        reading = reader(case, name, top, at)
        if reading:
            return reading
    return None


def _last(case: Case) -> re.Match[str] | None:
    found = list(MISSING.finditer(case.trace.text))
    return found[-1] if found else None


def _hidden(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A file of the project with the library's name is imported instead of it."""
    said = f"'{top}' is not a package" in case.trace.text and f"'{name}'; '{top}'" in case.trace.text
    file = next((f for f in case.trace.frames if f.own and re.search(rf"(?:^|[\\/]){re.escape(top)}\.py$", f.file)), None)
    if not said and not (file and "." in name):
        return None
    where = file.file if file else f"{top}.py"
    return Reading(
        Kind.ENVIRONMENT,
        f"The file {where} hides the library {top}: Python imports the file instead",
        "shadowed-stdlib-module" if top in case.knowledge.standard else "shadowed-by-file",
        where,
        Cure(f"Rename {top}.py, and delete {top}.pyc and __pycache__ next to it"),
    )


def _in_isolated_build(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A build runs in an environment of its own, where what is installed cannot be seen."""
    if not ISOLATED.search(case.trace.text) or top in ("pkg_resources", "setuptools", "distutils", "imp"):
        return None
    dist = case.distribution(name)
    return Reading(
        Kind.ENVIRONMENT,
        f"The build needs {top}, but pip builds packages in an isolated environment that does not see the installed packages",
        "build-isolation",
        dist or top,
        Cure(
            f"Install {dist or top} first, then install the package again without build isolation",
            install=(dist, "setuptools", "wheel", "packaging", "ninja") if dist else (),
            notes=("Then: pip install --no-build-isolation PACKAGE",),
        ),
    )


def _setuptools(case: Case, name: str, top: str, at: int) -> Reading | None:
    """pkg_resources: a part of setuptools, which left it in version 82, and which new environments do not have."""
    if top != "pkg_resources":
        return None
    new = case.facts.meets("setuptools>=82")
    return Reading(
        Kind.ENVIRONMENT,
        "pkg_resources is missing: setuptools removed it in version 82, and environments of Python 3.12 and "
        "later start without setuptools",
        "pkg-resources-removed",
        "setuptools",
        Cure("Install a setuptools that still has it", install=("setuptools<81",)),
        candidates=()
        if new
        else (candidate("not-installed", "setuptools is not installed at all", "`pip show setuptools` finds nothing"),),
    )


def _program(case: Case, name: str, top: str, at: int) -> Reading | None:
    """`python -m X`, or a kernel that Jupyter starts."""
    found = RUN_AS_PROGRAM.search(case.trace.text)
    if not found or top in case.facts.local:
        return None
    if top in ("ipykernel_launcher", "ipykernel"):
        cure = Cure(
            "Install ipykernel into the environment that the kernel starts",
            install=("ipykernel",),
            notes=("With the environment's own Python: python -m ipykernel install --user --name NAME",),
        )
        return Reading(
            Kind.ENVIRONMENT,
            f"{found['python']} has no ipykernel, so Jupyter cannot start it as a kernel",
            "kernel-not-registered",
            "ipykernel",
            cure,
        )
    if top == "pip":
        cure = Cure(
            "Install pip into this Python",
            run=("python -m ensurepip --upgrade",),
            notes=("In an environment that uv made: uv pip install …",),
        )
        return Reading(Kind.ENVIRONMENT, "This Python has no pip", "no-pip-in-venv", "pip", cure)
    return None


def _elsewhere(case: Case, name: str, top: str, at: int) -> Reading | None:
    """pip says that it is installed: in another Python."""
    dist = case.distribution(name)
    found = next((m for m in SATISFIED.finditer(case.trace.text) if dist and m["name"].lower().replace("_", "-") == dist), None)
    if not found:
        return None
    return _other_python(case, f"{dist} is installed in {found['place']}, but the program runs in another Python", dist)


def _other_python(case: Case, message: str, dist: str) -> Reading:
    cure = Cure(
        f"Install {dist} with the Python that runs the program",
        install=(dist,),
        notes=("Always `python -m pip`, never bare `pip`: that may belong to another Python.",),
    )
    return Reading(Kind.ENVIRONMENT, message, "pip-python-mismatch", dist, cure)


def _known(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A distribution that is known to bring it."""
    dist = case.distribution(name)
    if not dist or top in case.facts.local:
        return None
    if case.facts.version(dist) and case.facts.complete:
        return Reading(
            Kind.ENVIRONMENT,
            f"{case.with_version(dist)} is installed{case.facts.whose and ' in ' + case.facts.whose}, but {top} "
            "cannot be imported from there: the program ran in another Python, or the installation is damaged",
            "pip-python-mismatch",
            dist,
            Cure(f"Run the program with the Python that has {dist}, or install it into the one that runs", install=(dist,)),
            (candidate("interrupted-install", f"the files of {dist} are damaged", "`mlenv-doctor check libraries`"),),
        )
    return install(case, name, dist, at)


def _own(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A module of the project itself: where the program is started decides."""
    if top not in LOCAL and top not in case.facts.local:
        return None
    own = case.trace.own
    return Reading(
        Kind.PROGRAM,
        f"{top} looks like a module of the project itself, and Python does not find it from where the program was started",
        "project-module-not-found",
        top,
        Cure("Start the program in the project's top folder, with python -m, or install the project with pip install -e ."),
        where=own.place if own else "",
    )


def _misspelled(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A name that is nearly that of a library. The program is corrected; nothing is installed on a guess."""
    user = case.user(at, "")
    near = get_close_matches(
        top, [known for known in case.knowledge.imports if "." not in known and len(known) > 4], n=1, cutoff=0.88
    )
    if not near or near[0].lower() == top.lower() or (user and user.top):
        return None
    return Reading(
        Kind.PROGRAM,
        f"The program imports {top}, which is probably a misspelling of {near[0]}",
        "user-typo-in-import",
        top,
        Cure(f"Write import {near[0]}"),
        (candidate("not-installed", f"{top} is a separate package that is not installed", "the project's README"),),
        where=user.place if user else "",
    )


def _stranger(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A name that no table knows: it is not guessed."""
    return Reading(
        Kind.ENVIRONMENT if case.facts.declared.get(top) else Kind.UNKNOWN,
        f"The module {top} is not installed, or it is a file of the project that Python does not find",
        "not-installed",
        top,
        Cure(
            f"Look up in the project's README which package provides {top}; do not install a package only because "
            "its name is similar",
        ),
        (
            candidate(
                "project-module-not-found",
                f"{top} is a part of the project, started from the wrong folder",
                f"whether there is a {top}.py or a folder {top} in the project",
            ),
        ),
    )
