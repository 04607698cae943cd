"""Read what this user and session are allowed, and how late it is."""

import os
import sys

from .control_groups import processor_quota

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
USER_VARIABLES = ("LOGNAME", "USER", "LNAME", "USERNAME")  # those that getpass.getuser() reads


def read_limits(question: "dict[str, Any]") -> "dict[str, Any]":
    import time

    soft, hard = _open_files()
    uid = os.getuid() if hasattr(os, "getuid") else None
    return {
        "open_files": soft,
        "open_files_most": hard,
        "cpu_quota": processor_quota(),
        "threads_set": next((name for name in THREAD_VARIABLES if os.environ.get(name)), ""),
        "uid": uid,
        "user_listed": uid is None or is_listed(uid),
        "user_named": any(os.environ.get(name) for name in USER_VARIABLES),
        "sudo_user": os.environ.get("SUDO_USER", ""),
        "clock": time.time(),
        "witnesses": [when for when in (_newest_entry(folder) for folder in _installed_folders(question["prefix"])) if when],
        "long_paths": _allows_long_paths(),
    }


def _open_files() -> "tuple[int | None, int | None]":
    """How many files may be open, and to how many that may be raised; -1 for any number, None where nobody counts."""
    try:
        import resource
    except ImportError:
        return None, None
    soft, hard = (-1 if limit == resource.RLIM_INFINITY else limit for limit in resource.getrlimit(resource.RLIMIT_NOFILE))
    return soft, hard


def is_listed(uid: int) -> bool:
    """Whether the system has a name for this user."""
    import pwd

    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _installed_folders(prefix: str) -> "list[str]":
    """Folders that were written when this doctor and the examined environment were installed."""
    here = next((entry for entry in sys.path if os.path.isdir(os.path.join(entry, "mlenv_doctor"))), None)
    ours = os.path.join(here, "mlenv_doctor") if here else os.path.dirname(os.__file__)
    return [ours, prefix] if prefix else [ours]


def _newest_entry(folder: str) -> "float | None":
    """When the newest entry of a folder was written; None where that cannot be told."""
    try:
        with os.scandir(folder) as entries:
            return max((entry.stat(follow_symlinks=False).st_mtime for entry in entries), default=None)
    except OSError:
        return None


def _allows_long_paths() -> "bool | None":
    """Whether Windows allows long paths (LongPathsEnabled in its registry); None elsewhere."""
    if sys.platform != "win32":
        return None
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1
    except OSError:
        return False
