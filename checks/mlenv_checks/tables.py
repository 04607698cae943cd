"""Read the tables of `data/`: what is known of the world, each with its sources and date in its first lines."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a table by the names of its columns, also out of a zip file. Lines that begin with # are remarks."""
    loader: Any = __spec__.loader
    text: str = loader.get_data(str(DATA / f"{name}.csv")).decode("utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
