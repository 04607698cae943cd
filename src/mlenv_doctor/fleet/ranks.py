"""The ranks of one job compare their environments, and a program with another one stops before it has wasted an hour.

    import mlenv_doctor
    mlenv_doctor.same_everywhere()

After `torch.distributed.init_process_group` the ranks ask each other; before it, or without torch, they meet in a shared folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import BadInput, Failed, Plain
from ..foreign.text import line
from ..records import dataclass

INFO = re.compile(
    r"([A-Za-z0-9._]+)-([^-/]+)\.(?:dist-info|egg-info)"
)  # https://packaging.python.org/specifications/recording-installed-packages
DRIVER = Path("/proc/driver/nvidia/version")
VERSION = re.compile(r"\b(\d{3,4}\.\d{1,4}(?:\.\d{1,4})?)\b")
RANKS = (
    ("RANK", "WORLD_SIZE"),  # torchrun
    ("SLURM_PROCID", "SLURM_NTASKS"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
)
JOBS = (
    "TORCHELASTIC_RUN_ID",
    "TORCHELASTIC_RESTART_COUNT",
    "SLURM_JOB_ID",
    "SLURM_STEP_ID",
    "OMPI_MCA_ess_base_jobid",
    "MASTER_ADDR",
    "MASTER_PORT",
)
LARGEST = 1 << 20  # bytes of the file of a rank
MOST = 5  # differences that are told
PAUSE = 0.05  # seconds between two looks
Fingerprint = dict[str, str]


class Different(Plain, RuntimeError):
    """The ranks of this job do not have the same environment; the text says which differ, and in what."""


def same_everywhere(
    *, rank: int | None = None, world: int | None = None, folder: str | os.PathLike[str] | None = None, timeout: float = 60.0
) -> Mapping[str, str]:
    """Stop unless all ranks of this job have the same Python, packages and GPU driver. Returns what was compared.

    rank, world: this rank and how many there are; by default as torchrun, Slurm or MPI tell. folder: one that all ranks see; by
    default the working directory. timeout: seconds to wait for the others. A single process has nobody to compare with.

    Raises Different, Failed where a rank does not come in time, and BadInput for what cannot be.
    """
    mine = fingerprint()
    torch = sys.modules.get("torch.distributed")
    if rank is None and world is None and torch is not None and torch.is_available() and torch.is_initialized():
        everyone = asked(torch, mine)
        rank = int(torch.get_rank())
    else:
        rank, world = numbered(rank, world)
        everyone = [mine] if world == 1 else met(mine, rank, world, Path(folder or "."), timeout)
    if difference := told(everyone):
        raise Different(difference)
    return mine


def fingerprint() -> Fingerprint:
    """What has to be the same, by name: read from the names of folders, so that it takes milliseconds."""
    found = {"Python": platform.python_version(), "machine": platform.machine()}
    for folder in reversed(sys.path):  # the first on the path is in effect
        with suppress(OSError):
            for entry in os.listdir(folder or "."):
                if match := INFO.fullmatch(entry):
                    found[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[2].partition("-py")[0]
    with suppress(OSError):
        if driver := VERSION.search(DRIVER.read_text("ascii", "replace")[:500]):
            found["GPU driver"] = driver[1]
    return found


def numbered(rank: int | None, world: int | None) -> tuple[int, int]:
    """This rank and the number of ranks. Raises BadInput."""
    for names in RANKS:
        told = [os.environ.get(name, "") for name in names]
        if rank is None and world is None and all(map(str.isdigit, told)):
            rank, world = map(int, told)
    if rank is None and world is None:
        return 0, 1
    if rank is None or world is None or not 0 <= rank < world:
        raise BadInput(f"same_everywhere(rank={rank}, world={world}): name both, with rank from 0 to world - 1")
    return rank, world


def asked(torch: Any, mine: Fingerprint) -> list[Fingerprint]:
    """The fingerprints of all ranks, through torch.distributed: first their hashes, and all of them only if these differ."""
    everyone: list[Any] = [None] * torch.get_world_size()
    torch.all_gather_object(everyone, hashed(mine))
    if len(set(everyone)) > 1:
        torch.all_gather_object(everyone, mine)
        return everyone
    return [mine]


def hashed(mine: Fingerprint) -> str:
    return hashlib.sha256(json.dumps(mine, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Met:
    """What a rank wrote: its fingerprint, a token of this very run, and the tokens of the ranks that it has read."""

    fingerprint: Fingerprint
    token: str
    seen: Mapping[str, str]


def met(mine: Fingerprint, rank: int, world: int, folder: Path, timeout: float) -> list[Fingerprint]:
    """The fingerprints of all ranks, through files in a folder that all see. Raises Failed.

    Another rank counts once it has read what this one wrote: a file of an earlier run, which may lie there, never has.
    """
    job = hashlib.sha256("\0".join(os.environ.get(name, "") for name in JOBS).encode()).hexdigest()[:12]
    place, token, end = folder / f".mlenv-doctor-{job}-{world}", secrets.token_hex(8), time.monotonic() + timeout
    found: dict[int, Met] = {}
    written: Mapping[str, str] | None = None
    while True:
        seen = {str(number): other.token for number, other in found.items()}
        if seen != written:
            write(place, rank, Met(mine, token, seen))
            written = seen
        late = [n for n in range(world) if n != rank and not (n in found and found[n].seen.get(str(rank)) == token)]
        if not late:
            return [mine if number == rank else found[number].fingerprint for number in range(world)]
        if time.monotonic() > end:
            ranks = ", ".join(map(str, late[:MOST]))
            raise Failed(f"same_everywhere: no word from rank {ranks} within {timeout:g} s in {place}")
        time.sleep(PAUSE * max(1.0, world / 50))
        for number in late:
            with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                found[number] = read(place / f"rank-{number}.json")


def write(place: Path, rank: int, what: Met) -> None:
    """Write the file of this rank, so that nobody reads half of it. Raises Failed."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place, delete=False, encoding="utf-8") as file:
            json.dump(vars(what), file)
        os.replace(file.name, place / f"rank-{rank}.json")
    except OSError as why:
        raise Failed(f"same_everywhere: {place} cannot be written ({why.strerror}); name a folder that all ranks share") from None


def read(file: Path) -> Met:
    """What another rank wrote. Raises OSError, and errors of many kinds where it is not that."""
    with file.open("rb") as stream:
        data = json.loads(stream.read(LARGEST))
    texts = [{str(name): str(value) for name, value in data[part].items()} for part in ("fingerprint", "seen")]
    return Met(texts[0], str(data["token"]), texts[1])


def told(everyone: list[Fingerprint]) -> str:
    """One sentence about the ranks that differ from most; empty where none does."""
    hashes = [hashed(one) for one in everyone]
    usual = max(hashes, key=lambda each: (hashes.count(each), -hashes.index(each)))
    odd = [number for number, each in enumerate(hashes) if each != usual]
    if not odd:
        return ""
    norm, other = everyone[hashes.index(usual)], everyone[odd[0]]
    names = sorted(name for name in {*norm, *other} if norm.get(name) != other.get(name))
    changes = [f"{name} {other.get(name, 'missing')} instead of {norm.get(name, 'none')}" for name in names[:MOST]]
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    ranks = ", ".join(map(str, odd[:MOST])) + (f" and {len(odd) - MOST} more" if len(odd) > MOST else "")
    return line(f"rank {ranks} of {len(everyone)} has another environment than the others: {'; '.join(changes)}{more}")
