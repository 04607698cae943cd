"""Shared libraries that do not load: missing, of another version, of another architecture, or without a symbol."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...patient import SharedLibrary
from ..reading import Cure, Kind, Reading
from .common import Case, candidate

MISSING = re.compile(
    r"(?P<library>[\w./+-]{1,200}?\.(?:so|dylib)(?:\.\d+)*): cannot open shared object file"
    r"|Error loading shared library (?P<library2>\S+?):|Library not loaded: (?P<library3>\S+)"
    r"""|Could not load (?:dynamic )?library ['"]?(?P<library4>[\w./+-]+\.so[\w.]*)"""
    r"""|cannot load library ['"](?P<library5>[\w./+-]+)['"]"""
)
CUDA = re.compile(
    r"^lib(?:cudart|cublas|cublasLt|cudnn\w*|cufft|curand|cusolver|cusparse\w*|nccl|nvrtc|nvJitLink|nvToolsExt"
    r"|cupti|cufile|nvshmem\w*|nvinfer\w*)\b"
)


SONAMES = (
    ("libcurand", "10", "11 or 12"),
    ("libcufft", "10", "11"),
    ("libcufft", "11", "12"),
    ("libcusolver", "10", "11"),
    ("libcusolver", "11", "11 or 12"),
    ("libcusparse", "11", "11"),
)


def shared_library(case: Case) -> Reading | None:
    """A library that the loader does not find: which package of the system or of pip brings it."""
    name, at = missing_library(case.trace.text)
    if not name:
        return None
    user = case.trace.user(at)
    who = case.library(user) if user and user.top else ""
    if CUDA.match(name):
        return _cuda(case, name, who)
    if name.startswith("libcuda.so"):
        return Reading(
            Kind.ENVIRONMENT,
            "libcuda.so.1 of the NVIDIA driver is missing",
            "driver-missing",
            name,
            Cure("Install the NVIDIA driver on the machine; in a container, start it with --gpus all"),
            (candidate("container-without-gpu", "the container was started without the GPU", "`docker run --gpus all`"),),
        )
    if name.startswith(("libtorch", "libc10")):
        return _of_torch(case, name, who)
    return _of_python(name) if name.startswith("libpython") else _of_system(case, name, who)


def missing_library(text: str) -> tuple[str, int]:
    """The name of the library that the loader does not find, and where the text says so; empty for none."""
    found = MISSING.search(text)
    return (next(said for said in found.groups() if said).rpartition("/")[2], found.start()) if found else ("", 0)


def _of_torch(case: Case, name: str, who: str) -> Reading:
    """A part of PyTorch: only its builds for a GPU have one whose name says so."""
    user, torch = case.with_version(who) or "An extension", case.with_version("torch")
    said = f"{user} was built for another PyTorch than the installed {torch}: {name} is missing"
    if re.match("lib(?:c10|torch)_(?:cuda|hip|xpu)", name) and ("+" not in torch or "+cpu" in torch):
        said = f"{user} was built for PyTorch with GPU support, but the installed {torch} has none: {name} is missing"
    return Reading(
        Kind.ENVIRONMENT,
        said,
        "extension-torch-abi",
        who,
        Cure(
            f"Reinstall {who or 'the extension'} for the installed torch",
            install=(who,) if case.is_known(who) else (),
            reinstall=True,
            options=("--no-cache-dir", "--no-build-isolation"),
        ),
        (
            candidate(
                "torchvision-mismatch",
                "torchaudio or torchvision come from another build than torch",
                "`pip list | grep torch`",
                Cure("Reinstall torch, torchvision and torchaudio together, from one index"),
            ),
        ),
    )


def _of_python(name: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT,
        f"{name} is missing: this environment or program was made for another Python",
        "foreign-libpython",
        name,
        Cure(
            "Create the environment again with an installed Python, or install that Python's shared library",
            notes=(
                "Debian, Ubuntu: sudo apt-get install libpython3-dev. With pyenv: "
                "PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install VERSION.",
            ),
        ),
    )


def _cuda(case: Case, name: str, who: str) -> Reading:
    major = re.search(r"\.so\.(\d+)", name)
    toolkit = next(
        (cuda for start, so, cuda in SONAMES if name.startswith(start) and major and major[1] == so), major[1] if major else ""
    )
    what = "cuDNN" if "cudnn" in name else "NCCL" if "nccl" in name else "CUDA"
    needs = f"{what} {toolkit}" if toolkit else what
    wheel = {"cuDNN": "nvidia-cudnn", "NCCL": "nvidia-nccl"}.get(what, "nvidia-" + re.sub(r"^lib|\.so.*|_.*", "", name.lower()))
    return Reading(
        Kind.ENVIRONMENT,
        f"{name} is not found: {who or 'a library'} needs {needs}, which is missing or has another version here",
        "cuda-library-missing",
        who or name,
        Cure(
            f"Install {who or 'the library'} in a build for the installed CUDA, or the {needs} that it needs",
            notes=(
                f"From pip: {wheel}-cu12 (or -cu11, -cu13) contains {what}; export LD_LIBRARY_PATH to its folder "
                "nvidia/*/lib in site-packages.",
                "From the system: the package of NVIDIA's repository with the same major version, for example libcudnn9-cuda-12.",
            ),
        ),
        (
            candidate("cuda-library-shadowed", "LD_LIBRARY_PATH finds another version first", "`echo $LD_LIBRARY_PATH`"),
            candidate(
                "jetson-wheel",
                "on a Jetson: this is not NVIDIA's wheel for its JetPack",
                "`cat /etc/nv_tegra_release`",
                Cure("Install NVIDIA's wheel for this JetPack"),
            ),
        ),
    )


CAUSES = {
    "libgomp": "libgomp-missing",
    "libomp": "libgomp-missing",
    "libGL": "libgl-missing",
    "libgthread": "libgl-missing",
    "libglib": "libgl-missing",
    "libEGL": "libgl-missing",
    "libSM": "libgl-missing",
    "libXext": "libgl-missing",
    "libXrender": "libgl-missing",
    "libICE": "libgl-missing",
    "libsndfile": "libsndfile-missing",
    "libavutil": "ffmpeg-missing",
    "libavcodec": "ffmpeg-missing",
    "libavformat": "ffmpeg-missing",
    "libavdevice": "ffmpeg-missing",
}


def _row(case: Case, name: str) -> Mapping[str, tuple[str, ...]]:
    """What the table says of a library: of this very version, or of any."""
    shared = case.knowledge.shared
    return shared.get(name) or shared.get(re.sub(r"(\.so)[.\d]*$", r"\1", name)) or {}


def _needs(who: str, name: str, others: list[str], found: SharedLibrary | None) -> str:
    """The sentence: which file asks for it, where that was looked up, and what else it will ask for next."""
    file = found.needed_by.rpartition("/")[2] if found else ""
    user = f"{who} ({file})" if who and file else who or file or "A library"
    named = " and ".join((name, *others[:4]))
    if found and found.file:  # it is here: whoever asked was elsewhere, or looked elsewhere
        return f"{user} needs {named}, which {'were' if others else 'was'} not found when the program ran"
    return f"{user} needs {named}, which {'are' if others else 'is'} not installed on this system"


def _of_system(case: Case, name: str, who: str) -> Reading:
    """The packages of the system are in a table; where it is silent, there are tools that find them."""
    found = case.facts.shared.find(name) if case.facts.shared else None
    row = _row(case, name)
    cause = CAUSES.get(re.split(r"[-.]", name)[0], "shared-library-missing")
    others = [other for other in (found.missing if found else ()) if other != name and _row(case, other)]
    more = [package for other in others for package in _row(case, other).get("apt", ())]
    apt, brew = tuple(dict.fromkeys((*row.get("apt", ()), *more))), row.get("brew", ())
    notes = [
        f"{title}: {command} {' '.join(row[key])}"
        for key, title, command in (
            ("dnf", "Fedora, Red Hat", "sudo dnf install"),
            ("brew", "macOS", "brew install"),
            ("conda", "conda", "conda install -c conda-forge"),
        )
        if row.get(key)
    ]
    if cause == "libgl-missing":
        notes.insert(
            0, "Without a screen, install opencv-python-headless instead of opencv-python: it needs none of these libraries."
        )
    run = (f"brew install {' '.join(brew)}",) if brew and not apt else (f"sudo apt-get install {' '.join(apt)}",) if apt else ()
    stem = re.sub(r"\.(so|dylib).*", "", name)
    says = (
        f"Install the system package that contains {name}"
        if run
        else f"Find the system package that contains {name}: `apt-file search {name}` or `dnf provides '*/{name}'`; install it"
    )
    return Reading(
        Kind.ENVIRONMENT,
        _needs(who, name, others, found),
        cause,
        name,
        Cure(says, run=run, notes=tuple(notes), admin=True),
        (
            candidate("system-library-missing", f"the system package with {stem} is not installed"),
            candidate("library-path-missing", f"{name} exists, but not where the loader looks", f"`ldconfig -p | grep {stem}`"),
        ),
    )
