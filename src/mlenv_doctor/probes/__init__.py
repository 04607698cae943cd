"""How facts are read: programs that run as processes of their own. They are data here, never imported.

`prelude.py` is the frame; each other file holds the `read_SECTION(question)` functions of one subject.
Those for the target use the standard library of Python 3.6 only; those for the host may use our libraries.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any


def source(probes: Iterable[str], question: Mapping[str, Any]) -> bytes:
    """The whole program: the frame, the given probes, and the question they are asked."""
    parts = [text(name) for name in ("prelude", *probes)]
    return b"\n".join([*parts, f"main(json.loads({json.dumps(json.dumps(question))}))\n".encode("ascii")])


def text(name: str) -> bytes:
    """The text of one probe, also out of a zip file."""
    assert __spec__ is not None and __spec__.loader is not None
    data: bytes = __spec__.loader.get_data(os.path.join(os.path.dirname(__file__), f"{name}.py"))  # type: ignore[attr-defined]  # of all loaders
    return data
