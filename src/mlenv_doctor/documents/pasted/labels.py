"""Sort the lines of a pasted report by its labels, whichever era of whichever tool wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

KEYS = {  # how a label is written, in lower case and with single blanks: what it is about
    "pytorch version": "torch",
    "is debug build": "debug",
    "cuda used to build pytorch": "cuda",
    "rocm used to build pytorch": "hip",
    "xpu used to build pytorch": "xpu",
    "os": "os",
    "gcc version": "gcc",
    "clang version": "clang",
    "cmake version": "cmake",
    "libc version": "libc",
    "python version": "python",
    "python platform": "platform",
    "is cuda available": "available",
    "is xpu available": "",
    "cuda runtime version": "toolkit",
    "cuda_module_loading set to": "",
    "gpu models and configuration": "gpus",
    "nvidia driver version": "driver",
    "cudnn version": "cudnn",
    "hip runtime version": "hip_runtime",
    "miopen runtime version": "",
    "is xnnpack available": "",
    "caching allocator config": "",
    "cpu": "cpu",
    "architecture": "cpu",
    "versions of relevant libraries": "libraries",
    "version of relevant libraries": "libraries",
    "rocm version": "",
    "neuron sdk version": "neuron",
    "vllm version": "vllm",
    "vllm build flags": "",
    "gpu topology": "topology",
    "nic legend": "topology",
    "legend": "topology",
    # transformers, accelerate, huggingface-cli and diffusers write bullets
    "platform": "platform",
    "pytorch version (gpu?)": "torch_gpu",
    "pytorch cuda available": "available",
    "gpu type": "gpu_type",
    "`transformers` version": "transformers",
    "`accelerate` version": "accelerate",
    "transformers version": "transformers",
    "accelerate version": "accelerate",
    "huggingface_hub version": "huggingface-hub",
    "tokenizers version": "tokenizers",
    "safetensors version": "safetensors",
    "numpy version": "numpy",
    "peft version": "peft",
    "tensorflow version (gpu?)": "",
    # what people write by hand, and what other tools say in these words
    "driver version": "driver",
    "arch_list": "archs",
    "arch list": "archs",
    "gpu_capability": "capability",
    "gpu capability": "capability",
    "compute capability": "capability",
    "container": "container",
    "docker image": "container",
    "smi_cuda": "smi_cuda",
    "driver_api": "found",
    "executable_kernel": "kernel",
    "kernel executable": "kernel",
    "executable_shell": "shell",
    "executable": "shell",
    "sys.executable": "shell",
    "sys_path": "path",
    "sys.path": "path",
}
LABEL = re.compile(r"^[\s>*•-]*(?P<label>[`\w][\w `()/.?-]{0,40}?)\s*(?:[:：])\s*(?P<value>.*)$")
BANNER = re.compile(r"^\s*={5,}\s*$")
VARIABLE = re.compile(r"^\s*(?:(?:env|export|set)\s+)?(?P<name>[A-Za-z][A-Za-z0-9_]{2,60})=(?P<value>.*)$")
LISTED = re.compile(r"^\s*\[(?P<by>pip3?|conda)\]\s+(?P<what>.+?)\s*$")
KEPT = re.compile(  # variables that matter to what is judged and that hold no secret
    r"^(LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|NCCL_\w+|VLLM_\w+|HIP_\w+|ROCR_\w+|HSA_\w+|PYTHONPATH|MLFLOW_TRACKING_URI|\w+_(proxy|PROXY))$"
)
MANY = ("gpus", "cudnn", "cpu", "libraries", "topology")  # their values go on in the lines below
PROOF = {
    "torch",
    "cuda",
    "available",
    "gpus",
    "driver",
    "libraries",
    "torch_gpu",
    "transformers",
    "accelerate",
    "libc",
    "toolkit",
}
SMI = re.compile(r"NVIDIA-SMI\s+[\d.]+\s+Driver Version:\s*(?P<driver>[\d.]+)\s+CUDA Version:\s*(?P<cuda>[\d.]+)")


@dataclass
class PastedReport:
    """The lines of one report by what they are about.

    values:  the first line of each. further: the lines that go on below it. listed: the lines of the lists of packages.
    said:    what belongs to no label: warnings, errors, what somebody wrote around it.
    reports: how many reports the text holds; only the first is sorted.
    """

    values: dict[str, str] = field(default_factory=dict)
    further: dict[str, list[str]] = field(default_factory=dict)
    listed: list[tuple[str, str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    reports: int = 1

    @property
    def is_report(self) -> bool:
        """Whether there is anything in it that only a report of an environment says."""
        return bool(self.listed or self.values or any(KEPT.match(name) for name in self.variables))


def sort(lines: Iterable[str]) -> PastedReport:
    """Sort the lines of a text. Lines that say nothing are left out."""
    found, current = PastedReport(), ""
    for line in lines:
        if not line.strip() or BANNER.match(line):
            current = current if current in MANY and not BANNER.match(line) else ""
            continue
        current = _place(line, current, found)
    return found


def _place(line: str, current: str, found: PastedReport) -> str:
    """Put one line where it belongs; the answer is the label whose value may go on in the next line."""
    package, label = LISTED.match(line), LABEL.match(line)
    if package:
        found.listed.append((package["by"], package["what"]))
        return "libraries"
    smi = SMI.search(line)
    if smi:
        found.values.setdefault("driver", smi["driver"])
        found.values.setdefault("smi_cuda", smi["cuda"])
        return ""
    key = KEYS.get(" ".join(label["label"].lower().split())) if label else None
    if label and key is not None and not (current in ("cpu", "topology") and key not in PROOF):
        return _keep(key, label["value"].strip(), found)
    variable = VARIABLE.match(line)
    if variable and current not in ("cpu", "gpus"):
        found.variables.setdefault(variable["name"], variable["value"].strip())
        return ""
    if current in MANY:
        found.further.setdefault(current, []).append(line.strip())
        return current
    found.said.append(line.strip())
    return ""


def _keep(key: str, value: str, found: PastedReport) -> str:
    """Keep the first value of a label: a second PyTorch version begins another report."""
    if key == "torch" and key in found.values:
        found.reports += 1
    if key and (found.reports == 1 or key not in found.values):
        found.values.setdefault(key, value)
    return key
