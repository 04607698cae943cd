"""Who works here, and in which alphabet?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, check, fix, ok, skip, warn
from mlenv_doctor.patient import Place, Python

from ..venv.checks import ONE_PURPOSE
from .facts import Limits

WHOLE = frozenset(["utf8", "utf8sig", "utf16", "utf32", "cp65001", "gb18030"])  # they have a code for every letter
FORGIVING = frozenset(["replace", "ignore", "backslashreplace", "namereplace", "xmlcharrefreplace"])


@check("system.user", causes=("uid-without-passwd", "running-as-root"))
def user_has_a_name(limits: Limits, place: Place) -> Finding:
    """User account.

    Libraries ask for it to name their caches: "KeyError: 'getpwuid(): uid not found'".
    """
    if limits.uid is None:
        return skip("this system has no user IDs")
    if not limits.user_listed and not limits.user_named:
        message = f"user ID {limits.uid} has no name in the system or in USER"
        return warn("uid-without-passwd", message, fix=fix("system.user-name"))
    if limits.uid == 0 and limits.sudo_user and not any(kind in ONE_PURPOSE for kind in place.kinds):
        return ok("running as root through sudo: new files will belong to root")
    return ok("root" if limits.uid == 0 else f"user {limits.uid}")


@check("system.encoding", causes=("locale-not-utf8",))
def texts_are_utf8(python: Python, place: Place) -> Finding:
    """Text encoding.

    Otherwise a progress bar, an emoji in a commit or a letter of a data set ends in UnicodeEncodeError or UnicodeDecodeError.
    """
    if _whole(python.open_encoding) and (_whole(python.stdout_encoding) or python.stdout_errors in FORGIVING):
        return ok("UTF-8")
    if place.os == "windows":
        return ok(f"{python.open_encoding}, as is usual on Windows: use encoding='utf-8' when you open a file")
    if python.minor < (3, 7):
        return skip("this Python is too old to default to UTF-8", blocked_by="python.version")
    if _whole(python.open_encoding):
        message = f"PYTHONIOENCODING is {python.io_encoding}: characters outside this encoding cannot be printed"
        return warn("locale-not-utf8", message, fix=fix("system.io-encoding"))
    message = f"the locale makes Python use {python.open_encoding} for text files; most files are UTF-8"
    return warn("locale-not-utf8", message, fix=fix("system.utf8"))


def _whole(encoding: str) -> bool:
    """Whether an encoding can express every letter."""
    return encoding.lower().replace("-", "").replace("_", "") in WHOLE
