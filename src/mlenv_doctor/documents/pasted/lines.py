"""Undo what pasting does to a text: quoting, fences, line ends, terminal colours, and lines that were joined."""

from __future__ import annotations

import re

from ...foreign.text import harmless

LABELS = (  # of torch.utils.collect_env in all its eras, and of the copies that others keep
    "PyTorch version",
    "Is debug build",
    "CUDA used to build PyTorch",
    "ROCM used to build PyTorch",
    "XPU used to build PyTorch",
    "OS",
    "GCC version",
    "Clang version",
    "CMake version",
    "Libc version",
    "Python version",
    "Python platform",
    "Is CUDA available",
    "CUDA runtime version",
    "CUDA_MODULE_LOADING set to",
    "GPU models and configuration",
    "Nvidia driver version",
    "cuDNN version",
    "Is XPU available",
    "HIP runtime version",
    "MIOpen runtime version",
    "Is XNNPACK available",
    "Caching allocator config",
    "CPU",
    "Versions of relevant libraries",
    "Version of relevant libraries",
    "ROCM Version",
    "Neuron SDK Version",
    "vLLM Version",
    "vLLM Build Flags",
    "GPU Topology",
)
QUOTING = re.compile(r"^(?:[ \t]*>)+[ \t]?")
MARKUP = re.compile(r"^\s*(?:```.*|~~~.*|</?(?:details|summary|pre|code|p|br)\b[^>]*>.*)$", re.IGNORECASE)
SPACE = re.compile(r"[\t\xa0\u3000]")
LONGEST_LINE = 1000  # characters; what is longer is data, and costs the patterns that look for secrets and for words
JOINED = 3  # this many labels in one line: its breaks were lost on the way
STARTS = re.compile(
    r"(?<=\S)\s+(?=(?:"
    + "|".join(re.escape(label) for label in sorted(LABELS, key=len, reverse=True))
    + r")\s*:|={10,}|\[(?:pip3?|conda)\] |GPU \d+: |MIG \d|[^\s:]*:\d+: \w+Warning: |(?:INFO|WARNING|ERROR) \d\d-\d\d )"
)


def unpasted(text: str) -> list[str]:
    """The lines of a pasted text as the program printed them."""
    lines = [QUOTING.sub("", SPACE.sub(" ", line)) for line in re.split(r"\r\n|\n|\r", text)]
    whole = [harmless(line).rstrip() for line in lines if not MARKUP.match(line)]
    return [part[:LONGEST_LINE] for line in whole for part in _separated(line)]


def _separated(line: str) -> list[str]:
    """A line, or the several lines that were joined to it."""
    if len(line) < 200 or sum(f"{label}:" in line or f"{label} :" in line for label in LABELS) < JOINED:
        return [line]
    return STARTS.sub("\n", line).split("\n")


def decoded(data: bytes) -> str:
    """The text of a file, whichever program saved it: UTF-8, UTF-16 with its mark (Windows PowerShell), or Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
