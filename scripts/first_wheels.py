"""Check libraries/data/first_wheels.csv against a package index: the first release with a wheel for each Python.

usage: python3 scripts/first_wheels.py [--write] [uv options, such as --default-index URL]

uv resolves each row to the oldest release that has a wheel for this Python on Linux x86-64; only metadata is downloaded. What
differs is shown, and written only with --write. A row for which no wheel is found is dropped. A library that has old wheels for
any Python does not belong in the table: pip would take one of those. It never runs by itself.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

TABLE = Path(__file__).parents[1] / "checks/mlenv_checks/libraries/data/first_wheels.csv"
RESOLVE = ("uv", "pip", "compile", "--resolution=lowest", "--no-deps", "--only-binary=:all:", "--no-header", "--no-annotate")
SECONDS = 120


def first_wheel(library: str, python: str, options: Iterable[str] = ()) -> str:
    """The oldest release with a wheel, as uv finds it; empty where none has one. Raises OSError and TimeoutExpired."""
    place = ("--python-version", python, "--python-platform", "x86_64-manylinux_2_28")
    done = subprocess.run(
        [*RESOLVE, *place, *options, "-"], input=f"{library}\n", capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = re.search(rf"^{re.escape(library)}==(\S+)$", done.stdout, re.M)
    return found[1] if found else ""


def renewed(rows: Iterable[dict[str, str]], options: Iterable[str] = ()) -> list[dict[str, str]]:
    """The rows as the index has them; each difference is printed."""
    kept = []
    for row in rows:
        found = first_wheel(row["library"], row["python"], options)
        if found != row["first"]:
            print(f"{row['library']} on Python {row['python']}: {row['first']} -> {found or 'no wheel'}")
        kept += [{**row, "first": found}] if found else []
    return kept


def main(arguments: list[str]) -> int:
    """0 where the table agrees with the index, 1 where it does not."""
    lines = TABLE.read_text("utf-8").splitlines(keepends=True)
    notes = [line for line in lines if line.startswith("#")]
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    kept = renewed(rows, [word for word in arguments if word != "--write"])
    if "--write" in arguments:
        body = "".join(f"{row['library']},{row['python']},{row['first']}\n" for row in kept)
        TABLE.write_text("".join(notes) + "library,python,first\n" + body, "utf-8")
    print(f"{sum(row in kept for row in rows)} of {len(rows)} rows agree with the index")
    return 0 if kept == rows else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
