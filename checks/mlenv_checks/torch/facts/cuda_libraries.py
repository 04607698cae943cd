"""What is built upon torch and CUDA: extensions and their builds, libraries of CUDA outside of the environment, the toolkit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Built:
    """For which torch a library was compiled, as its own files say; fields are empty where they do not.

    name:  normalised (PEP 503).
    tag:   its build as PyTorch's index names it: "cu130", "cpu", "rocm6.4".
    cuda:  the CUDA that its compiled files load: "13" or "13.0".
    torch: the version of torch that it was made for: "2.8".
    """

    name: str
    tag: str = ""
    cuda: str = ""
    torch: str = ""


@dataclass(frozen=True)
class TorchFamily(Fact):
    """The libraries that were compiled against torch or CUDA, read from their files without importing them.

    built:          what each of them was built for.
    bitsandbytes:   the versions of CUDA that it brings code for, as in its files' names: "118", "130".
    bitsandbytes_exact: whether it takes the very version of torch's CUDA only, as releases before 0.49 do.
    onnxruntime:    the name of the distribution that the files of onnxruntime are of; empty where that is not known.
    outside:        the libraries of CUDA (libcudnn.so.9) that the system's loader finds outside of the environment.
    inside:         those that lie in the environment, with nvidia-* wheels or with torch.
    wanting:        what onnxruntime's code for CUDA loads: "libcublasLt.so.12".
    variables:      of the environment: BNB_CUDA_VERSION, JAX_PLATFORMS.
    """

    section: ClassVar[str] = "torch_family"
    probe: ClassVar[str] = "mlenv_checks.torch.probes.cuda_libraries"
    owner: ClassVar[str] = "libraries.torch-family"
    shared: ClassVar[bool] = True

    built: tuple[Built, ...] = ()
    bitsandbytes: tuple[str, ...] = ()
    bitsandbytes_exact: bool = False
    onnxruntime: str = ""
    outside: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    wanting: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Built | None:
        """What one library was built for."""
        return next((built for built in self.built if built.name == name), None)


@dataclass(frozen=True)
class Toolkit(Fact):
    """The CUDA toolkit that would compile an extension of torch; programs that only run need none.

    folder:  where torch would look for it: CUDA_HOME, CUDA_PATH, beside the nvcc on PATH, /usr/local/cuda.
    version: "12.4"; empty where its files do not say.
    by:      who names it: "CUDA_HOME", "CUDA_PATH", "PATH" or "" (the usual place).
    others:  the other toolkits in the usual places: folder and version.
    """

    section: ClassVar[str] = "toolkit"
    probe: ClassVar[str] = "mlenv_checks.torch.probes.cuda_toolkit"
    owner: ClassVar[str] = "gpu.toolkit"
    shared: ClassVar[bool] = True

    folder: str = ""
    version: str = ""
    by: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
