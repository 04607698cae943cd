"""Judge a machine with many distributions, and print the seconds of CPU time that it took.

    python3 scripts/judging.py 20000

Each asks for others, every fourth is damaged, every eighth shares files with the next, and every twentieth is listed twice.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from mlenv_checks.libraries.facts import Flaw, Integrity, Overlap
from mlenv_doctor.examine.engine import judge
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.patient import Declared, Distribution, Libraries, Project, Python, Wanted, WantedLibrary

SITE = "/v/lib/python3.11/site-packages"


def distribution(number: int, many: int) -> Distribution:
    """One that asks for others, some of which are not there."""
    name = f"pkg-{number}"
    asked = (f"pkg-{(number + 1) % many}>=1.0", f"pkg-{number * 7 % many}<2,>=0.1; python_version>='3.8'", f"gone-{number % 100}")
    return Distribution(name, f"1.{number % 50}.{number % 7}", SITE, f"{SITE}/{name}-1.dist-info", "pip", asked)


def machine(many: int) -> dict[Any, Any]:
    """The facts that the checks of libraries ask for."""
    every = tuple(distribution(number, many) for number in range(many))
    flaws = tuple(Flaw(f"pkg-{n}", "1.0", installer="pip", files=9, lost=("a.py",), lost_count=1) for n in range(0, many, 4))
    overlaps = tuple(Overlap(f"pkg-{n}", f"pkg-{n + 1}", 3, ("p/a.py", "p/b.py")) for n in range(0, many, 8))
    wanted = [WantedLibrary(f"pkg-{n}", ">=1", True, (f"pkg_{n}",), source="r.txt", line=n) for n in range(0, many, 10)]
    return {
        Python: Python(executable="/v/bin/python", version="3.11.7", prefix="/v", base_prefix="/usr", purelib=SITE),
        Libraries: Libraries(every + every[::20]),
        Integrity: Integrity(many, flaws, overlaps),
        Wanted: Wanted((*find_plugins()[0].libraries, *wanted)),
        Project: Project(requirements=tuple(Declared(f"pkg-{n}>=1", "r.txt", n) for n in range(0, many, 10))),
    }


def main(many: int) -> None:
    """Print the time."""
    facts = machine(many)
    started = time.process_time()
    judge(find_plugins()[0].checks, facts)
    print(time.process_time() - started)


if __name__ == "__main__":
    main(int(sys.argv[1]))
