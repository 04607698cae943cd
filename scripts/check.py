"""Examine this machine: make what mlenv-doctor itself needs (once, in this checkout's .cache), and run it.

    python3 scripts/check.py [whatever `mlenv-doctor` takes]

Must parse on Python 2.7: an old Python is told so in one sentence.
"""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate


def work(arguments):
    """Run mlenv-doctor. Isolated (-I): what the user's PYTHONPATH holds is looked at, not imported."""
    python = workshop.environment("doctor-venv")
    os.environ["MLENV_DOCTOR_CALLED"] = "python3 " + sys.argv[0]
    return workshop.become(python, "-I", "-m", "mlenv_doctor", *arguments)


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
