"""What words mean depends on the machine: which of them ask for an answer, and who gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mlenv_doctor.records import dataclass

from . import environment, gpu
from .speaker import Meaning, Patient, Words


@dataclass(frozen=True)
class Answer:
    """Words, and the function that says what they mean on a machine; None where they mean nothing there.

    late: the entries of errors.toml of this topic are sharper, and are asked first.
    """

    topic: str
    pattern: str
    meaning: Callable[[Words, str, Patient], Meaning | None]
    source: str
    late: bool = False
    place: str = ""


def answered(text: str, patient: Patient) -> Iterator[tuple[Answer, Meaning | None]]:
    """The answers whose words stand in a text, with what they mean on this machine."""
    for answer in ANSWERS:
        found = re.search(answer.pattern, text, re.DOTALL) if answer.place in ("", patient.place.os) else None
        if found:
            words = {name.rstrip("23"): said for name, said in found.groupdict().items() if said}
            yield answer, answer.meaning(words, text, patient)


ANSWERS = (
    Answer(
        "cuda",
        r"""no kernel image is available for execution|(?P<sm>sm_\d+) is not compatible|"""
        r"""PyTorch no longer supports this GPU because it is too old|compute capability \(CC\) (?"""
        r"""P<cc>\d+\.\d) ?(and|which|\.|\().{0,200}does not include kernels|(?"""
        r"""P<gone>No operator found for .?memory_efficient_attention_forward)|"""
        r"""requires device with capability > \((?P<above>\d+, \d+)\)|"""
        r"""minimum cuda capability (supported by this library )?is (?P<least>\d+\.\d)|"""
        r"""ptxas fatal\s*: Value .(?P<new>sm_\d+a?). is not defined""",
        gpu.kernels,
        "https://github.com/pytorch/pytorch/issues/150733",
        late=True,
    ),
    Answer("cuda", r"""Torch not compiled with CUDA enabled""", gpu.cpu, "torch/cuda/__init__.py", late=True),
    Answer(
        "import",
        r"""(?P<library>lib(cudart|cublas|cublasLt|cudnn|nvrtc|cufft|cusparse|cusolver|curand)\.so\.(?"""
        r"""P<major>\d+))(: cannot open shared object file| (=> )?not found| (is )?required)""",
        gpu.other_cuda,
        "https://github.com/Dao-AILab/flash-attention/issues/723",
    ),
    Answer(
        "import",
        r"""xFormers can't load|xFormers wasn't build with CUDA support|XFormers was built for""",
        gpu.xformers,
        "https://github.com/facebookresearch/xformers",
    ),
    Answer(
        "import", r"""undefined symbol:? (?P<gone>nccl\w+)""", gpu.mixed_cuda, "https://github.com/pytorch/pytorch/issues/147001"
    ),
    Answer(
        "import",
        r"""incompatible architecture|mach-o, but wrong architecture""",
        environment.rosetta,
        "https://github.com/numpy/numpy/issues/26918",
        place="macos",
    ),
    Answer(
        "import",
        r"""(?P<file>[\w/.-]*)[: ]*undefined symbol:? (?P<gone>_ZN?K?\w*(3c10|2at|5torch|6caffe2)\w*)|(?"""
        r"""P<file2>flash_attn|flashinfer|xformers|torch_scatter|torch_sparse|mamba_ssm|deepspeed)"""
        r"""\S*:? undefined symbol""",
        gpu.extension,
        "https://github.com/Dao-AILab/flash-attention/issues/723",
    ),
    Answer(
        "import",
        r"""(?P<wanted>(?P<name>[A-Za-z][\w.-]+)(\[[\w,]+\])?[<>=!~]=?[\d.,<>=!~ ]+) is required\b.{0,120}?"""
        r"""found:? (?:[\w-]+==)?(?P<version>\d[\w.]*)""",
        environment.found_another,
        "transformers/utils/versions.py",
    ),
    Answer(
        "import",
        r"""No module named '(?P<name>\w+)|cannot be imported in the notebook""",
        environment.kernel,
        "https://ipython.readthedocs.io/en/stable/install/kernel_install.html",
    ),
    Answer(
        "import",
        r"""No module named '(?P<name>\w+)'""",
        environment.absent,
        "https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError",
    ),
    Answer(
        "import",
        r"""partially initialized module '(?P<name>[\w.]+)'|module '(?P<name2>\w+)' has no attribute '\w+'|"""
        r"""cannot import name '\w+' from (partially initialized module )?'(?P<name3>[\w.]+)'""",
        environment.shadow,
        "https://docs.python.org/3/tutorial/modules.html#the-module-search-path",
    ),
    Answer(
        "install",
        r"""No matching distribution found for (?P<name>[A-Za-z][\w.-]*)(?P<pin>(==[\w.+]+)?)|"""
        r"""\(from versions: (?P<placeholder>0\.1\.2(, 0\.1\.2\.post\d)*)\)""",
        environment.no_distribution,
        "pip",
    ),
    Answer(
        "llm",
        r"""(?i)\b401\b|AuthenticationError|incorrect api key|invalid (x-)?api[- ]key|"""
        r"""cannot see the \w+ key|api_?key[^\n]{0,40} (not set|not found|missing)""",
        environment.shadowed_key,
        "https://saurabh-kumar.com/python-dotenv/ (load_dotenv: override=False)",
    ),
    Answer(
        "mlflow",
        r"""Could not find (a )?registered artifact repository""",
        environment.no_scheme,
        "https://github.com/mlflow/mlflow/issues/2093",
    ),
)
