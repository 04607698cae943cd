"""Are the files of the libraries those that were installed? Names and sizes against RECORD; nothing is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from packaging.version import InvalidVersion, Version

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Distribution, Imports, Libraries, Python, Wanted

from .dependencies import all_needed
from .facts import Flaw, Integrity, Overlap
from .installed import FAILED, half, reinstall
from .nvidia_wheels import mixed
from .wrong_names import opencv_gone

INSTALLERS = ("pip", "uv")  # these always write a RECORD; the packages of a system and of conda need none
COMPILED = (".so", ".pyd", ".dylib", ".dll")
EXPLAINED = ("opencv-", "nvidia-", "onnxruntime", "jwt", "pyjwt")  # checks of their own know what these mean


@check("libraries.files", causes=("dist-info-damaged", "interrupted-install"))
def library_files_are_whole(
    integrity: Integrity | Missing, wanted: Wanted, libraries: Libraries, imports: Imports | Missing, python: Python
) -> Iterator[Finding]:
    """Library files.

    A disk that was full, a copy that was cut off or a file changed by hand shows nowhere in `pip list` or `pip check`.
    """
    if isinstance(integrity, Missing):
        yield _not_compared(integrity)
        return
    halves = {library.name for library in wanted.libraries if half(library, libraries, python)}
    used = all_needed((library.name for library in wanted.libraries), libraries)
    failed = {found.name for found in imports.libraries if found.outcome in FAILED} if isinstance(imports, Imports) else set()
    gone = opencv_gone(libraries)
    replaced = {name: one.flaw.name for one in mixed(integrity, libraries) for name in (one.other, one.flaw.name)}
    known = {*libraries.listed_twice, *gone, *replaced}
    flaws = [flaw for flaw in integrity.flaws if flaw.name not in known]
    found = [f for flaw in flaws if (f := _flaw(flaw, used, halves, failed, python))]
    yield from found
    for name, owner in replaced.items():
        yield skip("two packages contain the same files", subject=name, blocked_by=f"libraries.nvidia:{owner}")
    if gone:
        yield skip("cv2 is gone", subject=gone[0], blocked_by="libraries.opencv")
    elif not replaced and not any(finding.cause for finding in found):
        yield ok(f"the files of {integrity.distributions} packages are intact")


def _not_compared(integrity: Missing) -> Finding:
    """Why nothing is known of the files; a quick look leaves them out."""
    if integrity.kind == Why.NOT_ASKED:
        return skip(f"the files of the libraries were {integrity.reason}")
    return unknown(f"the library files could not be checked: the probe {integrity.reason}")


def _flaw(flaw: Flaw, used: Set[str], halves: Set[str], failed: Set[str], python: Python) -> Finding | None:
    """What to say of one distribution; None where it is as well as those of its installer are."""
    if flaw.name in halves:
        return skip("half installed", subject=flaw.name, blocked_by=f"libraries.leftovers:{flaw.name}")
    if flaw.name in failed and (flaw.lost or flaw.changed):
        return skip("see its import", subject=flaw.name, blocked_by=f"libraries.import:{flaw.name}")
    say = fail if flaw.name in used else warn
    if flaw.lost and flaw.lost_count == flaw.files:
        message = f"{flaw.name} {flaw.version} is listed as installed, but its files are missing"
        return say("interrupted-install", message, subject=flaw.name, fix=reinstall(flaw.name, flaw.version))
    if not flaw.metadata:
        message = f"the metadata of {flaw.name} ({flaw.info}) cannot be read: its version is unknown"
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
    message = f"the RECORD file of {flaw.name} {flaw.version} is missing: pip cannot upgrade or remove it"
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
    """Duplicate installations.

    With two versions in one folder, pip and importlib.metadata name whichever comes first, and that need not be what is imported.
    """
    flawed: dict[str, set[str]] = {}
    for flaw in integrity.flaws if isinstance(integrity, Integrity) else ():
        flawed.setdefault(flaw.name, set()).add(flaw.version)
    for group in libraries.doubled:
        yield _doubled(group[0].name, group, flawed.get(group[0].name, set()))
    if not libraries.doubled:
        yield ok("no library is installed twice")


def listed_twice(name: str, libraries: Libraries) -> Finding | None:
    """Which of two versions is really there has to be settled before anything can be said of it."""
    if name not in libraries.listed_twice:
        return None
    return skip(f"{name} is listed twice", subject=name, blocked_by=f"libraries.listed-once:{name}")


def _doubled(name: str, group: Sequence[Distribution], flawed: Set[str]) -> Finding:
    versions = sorted((found.version or "of unknown version" for found in group), key=_age)
    whole = [version for version in versions if version not in flawed]
    message = f"{name} is listed {len(group)} times in {group[0].folder}: {', '.join(versions)}"
    if len(whole) == 1:
        message += f"; the files are those of {whole[0]}"
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
    """Libraries that share files.

    The one installed last wins, and to remove one of them takes files of the other with it.
    """
    used = all_needed((library.name for library in wanted.libraries), libraries)
    found = [overlap for overlap in integrity.overlaps if used & {overlap.first, overlap.second} and _matters(overlap)]
    for overlap in found:
        yield _overlap(overlap, used)
    if not found:
        yield ok("no libraries share files")


def _matters(overlap: Overlap) -> bool:
    """Whether an overlap is none that is known, and more than the file that makes a folder a package of several."""
    known = overlap.first.startswith(EXPLAINED) and overlap.second.startswith(EXPLAINED)
    return not known and bool(code_of(overlap.files))


def code_of(files: Iterable[str]) -> list[str]:
    """The files within a package, without the __init__.py at its top, which namespaces of old share."""
    return [path for path in files if "/" in path and not (path.count("/") == 1 and path.endswith("/__init__.py"))]


def _overlap(overlap: Overlap, used: Set[str]) -> Finding:
    path = code_of(overlap.files)[0]
    message = f"{overlap.first} and {overlap.second} both install {path} with different contents; only one of them can work"
    evidence = {"files": str(overlap.count)}
    both = (overlap.first, overlap.second)
    remove = fix("libs.part", packages=both, keep=tuple(name for name in both if name in used))
    return warn("overlapping-packages", message, subject=overlap.first, evidence=evidence, fix=remove)
