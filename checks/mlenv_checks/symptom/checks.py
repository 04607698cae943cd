"""Read the words of an error that somebody got: the entries of errors.toml, and answers that depend on the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Fact, Finding, Fix, Missing, check, fail, fix, skip, text, unknown, warn
from mlenv_doctor.patient import Imported, Libraries, Native, Pasted, Place, Python, Said, SharedLibraries, Wanted

from ..error_texts import knowledge, reading_of, remedy, said_in_full
from ..gpu.driver import in_container, in_wsl
from ..gpu.facts import CudaDriver, Gpu
from ..imports.import_errors import read
from ..torch.facts import TorchBuild
from .answers import Answer, answered
from .speaker import UNNAMED, Meaning, Patient, fitting_torch

if TYPE_CHECKING:
    from mlenv_doctor.api import Entry, Reading, Surroundings, Told

WORTH = re.compile(r"Error|undefined symbol|cannot |not found|size changed|_ARRAY_API|torchvision::|unexpected keyword")
FOLDER = re.compile(r"-packages[\\/](\w+)")
CAUSES = (
    "ca-bundle-missing", "mlflow-db-schema-old", "mlflow-db-schema-newer",
    "container-toolkit-too-old",
    "container-cuda-newer-than-driver", "driver-too-old", "driver-mismatch", "wsl-multi-gpu", "wsl-linux-driver",
    "cuda-compat-shadows-driver", "fabric-manager-down", "container-lost-gpu", "cuda-stub-on-path", "gpu-exclusive",
    "uvm-missing", "gpu-lost", "driver-module-not-loaded", "container-without-gpu", "rocm-arch", "gpu-too-old-for-wheel",
    "gpu-too-new-for-wheel", "cpu-only-torch", "not-installed", "extension-torch-abi", "cuda-library-shadowed",
    "known-bad-pair", "duplicate-dist-info", "numpy2-abi", "sdk-api-removed", "shadowed-stdlib-module", "shadowed-by-file",
    "python-too-new", "externally-managed", "socks-support-missing", "tls-interception", "shm-too-small",
    "mlflow-allowed-hosts", "mlflow-wrong-port", "mlflow-uri-no-scheme", "mlflow-windows-path-uri", "libgomp-static-tls",
    "cuda-library-missing", "libgomp-missing", "libgl-missing", "glibc-too-old", "libstdcxx-too-old", "wrong-binary",
    "tmp-noexec", "vc-runtime-missing", "duplicate-openmp", "cpu-lacks-instructions", "numpy-too-old-abi",
    "numpy-removed-names", "pydantic-mismatch", "protobuf-mismatch", "pkg-resources-removed", "distutils-removed",
    "mkl-symbol", "mixed-cuda-wheels", "rosetta-x86-python", "kernel-wrong-interpreter", "dotenv-shadowed", "nccl-conflict",
    "torchvision-mismatch", "shared-library-missing",
)  # fmt: skip
OF_THE_MACHINE = (
    "cpu-only-torch",
    "gpu-too-new-for-wheel",
    "gpu-too-old-for-wheel",
    "driver-too-old",
    "numpy2-abi",
    "container-lost-gpu",
)
TOLD = tuple(line.partition("\t")[0] for line in text(__package__, "causes.tsv").splitlines() if not line.startswith("#"))
ELSEWHERE = (  # causes that checks of other families can name, too, and that an error message alone may tell
    "base-url-wrong", "bitsandbytes-cuda", "conda-pip-mixed", "cpu-lacks-instructions", "credentials-file-missing", "dead-index",
    "dead-proxy", "dependency-conflict", "disk-full", "dotenv-wrong-name", "driver-missing", "env-not-writable",
    "foreign-libpython",
    "gpu-memory-taken", "gpu-permission", "home-not-writable", "import-crash", "interrupted-install", "ipywidgets-missing",
    "jax-cpu-only", "jetson-wheel", "kernel-not-registered", "key-empty", "key-missing", "key-no-credit", "key-non-ascii",
    "key-placeholder", "key-rejected", "key-restricted", "locale-not-utf8", "memory-limit", "memory-low",
    "mlflow-artifacts-on-client",
    "mlflow-tls-untrusted", "model-version-mismatch", "mplbackend-leak", "musl-libc", "namespace-folder", "no-display",
    "no-ensurepip",
    "no-pip-in-venv", "notebook-needs-restart", "numpy-broken", "nvcc-mismatch", "onnxruntime-duplicates", "open-files-limit",
    "opencv-duplicates", "pip-python-mismatch", "pip-too-old", "powershell-execution-policy", "python-32bit",
    "python-command-missing", "python-too-old", "pythonhome-set", "region-not-served", "requires-python-unmet", "running-as-root",
    "sitecustomize-crash", "stdlib-extension-missing", "tensorflow-cpu-only", "too-old-version", "triton-mismatch",
    "uid-without-passwd", "venv-base-gone", "windows-long-paths", "wrong-distribution",
)  # fmt: skip


def places_of(patient: Patient, facts: Mapping[type[Fact], Fact | Missing]) -> list[Surroundings]:
    """The machine, as each of the kinds of place that it is."""
    from mlenv_doctor.api import surroundings  # the reader is loaded when there is an error to read

    known = surroundings({**facts, Place: patient.place})
    versions = {"torch": patient.torch, **known.versions} if patient.torch else known.versions
    here = "container" if in_container(patient.place) else "wsl" if in_wsl(patient.place) else "machine"
    kinds = dict.fromkeys((here, "wsl" if in_wsl(patient.place) else here))
    return [replace(known, versions=versions, place=kind) for kind in kinds]


def understood(text: str, patient: Patient, facts: Mapping[type[Fact], Fact | Missing]) -> tuple[list[Finding], bool]:
    """What a text complains of: of each topic the sharpest; and whether facts spoke against something that it usually means."""
    from mlenv_doctor.api import read_by_topic

    answers = list(answered(text, patient))
    entries = list(read_by_topic(text, places_of(patient, facts), knowledge()))
    found: dict[str, Finding] = {}
    first = [one for one in answers if not one[0].late]
    meant: list[tuple[Answer | Entry, Meaning | None]] = [*first, *_of_entries(entries, patient), *answers]
    for told, meaning in meant:
        if meaning:
            found.setdefault(told.topic, _finding(told, meaning))
    refuted = any(meaning is None for _, meaning in answers) or not all(told.fits for told in entries)
    return list(found.values()), refuted


def _of_entries(entries: list[Told], patient: Patient) -> Iterator[tuple[Entry, Meaning]]:
    for told in entries:
        if told.fits:
            cure = _cure(told.entry, told.words["found_cuda"], patient)
            yield told.entry, Meaning(told.entry.cause, told.message, cure)


def _cure(entry: Entry, cuda: str, patient: Patient) -> Fix:
    if entry.sheet == "torch":
        return fitting_torch(patient, cuda)
    named = tuple(name for name in entry.packages if patient.version(name.partition("[")[0]))
    packages = {"packages": named or entry.packages[:1]} if entry.packages else {}
    return fix(entry.sheet, **packages, **entry.values)


def _finding(of: Answer | Entry, meaning: Meaning) -> Finding:
    evidence = {"topic": of.topic, "source": of.source}
    return fail(meaning.cause, meaning.says, subject=meaning.subject, evidence=evidence, fix=meaning.fix)


@check("symptom.explained", causes=tuple(dict.fromkeys((*CAUSES, *ELSEWHERE, *TOLD))), pasted=True)
def error_is_explained(
    said: Said,
    place: Place | Missing,
    python: Python | Missing,
    libraries: Libraries | Missing,
    build: TorchBuild | Missing,
    gpu: Gpu | Missing,
    cuda: CudaDriver | Missing,
    wanted: Wanted,
    pasted: Pasted | Missing,
    native: Native | Missing,
    shared: SharedLibraries | Missing,
) -> Iterator[Finding]:
    """Error message.

    Most errors that an environment causes have a typical message. Given with --symptom, or found in a pasted report, it
    names the cause at once, where an examination of the machine alone may miss it.
    """
    if not said.text:
        yield skip("no error message was given (--symptom)")
        return
    where = Place() if isinstance(place, Missing) else place
    patient = Patient(where, python, libraries, build, gpu, cuda, wanted, pasted)
    facts: dict[type[Fact], Fact | Missing] = {Place: place, Python: python, Libraries: libraries}
    facts |= {Native: native, SharedLibraries: shared}
    if isinstance(pasted, Pasted):
        facts[Pasted] = pasted
    found, refuted = understood(said.text, patient, facts)
    found.extend(_of_an_import(said.text, patient) if not any(f.evidence["topic"] == "import" for f in found) else ())
    yield from found or [_answer(said, facts, refuted)]


def _answer(said: Said, facts: Mapping[type[Fact], Fact | Missing], refuted: bool) -> Finding:
    """What the reader of error texts makes of it. A question that is not answered leaves the verdict open."""
    reading = reading_of(said.text, facts)
    if not said.asked and (refuted or not reading.explained or reading.kind.value == "program"):
        return skip("this error message is not in the knowledge base")
    if refuted and reading.cause in OF_THE_MACHINE:
        return unknown(
            f"The error was not explained: it usually means {reading.cause}, but this machine does not match that",
            required=True,
        )
    if reading.here:
        return unknown(f"The error does not fit this machine. {reading.here.rstrip('.')}", required=True)
    evidence = {"topic": "text", "source": reading.source}
    if not reading.explained:
        named = " ".join(word for word in (reading.culprit, *reading.named) if word)
        return unknown(f"The error was not explained: {said_in_full(reading)}", evidence={"named": named}, required=True)
    say = fail if reading.kind.value == "environment" else warn
    return say(reading.cause, _sentence(reading), subject=reading.culprit, evidence=evidence, fix=remedy(reading.cure))


def _sentence(reading: Reading) -> str:
    """The finding: of a program's mistake it says that nothing has to be repaired here."""
    where = f" ({reading.where})" if reading.where else ""
    whose = f"the program's own mistake{where}: " if reading.kind.value == "program" else ""
    return whose + said_in_full(reading)


def _of_an_import(text: str, patient: Patient) -> Iterator[Finding]:
    """What the words say of a failed import, with what cures it. A library that they do not name has to be found first."""
    if not WORTH.search(text):
        return
    libraries = Libraries() if isinstance(patient.libraries, Missing) else patient.libraries
    python = Python() if isinstance(patient.python, Missing) else patient.python
    culprit = next(map(canonicalize_name, reversed(FOLDER.findall(text))), "")
    reading = read(Imported(culprit or UNNAMED, "error", message=text), culprit or UNNAMED, libraries, python)
    if reading:
        cure = reading.fix if culprit else fix("libs.find-culprit")
        message = " ".join(reading.message.split())
        yield fail(reading.cause, message, subject=culprit, evidence={"topic": "import"}, fix=cure)
