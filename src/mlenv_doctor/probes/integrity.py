"""Compare what installers wrote down (RECORD) with what lies on the disk; nothing is imported and no content is read.

Only files without which code cannot run count: Python sources and compiled libraries. Images are slimmed by deleting tests,
headers, stubs and caches, and that does no harm.
"""

_INT_CODE = (".py", ".so", ".pyd", ".dylib", ".dll")
_INT_SPARE = {"tests", "test", "testsuite", "docs", "doc", "examples", "benchmarks", "__pycache__"}
_INT_MOST = 8  # names of files that are given as examples
_INT_LARGEST = 1 << 25  # bytes of one RECORD


def read_integrity(question):
    flaws, overlaps, seen = [], [], 0
    for folder in _lib_folders():
        disk, owners, shared = {}, {}, {}
        for name in _int_infos(folder):
            seen += 1
            flaws.append(_int_distribution(folder, name, disk, owners, shared))
        overlaps += [
            {"first": pair[0], "second": pair[1], "count": len(files), "files": files[:_INT_MOST]}
            for pair, files in sorted(shared.items())
        ]
    return {"distributions": seen, "flaws": [flaw for flaw in flaws if flaw], "overlaps": overlaps}


def _int_infos(folder):
    """The names of the folders of metadata in one folder of the path."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".dist-info") and not name.startswith("~"))
    except OSError:
        return []


def _int_distribution(folder, name, disk, owners, shared):
    """What is wrong with one distribution; None where nothing is."""
    info = os.path.join(folder, name)
    record = _lib_bytes(os.path.join(info, "RECORD"), _INT_LARGEST)
    lost, changed, total = [], [], 0
    for path, digest, size in _int_code(record):
        total += 1
        _int_note_owner(path, digest, name, owners, shared)
        real = _int_size(folder, path, disk)
        if not real and (size or real is None) and not _int_compiled_instead(folder, path, disk):
            lost.append(path)
        elif real and size and real != size:
            changed.append(path)
    metadata = b"name:" in _lib_bytes(os.path.join(info, "METADATA"), 4096).lower()
    if metadata and record and not lost and not changed:
        return None
    name, version = _int_identity(name)
    return {
        "name": name,
        "version": version,
        "info": info,
        "installer": _lib_text(os.path.join(info, "INSTALLER"), 100).strip(),
        "metadata": metadata,
        "record": bool(record),
        "files": total,
        "lost": lost[:_INT_MOST],
        "lost_count": len(lost),
        "changed": changed[:_INT_MOST],
        "changed_count": len(changed),
    }


def _int_identity(name):
    """Name and version of a distribution, as its folder is called."""
    name, _, version = name[: -len(".dist-info")].partition("-")
    return _lib_normal(name), version


def _int_code(record):
    """Path, digest and size of each line of a RECORD that stands for code; size 0 where it is not written down."""
    for line in record.decode("utf-8", "replace").splitlines():
        path, _, rest = line.partition(",")
        if not (path.endswith(_INT_CODE) or ".so." in path) or path.startswith(("..", "/", '"')):
            continue  # a comma in the path, and so quotes, is in the names of test data only
        if not _INT_SPARE.intersection(path.split("/")[:-1]):
            digest, _, size = rest.partition(",")
            yield path, digest, int(size) if size.isdigit() else 0


def _int_note_owner(path, digest, name, owners, shared):
    """Remember whose file this is; of two owners with different contents only one can be right."""
    first = owners.setdefault(path, (name, digest))
    if first[0] != name and first[1] != digest and digest and first[1]:
        pair = _int_identity(first[0])[0], _int_identity(name)[0]
        if pair[0] != pair[1]:
            shared.setdefault(pair, []).append(path)


def _int_size(folder, path, disk):
    """The size of a file, None where it is not there; each folder is listed once."""
    parent, _, base = path.rpartition("/")
    if parent not in disk:
        disk[parent] = _int_scan(os.path.join(folder, parent))
    entry = disk[parent].get(base)
    try:
        return None if entry is None else entry.stat().st_size
    except OSError:  # a link that leads nowhere
        return None


def _int_scan(folder):
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry for entry in entries}
    except OSError:
        return {}


def _int_compiled_instead(folder, path, disk):
    """Whether a source was replaced by its compiled form beside it, as `python -m compileall -b` does."""
    return path.endswith(".py") and bool(_int_size(folder, path + "c", disk))
