"""Read disk and memory."""

_SYS_INVENTING = ("fuse", "9p", "drvfs", "cifs", "smb", "vboxsf", "virtiofs")  # they make up how many files there can be


def read_system(question):
    places = [
        ("environment", question["prefix"] or question["project"]),
        ("project", question["project"]),
        ("temporary files", _sys_temp()),
        ("downloads", _sys_downloads()),
        ("home", os.path.expanduser("~")),
    ]
    memory = _sys_memory()
    limit, left = _cg_memory()
    shm = _sys_statvfs("/dev/shm") if sys.platform == "linux" else None
    return {
        "disks": [disk for disk in (_sys_disk(use, path) for use, path in places) if disk],
        "memory_total": memory.get("MemTotal"),
        "memory_available": memory.get("MemAvailable"),
        "memory_limit": limit,
        "memory_left": left,
        "swap_total": memory.get("SwapTotal"),
        "shm_total": shm.f_frsize * shm.f_blocks if shm else None,
        "shm_free": shm.f_frsize * shm.f_bavail if shm else None,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "root": hasattr(os, "geteuid") and os.geteuid() == 0,
    }


def _sys_temp():
    """Where temporary files would go, without the test writes of tempfile.gettempdir()."""
    named = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    return next((folder for folder in [*named, "/tmp"] if folder and os.path.isdir(folder)), ".")


def _sys_downloads():
    """Where pip, uv, huggingface_hub and torch keep downloads unless they are told otherwise."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return named if os.path.isabs(named) else os.path.join(os.path.expanduser("~"), ".cache")


def _sys_statvfs(path):
    try:
        return os.statvfs(path)
    except (OSError, AttributeError):
        return None


def _sys_disk(use, path):
    """The file system of a folder, or of its nearest parent that exists."""
    import shutil

    while not os.path.isdir(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    try:
        size = shutil.disk_usage(path)
    except OSError:
        return None
    stats, mount = _sys_statvfs(path), _sys_mount(path)
    counts = stats and sys.platform == "linux" and not _sys_kind(mount).startswith(_SYS_INVENTING)
    return {
        "use": use,
        "path": path,
        "mount": mount,
        "free": size.free,
        "total": size.total,
        "read_only": bool(stats and hasattr(os, "ST_RDONLY") and stats.f_flag & os.ST_RDONLY),
        "inodes": stats.f_files if counts else 0,
        "inodes_free": stats.f_favail if counts else 0,
    }


def _sys_mount(path):
    path = os.path.realpath(path)
    while not os.path.ismount(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _sys_kind(mount):
    """The kind of the file system that is mounted there, such as "ext4"; empty where the kernel does not tell."""
    try:
        with open("/proc/self/mounts", "rb") as file:
            lines = [line.split() for line in file.read(1 << 20).decode("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    escaped = mount.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011").replace("\n", "\\012")
    return next((words[2] for words in reversed(lines) if len(words) > 2 and words[1] == escaped), "")


def _sys_memory():
    """Bytes by the names of /proc/meminfo; elsewhere through psutil, where that is installed."""
    try:
        with open("/proc/meminfo") as file:
            lines = (line.split() for line in file)
            return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 2}
    except (OSError, ValueError):
        pass
    try:
        import psutil
    except ImportError:
        return _sys_memory_by_pages()
    memory = psutil.virtual_memory()
    return {"MemTotal": memory.total, "MemAvailable": memory.available, "SwapTotal": psutil.swap_memory().total}


def _sys_memory_by_pages():
    try:
        return {"MemTotal": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")}
    except (AttributeError, OSError, ValueError):
        return {}
