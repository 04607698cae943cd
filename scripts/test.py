"""Run the tests: make what they need (once, in this checkout's .cache), and run pytest.

    python3 scripts/test.py              the fast ones, with coverage
    python3 scripts/test.py --slow       the slow ones, that need heavy libraries and many seconds
    python3 scripts/test.py --all        both
    python3 scripts/test.py ARGUMENTS    the fast ones, with any arguments of pytest

Must parse on Python 2.7: an old Python is told so in one sentence.
"""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate

COVERED = (
    "model",
    "facts",
    "tables",
    "examine.checking",
    "examine.engine",
    "examine.registry",
    "repair.sheet",
    "running.quote",
)  # of mlenv_doctor, besides all families
WHICH = {"--slow": ["-m", "slow"], "--all": []}


def work(arguments):
    """Run pytest, from the top of the checkout."""
    python = workshop.environment("test-venv", groups=("test",))
    os.chdir(str(workshop.CHECKOUT))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every program that a test starts compiles all modules again
    return workshop.become(python, "-m", "pytest", "-n", "2", *pytest_arguments(arguments))


def pytest_arguments(arguments):
    """The arguments of pytest. Coverage is only complete, and only asked for, when all fast tests run."""
    which = [word for option in arguments for word in WHICH.get(option, ())]
    passed = [option for option in arguments if option not in WHICH]
    if not set(arguments) & set(WHICH):
        which = ["-m", "not slow"]
    return which + passed + ([] if arguments else coverage())


def coverage():
    """The options that demand every branch of what judges."""
    measured = ["mlenv_checks"] + ["mlenv_doctor." + name for name in COVERED]
    return ["--cov=" + name for name in measured] + [
        "--cov-branch", "--cov-fail-under=100", "--cov-report=term-missing:skip-covered",
    ]  # fmt: skip


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
