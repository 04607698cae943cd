"""Look at the code itself: style, format, types, the direction of imports, and whether the catalogue is fresh.

python3 scripts/lint.py
"""

import os
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate


def work(arguments):
    """Run each look and say which failed."""
    python = workshop.environment("lint-venv", groups=("lint",))
    folder = workshop.CHECKOUT
    looks = [
        [python.with_name("ruff"), "check", "."],
        [python.with_name("ruff"), "format", "--check", "."],
        [python.with_name("mypy")],
        [python.with_name("lint-imports")],
        [python, "scripts/catalogue.py", "--check"],
    ]
    failed = [look for look in looks if subprocess.call([str(word) for word in look], cwd=str(folder))]
    for look in failed:
        print("failed: " + " ".join([look[0].name] + look[1:]))
    return 1 if failed else 0


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
