"""Can be written where programs write without being asked, and do the project's paths serve as paths?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Project, Python, Venv

from ..venv.checks import ONE_PURPOSE
from .facts import Folder, Folders

TEMPORARY = "/tmp"
DOWNLOADING = ("huggingface-hub", "transformers", "datasets", "torch", "torchvision", "nltk", "matplotlib")
JUPYTER = ("jupyter-core", "ipykernel", "ipython")


@check("system.temporary-files", causes=("tmp-not-writable", "tmp-noexec"))
def temporary_files_can_be_made(folders: Folders | Missing) -> Finding:
    """Temporary folder.

    pip unpacks and builds there, and torch.compile runs there what it compiled.
    """
    if isinstance(folders, Missing):
        what = "the folders"
        unread = unknown(f"{what} could not be checked: the probe {folders.reason}")
        return skip(f"{what}: {folders.reason}") if folders.kind == Why.NOT_ASKED else unread
    used = next((folder for folder in folders.temporary if not folder.obstacle), None)
    usual = next((folder for folder in folders.temporary if folder.path == TEMPORARY), None)
    if used is None:
        tried = ", ".join(dict.fromkeys(folder.path for folder in folders.temporary)) or "nothing"
        message = f"no writable folder for temporary files (tried: {tried})"
        return fail("tmp-not-writable", message, fix=_open(usual))
    first = folders.temporary[0]
    if first.obstacle and first.variable:
        message = f"{first.variable} names {first.path} for temporary files: {_why(first)}"
        return warn("tmp-not-writable", message, fix=fix("system.temp-unset", variable=first.variable))
    if first.obstacle:
        return warn("tmp-not-writable", f"cannot create temporary files in {first.path}: {_why(first)}", fix=_open(usual))
    if used.noexec and folders.compiler:
        message = f"{used.path} is mounted noexec: building packages and torch.compile fail there"
        return warn("tmp-noexec", message, fix=_runnable(folders))
    return ok(used.path)


def _open(usual: Folder | None) -> Fix:
    """The fix that makes the usual folder for temporary files usable."""
    return fix("system.temp-mount" if usual and usual.obstacle == "read-only" else "system.temp-open")


def _runnable(folders: Folders) -> Fix:
    """The fix for a folder in which nothing runs: the project's disk, if that is better."""
    project = folders.temporary[-1]
    return fix("system.temp-exec") if project.noexec or project.obstacle else fix("system.temp")


def _why(folder: Folder) -> str:
    """Why nothing can be written to a folder, as the end of a sentence."""
    if folder.obstacle == "absent":
        return "the folder does not exist"
    if folder.obstacle == "read-only":
        return "its file system is read-only"
    whose = "yours, but not writable (file mode)" if folder.obstacle == "mode" else f"{folder.owner or 'somebody else'}'s"
    return f"that is {whose}" if folder.existing == folder.path else f"{folder.existing} is {whose}"


@check("system.home", causes=("home-not-writable",))
def home_can_be_written(folders: Folders, libraries: Libraries, place: Place) -> Iterator[Finding]:
    """Home and cache folders.

    Models, wheels and notebooks' settings go into the home folder; where it refuses them, uv and Hugging Face stop with an error.
    """
    found = [_refused(folder, folders) for folder in _needed(folders, libraries, place) if folder.obstacle]
    yield from found
    if not found:
        yield ok(folders.downloads.path or folders.home.path)


def _needed(folders: Folders, libraries: Libraries, place: Place) -> list[Folder]:
    """The folders that something here will write to; of several that one fault closes, the first."""
    downloading = bool(place.uv) or any(libraries.find(name) for name in DOWNLOADING)
    notebooks = any(libraries.find(name) for name in JUPYTER)
    wanted = [*[folders.home] * notebooks, *[folders.downloads] * downloading, *folders.named]
    return list({folder.existing: folder for folder in reversed(wanted)}.values())[::-1]


def _refused(folder: Folder, folders: Folders) -> Finding:
    """A folder that cannot be written, and what helps: its own user's rights, or another folder."""
    what = folder.variable or "the download cache"
    message = f"{folder.path} ({what}) is not writable: {_why(folder)}"
    return warn("home-not-writable", message, subject=folder.variable or "downloads", fix=_kept(folder, folders))


def _kept(folder: Folder, folders: Folders) -> Fix:
    home = folders.home
    below = folder.existing != home.path and folder.existing.startswith(f"{home.path}/")
    if folder.obstacle == "mode":
        return fix("system.folder-unlock", path=folder.existing)
    if folder.obstacle == "owner" and below and not home.obstacle:
        return fix("system.folder-own", path=folder.existing, home=home.path)
    open_to_us = [one.path for one in folders.temporary if not one.obstacle] or ["/dev/shm"]
    better = (
        f"{open_to_us[-1]}/{'.home' if folder.variable == 'HOME' else '.cache'}"  # the last is the project's, if that is open
    )
    return fix("system.folder-elsewhere", variable=folder.variable or "XDG_CACHE_HOME", folder=better)


@check("system.path", causes=("path-with-colon",))
def paths_serve_as_paths(venv: Venv, python: Python | Missing, project: Project, place: Place) -> Finding:
    """Project path.

    A colon ends an entry of PATH: an environment below such a folder cannot be made, and not be activated.
    """
    slash, separator = ("\\", ";") if place.os == "windows" else ("/", ":")
    known = python if isinstance(python, Python) else None
    prefix = venv.target.path if venv.target else known.prefix if known else ""
    tail = "which separates entries of PATH: an environment there cannot be activated"
    if separator in prefix:
        message = f"the path of the environment, {prefix}, has a {separator} in it, {tail}"
        return fail("path-with-colon", message, fix=_renamed(prefix, slash, separator))
    if separator not in project.root:
        return ok(project.root or "no project")
    elsewhere = bool(known and (known.in_venv or known.conda)) or venv.target_conda
    if elsewhere or any(kind in ONE_PURPOSE for kind in place.kinds):
        return ok(f"there is a {separator} in the project's path, but its environment is elsewhere")
    message = f"the project's path, {project.root}, has a {separator} in it, {tail}"
    return fail("path-with-colon", message, fix=_renamed(project.root, slash, separator))


def _renamed(path: str, slash: str, separator: str) -> Fix:
    """Rename the outermost folder that has the character in its name."""
    parts = path.split(slash)
    depth = next(number for number, part in enumerate(parts) if separator in part)
    better = parts[depth].replace(separator, "-")
    return fix("system.rename", old=slash.join(parts[: depth + 1]), new=slash.join([*parts[:depth], better]))
