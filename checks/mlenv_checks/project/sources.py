"""Can the code be read, and does it ask for what this machine has not?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, Location, Missing, Why, check, ok, skip, unknown, warn
from mlenv_doctor.patient import Python

from ..gpu.facts import Gpu
from .facts import BadSource, Code, GpuAsked

SHOWN = 4


@check("project.files", causes=("source-unreadable",))
def files_can_be_read(code: Code | Missing, python: Python) -> Finding:
    """Source files.

    Code that Python cannot parse cannot run.
    """
    if isinstance(code, Missing):
        if code.kind == Why.NOT_ASKED:
            return skip(f"the code: {code.reason}")
        return unknown(f"the code could not be read: the probe {code.reason}")
    if not code.bad:
        return ok("all files can be parsed") if code.files or code.notebooks else skip("no code here")
    first = code.bad[0]
    more = f" and {len(code.bad) - SHOWN} more" if len(code.bad) > SHOWN else ""
    words = ", ".join(f"{where(bad)} ({bad.reason})" for bad in code.bad[:SHOWN])
    message = f"Python {python.version} cannot read {words}{more}"
    return warn("source-unreadable", message, location=Location(first.file, 0 if first.cell else first.line))


def where(found: BadSource | GpuAsked) -> str:
    """A place as one says it."""
    line = f" line {found.line}" if found.cell and found.line else f":{found.line}" if found.line else ""
    return f"{found.file} cell {found.cell}{line}" if found.cell else f"{found.file}{line}"


@check("project.gpu", causes=("gpu-needed-by-code",))
def code_runs_without_a_gpu(code: Code, gpu: Gpu) -> Finding:
    """GPU use in the code.

    Code that requires a GPU fails with "Torch not compiled with CUDA enabled" or "No CUDA GPUs are available".
    """
    if not code.gpu:
        return skip("the code does not require a GPU")
    if gpu.present:
        return ok(f"{len(code.gpu)} files use a GPU, and this machine has one")
    more = f" and {len(code.gpu) - SHOWN} more" if len(code.gpu) > SHOWN else ""
    places = ", ".join(f"{where(asked)} ({asked.what})" for asked in code.gpu[:SHOWN])
    message = f"the code requires a GPU, and this machine has none: {places}{more}"
    return warn("gpu-needed-by-code", message, location=Location(code.gpu[0].file, 0 if code.gpu[0].cell else code.gpu[0].line))
