"""Compile what people write for what programs read: each table as JSON, and of each module the ids of its checks.

    python3 scripts/compiled.py    write them anew in this checkout

The wheel is built with them, as is an editable install. Nobody has to think of them afterwards: one whose text has changed is
not used (src/mlenv_doctor/tables.py).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "checks/mlenv_checks"


def write() -> None:
    """Write the folder `compiled` anew."""
    top = PACKAGE / "compiled"
    shutil.rmtree(top, ignore_errors=True)
    for name, data in made():
        file = top / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def made() -> Iterator[tuple[str, bytes]]:
    """What is compiled, by the name of the file in the package that it is made of."""
    sys.path.append(str(CHECKOUT / "src"))
    from mlenv_doctor.tables import compiling

    for path in sorted(PACKAGE.rglob("*")):
        source = path.read_bytes() if path.suffix in (".toml", ".csv", ".py") else b""
        if source and (path.suffix != ".py" or b"\n@check(" in source):
            yield path.relative_to(PACKAGE).as_posix(), compiling(path.name, source)


if __name__ == "__main__":
    write()
