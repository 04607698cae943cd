"""Read what the folder of an environment says of itself: pyvenv.cfg, and the lists that conda keeps."""

import os
import sys

from mlenv_doctor.probekit import file_text, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_prefix(question: "dict[str, Any]") -> "dict[str, Any]":
    config = _config(os.path.join(sys.prefix, "pyvenv.cfg"))
    version = config.get("version") or config.get("version_info") or ""  # venv writes the one, uv and virtualenv the other
    levels = os.environ.get("CONDA_SHLVL", "")
    return {
        "made_for": ".".join(version.split(".")[:2]) if version[:1].isdigit() else "",
        "has_own_site": _has_own_site(),
        "system_site": config.get("include-system-site-packages") == "true",
        "conda_base": _is_conda_base(),
        "conda_packages": _conda_packages(),
        "certificates": _has_certificates(),
        "conda_levels": int(levels) if levels.isdigit() and len(levels) < 4 else 0,
    }


def _config(path: str) -> "dict[str, str]":
    """The pairs of a pyvenv.cfg; none where there is no such file."""
    pairs = (line.partition("=") for line in file_text(path, 65536).splitlines() if "=" in line)
    return {key.strip().lower(): value.strip().lower() for key, _, value in pairs}


def _has_own_site() -> bool:
    import sysconfig

    return os.path.isdir(sysconfig.get_path("purelib"))


def _is_conda_base() -> bool:
    """Only the base environment holds conda itself: https://docs.conda.io/projects/conda/en/stable/glossary.html"""
    holds = [os.path.join(sys.prefix, *parts) for parts in (("condabin",), ("bin", "conda"), ("Scripts", "conda.exe"))]
    return os.path.isdir(os.path.join(sys.prefix, "conda-meta")) and any(os.path.exists(path) for path in holds)


def _conda_packages() -> "list[str]":
    """The names in conda-meta: a file NAME-VERSION-BUILD.json for each package."""
    names = names_in(os.path.join(sys.prefix, "conda-meta"))
    return sorted(name.rsplit("-", 2)[0] for name in names if name.endswith(".json") and name.count("-") > 1)


def _has_certificates() -> bool:
    """The Python of python.org for Macs brings its own OpenSSL, whose certificates a script installs that few people run."""
    if not sys.base_prefix.startswith("/Library/Frameworks/Python.framework/"):
        return True
    import ssl

    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or os.path.exists(paths.openssl_cafile)
