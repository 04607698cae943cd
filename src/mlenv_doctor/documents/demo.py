"""The machines of `check --demo`: snapshots that are stored beside this file. `scripts/demo.py` records them."""

from __future__ import annotations

import gzip
import json
import os
from typing import Any

from ..errors import BadInput


def titles() -> dict[str, str]:
    """What each machine shows, by its name."""
    return {name: str(machine["title"]) for name, machine in _stored()["machines"].items()}


def snapshot(name: str) -> str:
    """The snapshot of a machine, as `mlenv-doctor snapshot` printed it. Raises BadInput."""
    stored = _stored()
    if name not in stored["machines"]:
        raise BadInput(f"--demo {name}: unknown demonstration; choose from {', '.join(stored['machines'])}")
    found = stored["machines"][name]["snapshot"]
    facts = {section: stored["facts"][number] for section, number in found["facts"].items()}
    return json.dumps({**found, "facts": facts})


def _stored() -> Any:
    """Equal facts of several machines are stored once; a machine names each by its number."""
    assert __spec__ is not None and __spec__.loader is not None
    data: bytes = __spec__.loader.get_data(os.path.join(os.path.dirname(__file__), "demo.json.gz"))  # type: ignore[attr-defined]  # of all loaders
    return json.loads(gzip.decompress(data))
