"""NVIDIA's wheels of the libraries of CUDA: some of those for CUDA 12 and for CUDA 13 bring the same files."""

from __future__ import annotations

from collections.abc import Iterator, Set

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, warn
from mlenv_doctor.patient import Libraries, Wanted
from mlenv_doctor.records import dataclass

from .dependencies import all_needed
from .facts import Flaw, Integrity, Overlap
from .installed import reinstall

COMPILED = (".so", ".pyd", ".dll")


@dataclass(frozen=True)
class Mixed:
    """An nvidia-* wheel whose file another one has replaced, or has taken along when it went."""

    flaw: Flaw
    other: str
    file: str
    lost: bool


def mixed(integrity: Integrity | Missing, libraries: Libraries) -> list[Mixed]:
    """The damaged nvidia-* wheels that share files with another one that is installed, and that something requires."""
    if not isinstance(integrity, Integrity):
        return []
    required = _required(libraries)
    shared: dict[str, list[Overlap]] = {}
    for overlap in _pairs(integrity):
        for name in (overlap.first, overlap.second):
            shared.setdefault(name, []).append(overlap)
    flaws = [flaw for flaw in integrity.flaws if flaw.name in required]
    return [found for flaw in flaws for overlap in shared.get(flaw.name, ()) if (found := _mixed(flaw, overlap))]


def _pairs(integrity: Integrity) -> list[Overlap]:
    """The files that two of NVIDIA's wheels share."""
    return [o for o in integrity.overlaps if o.first.startswith("nvidia-") and o.second.startswith("nvidia-")]


def _mixed(flaw: Flaw, overlap: Overlap) -> Mixed | None:
    """What one shared file has come to; None where the wheel's own lies there."""
    other = overlap.second if flaw.name == overlap.first else overlap.first
    files = [file for file in overlap.files if file.endswith(COMPILED) or ".so." in file]
    lost = next((file for file in files if file in flaw.lost), "")
    changed = next((file for file in files if file in flaw.changed), "")
    return Mixed(flaw, other, lost or changed, bool(lost)) if lost or changed else None


@check("libraries.nvidia", causes=("mixed-cuda-wheels",))
def nvidia_wheels_are_whole(integrity: Integrity, libraries: Libraries, wanted: Wanted) -> Iterator[Finding]:
    """NVIDIA CUDA packages.

    Some wheels for CUDA 12 and for CUDA 13 bring the same files: the one installed last wins, and to remove it takes the
    files of the other along. `pip check` sees nothing of it.
    """
    found = mixed(integrity, libraries)
    used = all_needed((library.name for library in wanted.libraries), libraries)
    required = _required(libraries) if found else set()
    for one in found:
        what = "is missing" if one.lost else f"is the one of {one.other}"
        message = f"{one.flaw.name} {one.flaw.version} and {one.other} contain the same files, and {one.file} {what}"
        say = fail if one.flaw.name in used else warn
        yield say("mixed-cuda-wheels", message, subject=one.flaw.name, fix=_unmix(one, required))
    pairs = _pairs(integrity)
    if not found and pairs:
        yield ok(f"{pairs[0].first} and {pairs[0].second} contain the same files; the needed ones are in place")
    elif not found:
        yield ok("no NVIDIA packages overwrite each other")


def _required(libraries: Libraries) -> Set[str]:
    """What anything that is not NVIDIA's requires."""
    return all_needed((d.name for d in libraries.distributions if not d.name.startswith("nvidia-")), libraries)


def _unmix(one: Mixed, required: Set[str]) -> Fix:
    """Remove the foreign wheel, where nothing requires it, and install the right one again in its own version."""
    again = reinstall(one.flaw.name, one.flaw.version)
    return again if one.other in required else fix("torch.unmix", foreign=(one.other,), packages=again.values["packages"])
