"""What failed imports say and what it means: the words of real failures, written anew, one for each entry of the table."""

from __future__ import annotations

import pytest

from mlenv_checks.imports.checks import READ, diagnosis
from mlenv_checks.imports.import_errors import distribution_of, import_cures
from mlenv_doctor.patient import Distribution, Imported, Libraries, Module, Python

SITE = "/v/lib/python3.12/site-packages"
LINUX = Python(version="3.12.1")
OLD = Python(version="3.11.7")
MAC = Python(version="3.12.1", platform="darwin")
WINDOWS = Python(version="3.12.1", platform="win32")


def installed(**versions: str) -> Libraries:
    everything = {"numpy": "2.2.6", "lib": "1.0", "pandas": "2.1.4", "scipy": "1.11.4", "opencv-python": "4.10", "torch": "2.9.1"}
    found = {**everything, **{name.replace("_", "-"): version for name, version in versions.items()}}
    modules = (Module("cv2", f"{SITE}/cv2/__init__.py", owner="opencv-python"),)
    return Libraries(tuple(Distribution(name, version, SITE) for name, version in found.items() if version), modules=modules)


def failure(words: str, top: str = "lib", outcome: str = "error", **more: str) -> Imported:
    file = f"{SITE}/{top}/__init__.py"
    return Imported(
        "lib", outcome, "lib", file=file, message=words.splitlines()[-1], detail=f'File "{file}", line 1\n{words}', **more
    )


@pytest.mark.parametrize(
    "cause, words, python, versions, says, fix",
    [
        ("libgomp-static-tls", "/usr/lib/libgomp.so.1: cannot allocate memory in static TLS block", LINUX, {}, "too late to get thread-local memory (/usr/lib/libgomp.so.1;", "libs.preload"),
        ("cuda-library-missing", "libcudart.so.12: cannot open shared object file: No such file", LINUX, {}, "libcudart.so.12 is not found: lib needs CUDA 12", "libs.reinstall-with-needs"),
        ("libgomp-missing", "OSError: libgomp.so.1: cannot open shared object file: No such file", LINUX, {}, "lib needs libgomp.so.1", "system.library"),
        ("libgomp-missing", "Error loading shared library libgomp.so.1: No such file (needed by x.so)", LINUX, {}, "needs libgomp.so.1", "system.library"),
        ("libgomp-missing", "Library not loaded: @rpath/libomp.dylib", MAC, {}, "OpenMP (libomp)", "system.library"),
        ("libgl-missing", "libGL.so.1: cannot open shared object file", LINUX, {}, "needs libGL.so.1", "system.library"),
        ("glibc-too-old", "/lib/libc.so.6: version `GLIBC_2.38' not found (required by y.so)", LINUX, {}, "lib 1.0 was built for a newer Linux: the C library (glibc) here lacks GLIBC_2.38", "system.newer-linux"),
        ("libstdcxx-too-old", "/opt/conda/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", LINUX, {}, "(/opt/conda/lib/libstdc++.so.6) is too old", "system.libstdcxx"),
        ("libstdcxx-too-old", "/lib/libstdc++.so.6: version `CXXABI_1.3.15' not found", LINUX, {}, "lacks CXXABI_1.3.15", "system.libstdcxx"),
        ("wrong-binary", f"{SITE}/scipy/a.so: wrong ELF class: ELFCLASS32", LINUX, {}, "scipy/a.so", "libs.reinstall"),
        ("wrong-binary", f"{SITE}/scipy/a.so: invalid ELF header", LINUX, {}, "or damaged", "libs.reinstall"),
        ("wrong-binary", "(mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))", MAC, {}, "(x86_64; this Python needs arm64)", "libs.reinstall"),
        ("tmp-noexec", f"{SITE}/lib/a.so: failed to map segment from shared object", LINUX, {}, "noexec", "venv.elsewhere"),
        ("vc-runtime-missing", "DLL load failed while importing a: The specified module could not be found.", WINDOWS, {}, "Visual C++", "system.vc-runtime"),
        ("duplicate-openmp", "OMP: Error #15: Initializing libiomp5md.dll, but found libiomp5md.dll already initialized.", WINDOWS, {}, "Two copies", "libs.one-openmp"),
        ("cpu-lacks-instructions", "built with baseline optimizations: \n(X86_V2) but your machine doesn't support:\n(X86_V2).", LINUX, {}, "X86_V2", "system.cpu"),
        ("numpy2-abi", "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88", LINUX, {}, "lib 1.0 was compiled for NumPy 1, but NumPy 2.2.6", "libs.numpy-abi"),
        ("numpy2-abi", "AttributeError: _ARRAY_API not found", LINUX, {}, "compiled for NumPy 1", "libs.numpy-abi"),
        ("numpy-too-old-abi", "numpy.ndarray size changed, may indicate binary incompatibility. Expected 96, got 88", LINUX, {"numpy": "1.19.5"}, "newer NumPy than the installed 1.19.5", "libs.newer"),
        ("numpy-too-old-abi", "module compiled against ABI version 0x1000009 but this version of numpy is 0x2000000", LINUX, {"numpy": "1.26.4"}, "newer NumPy", "libs.newer"),
        ("numpy-removed-names", "module 'numpy' has no attribute 'float'.", LINUX, {}, "lib 1.0 uses numpy.float", "libs.newer"),
        ("numpy-removed-names", "`np.float_` was removed in the NumPy 2.0 release.", LINUX, {}, "uses numpy.float_", "libs.newer"),
        ("pydantic-mismatch", "The installed pydantic-core version (2.40.1) is incompatible with the current pydantic version, which requires 2.41.1", LINUX, {}, "needs exactly 2.41.1", "libs.reinstall-with-needs"),
        ("pydantic-mismatch", "`BaseSettings` has been moved to the `pydantic-settings` package", LINUX, {"pydantic": "2.12.0"}, "another major version of pydantic than the installed one (2.12.0)", "libs.newer"),
        ("known-bad-pair", "cannot import name 'ModelField' from 'pydantic.fields' (x)", LINUX, {"pydantic": "2.12.0"}, "pydantic 2.0 removed pydantic.fields.ModelField", "libs.newer"),
        ("pydantic-mismatch", "cannot import name 'field_validator' from 'pydantic' (x)", LINUX, {"pydantic": "1.10.24"}, "field_validator needs pydantic 2.0", "libs.newer"),
        ("pydantic-mismatch", "cannot import name 'Sentinel' from 'typing_extensions' (x)", LINUX, {"typing_extensions": "4.5.0"}, "the installed one (4.5.0) is older", "libs.newer"),
        ("protobuf-mismatch", "TypeError: Descriptors cannot be created directly.", LINUX, {"protobuf": "4.25.8"}, "lib 1.0 was generated for another protobuf version than the installed one (4.25.8)", "libs.newer"),
        ("protobuf-mismatch", "TypeError: Descriptors cannot not be created directly.", LINUX, {"protobuf": "4.25.8"}, "for another protobuf", "libs.newer"),
        ("protobuf-mismatch", "cannot import name 'runtime_version' from 'google.protobuf' (x)", LINUX, {"protobuf": "3.20.3"}, "another protobuf version than the installed one (3.20.3)", "libs.newer"),
        ("pkg-resources-removed", "No module named 'pkg_resources'", LINUX, {}, "setuptools removed it in version 82", "libs.setuptools"),
        ("distutils-removed", "No module named 'distutils'", LINUX, {}, "lib imports distutils", "libs.setuptools"),
        ("distutils-removed", "module 'pkgutil' has no attribute 'ImpImporter'. Did you mean: 'zipimporter'?", LINUX, {}, "removed pkgutil.ImpImporter", "libs.setuptools"),
        ("mkl-symbol", "libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent", LINUX, {}, "MKL 2024.1", "libs.older-mkl"),
        ("nccl-conflict", "libtorch_cuda.so: undefined symbol: ncclCommRegister", LINUX, {}, "torch 2.9.1 loads another NCCL than it was built with: this NCCL lacks ncclCommRegister", "libs.reinstall-with-needs"),
        ("cuda-library-shadowed", "undefined symbol: __nvJitLinkAddData_12_1, version libnvJitLink.so.12", LINUX, {}, "libnvJitLink is loaded than libcusparse needs (__nvJitLinkAddData_12_1)", "libs.own-cuda"),
        ("extension-torch-abi", f"{SITE}/lib/a.so: undefined symbol: _ZN3c105ErrorC2E", LINUX, {}, "lib 1.0 was compiled for another version of torch than the installed torch 2.9.1", "torch.rebuild"),
        ("extension-torch-abi", "OSError: libc10_cuda.so: cannot open shared object file: No such file or directory", LINUX, {}, "lib 1.0 was built for PyTorch with GPU support, but the installed torch 2.9.1 has none: libc10_cuda.so is missing", "torch.rebuild"),
        ("extension-torch-abi", "ImportError: libtorch_cpu.so: cannot open shared object file: No such file or directory", LINUX, {}, "lib 1.0 was built for another PyTorch than the installed torch 2.9.1: libtorch_cpu.so is missing", "torch.rebuild"),
        ("torchvision-mismatch", "Detected that PyTorch and TorchAudio were compiled with different CUDA versions.", LINUX, {}, "TorchAudio come from different builds", "torch.rebuild"),
        ("torchvision-mismatch", "RuntimeError: operator torchvision::nms does not exist", LINUX, {"torchvision": "0.20"}, "torchvision 0.20 was built", "torch.together"),
        ("known-bad-pair", "cannot import name 'url_quote' from 'werkzeug.urls' (x)", LINUX, {"werkzeug": "3.0"}, "werkzeug 3.0 removed werkzeug.urls.url_quote", "libs.newer"),
        ("libsndfile-missing", "libsndfile.so.1: cannot open shared object file", LINUX, {}, "needs libsndfile.so.1", "system.library"),
        ("shared-library-missing", "libnobody-2.so.0: cannot open shared object file", LINUX, {}, "needs libnobody-2.so.0", "system.find-library"),
        ("libsndfile-missing", "libsndfile.so.1: cannot open shared object file", MAC, {}, "needs libsndfile.so.1", "system.find-library"),
    ],
)  # fmt: skip
def test_words(cause: str, words: str, python: Python, versions: dict[str, str], says: str, fix: str) -> None:
    found = diagnosis(failure(words), installed(**versions), python)
    assert found is not None and (found.cause, found.fix.id) == (cause, fix), found
    assert says in found.message


def test_every_cause_of_the_table_is_declared() -> None:
    assert {row.named or row.cause for row in import_cures()} == set(READ)


@pytest.mark.parametrize(
    "imported, libraries, python",
    [
        (failure("libgomp.so.1 is nice"), installed(), LINUX),
        (failure("No module named 'distutils'"), installed(), OLD),
        (failure("DLL load failed while importing a"), installed(), LINUX),
        (failure("cannot import name 'x' from 'mine'"), installed(), LINUX),
        (failure("numpy.dtype size changed"), installed(numpy=""), LINUX),
        (failure("it was killed", outcome="crash", reason="was killed by SIGSEGV"), installed(), LINUX),
        (failure("_ARRAY_API not found", outcome="ok"), installed(), LINUX),
    ],
    ids=["no failure", "an old Python", "another system", "a stranger", "no numpy", "another signal", "sound"],
)
def test_what_is_not_read(imported: Imported, libraries: Libraries, python: Python) -> None:
    assert diagnosis(imported, libraries, python) is None


def test_a_signal_is_read() -> None:
    found = diagnosis(failure("killed", outcome="crash", reason="was killed by SIGILL"), installed(), LINUX)
    assert found is not None and found.cause == "cpu-lacks-instructions"


def test_a_compiled_module_of_another_python_is_read() -> None:
    imported = failure("No module named 'lib._core'", instead="_core.cpython-39-x86_64-linux-gnu.so")
    found = diagnosis(imported, installed(), LINUX)
    assert found is not None and (found.cause, found.seat) == ("wrong-binary", "lib")
    assert "another Python than this 3.12: it contains _core.cpython-39" in found.message


def test_who_is_to_blame_is_not_where_it_shows() -> None:
    words = f'File "{SITE}/scipy/a.py", line 1\nFile "{SITE}/numpy/__init__.py", line 9\n`np.float_` was removed in the NumPy 2.0 release.'
    found = diagnosis(failure(words, top="numpy"), installed(), LINUX)
    assert found is not None and found.seat == "scipy" and found.fix.values["packages"] == ("scipy",)


@pytest.mark.parametrize(
    "path, name",
    [
        (f"{SITE}/pandas/core/frame.py", "pandas"),
        (f"{SITE}/scipy.libs/libopenblas.so", "scipy"),
        (f"{SITE}/cv2/__init__.py", "opencv-python"),
        (f"{SITE}/torch.py", "torch"),
        ("/usr/lib/python3.12/ctypes/__init__.py", ""),
        (f"{SITE}/unheard/of.py", ""),
    ],
)
def test_whose_file(path: str, name: str) -> None:
    assert distribution_of(path, installed()) == name


def test_only_opencv_has_a_build_without_windows() -> None:
    found = diagnosis(failure("libGL.so.1: cannot open shared object file", top="cv2"), installed(), LINUX)
    assert found is not None and (found.seat, found.fix.id) == ("libGL.so.1", "libs.headless-opencv")


@pytest.mark.parametrize(
    ("words", "fix", "packages"),
    [
        ("libtorch_cuda.so: undefined symbol: ncclCommRegister", "libs.reinstall-with-needs", ("torch==2.9.1",)),
        ("operator torchvision::nms does not exist", "torch.together", ("torch==2.9.1", "torchvision==0.24.1")),
    ],
)
def test_the_build_of_torch_is_kept(words: str, fix: str, packages: tuple[str, ...]) -> None:
    found = diagnosis(failure(words), installed(torch="2.9.1+cpu", torchvision="0.20"), LINUX)
    assert found is not None and (found.fix.id, found.fix.values["packages"]) == (fix, packages)
    assert found.fix.values["options"] == ("--index-url", "https://download.pytorch.org/whl/cpu")


def test_two_copies_of_openmp_bring_nothing_new() -> None:
    words = "OMP: Error #15: Initializing a.so, but found b.so already initialized."
    found = diagnosis(failure(words), installed(), LINUX)
    assert found is not None and found.fix.values["packages"] == ("lib==1.0",)


@pytest.mark.parametrize(
    "evidently, pandas, packages",
    [
        ("0.7.20", "3.1.1", ("pandas<3.1",)),
        ("0.7.20", "2.1.4", ("evidently", "pandas")),
        ("0.8.0", "3.1.1", ("evidently", "pandas")),
    ],
)
def test_what_was_seen_to_cure_a_pair_comes_before_a_guess(evidently: str, pandas: str, packages: tuple[str, ...]) -> None:
    libraries = Libraries(
        (Distribution("evidently", evidently, SITE, installer="pip"), Distribution("pandas", pandas, SITE)),
        modules=(Module("evidently", f"{SITE}/evidently/__init__.py", owner="evidently"),),
    )
    words = f"ImportError: cannot import name 'infer_dtype_from_object' from 'pandas.core.dtypes.common' ({SITE}/pandas/core/dtypes/common.py)"
    file = f"{SITE}/evidently/__init__.py"
    failed = Imported("evidently", "error", "evidently", file=file, message=words, detail=f'File "{file}", line 1\n{words}')
    read = diagnosis(failed, libraries, LINUX)
    assert read and read.fix and read.fix.values["packages"] == packages
