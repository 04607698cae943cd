"""Does each library do real work, and is the result right? The outcomes of its small piece of work are read here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlenv_doctor.api import Fact, Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Imports, Libraries, Place, Python, Wanted
from mlenv_doctor.records import dataclass

from ..error_texts import reading_of, remedy
from ..libraries.installed import again
from .facts import Worked, Works, asked_for, loads
from .pieces import Piece, pieces

READ = (
    "api-moved-in-new-version", "data-not-writable", "database-locked", "dependency-conflict", "disk-full", "disk-quota",
    "cuda-library-missing", "driver-too-old", "gpu-too-new-for-wheel", "gpu-too-old-for-wheel",
    "extension-torch-abi", "font-missing", "inodes-full", "known-bad-pair", "latex-missing", "memory-low", "not-installed",
    "numpy2-abi", "numpy-removed-names", "open-files-limit", "oom-own-use", "shm-too-small", "socks-support-missing",
    "sqlite-too-old", "stdlib-extension-missing", "tmp-not-writable", "tmp-too-small", "too-old-version", "wrong-distribution",
)  # fmt: skip
OF_THE_MACHINE = (
    "loopback-down",
    "shm-too-small",
    "shm-not-writable",
    "no-process-limit",
    "memory-low",
    "disk-full",
    "open-files-limit",
    "tmp-not-writable",
)
# What the kernel answers where a limit is reached: https://man7.org/linux/man-pages/man2/fork.2.html (EAGAIN),
# https://man7.org/linux/man-pages/man7/shm_overview.7.html (/dev/shm).
NO_PROCESS = re.compile(
    r"can't start new thread|BlockingIOError: \[Errno 11\]|pthread_create[^\n]{0,40}fail|libgomp: Thread creation failed"
)
SHM_CLOSED = re.compile(
    r"(?:unable to open shared memory object|/dev/shm)[^\n]{0,120}(?:Read-only file system|Permission denied)"
    r"|_multiprocessing\.SemLock\([\s\S]{0,600}(?:Read-only file system|Permission denied)"
)
NO_LOOPBACK = re.compile(r"Network is unreachable|Cannot assign requested address")  # all that the pieces connect to is 127.0.0.1
USUAL = "{name} was still busy with {step} after {seconds:.0f} s; all of its work together usually takes {usual:g} s"


@dataclass(frozen=True)
class Bench:
    """What is known besides the outcomes: the libraries, and the place, for the reader of errors."""

    libraries: Libraries
    wanted: Wanted
    python: Python
    place: Place | Missing

    def facts(self) -> Mapping[type[Fact], Fact | Missing]:
        """What the reader of errors may look up."""
        return {Libraries: self.libraries, Python: self.python, Place: self.place}

    def subject(self, piece: Piece) -> str:
        """What a finding is about: of the libraries that a piece proves, the one that is wanted."""
        return next((name for name in piece.proves if self.wanted.library(name)), piece.name)


@check(
    "libraries.work",
    causes=(
        "does-not-work",
        "wrong-result",
        "works-slowly",
        "kernel-dies",
        "loopback-down",
        "no-process-limit",
        "shm-not-writable",
        *READ,
    ),
)
def libraries_at_work(
    works: Works | Missing,
    wanted: Wanted,
    libraries: Libraries,
    imports: Imports | Missing,
    python: Python,
    place: Place | Missing,
) -> Iterator[Finding]:
    """The libraries do real work.

    A library that loads may still not work: a kernel that dies at its first cell, workers without shared memory, an estimator
    that the other library no longer accepts. With --deep each does a small piece of work; its result must be the known one.
    """
    if isinstance(works, Missing):
        yield skip(works.reason) if works.kind == Why.NOT_ASKED else unknown(f"real work was not tried: {works.reason}")
        return
    bench = Bench(libraries, wanted, python, place)
    yield from judged_all(works, bench)
    if isinstance(imports, Imports):
        yield from (_unloaded(piece, imports, bench) for piece in pieces() if _waits(piece, bench, imports))
    if not works.pieces:
        yield skip("none of the libraries that are wanted here has a piece of work that could be tried")


def _waits(piece: Piece, bench: Bench, imports: Imports) -> bool:
    """Whether a piece was left out because one of its libraries does not load."""
    return asked_for(piece, bench.wanted, bench.libraries) and not loads(piece, imports)


def _unloaded(piece: Piece, imports: Imports, bench: Bench) -> Finding:
    found = ((name, imports.find(name)) for name in piece.uses)
    culprit = next(name for name, one in found if one and one.outcome != "ok")
    return skip(f"not tried: {culprit} was not imported", subject=bench.subject(piece), blocked_by=f"libraries.import:{culprit}")


def judged_all(works: Works, bench: Bench) -> Iterator[Finding]:
    """What each piece came to. What a piece that it builds on broke, or the machine broke before, is told once."""
    bad: dict[str, str] = {}
    known = {piece.name: piece for piece in pieces()}
    for worked in works.pieces:
        piece = known[worked.name]
        finding = judged(worked, piece, bench)
        cause = finding.cause if finding.cause in OF_THE_MACHINE else ""
        by = next((bad[name] for name in (*piece.needs, cause) if name in bad), "")
        if finding.status.value == "fail" and by:
            yield skip(f"{finding.subject} fails too", subject=finding.subject, blocked_by=f"libraries.work:{by}")
            bad[piece.name] = by
        else:
            yield finding
            if finding.status.value == "pass":
                yield from (ok(says, subject=name) for name, says in piece.covers.items() if bench.wanted.library(name))
            if finding.status.value == "fail":
                bad.update({piece.name: finding.subject, **({cause: finding.subject} if cause else {})})


def judged(worked: Worked, piece: Piece, bench: Bench) -> Finding:
    """What one piece of work came to."""
    subject = bench.subject(piece)
    if worked.outcome == "ok":
        return ok(said(piece, worked), subject=subject, evidence=measured(worked))
    if worked.outcome == "cut":
        return unknown(f"{subject} was not tried to its end: it {worked.reason}", subject=subject)
    if worked.outcome == "slow":
        message = USUAL.format(name=subject, step=worked.step, seconds=worked.seconds, usual=piece.seconds)
        return warn("works-slowly", message, subject=subject, evidence=_evidence(worked), fix=fix("works.slow"))
    if worked.outcome == "wrong":
        message = f"{subject} gives a wrong result at {worked.step}: {worked.message}"
        cure = again(piece.uses[0], bench.libraries) if piece.uses else fix("works.look")
        return fail("wrong-result", message, subject=subject, evidence=_evidence(worked), fix=cure)
    return failed(worked, subject, bench)


def said(piece: Piece, worked: Worked) -> str:
    """What was done, with what was measured and seen."""
    found = {name: f"{value:g}" for name, value in worked.figures.items()}
    words = {"gpu": "", "also": "", **found, **worked.words}
    return re.sub(r"\{([^}]+)\}", lambda name: words.get(name[1], "?"), piece.says)


def measured(worked: Worked) -> dict[str, str]:
    """The figures, for comparing machines and days."""
    return {"seconds": f"{worked.seconds:.2f}", **{name: f"{value:g}" for name, value in worked.figures.items()}}


def _evidence(worked: Worked) -> dict[str, str]:
    return {
        "last lines": "\n".join(worked.detail.strip().splitlines()[-8:]),
        "step": worked.step,
        "seconds": f"{worked.seconds:.2f}",
    }


def failed(worked: Worked, subject: str, bench: Bench) -> Finding:
    """A piece of work that ended with an error, or not at all: the cause where it is known, else its own words."""
    lead, words = _lead(worked, subject), _words(worked)
    precise = _precise(worked)
    if precise:
        cause, meaning, cure = precise
        return fail(cause, f"{lead}: {meaning}", subject=subject, evidence=_evidence(worked), fix=cure)
    usual = "kernel-dies" if worked.reason == "KernelDied" else "does-not-work"
    reading = reading_of(_whole(worked), bench.facts()) if worked.outcome in ("error", "exit") else None
    if reading and reading.kind.value == "environment":
        cause = reading.cause if reading.cause in READ else usual
        cure = remedy(reading.cure) or fix("works.look")
        return fail(cause, f"{lead}: {reading.message}", subject=subject, evidence=_evidence(worked), fix=cure)
    cure = fix("works.kernel") if usual == "kernel-dies" else fix("works.look")
    return fail(usual, f"{lead}: {words}" if words else lead, subject=subject, evidence=_evidence(worked), fix=cure)


def _whole(worked: Worked) -> str:
    """All that was said, line by line: what comes from outside is one line where it is put into a sentence."""
    return "\n".join((worked.detail, f"{worked.reason}: {worked.message}"))


def _lead(worked: Worked, subject: str) -> str:
    """How a sentence about a failure begins."""
    if worked.reason == "KernelDied":
        return (
            "the notebook kernel dies at its start"
            if worked.step == "starting a kernel"
            else f"the notebook kernel dies at {worked.step}"
        )
    step = worked.step or "its imports"
    if worked.outcome == "stuck":
        return f"{subject} hangs at {step}: nothing happens, and no processor is used"
    if worked.outcome in ("crash", "exit"):
        return f"{subject} kills Python at {step}"
    return f"{subject} fails at {step}"


def _words(worked: Worked) -> str:
    """The error in its own words."""
    if worked.outcome == "stuck":
        return ""
    if worked.outcome == "error" and worked.reason != "KernelDied":
        return f"{worked.reason}: {worked.message}".removesuffix(": ")
    return worked.message if worked.reason == "KernelDied" else f"it {worked.reason}"


def _precise(worked: Worked) -> tuple[str, str, Fix] | None:
    """A limit of the machine that the words or the signal tell of; None where they do not."""
    text = _whole(worked)
    if NO_PROCESS.search(text):
        return (
            "no-process-limit",
            "no more processes or threads can be started (ulimit -u, or a limit of the container)",
            fix("works.processes"),
        )
    if SHM_CLOSED.search(text):
        return "shm-not-writable", "/dev/shm is not writable, and workers hand their data over there", fix("works.shm")
    if NO_LOOPBACK.search(text):
        return (
            "loopback-down",
            "this machine cannot reach itself (127.0.0.1): its loopback interface is down",
            fix("works.loopback"),
        )
    signal = worked.reason.rpartition(" ")[2] if worked.outcome == "crash" else ""
    if signal == "SIGBUS" and worked.name == "torch":  # elsewhere a compiled file that is cut off
        return "shm-too-small", "a bus error: shared memory (/dev/shm) is too small", fix("system.shm")
    if signal == "SIGKILL":
        return "memory-low", "Linux ended it, as it does where memory runs out (`dmesg` says so then)", fix("system.memory")
    return None
