"""What the code of a project does with keys."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class KeyNeed:
    """A place in the code that needs a key: any one of these variables.

    nested: whether it stands in a function, a class or behind a condition, so that it may never run.
    """

    any_of: tuple[str, ...]
    file: str = ""
    line: int = 0
    nested: bool = False


@dataclass(frozen=True)
class CodeLine:
    """A line of the project's code. what: the name that stands there."""

    file: str
    line: int = 0
    what: str = ""


@dataclass(frozen=True)
class Hardcoded:
    """A key that stands in a file of the project: whose, by its shape. output: whether a notebook's output shows it."""

    file: str
    line: int = 0
    vendor: str = ""
    output: bool = False
    tracked: bool = False


@dataclass(frozen=True)
class KeyUses(Fact):
    """What the sources and notebooks say about keys; nothing of them is run.

    names:     the variables with keys that it mentions, also under names that are nearly those that libraries read.
    needs:     where a key is read, or a client made that reads it.
    set_here:  variables that the code sets itself. other_file: whether it loads another file than `.env`.
    removed:   names of openai's library before 1.0.
    loads:     where load_dotenv() is called without saying which file, one place for each file.
    hardcoded: at most twenty.
    """

    section: ClassVar[str] = "key_uses"
    probe: ClassVar[str] = "mlenv_checks.llm.probes.code"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "llm.source"
    quick: ClassVar[bool] = False

    names: tuple[str, ...] = ()
    needs: tuple[KeyNeed, ...] = ()
    set_here: tuple[str, ...] = ()
    other_file: bool = False
    removed: tuple[CodeLine, ...] = ()
    loads: tuple[CodeLine, ...] = ()
    hardcoded: tuple[Hardcoded, ...] = ()
