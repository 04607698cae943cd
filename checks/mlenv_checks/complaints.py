"""Read the words of an error that somebody got: one table (data/complaints.toml), and answers that depend on the machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, skip
from mlenv_doctor.facts import CudaDriver, Gpu, Imported, Libraries, Pasted, Place, Python, Said, TorchBuild, Wanted

from . import complaints_environment as environment
from . import complaints_gpu as gpu_words
from .complainant import UNNAMED, Meaning, Patient, Words, fitting_torch
from .contents import table
from .dependencies import parsed, satisfies
from .obstacles import in_container, in_wsl
from .symptoms import read

WORTH = re.compile(r"Error|undefined symbol|cannot |not found|size changed|_ARRAY_API|torchvision::|unexpected keyword")
FOLDER = re.compile(r"-packages[\\/](\w+)")
BEFORE = 12  # lines of a traceback that may name the library
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

ANSWERS: Mapping[str, Callable[[Words, str, Patient], Meaning | None]] = {
    "kernels": gpu_words.kernels,
    "cpu": gpu_words.cpu,
    "other_cuda": gpu_words.other_cuda,
    "xformers": gpu_words.xformers,
    "extension": gpu_words.extension,
    "mixed_cuda": gpu_words.mixed_cuda,
    "found_another": environment.found_another,
    "shadow": environment.shadow,
    "rosetta": environment.rosetta,
    "kernel": environment.kernel,
    "absent": environment.absent,
    "no_distribution": environment.no_distribution,
    "shadowed_key": environment.shadowed_key,
    "no_scheme": environment.no_scheme,
}


@dataclass(frozen=True)
class Complaint:
    """One entry of the table; data/complaints.toml says what each field means."""

    topic: str
    cause: str
    pattern: re.Pattern[str]
    says: str
    fix: str
    source: str
    values: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    place: str = ""
    on: str = ""
    installed: str = ""


@cache
def complaints() -> tuple[Complaint, ...]:
    """The table."""
    return tuple(
        Complaint(**{**row, "pattern": re.compile(row["pattern"], re.DOTALL), "packages": tuple(row.get("packages", ()))})
        for row in table("complaints")["complaint"]
    )


def understood(text: str, patient: Patient) -> Iterator[tuple[Complaint, Meaning]]:
    """What a text complains of: of each topic the sharpest."""
    told: set[str] = set()
    for complaint in complaints():
        found = complaint.pattern.search(text) if complaint.topic not in told and _fits(complaint, patient) else None
        meaning = _meaning(complaint, found, text, patient) if found else None
        if meaning:
            told.add(complaint.topic)
            yield complaint, meaning


def _fits(complaint: Complaint, patient: Patient) -> bool:
    """Whether the words mean this on such a machine."""
    here = "container" if in_container(patient.place) else "wsl" if in_wsl(patient.place) else "machine"
    places = {here, "wsl" if in_wsl(patient.place) else here, ""}
    if complaint.place not in places or complaint.on not in ("", patient.place.os):
        return False
    asked = parsed(complaint.installed) if complaint.installed else None
    known = patient.version(asked.name) if asked else ""
    return not asked or not known or satisfies(known, str(asked.specifier))


def _meaning(complaint: Complaint, found: re.Match[str], text: str, patient: Patient) -> Meaning | None:
    words = {name.rstrip("23"): said for name, said in found.groupdict().items() if said}
    if not complaint.cause:
        return ANSWERS[complaint.says](words, text, patient)
    blanks = {"torch": patient.torch or "of unknown version", "numpy": patient.version("numpy") or "2", **words}
    if "found" in words:
        blanks["found"] = f"{int(words['found']) // 1000}.{int(words['found']) % 1000 // 10}"
    return Meaning(complaint.cause, " ".join(complaint.says.format_map(blanks).split()), _cure(complaint, blanks, patient))


def _cure(complaint: Complaint, words: Mapping[str, str], patient: Patient) -> Fix:
    if complaint.fix == "torch":
        return fitting_torch(patient, words.get("found", ""))
    named = tuple(name for name in complaint.packages if patient.version(name.partition("[")[0]))
    packages = {"packages": named or complaint.packages[:1]} if complaint.packages else {}
    return fix(complaint.fix, **packages, **complaint.values)


def told(complaint: Complaint, meaning: Meaning) -> Finding:
    """The finding of one complaint."""
    evidence = {"topic": complaint.topic, "source": complaint.source}
    return fail(meaning.cause, meaning.says, subject=meaning.subject, evidence=evidence, fix=meaning.fix)


@check("symptom.explained", causes=CAUSES, pasted=True)
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
) -> Iterator[Finding]:
    """The words of the error do not speak of a fault of this environment.

    Most errors that an environment causes have words of their own. Given with --symptom, or found in a pasted report, they
    name the cause at once, where a look at the machine could only say that something is odd.
    """
    if not said.text:
        yield skip("no words of an error were given (--symptom)")
        return
    where = Place() if isinstance(place, Missing) else place
    patient = Patient(where, python, libraries, build, gpu, cuda, wanted, pasted)
    found = [told(complaint, meaning) for complaint, meaning in understood(said.text, patient)]
    found.extend(_of_an_import(said.text, patient) if not any(f.evidence["topic"] == "import" for f in found) else ())
    yield from found or [skip("these words are not those of a fault that is known here")]


def _of_an_import(text: str, patient: Patient) -> Iterator[Finding]:
    """What the table of failed imports makes of the words; the first line that it knows counts."""
    libraries = Libraries() if isinstance(patient.libraries, Missing) else patient.libraries
    python = Python() if isinstance(patient.python, Missing) else patient.python
    lines = text.splitlines()
    for number, line in enumerate(lines):
        context = "\n".join(lines[max(0, number - BEFORE) : number + 3])
        finding = _import_failed(context, libraries, python) if WORTH.search(line) else None
        if finding:
            yield finding
            return


def _import_failed(said: str, libraries: Libraries, python: Python) -> Finding | None:
    """A failed import by its words. A library that they do not name is left to the reader to find."""
    culprit = next(map(canonicalize_name, reversed(FOLDER.findall(said))), "")
    reading = read(Imported(culprit or UNNAMED, "error", message=said, detail=said), culprit or UNNAMED, libraries, python)
    if reading is None:
        return None
    cure = reading.fix if culprit else fix("libs.find-culprit")
    return fail(reading.cause, " ".join(reading.message.split()), subject=culprit, evidence={"topic": "import"}, fix=cure)
