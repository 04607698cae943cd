"""Read who else gets to see `.env`: other users of this machine, and whoever gets the git repository."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def file_exposure(path: str) -> "dict[str, Any]":
    """Who may read the file, and what git makes of it."""
    import stat

    try:
        info = os.stat(path)
        others = os.name == "posix" and _is_open_to_others(path, info)
    except OSError:
        return {}
    tracked, ignored = git_state(path)
    return {"mode": "%04o" % stat.S_IMODE(info.st_mode), "open_to_others": others, "tracked": tracked, "ignored": ignored}


def _is_open_to_others(path: str, info: "os.stat_result") -> bool:
    """Whether another user can read a file: by its own mode, and by those of all the folders on the way to it.

    Drives of Windows in WSL (/mnt/c) show one mode for everything. A group of the owner's own name has only the owner in it.
    """
    import re

    parts = os.path.realpath(path)
    wanted = 0o004 if _has_private_group(info) else 0o044
    if re.match(r"/mnt/[a-z]/", parts) or not info.st_mode & wanted:
        return False
    while os.path.dirname(parts) != parts:
        parts = os.path.dirname(parts)
        if not os.stat(parts).st_mode & (0o001 | (0o010 if wanted & info.st_mode & 0o040 else 0)):
            return False
    return True


def _has_private_group(info: "os.stat_result") -> bool:
    """Whether the group of a file has the name of its owner, or no name."""
    import grp
    import pwd

    try:
        return grp.getgrgid(info.st_gid).gr_name == pwd.getpwuid(info.st_uid).pw_name
    except KeyError:
        return True


def git_state(path: str) -> "tuple[bool | None, bool | None]":
    """Whether git tracks and whether it ignores a file; None without a repository, without git, or without an answer."""
    folder = os.path.dirname(path)
    top = folder
    while not os.path.exists(os.path.join(top, ".git")):
        if os.path.dirname(top) == top:
            return None, None
        top = os.path.dirname(top)
    tracked = _git_answer(folder, "ls-files", "--error-unmatch", "--", path)
    return tracked, None if tracked is None else _git_answer(folder, "check-ignore", "--quiet", "--", path)


def _git_answer(folder: str, *words: str) -> "bool | None":
    """The answer of git about the repository around a folder, whatever GIT_DIR says. It starts no program that is named there."""
    import subprocess

    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    command = ["git", "-c", "core.fsmonitor=false", "-C", folder, *words]
    try:
        done = subprocess.run(
            command,
            timeout=3,
            env=dict(environment, GIT_OPTIONAL_LOCKS="0"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {0: True, 1: False}.get(done.returncode)
