"""Find where a module would be imported from, without importing anything: neither it nor the packages it lies in."""

import os
import re
import sys

from mlenv_doctor.probekit import file_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOUND, MISSING, PART, UNSURE = "found", "missing", "part", "unsure"
LISTED = re.compile(
    rb"^\"?([A-Za-z_]\w*)(?:/__init__\.py[co]?|/[^,\n]*\.(?:py|so|pyd)|(?:\.[\w-]+)*\.(?:so|pyd)|\.py)[\",]", re.M
)
LARGEST = 1 << 24
GONE = (
    "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp", "lib2to3",
    "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu",
    "xdrlib",
)  # fmt: skip
ELSEWHERE = (
    "winreg",
    "_winreg",
    "msvcrt",
    "winsound",
    "nt",
    "fcntl",
    "termios",
    "pwd",
    "grp",
    "resource",
    "tty",
    "pty",
    "syslog",
)


def of_python(name: str) -> bool:
    """Whether a module belongs to Python itself, on whatever platform."""
    if name in getattr(sys, "stdlib_module_names", ()) or name in sys.builtin_module_names or name in ELSEWHERE:
        return True
    if hasattr(sys, "stdlib_module_names"):
        return False
    spec = find(name)
    origin = getattr(spec, "origin", None) or ""
    home = os.path.dirname(os.__file__)
    inside = origin.startswith(home + os.sep) and "-packages" not in origin[len(home) :]
    return bool(spec and (origin in ("built-in", "frozen") or inside))


def find(name: str) -> "Any":
    """The spec of a module at the top; None where no finder knows it. Finders of editable installs are asked as well."""
    for finder in list(sys.meta_path):
        try:
            spec = finder.find_spec(name, None)
        except Exception:
            continue
        if spec is not None:
            return spec
    return None


def state(module: str, specs: "dict[str, Any]") -> "tuple[str, str]":
    """Whether a module is there, and what is missing of it: (state, name). `specs` keeps what was found at the top."""
    parts = module.split(".")
    if parts[0] not in specs:
        specs[parts[0]] = find(parts[0])
    spec = specs[parts[0]]
    if spec is None:
        return MISSING, parts[0]
    folders = _folders(spec)
    if not folders:
        return (FOUND if len(parts) == 1 else UNSURE), module
    for number, part in enumerate(parts[1:], 2):
        if any(_is_dynamic(folder) for folder in folders):
            return UNSURE, module
        inner = [os.path.join(folder, part) for folder in folders]
        packages = [path for path in inner if os.path.isdir(path)]
        if not packages:
            whole = number == len(parts) and any(_has_module(folder, part) for folder in folders)
            return (FOUND if whole else PART), ".".join(parts[:number])
        regular = [path for path in packages if os.path.isfile(os.path.join(path, "__init__.py"))]
        folders = regular[:1] or packages
    return FOUND, module


def is_namespace(module: str, specs: "dict[str, Any]") -> bool:
    """Whether a package has no code of its own, so that what is imported from it is a module."""
    spec = specs.get(module.partition(".")[0])
    folders = _folders(spec) if spec else []
    for part in module.split(".")[1:]:
        folders = [path for path in (os.path.join(folder, part) for folder in folders) if os.path.isdir(path)]
    return bool(folders) and not any(os.path.isfile(os.path.join(folder, "__init__.py")) for folder in folders)


def _folders(spec: "Any") -> "list[str]":
    try:
        return [str(place) for place in (spec.submodule_search_locations or [])][:50]
    except Exception:
        return []


def _has_module(folder: str, name: str) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return True
    return any(each.startswith(name + ".") and each.endswith((".py", ".so", ".pyd", ".pyc")) for each in names)


def _is_dynamic(folder: str) -> bool:
    """Whether a package puts modules under its name by itself, so that files do not tell."""
    text = file_bytes(os.path.join(folder, "__init__.py"), 1 << 20)
    return any(word in text for word in (b"sys.modules", b"__path__", b"meta_path", b"LazyModule", b"lazy_loader"))


def owners(names: "list[str]", specs: "dict[str, Any]") -> "dict[str, str]":
    """Which distribution brings each module: by its name, else by the lists of files in the folder where the module lies."""
    found = {}  # type: dict[str, str]
    lists = {}  # type: dict[str, dict[str, str]]
    for name in names:
        spec = specs.get(name)
        home = _home(spec) if spec else ""
        if home:
            if home not in lists:
                lists[home] = _listed(home)
            found[name] = lists[home].get(name, "")
    return found


def _home(spec: "Any") -> str:
    folders = _folders(spec)
    place = folders[0] if folders else getattr(spec, "origin", None) or ""
    return os.path.dirname(place)


def _listed(home: str) -> "dict[str, str]":
    """The modules at the top of each distribution in a folder."""
    tops = {}  # type: dict[str, str]
    try:
        infos = sorted(name for name in os.listdir(home) if name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return tops
    for info in infos[:5000]:
        distribution = normal(info.rsplit(".", 1)[0].split("-")[0])
        for module in _tops(os.path.join(home, info)):
            if module not in tops or module.lower() == distribution.replace("-", "_"):
                tops[module] = distribution
    return tops


def _tops(info: str) -> "set[str]":
    named = [word.decode("ascii", "replace") for word in file_bytes(os.path.join(info, "top_level.txt"), 10000).split()]
    return set(named) or {
        name.decode("ascii", "replace") for name in LISTED.findall(file_bytes(os.path.join(info, "RECORD"), LARGEST))
    }


def normal(name: str) -> str:
    """As in PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()
