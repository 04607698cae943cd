"""Read what a compiled file of Linux asks its loader for: DT_NEEDED, and the folders of DT_RPATH and DT_RUNPATH.

The format: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html.
"""

import struct

from mlenv_doctor.probekit import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, List, NamedTuple, Optional, Tuple

    Linked = NamedTuple("Linked", [("machine", int), ("needed", "List[str]"), ("rpath", "List[str]"), ("runpath", "List[str]")])
else:
    from collections import namedtuple

    Linked = namedtuple("Linked", "machine needed rpath runpath")

LOAD, DYNAMIC = 1, 2  # kinds of segments
NEEDED, STRTAB, STRSZ, RPATH, RUNPATH = 1, 5, 10, 15, 29  # kinds of entries
MOST_SEGMENTS, MOST_DYNAMIC, MOST_NAMES = 64, 1 << 16, 1 << 24  # bytes, of the last two
MOST_LIBRARIES, LONGEST = 200, 4096  # LONGEST: bytes of one name or list of folders


def linked(path: str) -> "Optional[Linked]":
    """What a file is linked to; None for what is no compiled file or is damaged."""
    try:
        with open_file(path) as file:
            return _linked(file)
    except (OSError, struct.error, ValueError, OverflowError):
        return None


def _linked(file: "IO[bytes]") -> "Optional[Linked]":
    start = file.read(64)
    if start[:4] != b"\x7fELF" or start[4:5] not in (b"\x01", b"\x02"):
        return None
    wide, order = start[4] == 2, "<" if start[5] == 1 else ">"
    (machine,) = struct.unpack_from(order + "H", start, 18)
    segments = _segments(file, start, wide, order)
    dynamic = next(((offset, size) for kind, offset, _, size in segments if kind == DYNAMIC), None)
    if dynamic is None:
        return Linked(machine, [], [], [])
    return _entries(file, machine, dynamic, segments, order + ("qQ" if wide else "iI"))


def _segments(file: "IO[bytes]", start: bytes, wide: bool, order: str) -> "List[Tuple[int, int, int, int]]":
    """Kind, offset in the file, address and size of each segment."""
    (table,) = struct.unpack_from(order + ("Q" if wide else "I"), start, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", start, 54 if wide else 42)
    file.seek(table)
    data = file.read(size * min(count, MOST_SEGMENTS))
    found = []
    for at in range(0, len(data) - size + 1, size or 1):
        if wide:
            kind, _, offset, address, _, length = struct.unpack_from(order + "IIQQQQ", data, at)
        else:
            kind, offset, address, _, length = struct.unpack_from(order + "IIIII", data, at)
        found.append((kind, offset, address, length))
    return found


def _entries(file: "IO[bytes]", machine: int, dynamic: "Tuple[int, int]", segments: "Any", form: str) -> "Linked":
    file.seek(dynamic[0])
    data = file.read(min(dynamic[1], MOST_DYNAMIC))
    entries = list(struct.iter_unpack(form, data[: len(data) // struct.calcsize(form) * struct.calcsize(form)]))
    end = next((number for number, (kind, _) in enumerate(entries) if kind == 0), len(entries))
    values = dict(entries[:end])
    at = _offset(values.get(STRTAB, 0), segments)
    file.seek(at)
    names = file.read(min(values.get(STRSZ, 0), MOST_NAMES))

    def named(kind: int) -> "List[str]":
        wanted = [value for found, value in entries[:end] if found == kind and value < len(names)][:MOST_LIBRARIES]
        return [word(names, value) for value in wanted]

    folders = {kind: [part for text in named(kind) for part in text.split(":") if part] for kind in (RPATH, RUNPATH)}
    return Linked(machine, named(NEEDED), folders[RPATH], folders[RUNPATH])


def word(data: bytes, at: int) -> str:
    """The text that begins at a place and ends with a zero."""
    return data[at : at + LONGEST].partition(b"\0")[0].decode("utf-8", "replace")


def _offset(address: int, segments: "Any") -> int:
    """Where in the file an address of memory lies."""
    fits = (offset + address - at for kind, offset, at, size in segments if kind == LOAD and at <= address < at + size)
    return next(fits, 0)
