"""The torch probes, run for real on small packages that are shaped like torch."""

from __future__ import annotations

import subprocess
import time
import venv
from pathlib import Path

import pytest

from lab.patient import other_python
from mlenv_checks.torch.facts import Torch, TorchBuild, TorchDevice
from mlenv_checks.torch.probes.torch_build import cuda_architectures
from mlenv_doctor.facts import Missing, Why
from support.probing import probe

ARCHS = "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 compute_120"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    venv.create(tmp_path / "venv", with_pip=False)
    return tmp_path / "venv/bin/python"


def torch_in(python: Path, version: str | bytes, source: str = "", library: bytes | None = None) -> Path:
    site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    folder = Path(site.strip()) / "torch"
    (folder / "lib").mkdir(parents=True)
    (folder / "__init__.py").write_text(source)
    (folder / "version.py").write_bytes(version.encode() if isinstance(version, str) else version)
    if library is not None:
        (folder / "lib/libtorch_python.so").write_bytes(library)
    return folder


def build(python: Path) -> TorchBuild:
    found = probe(TorchBuild, python=python)
    assert isinstance(found, TorchBuild), found
    return found


VERSIONS = [
    ("__version__ = '2.14.1+cu130'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", "2.14.1+cu130", "13.0"),
    ("__version__ = '2.0.1+cu117'\ndebug = False\ncuda = '11.7'\ngit_version = 'e9eb'\nhip = None\n", "2.0.1+cu117", "11.7"),
    ("__version__ = '2.15.0+cpu'\r\ndebug = False\r\ncuda: Optional[str] = None\r\n", "2.15.0+cpu", None),
    ('__version__ = "2.5.1"\ncuda = "12.4"\n', "2.5.1", "12.4"),
    ("nothing of the kind", "", None),
]


@pytest.mark.parametrize(("text", "version", "cuda"), VERSIONS, ids=["annotated", "plain", "windows", "conda", "foreign"])
def test_the_build_is_read_from_version_py(python: Path, text: str, version: str, cuda: str | None) -> None:
    folder = torch_in(python, text.encode())
    found = build(python)
    assert (found.folder, found.version, found.cuda) == (str(folder), version, cuda)


@pytest.mark.parametrize(("line", "hip", "xpu"), [("hip = '6.4'", "6.4", None), ("xpu: str | None = '2025'", None, "2025")])
def test_builds_for_other_makers(python: Path, line: str, hip: str | None, xpu: str | None) -> None:
    torch_in(python, f"__version__ = '2.9.0'\ncuda = None\n{line}\n")
    found = build(python)
    assert (found.cuda, found.hip, found.xpu) == (None, hip, xpu)


def test_no_torch_and_a_folder_of_that_name(python: Path, tmp_path: Path) -> None:
    assert build(python) == TorchBuild()
    torch_in(python, "").joinpath("__init__.py").unlink()
    assert build(python) == TorchBuild()


def test_nothing_of_torch_is_executed(python: Path) -> None:
    torch_in(python, "__version__ = '2.9.0'\nraise SystemExit\n", source="raise SystemExit('imported')")
    assert build(python).version == "2.9.0"


def test_version_py_is_missing(python: Path) -> None:
    folder = torch_in(python, "")
    (folder / "version.py").unlink()
    assert build(python) == TorchBuild(str(folder))


def test_the_architectures_stand_in_the_library(python: Path) -> None:
    noise = b"\0sm_90a\0 sm_80 sm_90\0" + bytes(range(256)) * 400
    folder = torch_in(python, "", library=noise + b"\0" + ARCHS.encode() + b"\0" + noise)
    assert cuda_architectures(str(folder)) == ARCHS.split()


@pytest.mark.parametrize("library", [None, b"", b"nothing here"], ids=["absent", "empty", "without"])
def test_no_architectures_to_be_found(python: Path, library: bytes | None) -> None:
    assert cuda_architectures(str(torch_in(python, "", library=library))) == []


def test_thirty_megabytes_are_read_in_no_time(python: Path) -> None:
    folder = torch_in(python, "", library=b"\x7fELF sm_8 \0" * 3_000_000 + ARCHS.encode())
    started = time.monotonic()
    assert cuda_architectures(str(folder)) == ARCHS.split()
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("minor", ["3.6", "3.8", "3.13"])
def test_on_other_pythons(minor: str, tmp_path: Path) -> None:
    subprocess.run([other_python(minor), "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    torch_in(python, VERSIONS[0][0])
    assert build(python).cuda == "13.0"


WORKING = """
import warnings
__version__ = "2.14.1+cu130"
class version: cuda = "13.0"; hip = None
class cuda:
    def is_available():
        warnings.warn("said before")
        return True
    def device_count(): return 2
    def get_device_capability(index):
        if index: raise RuntimeError("no kernel image")
        warnings.warn("said while starting")
        return 8, 6
    def get_device_name(index): return ["NVIDIA A", "NVIDIA B"][index]
    def get_arch_list(): return ["sm_80", "sm_86"]
class backends:
    class mps:
        def is_available(): return False
        def is_built(): return True
"""


def test_what_torch_says_itself(python: Path) -> None:
    torch_in(python, "", source=WORKING)
    assert probe(Torch, python=python) == Torch(
        version="2.14.1+cu130",
        cuda="13.0",
        available=True,
        devices=(TorchDevice("NVIDIA A", "8.6"), TorchDevice("NVIDIA B", "")),
        archs=("sm_80", "sm_86"),
        warnings=("said before", "said while starting"),
        mps=False,
        mps_built=True,
    )


def test_a_torch_that_can_do_nothing(python: Path) -> None:
    torch_in(python, "", source="class cuda:\n def is_available(): return 1/0\n")
    assert probe(Torch, python=python) == Torch()


def test_a_torch_that_ends_the_process(python: Path) -> None:
    torch_in(python, "", source="import os; os.abort()")
    found = probe(Torch, python=python)
    assert isinstance(found, Missing)
    assert found.kind == Why.KILLED
