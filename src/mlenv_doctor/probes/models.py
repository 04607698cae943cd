"""Read from the bytes of pickled models with which versions they were saved. They are never unpickled: that would run them."""

import re
import stat

_MOD_SUFFIXES = (".pkl", ".pickle", ".joblib")
_MOD_HEAD, _MOD_TAIL = 4 << 20, 1 << 20  # bytes; an estimator's version stands at its end, but nested ones come earlier
_MOD_FILES, _MOD_ENTRIES, _MOD_DEPTH = 40, 20000, 5
# Not the user's own models: what tracking servers keep of old runs, what was downloaded, and what is there to be tested with.
_MOD_FOREIGN = ("mlruns", "mlartifacts", "wandb", "node_modules", "site-packages", "tests", "test", "testdata", "fixtures")

# A key and its value as pickle writes them: the protocols 4 and 5, 2 and 3, and 0.
_MOD_VERSION = re.compile(
    rb"_sklearn_version\x94?\x8c(?P<short>.)(?P<a>\d+\.\d+[\w.]*)"
    rb"|_sklearn_version(?:q.|r.{4})?X(?P<long>.{4})(?P<b>\d+\.\d+[\w.]*)"
    rb"|V_sklearn_version\np\d+\nV(?P<c>\d+\.\d+[\w.]*)\n",
    re.DOTALL,
)
_MOD_NUMPY_2 = re.compile(rb"numpy\._core\.(multiarray|numeric)\b")


def read_models(question):
    paths = sorted(_mod_paths(question["project"]))
    files = [_mod_file(question["project"], path) for path in paths[:_MOD_FILES]]
    return {
        "files": [said for said in files if said["scikit_learn"] or said["numpy_2"]],
        "looked": len(files),
        "more": len(paths) > len(files),
    }


def _mod_paths(project):
    """The pickled files of the project, by their paths within it; links are not followed."""
    left = _MOD_ENTRIES
    for folder, folders, names in os.walk(project):
        within = os.path.relpath(folder, project)
        deep = within.count(os.sep) + 1 >= _MOD_DEPTH
        folders[:] = [] if deep else [name for name in sorted(folders) if _mod_is_own(os.path.join(folder, name), name)]
        left -= len(names) + len(folders)
        if left < 0:
            return
        for name in names:
            if name.lower().endswith(_MOD_SUFFIXES) and not name.startswith("."):
                yield os.path.normpath(os.path.join(within, name))


def _mod_is_own(path, name):
    """Whether a folder is the user's: not hidden, no environment, none that holds what others made."""
    if name.startswith((".", "__")) or name.lower() in _MOD_FOREIGN:
        return False
    return not any(os.path.exists(os.path.join(path, mark)) for mark in ("pyvenv.cfg", "conda-meta"))


def _mod_file(project, path):
    data = _mod_bytes(os.path.join(project, path))
    return {"path": path, "scikit_learn": _mod_version(data), "numpy_2": bool(_MOD_NUMPY_2.search(data))}


def _mod_bytes(path):
    """The beginning and the end of a regular file; empty where it cannot be read."""
    try:
        info = os.lstat(path)
        if not stat.S_ISREG(info.st_mode):
            return b""
        with open(path, "rb") as file:
            data = file.read(_MOD_HEAD)
            if info.st_size > _MOD_HEAD:
                file.seek(max(_MOD_HEAD, info.st_size - _MOD_TAIL))
                data += file.read(_MOD_TAIL)
    except OSError:
        return b""
    return data


def _mod_version(data):
    """The first version that an estimator was saved with."""
    for found in _MOD_VERSION.finditer(data):
        text = found.group("a") or found.group("b") or found.group("c")
        size = found.group("short") or found.group("long")
        length = int.from_bytes(size, "little") if size else len(text)
        if 0 < length <= len(text):
            return text[:length].decode("ascii")
    return ""
