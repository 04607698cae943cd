"""The compute capability of a card by its name, for reports that tell no more: by data/gpu_names.csv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mlenv_doctor.api import rows

MAKER = {"nvidia", "graphics", "device", "gpu", "geforce", "tesla", "grid", "card", "generation", "edition", "with", "design"}
FORM = re.compile(
    r"^(?:pcie?|sxm\d?|hbm\w*|nvl\d*|laptop|mobile|max|q|x\d|\d+gb?|\d+[abcq]|super|embedded|workstation|server|rev\w*)"
)


def capability_of_name(name: str) -> str:
    """The compute capability, such as "8.6"; empty for a name that is unknown, cut off or that of several generations."""
    if name.rstrip().endswith("..."):
        return ""
    return _capabilities().get(_core(name), "")


@cache
def _capabilities() -> Mapping[str, str]:
    """The capabilities by the part of the names that decides; those that decide nothing are left out."""
    found: dict[str, set[str]] = {}
    for row in rows(__package__, "gpu_names"):
        found.setdefault(_core(row["name"]), set()).add(row["capability"])
    return {core: next(iter(capabilities)) for core, capabilities in found.items() if core and len(capabilities) == 1}


def _core(name: str) -> str:
    """What decides of a name: without the maker, memory, plug and size, in lower case."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    kept = [word for number, word in enumerate(words) if word not in MAKER and not (number and FORM.fullmatch(word))]
    return " ".join(kept)
