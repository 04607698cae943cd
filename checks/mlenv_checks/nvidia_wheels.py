"""NVIDIA's wheels of the libraries of CUDA: some of those for CUDA 12 and for CUDA 13 bring the same files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, warn
from mlenv_doctor.facts import Flaw, Integrity, Libraries, Overlap, Wanted

from .dependencies import all_needed
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
    required = all_needed((d.name for d in libraries.distributions if not d.name.startswith("nvidia-")), libraries)
    pairs = [
        overlap for overlap in integrity.overlaps if overlap.first.startswith("nvidia-") and overlap.second.startswith("nvidia-")
    ]
    flaws = [flaw for flaw in integrity.flaws if flaw.name in required]
    return [found for flaw in flaws for overlap in pairs if (found := _mixed(flaw, overlap))]


def _mixed(flaw: Flaw, overlap: Overlap) -> Mixed | None:
    """What one shared file has come to; None where the wheel's own lies there."""
    if flaw.name not in (overlap.first, overlap.second):
        return None
    other = overlap.second if flaw.name == overlap.first else overlap.first
    files = [file for file in overlap.files if file.endswith(COMPILED) or ".so." in file]
    lost = next((file for file in files if file in flaw.lost), "")
    changed = next((file for file in files if file in flaw.changed), "")
    return Mixed(flaw, other, lost or changed, bool(lost)) if lost or changed else None


@check("libraries.nvidia", causes=("mixed-cuda-wheels",))
def nvidia_wheels_are_whole(integrity: Integrity, libraries: Libraries, wanted: Wanted) -> Iterator[Finding]:
    """No library of CUDA was replaced by that of another version.

    Some wheels for CUDA 12 and for CUDA 13 bring the same files: the one installed last wins, and to remove it takes the
    files of the other along. `pip check` sees nothing of it.
    """
    found = mixed(integrity, libraries)
    used = all_needed((library.name for library in wanted.libraries), libraries)
    for one in found:
        what = "is missing" if one.lost else f"is that of {one.other}"
        message = f"{one.flaw.name} {one.flaw.version} and {one.other} bring the same files, and {one.file} {what}"
        say = fail if one.flaw.name in used else warn
        yield say("mixed-cuda-wheels", message, subject=one.flaw.name, fix=_unmix(one, libraries))
    pairs = [
        overlap for overlap in integrity.overlaps if overlap.first.startswith("nvidia-") and overlap.second.startswith("nvidia-")
    ]
    if not found and pairs:
        yield ok(f"{pairs[0].first} and {pairs[0].second} bring the same files; those that are needed lie there")
    elif not found:
        yield ok("no two of NVIDIA's wheels bring the same files")


def _unmix(one: Mixed, libraries: Libraries) -> Fix:
    """Remove the foreign wheel, where nothing requires it, and install the right one again in its own version."""
    required = all_needed((d.name for d in libraries.distributions if not d.name.startswith("nvidia-")), libraries)
    again = reinstall(one.flaw.name, one.flaw.version)
    return again if one.other in required else fix("torch.unmix", foreign=(one.other,), packages=again.values["packages"])
