"""Libraries that use the GPU by themselves: bitsandbytes, onnxruntime, JAX, TensorFlow. A cause only where a GPU works."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Project, Python, Wanted

from ..gpu.cards import cuda_version, numbers
from ..gpu.driver import blocked
from ..gpu.facts import CudaDriver, Gpu
from ..gpu.torch_wheels import cpu_on_purpose
from ..libraries.dependencies import all_needed, parsed, satisfies
from .facts import TorchBuild, TorchFamily

ONNXRUNTIMES = ("onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino", "onnxruntime-rocm", "onnxruntime-migraphx")
NATIVE_UNTIL = "<2.11"  # https://www.tensorflow.org/install/pip: the last that used the GPU on Windows itself


def _idle(gpu: Gpu, place: Place, cuda: CudaDriver | Missing, project: Project) -> Finding | None:
    """The skip of a check about the GPU: none is in sight, or the project is for the CPU on purpose."""
    if "ci" in (place.kind, *place.kinds):
        return skip("enough for continuous integration")
    if file := cpu_on_purpose(project):
        return skip(f"this project is for the CPU, as {file} says")
    return blocked(gpu, place, cuda)


@check("gpu.bitsandbytes", causes=("bitsandbytes-cuda",))
def bitsandbytes_serves_torch(
    family: TorchFamily,
    build: TorchBuild,
    libraries: Libraries,
    gpu: Gpu,
    place: Place,
    cuda: CudaDriver | Missing,
    wanted: Wanted,
    project: Project,
) -> Finding:
    """bitsandbytes build.

    It holds one compiled file for each version of CUDA and loads the one for torch's CUDA, or the one in BNB_CUDA_VERSION.
    """
    found = libraries.find("bitsandbytes")
    if not found:
        return skip("bitsandbytes is not installed")
    if idle := _idle(gpu, place, cuda, project):
        return idle
    if not build.cuda or not family.bitsandbytes:
        return skip("this torch is not a CUDA build" if not build.cuda else "it does not report its CUDA version")
    say = fail if "bitsandbytes" in _used(wanted, libraries) else warn
    named = family.variables.get("BNB_CUDA_VERSION")
    if named and named not in family.bitsandbytes:
        message = f"BNB_CUDA_VERSION={named} makes bitsandbytes look for libbitsandbytes_cuda{named}, which is not installed"
        return say("bitsandbytes-cuda", message, subject="bitsandbytes", fix=fix("gpu.unset-bnb"))
    if named or _served(build.cuda, family):
        return ok(f"bitsandbytes {found.version} supports CUDA {named or build.cuda}")
    has = ", ".join(_dotted(number) for number in family.bitsandbytes)
    message = f"bitsandbytes {found.version} supports CUDA {has}; torch {build.version} is built for CUDA {build.cuda}"
    cure = fix("gpu.newer-library", packages=(f"torch=={build.version.partition('+')[0]}", "bitsandbytes"))
    return say("bitsandbytes-cuda", message, subject="bitsandbytes", fix=cure, evidence={"torch": build.version})


def _served(cuda: str, family: TorchFamily) -> bool:
    """Newer ones take the nearest of the same major version; older ones the very version only."""
    versions = {_dotted(number) for number in family.bitsandbytes}
    if family.bitsandbytes_exact:
        return cuda in versions
    return numbers(cuda)[0] in {numbers(version)[0] for version in versions}


def _dotted(number: str) -> str:
    """ "118" is CUDA 11.8."""
    return f"{number[:-1]}.{number[-1]}"


def _used(wanted: Wanted, libraries: Libraries) -> set[str]:
    return all_needed((library.name for library in wanted.libraries), libraries)


@check("gpu.onnxruntime", causes=("onnxruntime-duplicates", "cuda-library-missing"))
def onnxruntime_uses_the_gpu(
    family: TorchFamily,
    libraries: Libraries,
    gpu: Gpu,
    place: Place,
    cuda: CudaDriver | Missing,
    wanted: Wanted,
    project: Project,
) -> Finding:
    """ONNX Runtime build.

    onnxruntime and onnxruntime-gpu bring the same files. The one installed last wins; where that is the one for the CPU, models
    run there without a word.
    """
    special = [name for name in ONNXRUNTIMES if libraries.find(name)]
    if not special:
        return skip("no GPU build of onnxruntime is installed")
    if idle := _idle(gpu, place, cuda, project):
        return idle
    if libraries.find("onnxruntime"):
        return _two(special[0], family, libraries, wanted)
    lacking = [name for name in family.wanting if name not in family.outside and name not in family.inside]
    if "onnxruntime-gpu" in special and lacking:
        message = f"onnxruntime-gpu needs {lacking[0]} (CUDA), which is missing on this machine and in the environment"
        packages = _with_cuda("onnxruntime-gpu", libraries)
        return warn("cuda-library-missing", message, subject="onnxruntime-gpu", fix=fix("gpu.with-cuda", packages=packages))
    return ok(f"{special[0]} is installed once")


def _two(special: str, family: TorchFamily, libraries: Libraries, wanted: Wanted) -> Finding:
    """Two distributions of onnxruntime in one place."""
    found = libraries.find(special)
    version = f"=={found.version}" if found and found.version else ""
    cure = fix("gpu.one-onnxruntime", packages=("onnxruntime", special), keep=(f"{special}{version}",))
    if family.onnxruntime == special:
        message = f"onnxruntime and {special} overwrite each other; the files of {special} are in place now, by chance"
        return warn("onnxruntime-duplicates", message, subject=special, fix=cure)
    say = fail if {special, "onnxruntime"} & _used(wanted, libraries) else warn
    message = f"onnxruntime and {special} overwrite each other: the CPU files are in place, so no model runs on the GPU"
    return say("onnxruntime-duplicates", message, subject=special, fix=cure)


def _with_cuda(name: str, libraries: Libraries) -> tuple[str, ...]:
    """A library in its version with the extras that bring CUDA along, as far as it offers them."""
    found = libraries.find(name)
    version = f"=={found.version}" if found and found.version else ""
    extras = [extra for extra in ("cuda", "cudnn") if any(_of_extra(text, extra) for text in (found.requires if found else ()))]
    return (f"{name}[{','.join(extras)}]{version}" if extras else f"{name}{version}",)


def _of_extra(text: str, extra: str) -> bool:
    """Whether a line of metadata is about this extra."""
    return bool(re.search(rf"""\bextra\s*==\s*['"]{re.escape(extra)}['"]""", text))


@check("gpu.jax", causes=("jax-cpu-only",))
def jax_uses_the_gpu(
    family: TorchFamily,
    libraries: Libraries,
    python: Python,
    gpu: Gpu,
    place: Place,
    cuda: CudaDriver | Missing,
    wanted: Wanted,
    project: Project,
) -> Finding:
    """JAX GPU plugin.

    jax and jaxlib alone use the CPU. The CUDA plugin is a separate package, which needs the version of jaxlib.
    """
    jax, jaxlib = libraries.find("jax"), libraries.find("jaxlib")
    if not jax or not jaxlib:
        return skip("JAX is not installed")
    if idle := _idle(gpu, place, cuda, project):
        return idle
    asked = _asked_for_cpu(wanted, project, family)
    if python.platform != "linux" or asked:
        return skip(asked or "JAX has no CUDA builds for this system")
    if "cuda" in (jaxlib.version or ""):
        return ok(f"jaxlib {jaxlib.version} is built for CUDA")
    if wanted.declared and not {"jax", "jaxlib"} & _used(wanted, libraries):
        return skip("the project does not use JAX")
    plugins = [d for d in libraries.distributions if re.fullmatch(r"jax-(cuda\d+|rocm\d+)-plugin", d.name)]
    fitting = [plugin for plugin in plugins if plugin.version == jaxlib.version]
    if fitting:
        return ok(f"jax {jax.version} with {fitting[0].name}")
    words = f"and {plugins[0].name} is {plugins[0].version}, so it is not used" if plugins else "and no plugin for CUDA"
    message = f"jax {jax.version} uses only the CPU: jaxlib {jaxlib.version} is installed, {words}"
    cure = _jax(jax.version or "", jax.requires, gpu, cuda)
    return warn("jax-cpu-only", message, subject="jax", fix=cure)


def _asked_for_cpu(wanted: Wanted, project: Project, family: TorchFamily) -> str:
    """Who says that JAX is for the CPU; empty where nobody does."""
    if family.variables.get("JAX_PLATFORMS", "").split(",")[0] == "cpu":
        return "JAX_PLATFORMS says cpu"
    library = wanted.library("jax")
    return f"{library.source} requires jax[cpu]" if library and "cpu" in library.extras else ""


def _jax(version: str, requires: Iterable[str], gpu: Gpu, cuda: CudaDriver | Missing) -> Fix:
    """The extra of this jax that suits the driver: the newest CUDA that both know."""
    speaks = cuda_version(gpu, cuda)
    offered = {int(number) for text in requires for number in re.findall(r"""extra\s*==\s*['"]cuda(\d+)['"]""", text)}
    fitting = [number for number in offered if not speaks or number <= numbers(speaks)[0]]
    return fix("gpu.with-cuda", packages=(f"jax[cuda{max(fitting, default=12)}]" + (f"=={version}" if version else ""),))


@check("gpu.tensorflow", causes=("tensorflow-cpu-only",))
def tensorflow_uses_the_gpu(
    family: TorchFamily,
    libraries: Libraries,
    python: Python,
    gpu: Gpu,
    place: Place,
    cuda: CudaDriver | Missing,
    wanted: Wanted,
    project: Project,
) -> Finding:
    """TensorFlow CUDA libraries.

    Its wheel for Linux knows the GPU but brings no libraries of CUDA, unless it is installed as tensorflow[and-cuda].
    On Windows it has not used the GPU since 2.11.
    """
    found = libraries.find("tensorflow")
    if not found:
        on_purpose = libraries.find("tensorflow-cpu")
        return skip("tensorflow-cpu is for the CPU" if on_purpose else "TensorFlow is not installed")
    if idle := _idle(gpu, place, cuda, project):
        return idle
    if wanted.declared and "tensorflow" not in _used(wanted, libraries):
        return skip("the project does not use TensorFlow")
    if python.platform == "win32":
        return _on_windows(found.version or "")
    if python.platform != "linux" or found.installer == "conda":
        return skip("this TensorFlow is not the official Linux build")
    needed = [name for text in found.requires if _of_extra(text, "and-cuda") and (name := _name(text))]
    if not needed:
        return unknown(f"tensorflow {found.version} does not list the CUDA libraries it needs")
    lacking = [name for name in needed if not libraries.find(name)]
    if not lacking or _outside(family):
        return ok(f"tensorflow {found.version} finds the CUDA libraries")
    message = f"tensorflow {found.version} uses only the CPU: {lacking[0]} is missing, and this machine has no cuDNN"
    packages = (f"tensorflow[and-cuda]=={found.version}" if found.version else "tensorflow[and-cuda]",)
    return warn("tensorflow-cpu-only", message, subject="tensorflow", fix=fix("gpu.with-cuda", packages=packages))


def _outside(family: TorchFamily) -> bool:
    """Whether the system has what TensorFlow needs, as images with CUDA do."""
    return any(name.startswith("libcudnn.so") for name in family.outside)


def _name(text: str) -> str:
    requirement = parsed(text)
    return canonicalize_name(requirement.name) if requirement else ""


def _on_windows(version: str) -> Finding:
    if satisfies(version, NATIVE_UNTIL):
        return ok(f"tensorflow {version} can use the GPU on Windows")
    message = f"tensorflow {version} uses only the CPU: TensorFlow 2.11 and newer do not support GPUs on Windows"
    return warn("tensorflow-cpu-only", message, subject="tensorflow", fix=fix("gpu.tensorflow-windows"))
