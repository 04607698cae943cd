"""Real libraries in an environment of the patient's own, of any Python, with a real pip and a way to the package index."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from lab.patient import other_python
from lab.ward import Ward

UV = Path(sys.executable).with_name("uv")


def real(
    *packages: str, python: str = "3.11", asks: str | None = None, harm: Callable[[Ward], object] | None = None
) -> Callable[[Ward], None]:
    """A project that asks for these packages (or for `asks`), all installed for real, and then harmed."""

    def make(ward: Ward) -> None:
        at_the_index(ward)
        ward.venv(python=other_python(python), libraries=(), pip=False)
        install(ward, "pip", *packages)
        ward.write("requirements.txt", "\n".join(packages if asks is None else asks.split()) + "\n")
        if harm:
            harm(ward)

    return make


def install(ward: Ward, *words: str) -> None:
    """Install into the patient's environment, by copies: what is harmed there must not be harmed in uv's cache."""
    command = [UV, "pip", "install", "--quiet", "--link-mode", "copy", "--python", ward.python, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def installing(*words: str) -> Callable[[Ward], None]:
    """Harm done by an installation."""
    return lambda ward: install(ward, *words)


def shell(*lines: str) -> Callable[[Ward], None]:
    """Harm done by shell lines in site-packages."""

    def harm(ward: Ward) -> None:
        subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=ward.site, check=True)

    return harm


def at_the_index(ward: Ward) -> None:
    """Give the patient what is needed to reach the package index from here."""
    ward.environ |= {
        name: value for name, value in os.environ.items() if name.upper().startswith("PIP_") or "proxy" in name.lower()
    }
    config = Path.home() / ".config/pip/pip.conf"
    if config.is_file():
        ward.environ["PIP_CONFIG_FILE"] = str(config)
