"""An NVIDIA driver that is not there: two small libraries that say what environment variables tell them."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@cache
def library(name: str, file: str, *options: str) -> Path:
    """Build one of the libraries; returns its folder, for LD_LIBRARY_PATH. Skips where there is no gcc."""
    if not shutil.which("gcc"):
        pytest.skip("needs gcc, for a driver that does not exist")
    folder = Path(tempfile.mkdtemp(prefix="fake-driver-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["gcc", "-shared", "-fPIC", "-w", *options, "-o", folder / file, HERE / f"{name}.c"], check=True)
    return folder


def nvml(*options: str) -> Path:
    """The folder of a libnvidia-ml.so.1; with -DOLD, that of an old driver."""
    return library("fake_nvml", "libnvidia-ml.so.1", *options)


def cuda() -> Path:
    """The folder of a libcuda.so.1."""
    return library("fake_cuda", "libcuda.so.1")
