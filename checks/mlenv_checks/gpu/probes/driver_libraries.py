"""Load a library of the NVIDIA driver, and read the versions that it names."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from ctypes import CDLL


def load_library(names: "Iterable[str]") -> "tuple[CDLL | None, str, str]":
    """Load the first of these libraries that can be loaded. Returns it, its file, and why the last one could not be."""
    import ctypes

    why = ""
    for name in names:
        try:
            library = ctypes.CDLL(name)
        except OSError as error:
            why = str(error)
        else:
            return library, _mapped_file(os.path.basename(name)) or name, ""
    return None, "", why


def _mapped_file(name: str) -> str:
    """The file that a library was really loaded from: the loader's choice, with its links followed."""
    stem = name.split(".so")[0]
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            files = [line.split(None, 5)[-1].strip() for line in maps if stem in line]
    except OSError:
        return ""
    return next((file for file in files if os.path.basename(file).startswith(stem + ".so")), "")


def version_of(number: "int | None") -> str:
    """12020 is how the driver writes 12.2."""
    return "%d.%d" % (number // 1000, number % 1000 // 10) if number else ""
