"""The clones in which candidates are tried: linked to the environment file by file where the file system can, else copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .. import image
from ..safety import SPARE, NoRoom, Unfit, megabytes
from ..states import Store


class Clones:
    """Two of them: `base` is the environment with what was found so far, and `trial` is made of it for each candidate.

    A clone runs by its own interpreter (`bin/python -m pip`): the scripts in it still name the environment's.
    """

    def __init__(self, store: Store) -> None:
        """Clone the environment. Raises NoRoom, and OSError; then nothing is left of it."""
        self.environment = store.environment
        self.folder = store.searched()
        self.base, self.trial = self.folder / "base", self.folder / "trial"
        image.remove(self.folder)
        self._before = image.survey(self.environment)
        try:
            self.folder.mkdir()
            self._clone_base()
        except BaseException:
            self.remove()
            raise

    def _clone_base(self) -> None:
        linking = self._can_link()
        needed = image.bytes_to_copy(self._before, linking=linking) + image.bytes_to_copy(self._before, linking=True) + SPARE
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise NoRoom(f"no room to try anything: {self.folder} needs {megabytes(needed)}, and {megabytes(free)} are free")
        image.take(self.environment, self.base, self._before, linking=linking)

    def _can_link(self) -> bool:
        """Whether files of the environment can be linked to from here."""
        probe = self.folder / "link"
        try:
            os.link(self.environment / "pyvenv.cfg", probe)
        except (NotImplementedError, OSError):
            return False
        probe.unlink()
        return True

    def renew(self) -> None:
        """A fresh trial, equal to the base. Raises OSError."""
        image.remove(self.trial)
        image.take(self.base, self.trial, image.survey(self.base), linking=True)

    def keep(self) -> None:
        """What was tried last is the base of what is tried next. Raises OSError."""
        image.remove(self.base)
        os.rename(self.trial, self.base)

    def has_room(self, size: int) -> bool:
        """Whether downloads of this size fit, unpacked and with their archives."""
        return shutil.disk_usage(self.folder).free >= 4 * size + SPARE

    def refuse_if_changed(self) -> None:
        """Raises Unfit where the environment is no longer what was cloned: then nothing is proven for it."""
        if changed := image.compare(self.environment, self._before).content:
            raise Unfit(f"{self.environment} changed during the search ({changed[0].path}); run it again")

    def remove(self) -> None:
        """Leave nothing; what cannot be deleted now the next search or repair deletes."""
        with suppress(OSError):
            image.remove(self.folder)


def inside(argv: Sequence[str], environments: Sequence[Path], clone: Path) -> tuple[str, ...]:
    """A command for an environment, as it is for its clone. environments: all the paths by which commands name it."""
    return tuple(_moved(word, [str(path) for path in environments], str(clone)) for word in argv)


def _moved(word: str, roots: Sequence[str], clone: str) -> str:
    root = next((root for root in roots if word == root or word.startswith(root + os.sep)), None)
    return word if root is None else clone + word[len(root) :]
