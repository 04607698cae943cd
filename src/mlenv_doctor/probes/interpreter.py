"""Read how whole a Python is: its extension modules, the library it runs with, the folders of PYTHONPATH."""

_INT_LOADED = ("_ssl", "_ctypes")  # without these pip or numpy do not work: worth the milliseconds to load them
_INT_LOOKED_FOR = ("_lzma", "_bz2", "_sqlite3", "zlib")
_INT_SAME = 1 << 26  # bytes: more than any libpython has


def read_interpreter(question):
    import sysconfig

    library = _int_library()
    return {
        "lacking": _int_lacking(),
        "library": library,
        "own_library": _int_own_library(library),
        "python_path": _int_python_path(question.get("names", ()), sysconfig),
    }


def _int_lacking():
    """Which extension modules are not there, or do not load; only those of CPython are made in the same way everywhere."""
    if sys.implementation.name != "cpython":
        return {}
    found = {name: _int_trouble(name) for name in _INT_LOADED + _INT_LOOKED_FOR}
    return {name: why for name, why in found.items() if why is not None}


def _int_trouble(name):
    """Why a module cannot be used, "" where it is not there; None where nothing is wrong."""
    from importlib.util import find_spec

    try:
        if name not in sys.modules and find_spec(name) is None:
            return ""
        if name in _INT_LOADED:
            __import__(name)
    except Exception as why:
        return str(why)
    return None


def _int_library():
    """The libpython of this process, as the kernel maps it; empty where none is, or where this is no Linux."""
    try:
        with open("/proc/self/maps", "rb") as file:
            lines = file.read(1 << 22).splitlines()
    except OSError:
        return ""
    paths = (line[line.index(b"/") :] for line in lines if b"/libpython3." in line)
    return next((os.fsdecode(path) for path in paths if os.path.basename(path).startswith(b"libpython3.")), "")


def _int_own_library(library):
    """A library of the same name in the installation that this Python says it is; empty where it has none, or runs with it.

    Fedora may have two in one installation, for programs of 32 and of 64 bits.
    """
    if not library:
        return ""
    places = [os.path.join(sys.base_prefix, name) for name in ("lib", "lib64")]
    candidates = [os.path.join(place, os.path.basename(library)) for place in places]
    found = [path for path in candidates if os.path.isfile(path)]
    return "" if not found or any(_int_same(library, path) for path in found) else found[0]


def _int_same(one, other):
    """Whether two paths lead to one file, or to two with the same bytes."""
    import filecmp

    try:
        if os.path.samefile(one, other):
            return True
        sizes = os.path.getsize(one), os.path.getsize(other)
        return sizes[0] == sizes[1] < _INT_SAME and filecmp.cmp(one, other, shallow=False)
    except OSError:
        return True


def _int_python_path(names, sysconfig):
    """The folders of PYTHONPATH that are not the environment's own."""
    own = [os.path.realpath(folder) for folder in (sys.prefix, sys.base_prefix)]
    site = sysconfig.get_path("purelib")
    found = []
    for entry in dict.fromkeys(os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        real = os.path.realpath(entry)
        if not entry or not os.path.isdir(entry) or real == os.path.realpath(site):
            continue
        said = _int_entry(entry, names, site)
        inside = any(real.startswith(os.path.join(folder, "lib")) for folder in own)
        if not inside or said["minor"] not in ("", "%d.%d" % sys.version_info[:2]):
            found.append(said)
    return found[:50]


def _int_entry(entry, names, site):
    import re

    minor = re.search(r"(?i)python(3)\.?(\d+)[/\\](?:Lib[/\\])?(?:site|dist)-packages[/\\]?$", entry)
    libraries = [name for name in names if _int_holds(entry, name)]
    return {
        "path": entry,
        "minor": ".".join(minor.groups()) if minor else "",
        "libraries": libraries,
        "hidden": [name for name in libraries if _int_holds(site, name)],
    }


def _int_holds(folder, name):
    return os.path.isfile(os.path.join(folder, name, "__init__.py")) or os.path.isfile(os.path.join(folder, name + ".py"))
