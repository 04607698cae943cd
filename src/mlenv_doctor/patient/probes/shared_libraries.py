"""Look up the shared libraries that an error names as the loader of Linux does, and find which file asks for them.

The order: https://man7.org/linux/man-pages/man8/ld.so.8.html.
"""

import os
import struct
import sys

from mlenv_doctor.patient.probes.elf import linked, word
from mlenv_doctor.probekit import file_bytes, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Set, Tuple

    from mlenv_doctor.patient.probes.elf import Linked

CACHE, MAGIC, MOST_CACHE = "/etc/ld.so.cache", b"glibc-ld.so.cache1.1", 1 << 24
USUAL = ("/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")
MOST_FILES, MOST_FOLDERS = 300, 200  # of one package


def read_shared_libraries(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read where each named library is, and what of the named packages asks for it."""
    names = list(question.get("libraries", ()))[:20]
    if not names or not sys.platform.startswith("linux"):
        return {"looked": False}
    cached = _cached()
    files = list(_compiled(question.get("packages", ())))
    own = {os.path.basename(path) for path, _ in files}
    lost = {path: [name for name in found.needed if not _found(name, path, found, cached, own)] for path, found in files}
    return {"looked": True, "libraries": [_told(name, files, lost, cached) for name in names]}


def _told(
    name: str, files: "List[Tuple[str, Linked]]", lost: "Dict[str, List[str]]", cached: "Dict[str, str]"
) -> "dict[str, Any]":
    by = next((path for path, found in files if name in found.needed), "")
    machine = next((found.machine for path, found in files if path == by), 0) or _own_machine()
    return {
        "name": name,
        "file": _place(name, _of_variable(), cached, machine),
        "needed_by": by,
        "missing": sorted({wanted for names in lost.values() for wanted in names})[:50] if by else [],
    }


def _found(name: str, path: str, found: "Linked", cached: "Dict[str, str]", own: "Set[str]") -> bool:
    """Whether the loader finds what a file asks for. What lies in the package itself may have been loaded before."""
    first = [] if found.runpath else found.rpath
    folders = [_folder(part, path) for part in first] + _of_variable() + [_folder(part, path) for part in found.runpath]
    return name in own or bool(_place(name, folders, cached, found.machine))


def _folder(part: str, path: str) -> str:
    """A folder of RPATH or RUNPATH."""
    return part.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", os.path.dirname(path))


def _of_variable() -> "List[str]":
    return [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]


def _place(name: str, folders: "List[str]", cached: "Dict[str, str]", machine: int) -> str:
    """The file that the loader takes for a name; empty for none. One of another processor is passed over."""
    candidates = [os.path.join(folder, name) for folder in folders]
    candidates += [cached[name]] if name in cached else []
    candidates += [os.path.join(folder, name) for folder in USUAL]
    for path in candidates:
        found = linked(path) if os.path.isfile(path) else None
        if found is not None and found.machine == machine:
            return path
    return ""


def _own_machine() -> int:
    """The processor that this Python is built for."""
    found = linked(os.path.realpath(sys.executable))
    return found.machine if found else 0


def _cached() -> "Dict[str, str]":
    """The libraries in the loader's own cache; none where it has none: Alpine's looks into the usual folders only."""
    data = file_bytes(CACHE, MOST_CACHE)
    at = data.find(MAGIC)
    if at < 0 or len(data) < at + 48:
        return {}
    count = min(struct.unpack_from("=I", data, at + 20)[0], (len(data) - at - 48) // 24)
    found = {}  # type: Dict[str, str]
    for number in range(count):
        _, key, value = struct.unpack_from("=iII", data, at + 48 + 24 * number)
        found.setdefault(word(data, at + key), word(data, at + value))
    return found


def _compiled(packages: "Any") -> "Iterator[Tuple[str, Linked]]":
    """The compiled files of packages, and those in the folders that these are linked to."""
    beside = []  # type: List[str]
    left = MOST_FILES
    for top in _tops(packages):
        for path in _files(top):
            found = linked(path)
            if left <= 0 or found is None:
                continue
            left -= 1
            beside += [os.path.normpath(_folder(part, path)) for part in found.rpath + found.runpath if "$" in part]
            yield path, found
    for folder in dict.fromkeys(beside):
        for name in names_in(folder)[:left] if folder.endswith(".libs") else ():
            found = linked(os.path.join(folder, name))
            if found is not None:
                yield os.path.join(folder, name), found


def _tops(packages: "Any") -> "List[str]":
    """The folders of packages on the path of this Python; their code is not run."""
    places = [place for place in sys.path if place.rstrip("/").endswith("-packages")]
    folders = (os.path.join(place, name) for name in list(packages)[:10] for place in places)
    return [folder for folder in folders if os.path.isdir(folder)]


def _files(top: str) -> "Iterator[str]":
    for number, (folder, _, names) in enumerate(os.walk(top)):
        if number >= MOST_FOLDERS:
            return
        for name in sorted(names):
            if name.endswith(".so") or ".so." in name:
                yield os.path.join(folder, name)
