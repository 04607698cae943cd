"""Are the files of the libraries those that were installed? Names and sizes against RECORD; nothing is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from itertools import groupby

from packaging.version import InvalidVersion, Version

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Distribution, Flaw, Imports, Integrity, Libraries, Overlap, Python, Wanted

from .dependencies import all_needed
from .installed import FAILED, half, reinstall
from .names import opencv_gone
from .nvidia_wheels import mixed

INSTALLERS = ("pip", "uv")  # these always write a RECORD; the packages of a system and of conda need none
COMPILED = (".so", ".pyd", ".dylib", ".dll")
EXPLAINED = ("opencv-", "nvidia-", "onnxruntime", "jwt", "pyjwt")  # checks of their own know what these mean


@check("libraries.files", causes=("dist-info-damaged", "interrupted-install"))
def library_files_are_whole(
    integrity: Integrity | Missing, wanted: Wanted, libraries: Libraries, imports: Imports | Missing, python: Python
) -> Iterator[Finding]:
    """The files of the libraries are as they were installed.

    A disk that was full, a copy that was cut off or a file changed by hand shows nowhere in `pip list` or `pip check`.
    """
    if isinstance(integrity, Missing):
        yield unknown(f"the files of the libraries could not be compared with their lists: the probe {integrity.reason}")
        return
    twice = {name for name, _ in doubled(libraries)}
    halves = {library.name for library in wanted.libraries if half(library, libraries, python)}
    used = all_needed((library.name for library in wanted.libraries), libraries)
    failed = {found.name for found in imports.libraries if found.outcome in FAILED} if isinstance(imports, Imports) else set()
    gone = opencv_gone(libraries)
    replaced = {name: one.flaw.name for one in mixed(integrity, libraries) for name in (one.other, one.flaw.name)}
    flaws = [flaw for flaw in integrity.flaws if flaw.name not in (*twice, *gone, *replaced)]
    found = [f for flaw in flaws if (f := _flaw(flaw, used, halves, failed, python))]
    yield from found
    for name, owner in replaced.items():
        yield skip("two wheels bring the same files", subject=name, blocked_by=f"libraries.nvidia:{owner}")
    if gone:
        yield skip("cv2 is gone", subject=gone[0], blocked_by="libraries.opencv")
    elif not replaced and not any(finding.cause for finding in found):
        yield ok(f"the files of {integrity.distributions} distributions are those that were installed")


def _flaw(flaw: Flaw, used: Set[str], halves: Set[str], failed: Set[str], python: Python) -> Finding | None:
    """What to say of one distribution; None where it is as well as those of its installer are."""
    if flaw.name in halves:
        return skip("half installed", subject=flaw.name, blocked_by=f"libraries.leftovers:{flaw.name}")
    if flaw.name in failed and (flaw.lost or flaw.changed):
        return skip("its import tells what that means", subject=flaw.name, blocked_by=f"libraries.import:{flaw.name}")
    say = fail if flaw.name in used else warn
    if flaw.lost and flaw.lost_count == flaw.files:
        message = f"{flaw.name} {flaw.version} is listed as installed, but its files are gone"
        return say("interrupted-install", message, subject=flaw.name, fix=reinstall(flaw.name, flaw.version))
    if not flaw.metadata:
        message = f"the metadata of {flaw.name} ({flaw.info}) cannot be read, so that its version counts as unknown"
        return say("dist-info-damaged", message, subject=flaw.name, fix=_new_metadata(flaw))
    if not flaw.record:
        return _without_record(flaw, python)
    if flaw.lost:
        message = f"{flaw.name} {flaw.version}: {missing_files(flaw)}"
        return say("dist-info-damaged", message, subject=flaw.name, fix=reinstall(flaw.name, flaw.version))
    return _changed(flaw, used)


def missing_files(flaw: Flaw) -> str:
    """What of a distribution is missing, with an example."""
    files = "1 of its files is" if flaw.lost_count == 1 else f"{flaw.lost_count} of its {flaw.files} files are"
    return f"{files} missing or empty, {'such as ' if flaw.lost_count > 1 else ''}{flaw.lost[0]}"


def _without_record(flaw: Flaw, python: Python) -> Finding | None:
    """Without a RECORD nothing can be upgraded or removed; in a system's own packages that is on purpose."""
    if flaw.installer not in INSTALLERS or not python.in_venv:
        return None
    message = f"the list of files of {flaw.name} {flaw.version} (RECORD) is gone: pip can neither upgrade nor remove it"
    return warn("dist-info-damaged", message, subject=flaw.name, fix=_new_metadata(flaw))


def _new_metadata(flaw: Flaw) -> Fix:
    """With a RECORD a new installation replaces the old one; without, the folder has to go first: pip refuses otherwise."""
    if flaw.record:
        return reinstall(flaw.name, flaw.version)
    same = reinstall(flaw.name, flaw.version).values
    return fix("libs.relist", info=flaw.info, packages=same["packages"], options=same["options"])


def _changed(flaw: Flaw, used: Set[str]) -> Finding | None:
    """Files that somebody changed. Stripped libraries are slimmed on purpose; conda rewrites paths; what is unused may differ."""
    sources = [path for path in flaw.changed if not (path.endswith(COMPILED) or ".so." in path)]
    if not sources or flaw.name not in used or flaw.installer == "conda":
        return None
    files = "1 of its files is not the one" if flaw.changed_count == 1 else f"{flaw.changed_count} of its files are not those"
    message = f"{flaw.name} {flaw.version}: {files} that {'was' if flaw.changed_count == 1 else 'were'} installed: {sources[0]}"
    return warn("dist-info-damaged", message, subject=flaw.name, fix=reinstall(flaw.name, flaw.version))


@check("libraries.listed-once", causes=("duplicate-dist-info",))
def libraries_are_listed_once(libraries: Libraries, integrity: Integrity | Missing) -> Iterator[Finding]:
    """Every library is listed once.

    With two versions in one folder, pip and importlib.metadata name whichever comes first, and that need not be what is imported.
    """
    found = doubled(libraries)
    for name, group in found:
        yield _doubled(name, group, integrity if isinstance(integrity, Integrity) else Integrity())
    if not found:
        yield ok("no library is listed twice")


def doubled(libraries: Libraries) -> list[tuple[str, list[Distribution]]]:
    """The names that one folder lists more than once. An .egg-info beside them is how editable installs are made."""
    listed = sorted((d for d in libraries.distributions if d.info.endswith(".dist-info")), key=lambda d: (d.name, d.folder))
    groups = [(key[0], list(group)) for key, group in groupby(listed, key=lambda d: (d.name, d.folder))]
    return [(name, group) for name, group in groups if len(group) > 1]


def listed_twice(name: str, libraries: Libraries) -> Finding | None:
    """Which of two versions is really there has to be settled before anything can be said of it."""
    twice = name in {name for name, _ in doubled(libraries)}
    return skip(f"{name} is listed twice", subject=name, blocked_by=f"libraries.listed-once:{name}") if twice else None


def _doubled(name: str, group: list[Distribution], integrity: Integrity) -> Finding:
    versions = sorted((found.version or "of unknown version" for found in group), key=_age)
    flawed = {flaw.version for flaw in integrity.flaws if flaw.name == name}
    whole = [version for version in versions if version not in flawed]
    message = f"{name} is listed {len(group)} times in {group[0].folder}: {', '.join(versions)}"
    if len(whole) == 1:
        message += f"; the files there are those of {whole[0]}"
    right = reinstall(name, (whole or versions)[-1]).values
    once = fix("libs.list-once", name=name, packages=right["packages"], options=right["options"])
    return warn("duplicate-dist-info", message, subject=name, fix=once)


def _age(version: str) -> tuple[bool, Version]:
    """To sort versions by; what is none comes first."""
    try:
        return True, Version(version)
    except InvalidVersion:
        return False, Version("0")


@check("libraries.overlaps", causes=("overlapping-packages",))
def libraries_do_not_overlap(integrity: Integrity, wanted: Wanted, libraries: Libraries) -> Iterator[Finding]:
    """No two libraries bring the same files.

    The one installed last wins, and to remove one of them takes files of the other with it.
    """
    used = all_needed((library.name for library in wanted.libraries), libraries)
    found = [overlap for overlap in integrity.overlaps if used & {overlap.first, overlap.second} and _matters(overlap)]
    for overlap in found:
        yield _overlap(overlap, used)
    if not found:
        yield ok("no two libraries bring the same files")


def _matters(overlap: Overlap) -> bool:
    """Whether an overlap is none that is known, and more than the file that makes a folder a package of several."""
    known = overlap.first.startswith(EXPLAINED) and overlap.second.startswith(EXPLAINED)
    return not known and bool(code_of(overlap.files))


def code_of(files: Iterable[str]) -> list[str]:
    """The files within a package, without the __init__.py at its top, which namespaces of old share."""
    return [path for path in files if "/" in path and not (path.count("/") == 1 and path.endswith("/__init__.py"))]


def _overlap(overlap: Overlap, used: Set[str]) -> Finding:
    path = code_of(overlap.files)[0]
    message = f"{overlap.first} and {overlap.second} both bring {path} with different contents, and only one of them can be there"
    evidence = {"files": str(overlap.count)}
    both = (overlap.first, overlap.second)
    remove = fix("libs.part", packages=both, keep=tuple(name for name in both if name in used))
    return warn("overlapping-packages", message, subject=overlap.first, evidence=evidence, fix=remove)
