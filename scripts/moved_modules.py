"""Compare project/data/moved_modules.csv with real wheels: is each module gone, and is what the advice names there?

usage: python3 scripts/moved_modules.py FOLDER

FOLDER holds the newest wheels of the libraries (`pip download --no-deps -d FOLDER NAME …`). Of what is not there nothing is said.
A module that is still there is a question for a reader: it may have lost what it held. It never runs by itself.
"""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from pathlib import Path

TABLE = Path(__file__).parents[1] / "checks/mlenv_checks/project/data/moved_modules.csv"
DOTTED = re.compile(r"\b(?:import|from|in) ([a-z_][\w]*(?:\.[a-z_]\w*)+)")


def contents(folder: Path) -> set[str]:
    """The names of all files in the wheels of a folder."""
    return {name for wheel in sorted(folder.glob("*.whl")) for name in zipfile.ZipFile(wheel).namelist()}


def is_there(module: str, names: set[str]) -> bool:
    """Whether a module or package is among them."""
    path = module.replace(".", "/")
    return f"{path}.py" in names or any(name.startswith(f"{path}/") for name in names)


def main(arguments: list[str]) -> int:
    """0 where everything that is advised is there, 1 otherwise."""
    names = contents(Path(arguments[0]))
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = [row for row in csv.DictReader(lines) if is_there(row["module"].partition(".")[0], names)]
    still = [row["module"] for row in rows if is_there(row["module"], names)]
    advised = [(row["module"], found) for row in rows for found in DOTTED.findall(row["advice"])]
    known = [(module, found) for module, found in advised if is_there(found.partition(".")[0], names)]
    wrong = [(module, found) for module, found in known if not is_there(found, names)]
    print(f"{len(rows)} rows compared; still there: {', '.join(still) or 'none'}")
    for module, found in wrong:
        print(f"{module}: {found} is not there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
