"""Read small files of /proc and /sys."""

import os

from mlenv_doctor.probekit import file_text


def small_text(*parts: str) -> str:
    """The text of a small file, without the blanks around it; empty where it cannot be read."""
    return file_text(os.path.join(*parts), 4096).strip("\0\n ")
