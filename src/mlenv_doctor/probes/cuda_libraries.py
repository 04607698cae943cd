"""Read for which torch and CUDA the installed extensions were compiled, from their own files; nothing is imported."""

import re

# Where an extension says it: its package, and the compiled file that loads the libraries of CUDA.
_FAM_PACKAGES = {
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
_FAM_ENDS = 1 << 20  # bytes at each end of a compiled file, where the names of what it loads stand
_FAM_RUNTIME = r"libcudart(?:[-.][0-9a-f]{8})?\.so\.(\d+)"  # encoded where it is used: 2.7 has no rb"..."
_FAM_CUDA = r"lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|nccl|nvrtc|nvJitLink)\.so\.\d+"


def read_torch_family(question):
    folders = _lib_folders()
    return {
        "built": [built for folder in folders for built in _fam_built(folder)],
        "bitsandbytes": _fam_bitsandbytes(folders),
        "bitsandbytes_exact": _fam_exact(folders),
        "onnxruntime": _fam_onnxruntime(folders),
        "outside": _fam_outside(),
        "inside": _fam_inside(folders),
        "wanting": _fam_wanting(folders),
        "variables": {name: os.environ[name] for name in ("BNB_CUDA_VERSION", "JAX_PLATFORMS") if name in os.environ},
    }


def _fam_built(folder):
    """What the extensions in one folder of the path were built for."""
    try:
        infos = sorted(name for name in os.listdir(folder) if name.endswith(".dist-info") and not name.startswith("~"))
    except OSError:
        return []
    found = [_fam_extension(folder, info) for info in infos if _lib_normal(info.partition("-")[0]) in _FAM_PACKAGES]
    return [built for built in found if len(built) > 1]


def _fam_extension(folder, info):
    name = _lib_normal(info.partition("-")[0])
    package, compiled = _FAM_PACKAGES[name]
    home = os.path.join(folder, package)
    said = info[: -len(".dist-info")].partition("-")[2] + " " + _fam_wheel(os.path.join(folder, info))
    tag = _fam_tag(home if package else "", said)
    torch = re.search(r"torch(\d+\.\d+)", said) or re.search(r"\+pt(\d)(\d+)", said)
    built = {
        "name": name,
        "tag": tag,
        "cuda": _fam_loads(home, compiled) or _fam_of_tag(tag),
        "torch": ".".join(torch.groups()) if torch else "",
    }
    return {key: value for key, value in built.items() if value}


def _fam_wheel(info):
    """The name of the wheel that was installed from an address, which says more than the metadata in it."""
    try:
        url = json.loads(_lib_text(os.path.join(info, "direct_url.json"), 10000))["url"]
    except (ValueError, KeyError, TypeError):
        return ""
    return url.partition("?")[0].partition("#")[0].rpartition("/")[2].replace("%2B", "+").replace("%2b", "+")


def _fam_tag(home, said):
    """The build tag: of the package's own version.py, for wheels of PyPI leave it out elsewhere; else of its names."""
    own = _lib_text(os.path.join(home, "version.py"), 1 << 16) if home else ""
    found = re.search(r"(?m)^__version__\s*(?::[^=\n]*)?=\s*['\"][^+'\"\n]*\+(cpu|cu\d+|rocm[\d.]+|xpu)\b", own)
    return found.group(1) if found else "".join(re.findall(r"\+(?:pt\d+)?(cpu|cu\d+)", said)[:1])


def _fam_of_tag(tag):
    """ "cu130" is CUDA 13.0, the "cu12" of some wheels any CUDA 12."""
    number = tag[2:] if tag.startswith("cu") else ""
    return number[:-1] + "." + number[-1] if len(number) > 2 else number


def _fam_loads(home, compiled):
    """The major version of CUDA whose runtime a compiled file loads."""
    path = _fam_file(home, compiled)
    found = re.search(_FAM_RUNTIME.encode("ascii"), _fam_ends(path)) if path else None
    return found.group(1).decode("ascii") if found else ""


def _fam_file(home, compiled):
    """A compiled file whose name begins so, whatever Python it is for."""
    parent, base = os.path.split(os.path.join(home, compiled))
    try:
        names = sorted(os.listdir(parent)) if base else []
    except OSError:
        return None
    return next((os.path.join(parent, name) for name in names if name.partition(".")[0] == base and ".so" in name), None)


def _fam_ends(path):
    """The beginning and the end of a file: tables of names stand at the one, or at the other once a tool has changed them."""
    try:
        with open(path, "rb") as file:
            start = file.read(_FAM_ENDS)
            file.seek(max(os.path.getsize(path) - _FAM_ENDS, len(start)))
            return start + file.read(_FAM_ENDS)
    except OSError:
        return b""


def _fam_first(folders, name):
    """The folder of a package, in the first folder of the path that has it."""
    return next((os.path.join(folder, name) for folder in folders if os.path.isdir(os.path.join(folder, name))), None)


def _fam_names(folder):
    try:
        return sorted(os.listdir(folder)) if folder else []
    except OSError:
        return []


def _fam_bitsandbytes(folders):
    found = [re.match(r"libbitsandbytes_cuda(\d+)\.(so|dll)$", name) for name in _fam_names(_fam_first(folders, "bitsandbytes"))]
    return [match.group(1) for match in found if match]


def _fam_exact(folders):
    """Whether it looks for one file only, that of torch's own CUDA: newer ones look for the next best."""
    home = _fam_first(folders, "bitsandbytes")
    text = _lib_text(os.path.join(home, "cextension.py"), 1 << 18) if home else ""
    return "get_cuda_bnb_library_path" in text and "_find_cuda_libs" not in text


def _fam_onnxruntime(folders):
    home = _fam_first(folders, "onnxruntime")
    text = _lib_text(os.path.join(home, "capi", "build_and_package_info.py"), 1 << 14) if home else ""
    found = re.search(r"(?m)^package_name\s*=\s*['\"]([\w.-]+)['\"]", text)
    return found.group(1) if found else ""


def _fam_wanting(folders):
    home = _fam_first(folders, "onnxruntime")
    path = _fam_file(os.path.join(home, "capi"), "libonnxruntime_providers_cuda") if home else None
    return sorted(_fam_said(_fam_ends(path))) if path else []


def _fam_said(data):
    """The names of libraries of CUDA in the bytes of a file."""
    return {name.decode("ascii") for name in re.findall(_FAM_CUDA.encode("ascii"), data)}


def _fam_outside():
    """What the system's loader finds: in its cache, in LD_LIBRARY_PATH, and beside Python, where conda puts libraries."""
    found = _fam_said(_lib_bytes("/etc/ld.so.cache"))
    places = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    places += [os.path.join(prefix, "lib") for prefix in (sys.base_prefix, sys.prefix)]
    for folder in places:
        found.update(name for name in _fam_names(folder) if re.match(_FAM_CUDA + "$", name))
    return sorted(found)


def _fam_inside(folders):
    """What the nvidia-* wheels and torch brought along."""
    found = set()
    for folder in folders:
        nvidia = os.path.join(folder, "nvidia")
        for place in [os.path.join(nvidia, name, "lib") for name in _fam_names(nvidia)] + [os.path.join(folder, "torch", "lib")]:
            found.update(name for name in _fam_names(place) if re.match(_FAM_CUDA + "$", name))
    return sorted(found)
