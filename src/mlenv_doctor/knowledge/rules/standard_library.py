"""A module of Python's own library that is missing: gone since a version, or not built on this machine."""

from __future__ import annotations

from ..reading import Cure, Kind, Reading
from .common import Case

BUILT_IN = {  # extension modules of Python's own library, and what the system must bring before Python is built
    "_ctypes": "libffi-dev",
    "ctypes": "libffi-dev",
    "_sqlite3": "libsqlite3-dev",
    "_bz2": "libbz2-dev",
    "_lzma": "liblzma-dev",
    "_ssl": "libssl-dev",
    "_hashlib": "libssl-dev",
    "_tkinter": "tk-dev",
    "tkinter": "tk-dev",
    "Tkinter": "tk-dev",
    "_curses": "libncurses-dev",
    "readline": "libreadline-dev",
    "_dbm": "libgdbm-dev",
    "_gdbm": "libgdbm-dev",
    "_uuid": "uuid-dev",
    "zlib": "zlib1g-dev",
}
OF_PACKAGES = {  # the extension that a module of that name stands on
    **{name: name for name in BUILT_IN},
    "ctypes": "_ctypes",
    "tkinter": "_tkinter",
    "Tkinter": "_tkinter",
}
REMOVED = {
    "distutils": "3.12",
    "imp": "3.12",
    "asynchat": "3.12",
    "asyncore": "3.12",
    "smtpd": "3.12",
    "cgi": "3.13",
    "cgitb": "3.13",
    "crypt": "3.13",
    "imghdr": "3.13",
    "audioop": "3.13",
    "aifc": "3.13",
    "chunk": "3.13",
    "mailcap": "3.13",
    "msilib": "3.13",
    "nis": "3.13",
    "nntplib": "3.13",
    "ossaudiodev": "3.13",
    "pipes": "3.13",
    "sndhdr": "3.13",
    "spwd": "3.13",
    "sunau": "3.13",
    "telnetlib": "3.13",
    "uu": "3.13",
    "xdrlib": "3.13",
    "lib2to3": "3.13",
    "binhex": "3.11",
    "formatter": "3.10",
    "parser": "3.10",
    "symbol": "3.10",
}
BACKPORTS = {
    "audioop": "audioop-lts",
    "telnetlib": "standard-telnetlib",
    "cgi": "legacy-cgi",
    "imghdr": "standard-imghdr",
    "pipes": "standard-pipes",
    "aifc": "standard-aifc",
    "sndhdr": "standard-sndhdr",
    "distutils": "setuptools",
}


def of_python(case: Case, name: str, top: str, at: int) -> Reading | None:
    """Parts of Python's own library that are gone since a version, or that were not built."""
    if top in REMOVED and not (top == "parser" and "." in name):
        since = REMOVED[top]
        user = case.user(at, "")
        who = case.library(user) if user and user.top else "the program"
        back = BACKPORTS.get(top)
        notes = (f"Or install a replacement for now: pip install {back}",) if back else ()
        cure = Cure(
            f"Upgrade {who}, or use a Python older than {since}",
            install=(who,) if case.is_known(who) else (),
            upgrade=True,
            notes=notes,
        )
        cause = "distutils-removed" if top in ("distutils", "imp") else "python-too-new"
        if top == "distutils" and case.facts.version("python") and case.facts.meets("python>=3.12") is False:
            return _system_part(case, top, "python3-distutils")
        return Reading(Kind.ENVIRONMENT, f"{who} imports {top}, which Python {since} removed", cause, who, cure)
    return _system_part(case, top, BUILT_IN[top]) if top in BUILT_IN else None


def _system_part(case: Case, top: str, package: str) -> Reading:
    if top in ("tkinter", "_tkinter", "Tkinter"):
        cure = Cure(
            "Install tkinter for this Python",
            run=("sudo apt-get install python3-tk",),
            admin=True,
            notes=(
                "macOS with Homebrew: brew install python-tk. A Python built by pyenv has to be built again "
                "after installing tk-dev.",
            ),
        )
    elif top == "distutils":
        cure = Cure(
            "Install the part of Python that Debian ships separately", run=("sudo apt-get install python3-distutils",), admin=True
        )
    else:
        cure = Cure(
            f"Install {package}, then build this Python again",
            run=(f"sudo apt-get install {package}",),
            admin=True,
            notes=(
                "With pyenv: pyenv install --force VERSION. Or use the Python of the system, of uv or of conda, which has it.",
            ),
        )
    return Reading(
        Kind.ENVIRONMENT,
        f"This Python was built without {top}, a part of its standard library",
        "stdlib-extension-missing",
        top,
        cure,
    )
