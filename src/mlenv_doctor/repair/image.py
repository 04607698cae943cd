"""The image of a folder: every file linked or copied beside it with all its metadata, and the list by which it is verified.

A hard link costs no room and no time, but whoever writes *into* a file writes into the image as well. pip and uv never do that:
they unlink a file and write a new one. So what an installer changes is linked, what people and scripts edit in place (settings,
start files, scripts) is copied, and where anything else is about to run all is copied. With reflinks a copy is free as well.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

EDITED = (".pth", ".egg-link", ".cfg", ".ini", ".json")  # files in site-packages that tools edit in place
RECORDS = (".dist-info", ".egg-info")  # folders whose files some tools edit in place
SMALL = 1 << 20  # bytes: what is larger is no file that somebody edits
NO_LINK = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES, errno.EINVAL)
FICLONE = 0x40049409  # ioctl_ficlone(2): a copy that shares its blocks until one of the two is written


class Item(NamedTuple):
    """One file, link or folder as it was. kind: "d", "f", "l", or "o" for a socket and its like."""

    path: str
    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    target: str = ""


class Difference(NamedTuple):
    """What is no longer as it was: those of which only rights, owner or time changed, and those whose content did."""

    metadata: tuple[Item, ...] = ()
    content: tuple[Item, ...] = ()


def survey(root: Path) -> list[Item]:
    """Everything below a folder (or one file), sorted so that a folder comes before what is in it. Raises OSError."""
    top = os.lstat(root)
    found = [_item("", str(root), top)]
    if stat.S_ISDIR(top.st_mode):
        found.extend(_below(str(root), ""))
    return found


def _below(folder: str, prefix: str) -> Iterator[Item]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            item = _item(prefix + entry.name, entry.path, entry.stat(follow_symlinks=False))
            yield item
            if item.kind == "d":
                yield from _below(entry.path, f"{item.path}/")


def _item(path: str, full: str, found: os.stat_result) -> Item:
    kind = _kind(found.st_mode)
    target = os.readlink(full) if kind == "l" else ""
    size = found.st_size if kind == "f" else 0
    return Item(path, kind, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, size, found.st_mtime_ns, target)


def _kind(mode: int) -> str:
    return "d" if stat.S_ISDIR(mode) else "l" if stat.S_ISLNK(mode) else "f" if stat.S_ISREG(mode) else "o"


def take(source: Path, image: Path, items: list[Item], *, linking: bool) -> list[Item]:
    """Make the image of a folder or of one file, whose survey `items` is. Raises OSError; what is there by then is a torso.

    linking: whether what an installer replaces may be linked. Copies are compared with what they were made from.
    """
    for item in items:
        here, there = _inside(source, item), _inside(image, item)
        if item.kind == "d":
            os.mkdir(there, 0o700)
        elif not (_unedited(item) and linking and _link(here, there)):
            _copy(item, here, there)
    for item in reversed(items):  # a folder last: what is put into it changes its time
        if item.kind == "d":
            shutil.copystat(_inside(source, item), _inside(image, item))
            _own(item, _inside(image, item))
    return items


def bytes_to_copy(items: list[Item], *, linking: bool) -> int:
    """How much room an image needs at most, as far as files are copied for it."""
    return sum(item.size for item in items if item.kind == "f" and not (linking and _unedited(item)))


def _inside(image: Path, item: Item) -> str:
    return f"{image}/{item.path}" if item.path else str(image)


def _unedited(item: Item) -> bool:
    """Whether a file is one that installers replace and nobody edits in place: code, data and compiled libraries."""
    if item.kind != "f" or item.size > SMALL:
        return True
    folder, _, name = item.path.rpartition("/")
    if "site-packages/" not in item.path:
        return False
    return not name.endswith(EDITED) and not folder.endswith(RECORDS)


def _link(here: str, there: str) -> bool:
    """Link a file; False where this file system cannot. A symbolic link is linked itself: it cannot be written into."""
    try:
        os.link(here, there, follow_symlinks=False)
    except (NotImplementedError, OSError) as why:
        if isinstance(why, OSError) and why.errno not in NO_LINK:
            raise
        return False
    return True


def _copy(item: Item, here: str, there: str) -> None:
    """Copy one file or link, whole: content, rights, owner, times, attributes."""
    if item.kind == "l":
        os.symlink(item.target, there)
    elif item.kind == "f":
        if not _reflink(here, there):
            shutil.copyfile(here, there)
        if not filecmp.cmp(here, there, shallow=False):
            raise OSError(errno.EIO, f"{here} changed while it was copied")
    else:
        return  # a socket or a pipe lives as long as its process
    _own(item, there)
    with suppress(NotImplementedError):
        shutil.copystat(here, there, follow_symlinks=False)


def _reflink(here: str, there: str) -> bool:
    """Copy by sharing blocks; False where this file system cannot."""
    if sys.platform != "linux":
        return False
    import fcntl

    with open(here, "rb") as old, open(there, "wb") as new:
        try:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
        except OSError:
            return False
    return True


def _own(item: Item, there: str) -> None:
    """Give a copy the owner that the original has, where that may be done and is not so already."""
    if not hasattr(os, "lchown"):
        return
    found = os.lstat(there)
    if (found.st_uid, found.st_gid) != (item.uid, item.gid):
        with suppress(PermissionError):
            os.lchown(there, item.uid, item.gid)
            if item.kind != "l":
                os.chmod(there, item.mode)  # a new owner takes set-user-ID bits away


def compare(image: Path, items: list[Item]) -> Difference:
    """What of an image is no longer as the list says: somebody wrote through a link. Raises OSError."""
    metadata: list[Item] = []
    content: list[Item] = []
    for item in items:
        try:
            now = _item(item.path, _inside(image, item), os.lstat(_inside(image, item)))
        except FileNotFoundError:
            content.append(item)
            continue
        if now == item or item.kind == "o":
            continue
        same = (now.kind, now.size, now.target) == (item.kind, item.size, item.target)
        told = same and (now.mtime_ns == item.mtime_ns or item.kind != "f")
        (metadata if told else content).append(item)
    return Difference(tuple(metadata), tuple(content))


def mend(image: Path, items: tuple[Item, ...]) -> None:
    """Give back rights, owner and time to what was changed through a link. Raises OSError."""
    for item in reversed(items):
        there = _inside(image, item)
        _own(item, there)
        if item.kind != "l":
            os.chmod(there, item.mode)
        if os.utime in os.supports_follow_symlinks or item.kind != "l":
            os.utime(there, ns=(os.lstat(there).st_atime_ns, item.mtime_ns), follow_symlinks=item.kind != "l")


def remove(folder: Path) -> None:
    """Delete a folder or file, read-only folders in it as well; what is not there need not go. Raises OSError."""
    if folder.is_symlink() or not folder.is_dir():
        with suppress(FileNotFoundError):
            folder.unlink()
        return
    try:
        shutil.rmtree(folder)
    except PermissionError:
        for top, _, _ in os.walk(folder):
            with suppress(OSError):
                os.chmod(top, 0o700)
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
