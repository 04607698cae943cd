"""Do the libraries really load? Each was imported in a process of its own; here the outcomes are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown
from mlenv_doctor.patient import Imported, Imports, Libraries, Python, Wanted

from ..error_texts import reading_of, remedy
from ..libraries.catalogue import import_names
from ..libraries.dependencies import conflicts, repair
from ..libraries.facts import Integrity
from ..libraries.installed import FAILED, again, half
from ..libraries.integrity import missing_files
from ..libraries.nvidia_wheels import mixed
from ..python.facts import Interpreter
from ..torch.extensions import SIGNS, strangers
from ..torch.facts import TorchBuild, TorchFamily
from .culprit import blamed_on_python, culprit, deepest, to_blame, undeclared
from .evidence import Ward, damage
from .facts import Unshadowed
from .import_errors import Reading, read, said_by

LEAKED = re.compile(r"Key backend: '\S*inline' is not a valid value")  # MPLBACKEND as notebooks leave it; matplotlib from 3.9 on
SAID = {
    "error": "{name} cannot be imported: {reason}: {message}",
    "exit": "{name} cannot be imported: the process {reason}",
    "crash": "import {name} crashes Python: it {reason}",
    "hang": "import {name} hangs: it {reason}",
}
OF_CUDA = ("cuda-library-missing", "cuda-library-shadowed", "nccl-conflict")
CAUSES = {"error": "import-error", "exit": "import-error", "crash": "import-crash", "hang": "import-hang"}
READ = (
    "cpu-lacks-instructions", "cuda-library-missing", "cuda-library-shadowed", "distutils-removed", "duplicate-openmp",
    "extension-torch-abi", "glibc-too-old", "known-bad-pair", "libgl-missing", "libgomp-missing", "libgomp-static-tls",
    "libsndfile-missing",
    "libstdcxx-too-old", "mkl-symbol", "nccl-conflict", "numpy-removed-names", "numpy-too-old-abi", "numpy2-abi",
    "pkg-resources-removed", "protobuf-mismatch", "pydantic-mismatch", "shared-library-missing", "tmp-noexec",
    "torchvision-mismatch", "vc-runtime-missing", "wrong-binary",
)  # fmt: skip


KNOWN_BETTER = ("not-installed", "pip-python-mismatch", "api-moved-in-new-version")  # what is installed was looked at here
TOLD = (
    *READ, "numpy-broken", "not-installed", "dependency-conflict", "sqlite-too-old", "too-old-version", "python-too-new",
    "python-too-old", "ffmpeg-missing", "wrong-distribution", "libsndfile-missing", "driver-missing", "stdlib-extension-missing",
    "java-missing", "build-tools-missing",
)  # fmt: skip


@check(
    "libraries.import",
    causes=("import-error", "import-crash", "import-hang", "numpy-broken", "dist-info-damaged", "not-installed", *TOLD),
)
def libraries_import(
    imports: Imports | Missing,
    wanted: Wanted,
    libraries: Libraries,
    integrity: Integrity | Missing,
    python: Python,
    interpreter: Interpreter | Missing,
    build: TorchBuild | Missing,
    family: TorchFamily | Missing,
    unshadowed: Unshadowed | Missing,
) -> Iterator[Finding]:
    """Library imports.

    An installed library may still not work: a missing system library, another numpy or a broken file shows only here.
    """
    if isinstance(imports, Missing):
        say = skip if imports.kind == Why.NOT_ASKED else unknown
        yield say("imports: " + imports.reason)
        return
    halves = frozenset(library.name for library in wanted.libraries if half(library, libraries, python))
    flaws = {flaw.name: flaw for flaw in integrity.flaws} if isinstance(integrity, Integrity) else {}
    contradicted = {conflict.owner: conflict for conflict in conflicts(libraries, python)}
    damaged = next((one.flaw.name for one in mixed(integrity, libraries)), "")
    strange = strangers(family, build)
    without = unshadowed if isinstance(unshadowed, Unshadowed) else None
    verified = isinstance(integrity, Integrity)
    yield from judged_all(
        Ward(imports, libraries, python, interpreter, halves, flaws, contradicted, strange, damaged, without, verified)
    )


def judged_all(ward: Ward) -> Iterator[Finding]:
    """What each import came to. Of several that fail for one and the same reason the first is red, and the others wait for it."""
    first: dict[tuple[str, str], str] = {}
    for imported in ward.imports.libraries:
        finding, seat = judged(imported, ward)
        by = first.setdefault((finding.cause, seat), imported.name) if seat else imported.name
        if by == imported.name:
            yield finding
        else:
            yield skip(f"{imported.name} cannot be imported because of {seat}", subject=imported.name, blocked_by=_import(by))


def judged(imported: Imported, ward: Ward) -> tuple[Finding, str]:
    """What the import of one library came to, whose fault it is, and what or who is to blame besides the library itself."""
    name = imported.name
    if imported.outcome == "ok":
        found = ward.libraries.find(name)
        evidence = {"file": imported.file, "seconds": f"{imported.seconds:.1f}"}
        version = (found.version if found else None) or imported.version
        return ok(f"{name} {version}".strip(), subject=name, evidence=evidence), ""
    if imported.outcome == "own":
        return skip(f"{name} is this project itself and is not imported", subject=name), ""
    if imported.outcome not in FAILED:
        return unknown(f"{name} was not imported: {imported.reason or 'its import name is unknown'}", subject=name), ""
    by, root = blocking(imported, ward)
    if by:
        because = f" because of {root}" if root else ""
        return skip(f"{name} cannot be imported{because}", subject=name, blocked_by=by), ""
    return failed(imported, ward)


def blocking(imported: Imported, ward: Ward) -> tuple[str, str]:
    """The finding that explains why a library does not load, and the other library that is at fault; empty for none."""
    name = imported.name
    of_python = blamed_on_python(imported, ward.interpreter)
    if of_python:
        return of_python, ""
    if name in ward.halves:
        return f"libraries.leftovers:{name}", ""
    if LEAKED.search(imported.message):
        return "jupyter.plots", ""
    if damage(imported, ward):
        return "", ""
    flawed = deepest(name, {flaw.name for flaw in ward.flaws.values() if flaw.lost}, ward.libraries)
    if flawed:
        return (_import(flawed) if flawed in ward.broken else f"libraries.files:{flawed}"), flawed
    if name in ward.contradicted:
        return f"libraries.dependencies:{ward.contradicted[name].name}", ""
    root = culprit(imported, ward.imports, ward.libraries)
    reading = diagnosis(imported, ward.libraries, ward.python)
    if not root and reading and reading.cause in OF_CUDA and ward.mixed:
        return f"libraries.nvidia:{ward.mixed}", ward.mixed
    if not root and name in ward.strange and (reading.cause if reading else "") in SIGNS:
        return f"libraries.torch-family:{name}", ""
    return (_import(root) if root else ""), root


def _import(name: str) -> str:
    return f"libraries.import:{name}"


def failed(imported: Imported, ward: Ward) -> tuple[Finding, str]:
    """The failure of a library that no other finding explains: it is broken itself, or what it needs is."""
    name = imported.name
    evidence = {"last lines": "\n".join(imported.detail.strip().splitlines()[-6:]), "module": imported.module}
    flaw = damage(imported, ward)
    reading = None if flaw else diagnosis(imported, ward.libraries, ward.python)
    if name == "torch" and ward.unshadowed and ward.unshadowed.loads:
        return _shadowed(imported, ward.unshadowed, evidence), ""
    if reading:
        message = _lead(imported) + reading.message
        return fail(reading.cause, message, subject=name, evidence=evidence, fix=reading.fix), reading.seat
    if flaw:
        what = missing_files(flaw) if flaw.lost else f"{flaw.changed[0]} was changed after installation"
        cause = "numpy-broken" if name == "numpy" else "dist-info-damaged"
        return fail(cause, _lead(imported) + what, subject=name, evidence=evidence, fix=again(name, ward.libraries)), ""
    lacking = undeclared(imported, ward.libraries)
    if lacking:
        message = f"{_lead(imported)}it needs {lacking}, which is not installed"
        return fail(
            "not-installed", message, subject=name, evidence=evidence, fix=fix("libs.install", packages=(lacking,))
        ), lacking
    return _unread(imported, ward, evidence), ""


def _shadowed(imported: Imported, without: Unshadowed, evidence: Mapping[str, str]) -> Finding:
    """torch fails with LD_LIBRARY_PATH, and loads without it: what that names stands before torch's own libraries."""
    message = (
        f"{_lead(imported)}LD_LIBRARY_PATH overrides torch's own libraries with {without.libraries[0]}; torch loads without it"
    )
    cure = fix("torch.keep-path", rest=without.rest) if without.rest else fix("libs.own-cuda")
    return fail("cuda-library-shadowed", message, subject="torch", evidence=evidence, fix=cure)


def _lead(imported: Imported) -> str:
    """How a sentence about a failure begins."""
    if imported.outcome == "crash":
        return f"import {imported.name} crashes Python ({imported.reason.rpartition(' ')[2]}): "
    return f"{imported.name} cannot be imported: "


def _unread(imported: Imported, ward: Ward, evidence: Mapping[str, str]) -> Finding:
    """A failure that nothing explains: its own words, and what most often helps."""
    name = imported.name
    message = SAID[imported.outcome].format(name=name, reason=imported.reason, message=imported.message).rstrip(": ")
    cause = "numpy-broken" if name == "numpy" else CAUSES[imported.outcome]
    if imported.outcome == "crash" and "SIGKILL" in imported.reason:
        message += ", which usually means out of memory (`dmesg` shows it)"
        return fail(cause, message, subject=name, evidence=evidence, fix=fix("system.memory"))
    owner = deepest(name, ward.contradicted.keys(), ward.libraries)
    if owner:
        return fail(cause, message, subject=name, evidence=evidence, fix=repair([ward.contradicted[owner]]))
    return _by_its_text(imported, ward, evidence) or fail(
        cause, message, subject=name, evidence=evidence, fix=cure_of(imported, ward)
    )


def _by_its_text(imported: Imported, ward: Ward, evidence: Mapping[str, str]) -> Finding | None:
    """What the reader of error texts makes of all that the import said; None where it is not understood."""
    text = said_by(imported) if imported.outcome in ("error", "exit") else ""
    reading = reading_of(text, {Libraries: ward.libraries, Python: ward.python})
    if not text or reading.kind.value != "environment" or reading.cause in KNOWN_BETTER:
        return None
    cause = reading.cause if reading.cause in TOLD else CAUSES[imported.outcome]
    return fail(cause, _lead(imported) + reading.message, subject=imported.name, evidence=evidence, fix=remedy(reading.cure))


def cure_of(imported: Imported, ward: Ward) -> Fix:
    """Where files are damaged, to install them once more; else to look where it fails: reinstalling would not help."""
    guilty = to_blame(imported, ward.libraries)
    anew = again(guilty, ward.libraries)
    if imported.outcome not in ("hang", "crash"):
        return anew if guilty in ward.flaws or not ward.verified else fix("errors.look-closer", module=_module(imported))
    values = {"module": _module(imported), "packages": anew.values["packages"], "options": anew.values["options"]}
    return fix("libs.unblock", **values) if imported.outcome == "hang" else fix("libs.see-crash", **values)


def _module(imported: Imported) -> str:
    """The module whose import fails."""
    parent, _, last = import_names().get(imported.name, imported.name.replace("-", "_")).rpartition(".")
    return parent if last[:1].isupper() else f"{parent}.{last}".lstrip(".")


def diagnosis(imported: Imported, libraries: Libraries, python: Python) -> Reading | None:
    """What a failed import says about its cause; None where it did not fail or its words are not known."""
    return read(imported, to_blame(imported, libraries), libraries, python) if imported.outcome in FAILED else None
