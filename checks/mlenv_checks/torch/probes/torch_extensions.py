"""Read for which torch and CUDA the installed extensions were compiled, from their own files; nothing is imported."""

import json
import os
import re

from mlenv_doctor.patient.probes.distributions import normal_name
from mlenv_doctor.probekit import file_text, names_in

from .compiled_files import compiled_file, start_and_end

# Where an extension says it: its package, and the compiled file that loads the libraries of CUDA.
PACKAGES = {
    "torchvision": ("torchvision", "_C"),
    "torchaudio": ("torchaudio", "lib/libtorchaudio"),
    "torchcodec": ("torchcodec", "libtorchcodec_image"),
    "xformers": ("xformers", "_C"),
    "flash-attn": ("", "flash_attn_2_cuda"),
    "vllm": ("vllm", "_C"),
    "torchao": ("torchao", "_C_mxfp8"),
    "apex": ("", "amp_C"),
    "torch-scatter": ("torch_scatter", "_scatter_cuda"),
    "torch-sparse": ("torch_sparse", "_spmm_cuda"),
    "torch-cluster": ("torch_cluster", "_fps_cuda"),
    "torch-spline-conv": ("torch_spline_conv", "_basis_cuda"),
    "mamba-ssm": ("", "selective_scan_cuda"),
    "causal-conv1d": ("", "causal_conv1d_cuda"),
    "deepspeed": ("deepspeed", ""),
}
CUDA_RUNTIME = rb"libcudart(?:[-.][0-9a-f]{8})?\.so\.(\d+)"


def extensions_in(folder: str) -> "list[dict[str, str]]":
    """What the extensions in one folder of the path were built for."""
    infos = [name for name in names_in(folder) if name.endswith(".dist-info") and not name.startswith("~")]
    found = [_extension(folder, info) for info in infos if normal_name(info.partition("-")[0]) in PACKAGES]
    return [built for built in found if len(built) > 1]


def _extension(folder: str, info: str) -> "dict[str, str]":
    name = normal_name(info.partition("-")[0])
    package, compiled = PACKAGES[name]
    home = os.path.join(folder, package)
    names = info[: -len(".dist-info")].partition("-")[2] + " " + _wheel_name(os.path.join(folder, info))
    tag = _build_tag(home if package else "", names)
    torch = re.search(r"torch(\d+\.\d+)", names) or re.search(r"\+pt(\d)(\d+)", names)
    built = {
        "name": name,
        "tag": tag,
        "cuda": _cuda_loaded(os.path.join(home, compiled)) or _cuda_of_tag(tag),
        "torch": ".".join(torch.groups()) if torch else "",
    }
    return {key: value for key, value in built.items() if value}


def _wheel_name(info: str) -> str:
    """The name of the wheel that was installed from an address, which says more than the metadata in it."""
    try:
        url = str(json.loads(file_text(os.path.join(info, "direct_url.json"), 10000))["url"])
    except (ValueError, KeyError, TypeError):
        return ""
    return url.partition("?")[0].partition("#")[0].rpartition("/")[2].replace("%2B", "+").replace("%2b", "+")


def _build_tag(home: str, names: str) -> str:
    """The build tag: of the package's own version.py, for wheels of PyPI leave it out elsewhere; else of its names."""
    own = file_text(os.path.join(home, "version.py"), 1 << 16) if home else ""
    found = re.search(r"(?m)^__version__\s*(?::[^=\n]*)?=\s*['\"][^+'\"\n]*\+(cpu|cu\d+|rocm[\d.]+|xpu)\b", own)
    return found.group(1) if found else "".join(re.findall(r"\+(?:pt\d+)?(cpu|cu\d+)", names)[:1])


def _cuda_of_tag(tag: str) -> str:
    """ "cu130" is CUDA 13.0, the "cu12" of some wheels any CUDA 12."""
    number = tag[2:] if tag.startswith("cu") else ""
    return number[:-1] + "." + number[-1] if len(number) > 2 else number


def _cuda_loaded(stem: str) -> str:
    """The major version of CUDA whose runtime a compiled file loads."""
    path = compiled_file(stem)
    found = re.search(CUDA_RUNTIME, start_and_end(path)) if path else None
    return found.group(1).decode("ascii") if found else ""
