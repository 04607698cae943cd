"""The words of errors: every entry of errors.toml with a topic has one that it understands, and the traps that look like it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mlenv_checks.error_texts import knowledge
from mlenv_checks.gpu.facts import Card, CudaDriver, Gpu
from mlenv_checks.symptom.answers import ANSWERS
from mlenv_checks.symptom.checks import error_is_explained
from mlenv_checks.torch.facts import TorchBuild
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Libraries, Native, Pasted, Place, Python, Said, SharedLibraries, Wanted

GONE = Missing("x", "not-asked", "the report does not say")
CONTAINER, WSL, MAC, WINDOWS = Place(kind="container"), Place(kinds=("wsl",)), Place(os="macos"), Place(os="windows")
LINUX = Python(version="3.11.9", machine="x86_64")
CPU, CU124, CU130 = (
    TorchBuild("/t", "2.6.0+cpu"),
    TorchBuild("/t", "2.6.0+cu124", "12.4"),
    TorchBuild("/t", "2.12.0+cu130", "13.0"),
)
ROSETTA = Python(version="3.11.9", platform="darwin", machine="x86_64", apple_silicon=True)


def cards(*capabilities: str) -> Gpu:
    return Gpu(driver="550.54.14", cards=tuple(Card(n, f"GPU {c}", capability=c) for n, c in enumerate(capabilities)))


def has(**versions: str) -> Libraries:
    return Libraries(
        tuple(Distribution(name.replace("_", "-"), version, "", installer="pip") for name, version in versions.items())
    )


def explain(text: str, **known: Any) -> list[Finding]:
    facts: dict[str, Any] = {
        "place": Place(), "python": GONE, "libraries": GONE, "build": GONE, "gpu": GONE, "cuda": GONE, "pasted": GONE, "native": GONE, "shared": GONE,
        "wanted": Wanted(), **known,
    }  # fmt: skip
    return list(error_is_explained(Said(text), **facts))


AVAILABLE = "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver"
NMS = "RuntimeError: operator torchvision::nms does not exist"
KERNEL = "RuntimeError: CUDA error: no kernel image is available for execution on the device"
PROXIES = "TypeError: Client.__init__() got an unexpected keyword argument 'proxies'"
HUB = "ImportError: huggingface-hub>=0.23.2,<1.0 is required for a normal functioning of this module, but found huggingface-hub==0.20.3"
NCCL = "ImportError: /e/lib/python3.11/site-packages/torch/lib/libtorch_cuda.so: undefined symbol: ncclCommRegister"
KEY = "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided'}}"
RANDOM = "File \"/home/me/app/random.py\", line 1, in <module>\nAttributeError: partially initialized module 'numpy' has no attribute 'x'"
CASES = [
    ("nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8", {}, "container-cuda-newer-than-driver", "12.8"),
    (AVAILABLE, {"build": CU124}, "driver-too-old", "CUDA up to 11.4) is older than what the library was built for (torch 2.6.0+cu124"),
    ("RuntimeError: CUDA driver version is insufficient for CUDA runtime version", {}, "driver-too-old", ""),
    ("Failed to initialize NVML: Driver/library version mismatch", {}, "driver-mismatch", ""),
    ("Unexpected error from cudaGetDeviceCount(). Did you ... Error 2: out of memory", {"place": WSL}, "wsl-multi-gpu", ""),
    ("Failed to initialize NVML: GPU access blocked by the operating system", {"place": WSL}, "wsl-linux-driver", ""),
    ("Error 804: forward compatibility was attempted on non supported HW", {"place": CONTAINER}, "container-cuda-newer-than-driver", ""),
    ("Error 804: forward compatibility was attempted on non supported HW", {}, "cuda-compat-shadows-driver", ""),
    ("Error 803: system has unsupported display driver / cuda driver combination", {"place": CONTAINER}, "cuda-compat-shadows-driver", ""),
    ("Error 803: system has unsupported display driver / cuda driver combination", {}, "driver-mismatch", ""),
    ("Error 802: system not yet initialized", {}, "fabric-manager-down", ""),
    ("Failed to initialize NVML: Unknown Error", {"place": CONTAINER}, "container-lost-gpu", ""),
    ("CUDA driver is a stub library", {}, "cuda-stub-on-path", ""),
    ("CUDA error: CUDA-capable device(s) is/are busy or unavailable", {}, "gpu-exclusive", ""),
    ("CUDA unknown error - this may be due to an incorrectly set up environment, e.g. changing", {}, "uvm-missing", ""),
    ("Unable to determine the device handle for GPU0000:3B:00.0: GPU is lost. Reboot the system", {}, "gpu-lost", ""),
    ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", {}, "driver-module-not-loaded", ""),
    ('docker: Error: could not select device driver "" with capabilities: [[gpu]].', {}, "container-without-gpu", "Toolkit"),
    ("docker: Error: failed to inject CDI devices: unresolvable CDI devices nvidia.com/gpu=all", {}, "container-toolkit-too-old", ""),
    ("bash: nvidia-smi: command not found", {"place": CONTAINER}, "container-without-gpu", ""),
    ("RuntimeError: Found no NVIDIA driver on your system.", {"place": CONTAINER}, "container-without-gpu", ""),
    ("RuntimeError: HIP error: invalid device function", {}, "rocm-arch", ""),
    (KERNEL, {"gpu": cards("6.1"), "build": CU130}, "gpu-too-old-for-wheel", "6.1"),
    (KERNEL, {"gpu": cards("6.0"), "build": TorchBuild("/t", "2.6.0+cu124", "12.4")}, "gpu-too-old-for-wheel", "a library that this"),
    (KERNEL, {"gpu": cards("12.0"), "build": CU124}, "gpu-too-new-for-wheel", "12.0"),
    (KERNEL, {"gpu": cards("8.6"), "build": TorchBuild("/t", "1.7.1+cu101", "10.1")}, "gpu-too-new-for-wheel", "8.6"),
    (KERNEL, {"gpu": cards("7.0"), "build": TorchBuild("/t", "2.14.0+cu130", "13.0", archs=("sm_75", "sm_120a"))}, "gpu-too-old-for-wheel", ""),
    ("RTX 5060 with CUDA capability sm_120 is not compatible with the current PyTorch installation.", {}, "gpu-too-new-for-wheel", "12.0"),
    ("which is of compute capability (CC) 6.1. Your torch does not include kernels for this GPU", {}, "gpu-too-old-for-wheel", "6.1"),
    ("ptxas fatal : Value 'sm_121a' is not defined for option 'gpu-name'", {}, "gpu-too-new-for-wheel", "12.1"),
    ("No operator found for `memory_efficient_attention_forward` with inputs", {"gpu": cards("7.0")}, "gpu-too-old-for-wheel", "a library"),
    ("AssertionError: Torch not compiled with CUDA enabled", {"build": CPU}, "cpu-only-torch", ""),
    ("AssertionError: Torch not compiled with CUDA enabled", {}, "cpu-only-torch", "this build of torch"),
    ("ImportError: libcudart.so.12: cannot open shared object file", {"build": CPU}, "cpu-only-torch", "a library was built for CUDA"),
    (
        "File \"/e/lib/python3.11/site-packages/flash_attn/x.py\"\nImportError: libcudart.so.12: cannot open shared object file",
        {"build": CU130},
        "extension-torch-abi",
        "flash-attn was built for CUDA 12",
    ),
    ("ImportError: libcublas.so.12: cannot open shared object file", {"build": CU124}, "cuda-library-missing", "a library needs"),
    ("WARNING: xFormers can't load C++/CUDA extensions.", {"build": CPU}, "cpu-only-torch", "xformers"),
    ("WARNING: xFormers can't load C++/CUDA extensions.", {"build": CU124}, "extension-torch-abi", "2.6.0+cu124"),
    (NCCL, {"libraries": has(nvidia_nccl_cu12="2.2", nvidia_nccl_cu11="2.1", nvidia_cublas_cu11="1"), "build": CU124}, "mixed-cuda-wheels", "11 and 12"),
    (NCCL, {"libraries": has(nvidia_nccl_cu12="2.2", nvidia_nccl_cu11="2.1"), "build": GONE}, "mixed-cuda-wheels", ""),
    (NCCL, {"libraries": has(nvidia_nccl_cu12="2.2", torch="2.6.0"), "build": CU124}, "nccl-conflict", ""),
    (NCCL, {}, "nccl-conflict", ""),
    ("ImportError: dlopen: mach-o file, but is an incompatible architecture (have 'arm64', need 'x86_64')", {"place": MAC, "python": ROSETTA}, "rosetta-x86-python", ""),
    ("/e/site-packages/flash_attn_2_cuda.cpython-311.so: undefined symbol: _ZN3c104cuda9SetDeviceEi", {}, "extension-torch-abi", "flash-attn-2-cuda"),
    ("flash_attn_2_cuda undefined symbol", {}, "extension-torch-abi", "flash-attn was"),
    ("undefined symbol: _ZN2at4_ops5zeros4callEN3c108ArrayRef", {}, "extension-torch-abi", "a library was"),
    ("RuntimeError: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH", {}, "cuda-library-shadowed", ""),
    ("Could not load library libcudnn_cnn_train.so.8. Error: /usr/local/cuda/lib64/libcudnn_cnn_train.so.8: undefined symbol: x", {}, "cuda-library-shadowed", "cuDNN"),
    ("CERTIFICATE_VERIFY_FAILED: unable to get local issuer certificate", {"place": MAC}, "ca-bundle-missing", ""),
    ("CERTIFICATE_VERIFY_FAILED: unable to get local issuer certificate", {}, "tls-interception", "company"),
    ("Detected out-of-date database schema (found version 1, but expected 2)", {}, "mlflow-db-schema-old", ""),
    ("alembic.util.exc.CommandError: Can't locate revision identified by '1'", {}, "mlflow-db-schema-newer", ""),
    (PROXIES, {}, "known-bad-pair", ""),
    (PROXIES, {"libraries": has(httpx="0.28.1", anthropic="0.30")}, "known-bad-pair", ""),
    (HUB, {}, "known-bad-pair", "huggingface-hub>=0.23.2,<1.0 is required, but huggingface-hub 0.20.3"),
    (HUB, {"libraries": has(huggingface_hub="0.25.0")}, "duplicate-dist-info", "0.25.0 is listed, but the program finds 0.20.3"),
    ("RuntimeError: Numpy is not available", {"libraries": has(numpy="2.0.1")}, "numpy2-abi", "NumPy 2.0.1"),
    ("No module named 'pandas'", {"pasted": Pasted(kernel="/opt/conda/bin/python", shell="/e/bin/python")}, "kernel-wrong-interpreter", ""),
    ("No module named 'pandas'", {"pasted": Pasted(kernel="Anaconda3\\python.exe (base)")}, "kernel-wrong-interpreter", ""),
    ("ModuleNotFoundError: No module named 'sklearn'", {"libraries": has(numpy="1")}, "not-installed", "scikit-learn"),
    ("You tried to access openai.ChatCompletion, but this is no longer supported in openai>=1.0.0", {}, "sdk-api-removed", ""),
    (RANDOM, {}, "shadowed-stdlib-module", "random.py hides Python's module random"),
    ("File \"openai.py\", line 2\nAttributeError: module 'openai' has no attribute 'OpenAI'", {}, "shadowed-by-file", "openai.py"),
    ("ERROR: No matching distribution found for torch==1.10.1+cpu", {"python": LINUX}, "python-too-new", "torch 1.10.1 for Python 3.11; for 3.9"),
    ("ERROR: No matching distribution found for torch", {"python": Python(version="3.15.0")}, "python-too-new", "no torch for Python 3.15"),
    ("error: externally-managed-environment", {}, "externally-managed", ""),
    ("Using SOCKS proxy, but the 'socksio' package is not installed.", {}, "socks-support-missing", ""),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain", {}, "tls-interception", ""),
    (KEY, {"pasted": Pasted(told=("OPENAI_API_KEY",))}, "dotenv-shadowed", "OPENAI_API_KEY"),
    ("Illegal instruction (core dumped)", {}, "cpu-lacks-instructions", ""),
    ("RuntimeError: DataLoader worker (pid 7) is killed by signal: Bus error.", {}, "shm-too-small", ""),
    ("Invalid Host header - possible DNS rebinding attack detected", {}, "mlflow-allowed-hosts", ""),
    ("Could not find a registered artifact repository for: box:5000", {"pasted": Pasted(variables={"MLFLOW_TRACKING_URI": "box:5000"})}, "mlflow-uri-no-scheme", ""),
    ("Tracking URI must be a local filesystem URI of the form 'file:///...'", {"place": WINDOWS}, "mlflow-windows-path-uri", ""),
    ("Connection in use: ('127.0.0.1', 5000)", {"place": MAC}, "mlflow-wrong-port", "AirPlay"),
    (NMS, {"libraries": has(torch="2.6.0", torchvision="0.19")}, "torchvision-mismatch", "torchvision 0.19"),
    ("ImportError: libGL.so.1: cannot open shared object file: No such file or directory", {}, "libgl-missing", "A library needs libGL.so.1"),
    (
        "/e/site-packages/foo/_C.so: version `GLIBC_2.32' not found (required by /e/site-packages/foo/_C.so)\nImportError: x",
        {"python": LINUX, "libraries": has(foo="1.0")},
        "glibc-too-old",
        "foo 1.0",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "known", "cause", "says"), CASES, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_it_is_understood(text: str, known: dict[str, Any], cause: str, says: str) -> None:
    found = explain(text, **known)
    assert [(f.status.value, f.cause) for f in found] == [("fail", cause)], found
    assert says in found[0].message and found[0].fix


def test_every_entry_with_a_topic_and_every_answer_has_a_case() -> None:
    texts = [text for text, *_ in CASES]
    unseen = [answer.pattern for answer in ANSWERS if not any(re.search(answer.pattern, text, re.DOTALL) for text in texts)]
    entries = [entry.pattern for entry in knowledge().entries if entry.topic and not any(map(entry.found, texts))]
    assert not unseen and not entries


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("", {}),
        ("RuntimeError: The size of tensor a (3) must match the size of tensor b (4)", {}),
        ("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", {"place": WSL}),
        ("AssertionError: Torch not compiled with CUDA enabled", {"place": MAC}),
        ("AssertionError: Torch not compiled with CUDA enabled", {"build": CU124}),
        (KERNEL, {"gpu": cards("8.6"), "build": CU124}),
        (KERNEL, {}),
        ("File \"mine.py\", line 1\ncannot import name 'x' from 'app'", {}),
        ("Failed to initialize NVML: Unknown Error", {}),
        ("ImportError: libcudart.so.12 not found", {}),
        ("incompatible architecture", {"place": MAC, "python": Python(platform="darwin", machine="arm64", apple_silicon=True)}),
        ("incompatible architecture", {"place": MAC}),
        ("No module named 'my_own_code'", {}),
        ("No module named 'pandas'", {"libraries": has(pandas="2.0")}),
        ("cannot be imported in the notebook", {"pasted": Pasted(kernel="/e/bin/python", shell="/e/bin/python")}),
        ("cannot be imported in the notebook", {"pasted": Pasted(kernel="/e/bin/python")}),
        (KEY, {}),
        (KEY, {"pasted": Pasted()}),
        (PROXIES, {"libraries": has(httpx="0.27.2")}),
        ("No matching distribution found for torch==2.6.0", {"python": LINUX}),
        ("No matching distribution found for torch==0.1.0", {"python": LINUX}),
        ("No matching distribution found for my-package", {"python": LINUX}),
        ("No matching distribution found for torch", {}),
        ("No matching distribution found for torch", {"python": Python(version="3.15.0", bits=32)}),
        (
            "Could not find a registered artifact repository for: x",
            {"pasted": Pasted(variables={"MLFLOW_TRACKING_URI": "http://b:5"})},
        ),
        ("Could not find a registered artifact repository for: x", {}),
        (
            'File "/usr/lib/python3.11/random.py", line 3\nFile "/e/site-packages/numpy.py"\n'
            "AttributeError: module 'numpy' has no attribute 'x'",
            {},
        ),
        ("Numpy is not available", {"libraries": has(numpy="1.26.4")}),
    ],
)
def test_what_is_no_fault_of_the_environment(text: str, known: dict[str, Any]) -> None:
    assert [f.status.value for f in explain(text, **known)] == ["skip"]


def test_of_one_topic_only_the_sharpest_is_told_and_of_others_too() -> None:
    found = explain(f"{AVAILABLE}\nCUDA unknown error - this may be due to an incorrectly set up environment\n{NMS}")
    assert [f.cause for f in found] == ["driver-too-old", "torchvision-mismatch"]


def test_the_build_is_chosen_where_enough_is_known() -> None:
    known = {"python": LINUX, "libraries": has(torch="2.6.0"), "build": CPU}
    found = explain("Torch not compiled with CUDA enabled", gpu=cards("8.6"), cuda=CudaDriver(version="12.2"), **known)
    assert found[0].fix and found[0].fix.id == "torch.install-gpu"
    found = explain("Torch not compiled with CUDA enabled", gpu=Gpu(cards=(Card(),)), **known)
    assert found[0].fix and found[0].fix.id == "torch.choose-build"


def test_a_place_that_is_not_known() -> None:
    assert explain(AVAILABLE, place=GONE)[0].cause == "driver-too-old"


def test_facts_that_refute_the_usual_meaning_leave_the_question_open() -> None:
    """The words usually mean a CPU build. This one was made for CUDA, so the error is not explained, and nothing is green."""
    facts: dict[str, Any] = {
        "place": Place(), "python": GONE, "libraries": GONE, "build": CU124, "gpu": GONE, "cuda": GONE, "pasted": GONE, "native": GONE, "shared": GONE,
        "wanted": Wanted(),
    }  # fmt: skip
    (found,) = error_is_explained(Said("AssertionError: Torch not compiled with CUDA enabled", True), **facts)
    assert found.status.value == "unknown" and found.required and "cpu-only-torch" in found.message


def test_what_is_called_missing_and_is_here_leaves_the_question_open() -> None:
    facts: dict[str, Any] = {
        "place": Place(), "python": Python(version="3.11.7"), "libraries": GONE, "build": GONE, "gpu": GONE, "cuda": GONE,
        "pasted": GONE, "wanted": Wanted(), "native": Native({"gcc": "/usr/bin/gcc-12"}), "shared": SharedLibraries(),
    }  # fmt: skip
    (found,) = error_is_explained(Said("error: command 'gcc' failed: No such file or directory", True), **facts)
    assert found.status.value == "unknown" and "gcc is installed on this machine" in found.message
    (missing,) = error_is_explained(
        Said("error: command 'gcc' failed: No such file or directory", True), **{**facts, "native": Native()}
    )
    assert missing.cause == "compiler-missing"
