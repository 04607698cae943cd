"""Where else the secrets of `.env` are."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class KeyCopy:
    """A file beside `.env` that is named nearly so and holds secrets. tracked, ignored: what git says; None for no answer."""

    name: str
    mode: str = ""
    open_to_others: bool = False
    tracked: bool | None = None
    ignored: bool | None = None


@dataclass(frozen=True)
class KeyCopies(Fact):
    """Copies of the file with the keys: beside it, in the history of git, in images.

    file:       the one that python-dotenv finds; empty without one.
    folder:     where it lies, or would.
    in_history: the keys in it that a commit has, too, although git does not track the file any more.
    image:      the Dockerfile that copies it into an image; empty where none does. ignore: the file that could leave it out.
    """

    section: ClassVar[str] = "key_copies"
    probe: ClassVar[str] = "mlenv_checks.llm.probes.copies"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "llm.copies"
    quick: ClassVar[bool] = False

    file: str = ""
    copies: tuple[KeyCopy, ...] = ()
    folder: str = ""
    in_history: tuple[str, ...] = ()
    image: str = ""
    ignore: str = ""
