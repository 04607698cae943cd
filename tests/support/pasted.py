"""Reports as people paste them, made for these tests in the layout of each era, and what pasting does to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import indent


def collect_env(
    torch: str = "2.6.0+cu124",
    cuda: str = "12.4",
    available: str = "True",
    gpus: Iterable[str] = ("NVIDIA GeForce RTX 3090",),
    driver: str = "550.54.14",
    *,
    rocm: str = "N/A",
    os: str = "Ubuntu 22.04.4 LTS (x86_64)",
    python: str = "3.11.9 (main, Apr  6 2024, 17:59:24) [GCC 11.4.0] (64-bit runtime)",
    platform: str = "Linux-6.5.0-35-generic-x86_64-with-glibc2.35",
    toolkit: str = "12.1.105",
    cudnn: str = "Could not collect",
    libraries: Iterable[str] = ("[pip3] numpy==1.26.4",),
    before: str = "",
    after: str = "",
) -> str:
    """The report of torch.utils.collect_env since 1.13."""
    cards = "\n".join(f"GPU {index}: {name}" for index, name in enumerate(gpus)) or "No CUDA"
    shown = f"\n{cards}\n" if cards != "No CUDA" else cards
    lines = "\n".join((*libraries, f"[pip3] torch=={torch}", "[conda] Could not collect"))
    return f"""{before}Collecting environment information...
PyTorch version: {torch}
Is debug build: False
CUDA used to build PyTorch: {cuda}
ROCM used to build PyTorch: {rocm}

OS: {os}
GCC version: (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0
Clang version: Could not collect
CMake version: version 3.29.3
Libc version: glibc-2.35

Python version: {python}
Python platform: {platform}
Is CUDA available: {available}
CUDA runtime version: {toolkit}
CUDA_MODULE_LOADING set to: LAZY
GPU models and configuration: {shown}
Nvidia driver version: {driver}
cuDNN version: {cudnn}
HIP runtime version: N/A
MIOpen runtime version: N/A
Is XNNPACK available: True

CPU:
Architecture:            x86_64
Model name:              A processor made up for a test
Flags:                   fpu vme sse2 ssse3 avx avx2
OS: not the label of that name

Versions of relevant libraries:
{lines}
{after}"""


OLD = """Collecting environment information...
PyTorch version: 1.4.0
Is debug build: No
CUDA used to build PyTorch: 10.1

OS: Ubuntu 18.04.4 LTS
GCC version: (Ubuntu 7.5.0-3ubuntu1~18.04) 7.5.0
CMake version: version 3.10.2

Python version: 3.7
Is CUDA available: Yes
CUDA runtime version: 10.0.130
GPU models and configuration: GPU 0: GeForce GTX 1080
Nvidia driver version: 440.33.01
cuDNN version: Probably one of the following:
/usr/local/cuda-10.0/lib64/libcudnn.so.7.6.5
/usr/local/cuda-9.0/lib64/libcudnn.so.7.4.2

Versions of relevant libraries:
[pip] numpy (1.18.1)
[pip] torch (1.4.0)
[conda] mkl                       2020.0                      166
[conda] pytorch                   1.4.0           py3.7_cuda10.1.243_cudnn7.6.3_0    pytorch
"""

VLLM_BANNERS = """uv is set
==============================
        System Info
==============================
OS                           : Ubuntu 24.04.2 LTS (x86_64)
GCC version                  : (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0
Libc version                 : glibc-2.39

==============================
       PyTorch Info
==============================
PyTorch version              : 2.9.0+cu128
Is debug build               : False
CUDA used to build PyTorch   : 12.8
ROCM used to build PyTorch   : N/A

==============================
      Python Environment
==============================
Python version               : 3.12.3 (main, Jun 18 2025, 17:59:45) [GCC 13.3.0] (64-bit runtime)
Python platform              : Linux-6.8.0-60-generic-x86_64-with-glibc2.39

==============================
       CUDA / GPU Info
==============================
Is CUDA available            : True
CUDA runtime version         : 12.8.93
CUDA_MODULE_LOADING set to   : LAZY
GPU models and configuration :
GPU 0: {card}
GPU 1: {card}

Nvidia driver version        : 570.124.06
cuDNN version                : Could not collect

==============================
Versions of relevant libraries
==============================
[pip3] numpy==2.2.6
[pip3] torch==2.9.0+cu128
[conda] Could not collect

==============================
         vLLM Info
==============================
ROCM Version                 : Could not collect
vLLM Version                 : 0.11.0
vLLM Build Flags:
  CUDA Archs: Not Set; ROCm: Disabled
GPU Topology:
        GPU0    GPU1    CPU Affinity    NUMA Affinity
GPU0     X      SYS     0-15            0
Legend:
  X    = Self

==============================
     Environment Variables
==============================
LD_LIBRARY_PATH=/usr/local/cuda/lib64
NCCL_CUMEM_ENABLE=0
"""

TRANSFORMERS = """
- `transformers` version: 4.46.3
- Platform: Linux-6.5.0-1025-gcp-x86_64-with-glibc2.35
- Python version: 3.10.12
- Huggingface_hub version: 0.26.2
- Safetensors version: 0.4.5
- Accelerate version: 1.1.1
- PyTorch version (GPU?): {torch} ({available})
- Using GPU in script?: <fill in>
"""

ACCELERATE = """
- `Accelerate` version: 1.1.1
- Platform: Windows-10-10.0.22631-SP0
- `accelerate` bash location: C:\\Users\\me\\env\\Scripts\\accelerate.exe
- Python version: 3.11.9
- Numpy version: 1.26.4
- PyTorch version (GPU?): 2.5.1+cpu (False)
- GPU type: NVIDIA GeForce RTX 4070
"""


def quoted(text: str) -> str:
    """As in an answer to a mail or an issue."""
    return indent(text, "> ", lambda line: True)


def from_windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def joined(text: str) -> str:
    """All line breaks were lost."""
    return " ".join(text.split())


def fenced(text: str) -> str:
    """In a form of an issue."""
    return f"### Your environment\n\n<details>\n<summary>The output of <code>python collect_env.py</code></summary>\n\n```text\n{text}\n```\n</details>\n"


def at_a_prompt(text: str) -> str:
    """With the shell around it."""
    return f"(env) me@box:~$ wget https://example.org/collect_env.py\ncollect_env.py 100%[====>] 24K\n(env) me@box:~$ python collect_env.py\n{text}(env) me@box:~$ "


def cut_off(text: str) -> str:
    """As far as the list of the cards."""
    return text[: text.index("Nvidia driver version")].rstrip() + "..."


def bold(text: str) -> str:
    """With a terminal's colours."""
    return "".join(f"\x1b[1m{line}\x1b[0m\n" for line in text.splitlines())


MANGLED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quoted": quoted,
    "from Windows": from_windows,
    "joined": joined,
    "fenced": fenced,
    "at a prompt": at_a_prompt,
    "bold": bold,
}
