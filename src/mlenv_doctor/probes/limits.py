"""Read what this user and session are allowed, and how late it is."""

_LIMITS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_LIMITS_NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")  # those that getpass.getuser() reads


def read_limits(question):
    import time

    soft, hard = _limits_open_files()
    uid = os.getuid() if hasattr(os, "getuid") else None
    return {
        "open_files": soft,
        "open_files_most": hard,
        "cpu_quota": _cg_processors(),
        "threads_set": next((name for name in _LIMITS_THREADS if os.environ.get(name)), ""),
        "uid": uid,
        "user_listed": uid is None or _limits_listed(uid),
        "user_named": any(os.environ.get(name) for name in _LIMITS_NAMES),
        "sudo_user": os.environ.get("SUDO_USER", ""),
        "clock": time.time(),
        "witnesses": [time for time in (_limits_newest(folder) for folder in _limits_witnesses(question)) if time],
        "long_paths": _limits_long_paths(),
    }


def _limits_open_files():
    """How many files may be open, and to how many that may be raised; -1 for any number, None where nobody counts."""
    try:
        import resource
    except ImportError:
        return None, None
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    return tuple(-1 if limit == resource.RLIM_INFINITY else limit for limit in limits)


def _limits_listed(uid):
    import pwd

    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _limits_witnesses(question):
    """Folders that were written when this doctor and the examined environment were installed."""
    here = next((entry for entry in sys.path if os.path.isdir(os.path.join(entry, "mlenv_doctor"))), None)
    ours = os.path.join(here, "mlenv_doctor") if here else os.path.dirname(os.__file__)
    return [ours, question["prefix"]] if question["prefix"] else [ours]


def _limits_newest(folder):
    """When the newest entry of a folder was written; None where that cannot be told."""
    try:
        with os.scandir(folder) as entries:
            return max((entry.stat(follow_symlinks=False).st_mtime for entry in entries), default=None)
    except OSError:
        return None


def _limits_long_paths():
    """Whether Windows allows long paths (LongPathsEnabled in its registry); None elsewhere."""
    try:
        import winreg
    except ImportError:
        return None
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1
    except OSError:
        return False
