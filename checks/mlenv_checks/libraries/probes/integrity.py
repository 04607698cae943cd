"""Compare what installers wrote down (RECORD) with what lies on the disk; nothing is imported and no content is read.

Only files without which code cannot run count: Python sources and compiled libraries. Images are slimmed by deleting tests,
headers, stubs and caches, and that does no harm.
"""

import os

from mlenv_doctor.patient.probes.distributions import normal_name, path_folders
from mlenv_doctor.probekit import file_bytes, file_text, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Disk = dict[str, dict[str, os.DirEntry[str]]]  # the entries of each folder
    Owners = dict[str, tuple[str, str]]  # of each file: which distribution brought it first, and its digest
    Shared = dict[tuple[str, str], list[str]]  # the files of two distributions with different contents

CODE_SUFFIXES = (".py", ".so", ".pyd", ".dylib", ".dll")
SPARE_FOLDERS = {"tests", "test", "testsuite", "docs", "doc", "examples", "benchmarks", "__pycache__"}
MOST_EXAMPLES = 8  # names of files that are given as examples
LARGEST_RECORD = 1 << 25  # bytes of one RECORD


def read_integrity(question: "dict[str, Any]") -> "dict[str, Any]":
    """Compare every installed distribution with its RECORD, and find files that two of them claim."""
    flaws, overlaps, seen = [], [], 0
    for folder in path_folders():
        disk: "Disk" = {}
        owners: "Owners" = {}
        shared: "Shared" = {}
        for name in _metadata_folders(folder):
            seen += 1
            flaws.append(_flaw(folder, name, disk, owners, shared))
        overlaps += [
            {"first": pair[0], "second": pair[1], "count": len(files), "files": files[:MOST_EXAMPLES]}
            for pair, files in sorted(shared.items())
        ]
    return {"distributions": seen, "flaws": [flaw for flaw in flaws if flaw], "overlaps": overlaps}


def _metadata_folders(folder: str) -> "list[str]":
    """The names of the folders of metadata in one folder of the path."""
    return [name for name in names_in(folder) if name.endswith(".dist-info") and not name.startswith("~")]


def _flaw(folder: str, name: str, disk: "Disk", owners: "Owners", shared: "Shared") -> "dict[str, Any] | None":
    """What is wrong with one distribution; None where nothing is."""
    info = os.path.join(folder, name)
    record = file_bytes(os.path.join(info, "RECORD"), LARGEST_RECORD)
    lost, changed, total = [], [], 0
    for path, digest, size in _code_files(record):
        total += 1
        _note_owner(path, digest, name, owners, shared)
        real = _size(folder, path, disk)
        if not real and (size or real is None) and not _is_compiled_instead(folder, path, disk):
            lost.append(path)
        elif real and size and real != size:
            changed.append(path)
    metadata = b"name:" in file_bytes(os.path.join(info, "METADATA"), 4096).lower()
    if metadata and record and not lost and not changed:
        return None
    name, version = _name_and_version(name)
    return {
        "name": name,
        "version": version,
        "info": info,
        "installer": file_text(os.path.join(info, "INSTALLER"), 100).strip(),
        "metadata": metadata,
        "record": bool(record),
        "files": total,
        "lost": lost[:MOST_EXAMPLES],
        "lost_count": len(lost),
        "changed": changed[:MOST_EXAMPLES],
        "changed_count": len(changed),
    }


def _name_and_version(name: str) -> "tuple[str, str]":
    """Name and version of a distribution, as its folder is called."""
    name, _, version = name[: -len(".dist-info")].partition("-")
    return normal_name(name), version


def _code_files(record: bytes) -> "Iterator[tuple[str, str, int]]":
    """Path, digest and size of each line of a RECORD that stands for code; size 0 where it is not written down."""
    for line in record.decode("utf-8", "replace").splitlines():
        path, _, rest = line.partition(",")
        if not (path.endswith(CODE_SUFFIXES) or ".so." in path) or path.startswith(("..", "/", '"')):
            continue  # a comma in the path, and so quotes, is in the names of test data only
        if not SPARE_FOLDERS.intersection(path.split("/")[:-1]):
            digest, _, size = rest.partition(",")
            yield path, digest, int(size) if size.isdigit() else 0


def _note_owner(path: str, digest: str, name: str, owners: "Owners", shared: "Shared") -> None:
    """Remember whose file this is; of two owners with different contents only one can be right."""
    first = owners.setdefault(path, (name, digest))
    if first[0] != name and first[1] != digest and digest and first[1]:
        pair = _name_and_version(first[0])[0], _name_and_version(name)[0]
        if pair[0] != pair[1]:
            shared.setdefault(pair, []).append(path)


def _size(folder: str, path: str, disk: "Disk") -> "int | None":
    """The size of a file, None where it is not there; each folder is listed once."""
    parent, _, base = path.rpartition("/")
    if parent not in disk:
        disk[parent] = _scan(os.path.join(folder, parent))
    entry = disk[parent].get(base)
    try:
        return None if entry is None else entry.stat().st_size
    except OSError:  # a link that leads nowhere
        return None


def _scan(folder: str) -> "dict[str, os.DirEntry[str]]":
    """The entries of a folder by name; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry for entry in entries}
    except OSError:
        return {}


def _is_compiled_instead(folder: str, path: str, disk: "Disk") -> bool:
    """Whether a source was replaced by its compiled form beside it, as `python -m compileall -b` does."""
    return path.endswith(".py") and bool(_size(folder, path + "c", disk))
