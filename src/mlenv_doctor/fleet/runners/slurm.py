"""Nodes of Slurm: one task per node through srun, in the allocation that this runs in or in one that srun gets.

https://slurm.schedmd.com/srun.html
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from typing import IO

from ...errors import BadInput, Failed
from ..asking import SPARE, Asked, launch, missing, payload
from ..documents import clean
from ..files import short_lines
from ..fold import Fold
from ..lines import Answers
from ..names import unfolded

PER_NODE = ("--ntasks-per-node=1", "--kill-on-bad-exit=0", "--wait=0")
OF_A_STEP = (
    "SLURM_NTASKS",
    "SLURM_NPROCS",
    "SLURM_NTASKS_PER_NODE",
    "SLURM_TASKS_PER_NODE",
    "SLURM_KILL_BAD_EXIT",
    "SLURM_LABELIO",
)
ABOUT_NODE = re.compile(r"srun: error: ([\w.-]{1,120}): (.{1,300})")
LARGEST_COMPLAINT = 1 << 16  # bytes of what srun says on its standard error


def collect(fold: Fold, options: Sequence[str], asked: Asked) -> None:
    """Ask the nodes that srun gets with these options. Raises BadInput, Failed where Slurm gives none, and OSError."""
    srun = shutil.which("srun")
    if not srun:
        raise BadInput("fleet slurm needs the program srun: run this on a login node of a Slurm cluster (Debian: slurm-client)")
    inside = bool(os.environ.get("SLURM_JOB_ID"))
    command = [srun, *PER_NODE, *(["--overlap"] if inside else []), *options, "sh", "-c", launch(asked)]
    environ = {name: value for name, value in os.environ.items() if name not in OF_A_STEP}
    with tempfile.TemporaryFile() as sent, tempfile.TemporaryFile() as said:
        sent.write(payload(asked))
        sent.seek(0)
        child = subprocess.Popen(command, stdin=sent, stdout=subprocess.PIPE, stderr=said, env=environ)
        assert child.stdout is not None
        late = threading.Timer(asked.deadline, child.kill)
        late.start()
        try:
            read(fold, child.stdout)
            code = child.wait()
        finally:
            late.cancel()
            child.kill()
            child.wait()
        complaint = beginning(said)
    name_the_silent(fold, expected(options) if inside else [], complaint, code, asked)


def read(fold: Fold, stream: IO[bytes]) -> None:
    """Every answer as it comes; the names are those that the nodes give themselves, and of two the first counts."""
    answers = Answers()
    for text in short_lines(stream):
        try:
            done = answers.feed(text)
        except BadInput as why:
            name, colon, reason = str(why).partition(": ")
            if colon and not fold.has(name):
                fold.silence(name, reason)
            continue
        if done and not fold.has(done[0]):
            fold.add(*done)
    for name in answers.unfinished:
        if not fold.has(name):
            fold.silence(name, "its answer is cut off")


def beginning(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read(LARGEST_COMPLAINT).decode("utf-8", "replace")


def expected(options: Sequence[str]) -> list[str]:
    """The nodes of the allocation that this runs in; none where options choose among them."""
    chosen = any(word.startswith(("-w", "--nodelist", "-x", "--exclude", "-N", "--nodes")) for word in options)
    try:
        return [] if chosen else unfolded(os.environ.get("SLURM_JOB_NODELIST", ""))
    except ValueError:
        return []


def name_the_silent(fold: Fold, names: list[str], complaint: str, code: int, asked: Asked) -> None:
    """Nodes that srun complains of, and those of the allocation that said nothing. Raises Failed where nobody was asked."""
    whys = {found[1]: f"srun: {clean(found[2])}" for found in ABOUT_NODE.finditer(complaint)}
    missing(fold, [*names, *whys], whys, f"no answer within {asked.timeout + SPARE:g} s")
    if not fold.any:
        last = next((line for line in reversed(complaint.splitlines()) if line.strip()), "")
        raise Failed(f"srun gave no node (exit code {code}): {clean(last) if last else 'it said nothing'}")
