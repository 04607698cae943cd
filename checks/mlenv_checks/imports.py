"""Do the libraries really load? Each was imported in a process of its own; here the outcomes are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown
from mlenv_doctor.facts import (
    Flaw,
    Imported,
    Imports,
    Integrity,
    Interpreter,
    Libraries,
    Python,
    TorchBuild,
    TorchFamily,
    Unshadowed,
    Wanted,
    Why,
)

from .beside_torch import SIGNS, strangers
from .blame import blamed_on_python, culprit, deepest, to_blame, undeclared
from .catalogue import import_names
from .dependencies import Conflict, conflicts, repair
from .installed import FAILED, again, half
from .integrity import missing_files
from .nvidia_wheels import mixed
from .symptoms import Reading, read

LEAKED = re.compile(r"Key backend: '\S*inline' is not a valid value")  # MPLBACKEND as notebooks leave it; matplotlib from 3.9 on
SAID = {
    "error": "{name} cannot be imported: {reason}: {message}",
    "exit": "{name} cannot be imported: the process {reason}",
    "crash": "importing {name} kills Python: it {reason}",
    "hang": "importing {name} never ends: it {reason}",
}
OF_CUDA = ("cuda-library-missing", "cuda-library-shadowed", "nccl-conflict")
CAUSES = {"error": "import-error", "exit": "import-error", "crash": "import-crash", "hang": "import-hang"}
READ = (
    "cpu-lacks-instructions", "cuda-library-missing", "cuda-library-shadowed", "distutils-removed", "duplicate-openmp",
    "extension-torch-abi", "glibc-too-old", "known-bad-pair", "libgl-missing", "libgomp-missing", "libgomp-static-tls",
    "libstdcxx-too-old", "mkl-symbol", "nccl-conflict", "numpy-removed-names", "numpy-too-old-abi", "numpy2-abi",
    "pkg-resources-removed", "protobuf-mismatch", "pydantic-mismatch", "shared-library-missing", "tmp-noexec",
    "torchvision-mismatch", "vc-runtime-missing", "wrong-binary",
)  # fmt: skip


@dataclass(frozen=True)
class Ward:
    """What is known besides the outcomes: what is installed, half installed, damaged, or in contradiction."""

    imports: Imports
    libraries: Libraries
    python: Python
    interpreter: Interpreter | Missing
    halves: frozenset[str]
    flaws: Mapping[str, Flaw]
    contradicted: Mapping[str, Conflict]
    strange: Mapping[str, str]
    mixed: str
    unshadowed: Unshadowed | None

    @property
    def broken(self) -> frozenset[str]:
        """The libraries that do not load."""
        return frozenset(other.name for other in self.imports.libraries if other.outcome in FAILED)


@check(
    "libraries.import",
    causes=("import-error", "import-crash", "import-hang", "numpy-broken", "dist-info-damaged", "not-installed", *READ),
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
    """The libraries can be imported.

    Installed is not the same as working: a missing system library, another numpy or a broken file shows only here.
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
    yield from judged_all(Ward(imports, libraries, python, interpreter, halves, flaws, contradicted, strange, damaged, without))


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
        return skip(f"{name} is this project itself, whose code is not run", subject=name), ""
    if imported.outcome not in FAILED:
        return unknown(f"{name} was not imported: {imported.reason or 'its import name is not known'}", subject=name), ""
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


def damage(imported: Imported, ward: Ward) -> Flaw | None:
    """What is wrong with the library's own files, where that can be why it fails.

    Files that are missing; or changed ones, where the import failed in one of them or was killed.
    """
    flaw = ward.flaws.get(imported.name)
    if flaw is None:
        return None
    inside = imported.outcome == "crash" or any(imported.file.endswith(f"/{path}") for path in flaw.changed)
    return flaw if flaw.lost or (flaw.changed and inside) else None


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
        what = missing_files(flaw) if flaw.lost else f"{flaw.changed[0]} is not the file that was installed"
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
        f"{_lead(imported)}LD_LIBRARY_PATH brings {without.libraries[0]} before torch's own libraries; without it torch loads"
    )
    cure = fix("torch.keep-path", rest=without.rest) if without.rest else fix("libs.own-cuda")
    return fail("cuda-library-shadowed", message, subject="torch", evidence=evidence, fix=cure)


def _lead(imported: Imported) -> str:
    """How a sentence about a failure begins."""
    if imported.outcome == "crash":
        return f"importing {imported.name} kills Python ({imported.reason.rpartition(' ')[2]}): "
    return f"{imported.name} cannot be imported: "


def _unread(imported: Imported, ward: Ward, evidence: Mapping[str, str]) -> Finding:
    """A failure that nothing explains: its own words, and what most often helps."""
    name = imported.name
    message = SAID[imported.outcome].format(name=name, reason=imported.reason, message=imported.message).rstrip(": ")
    cause = "numpy-broken" if name == "numpy" else CAUSES[imported.outcome]
    if imported.outcome == "crash" and "SIGKILL" in imported.reason:
        message += ", which Linux does where memory runs out (`dmesg` says so then)"
        return fail(cause, message, subject=name, evidence=evidence, fix=fix("system.memory"))
    owner = deepest(name, ward.contradicted.keys(), ward.libraries)
    cure = repair([ward.contradicted[owner]]) if owner else cure_of(imported, ward.libraries)
    return fail(cause, message, subject=name, evidence=evidence, fix=cure)


def cure_of(imported: Imported, libraries: Libraries) -> Fix:
    """To install once more what is broken; of an import that never ends or dies one first has to see where."""
    anew = again(to_blame(imported, libraries), libraries)
    if imported.outcome not in ("hang", "crash"):
        return anew
    packages, options = anew.values["packages"], anew.values["options"]
    parent, _, last = import_names().get(imported.name, imported.name.replace("-", "_")).rpartition(".")
    module = parent if last[:1].isupper() else f"{parent}.{last}".lstrip(".")
    if imported.outcome == "hang":
        return fix("libs.unblock", module=module, packages=packages, options=options)
    return fix("libs.see-crash", module=module, packages=packages, options=options)


def diagnosis(imported: Imported, libraries: Libraries, python: Python) -> Reading | None:
    """What a failed import says about its cause; None where it did not fail or its words are not known."""
    return read(imported, to_blame(imported, libraries), libraries, python) if imported.outcome in FAILED else None
