"""Measure whether mlenv-doctor is as fast and as small as it promises: ratios of times taken in one run, on this machine.

    python3 scripts/bench.py [--heavy VENV]

VENV is an environment with all libraries of the cheat sheet; without it, the one of the lab is made (2.6 GB, once).
Needs hyperfine. Exit code 1: a target is missed. Must parse on Python 2.7: an old Python is told so in one sentence.
"""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate


def work(arguments):
    """Measure in an environment of our own, so that what is measured is what people install."""
    workshop.settle("doctor-venv", groups=("engines",), needs=("ClusterShell",))
    import measure

    return measure.main(arguments)


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
