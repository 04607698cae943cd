"""Build mlenv-doctor as one file that runs wherever there is a Python 3.10 or newer, without pip and without venv.

    python3 scripts/zipapp.py --output mlenv-doctor.pyz

The dependencies are those of the environment it is built in; the same versions give the same file, byte for byte.
Must parse on Python 2.7: an old Python is told so in one sentence.
"""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate


def work(arguments):
    """Build in the environment that this runs in if it holds the project, and otherwise in one made for it."""
    workshop.settle("zipapp-venv", groups=("zipapp",), needs=("tomli",))
    import packer

    return packer.main(arguments)


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
