"""Do the installed libraries fit each other, by what each of them asks for?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import Imported, Imports, Libraries, Python, Wanted

from ..libraries.catalogue import import_names
from ..libraries.dependencies import Conflict, by_name, conflicts, repair
from ..libraries.installed import orphaned
from ..libraries.integrity import listed_twice
from ..libraries.preparation import preparation
from ..torch.extensions import PAIRED, beside, extensions, torch_here
from ..torch.facts import TorchBuild
from .checks import diagnosis

# Contradictions that have a name of their own: an exact pin because both are built together.
PAIRS = {
    ("pydantic", "pydantic-core"): "pydantic-mismatch",
    ("torchvision", "torch"): "torchvision-mismatch",
    ("torchaudio", "torch"): "torchvision-mismatch",
    ("torch", "triton"): "triton-mismatch",
    **{(name, "torch"): "extension-torch-abi" for name in extensions() if name not in PAIRED},
}
SHARPER = (
    "numpy-too-old-abi",
    "numpy2-abi",
    "protobuf-mismatch",
    "pydantic-mismatch",
    "torchvision-mismatch",
    "extension-torch-abi",
)
MILD = "triton-mismatch"  # only what is compiled at run time needs triton


@check("libraries.dependencies", causes=("dependency-conflict", "extra-not-installed", "interrupted-install", *SHARPER, MILD))
def libraries_fit_together(
    wanted: Wanted, libraries: Libraries, python: Python, imports: Imports | Missing, build: TorchBuild | Missing
) -> Iterator[Finding]:
    """Dependencies between libraries.

    pip installs a package even if other packages require another version; the error appears later, somewhere else.
    """
    names = {library.name for library in wanted.libraries}
    everything = conflicts(libraries, python, wanted.libraries)
    found = by_name(conflict for conflict in everything if not of_extra(conflict))
    failures = {imported.name: imported for imported in imports.libraries} if isinstance(imports, Imports) else {}
    for name, group in found.items():
        yield listed_twice(name, libraries) or _conflict(
            name, group, wanted, _what_it_breaks(name, group, failures, libraries, python), libraries, build
        )
        by = f"libraries.{'installed' if name in names and group[0].found is None else 'dependencies'}:{name}"
        for owner in sorted(names.intersection(conflict.owner for conflict in group)):
            yield skip(f"{owner} needs another version of {name}", subject=owner, blocked_by=by)
    extras = [conflict for conflict in everything if of_extra(conflict) and conflict.name not in {*names, *found}]
    yield from () if preparation(wanted, libraries).unprepared else _extras(extras)
    if not found:
        yield ok("no version conflicts")


def of_extra(conflict: Conflict) -> bool:
    """Whether something is missing that only an extra brings, as uvicorn[standard] does: that contradicts nothing."""
    return bool(conflict.extra) and conflict.found is None


def _extras(lacking: Iterable[Conflict]) -> Iterator[Finding]:
    """Of each library whose extra was asked for, and is not there, what of it is missing."""
    for (owner, extra), group in groupby(
        sorted(lacking, key=lambda one: (one.owner, one.extra)), lambda one: (one.owner, one.extra)
    ):
        missing = sorted({conflict.name for conflict in group})
        some = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        whole = f"{owner}[{extra}]"
        message = f"{whole} is required, but the extra is not installed: {some} {'is' if len(missing) == 1 else 'are'} missing"
        yield warn("extra-not-installed", message, subject=whole, fix=fix("libs.install", packages=(whole,)))


def _what_it_breaks(
    name: str, group: Sequence[Conflict], failures: Mapping[str, Imported], libraries: Libraries, python: Python
) -> str:
    """The cause of a contradiction: sharper than that, where the pair is known or a failed import shows what is wrong."""
    if group[0].found is None and orphaned(import_names().get(name, name.replace("-", "_")), libraries, python):
        return "interrupted-install"
    failed = (failures[conflict.owner] for conflict in group if conflict.owner in failures)
    seen = {reading.cause for imported in failed if (reading := diagnosis(imported, libraries, python))}
    known = {PAIRS[pair] for conflict in group if (pair := (conflict.owner, name)) in PAIRS and conflict.found}
    return min(seen.intersection(SHARPER) or known, default="dependency-conflict")


def _conflict(
    name: str, group: Sequence[Conflict], wanted: Wanted, cause: str, libraries: Libraries, build: TorchBuild | Missing
) -> Finding:
    """What to say of one distribution that others cannot use: it is missing, or has another version than they ask for."""
    names = {library.name for library in wanted.libraries}
    if group[0].found is None and name in names:
        return skip(f"{name} is not installed", subject=name, blocked_by=f"libraries.installed:{name}")
    first = sorted(group, key=lambda conflict: conflict.owner not in names)
    asking = [f"{conflict.who} requires {conflict.asked}" for conflict in first[:4]]
    more = f" and {len(group) - 4} more require it" if len(group) > 4 else ""
    state = f"{name} {group[0].found} is installed" if group[0].found else f"{name} is not installed"
    if cause == "interrupted-install":
        state = f"the metadata of {name} is missing"
    say = fail if first[0].owner in names and cause != MILD else warn
    cure = _for_torch(first, cause, wanted, libraries, build) or repair(first, wanted.libraries)
    return say(cause, f"{', '.join(asking)}{more}, but {state}", subject=name, fix=cure)


def _for_torch(
    group: Sequence[Conflict], cause: str, wanted: Wanted, libraries: Libraries, build: TorchBuild | Missing
) -> Fix | None:
    """The repair of what was made for another torch: torch stays, in the build that is there."""
    if cause == "torchvision-mismatch":
        paired = next((conflict.owner for conflict in group if conflict.owner in PAIRED), "torchvision")
        return beside(paired, libraries, build, wanted.libraries)
    asked = {library.name for library in wanted.libraries if library.specifier}
    if cause == MILD:
        return fix("libs.satisfy", packages=(group[0].asked,))
    if cause == "extension-torch-abi" and not asked.intersection(conflict.owner for conflict in group):
        torch = torch_here(libraries, build)[0]
        return fix("torch.fitting", packages=(f"torch=={torch}", *(conflict.owner for conflict in group)))
    return None
