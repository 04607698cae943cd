"""`python -m mlenv_doctor`. Nothing of the working directory may be imported in our place, so it leaves the path first."""

import sys

if sys.path and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]  # `python -m` puts the working directory there

from mlenv_doctor.cli.entry import main

if __name__ == "__main__":
    main()
