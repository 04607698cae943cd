"""What a new environment has to hold: what the project asks for, else the cheat sheet's libraries of the stages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..foreign.text import Unspeakable, word
from ..knowledge.setting_up import First
from ..patient import Declared, Project, Wanted, WantedLibrary
from ..patient.wanted import ONE_OF_SEVERAL, Wishes


@dataclass(frozen=True)
class Asked:
    """What is installed. words: for the installer: `-r` and files, or requirements. first: what comes before it.

    what: the same in words. names: of the libraries, as far as they are known beforehand. lock: uv.lock decides.
    """

    words: tuple[str, ...] = ()
    what: str = ""
    names: tuple[str, ...] = ()
    first: First | None = None
    lock: bool = False

    def holds(self, *names: str) -> bool:
        """Whether one of these libraries is asked for."""
        return any(name in self.names for name in names)


def asked(
    folder: Path, project: Project, wanted: Wanted, wished: Wishes, known: Iterable[WantedLibrary], first: First | None
) -> Asked:
    """Work it out."""
    libraries = {library.name: library for library in wanted.libraries if library.required}
    if ONE_OF_SEVERAL in wished.profiles:
        libraries |= {library.name: library for library in known if library.stage == ONE_OF_SEVERAL}
    own = project.requirements if project.declares else ()
    lists = _lists(own, folder)
    told = {library.name for library in libraries.values() if library.line}
    more = [_written(library) for name, library in libraries.items() if name not in told]
    texts = [each.text for each in own if not each.file.endswith(".txt")] + more
    words = (*(word for file in lists for word in ("-r", file)), *filter(_speakable, texts))
    where = [PurePath(file).name for file in dict.fromkeys(each.file for each in own)][:3]
    sources = [f"what {' and '.join(where)} asks for"] if where else []
    if more:
        stages = f"stage{'' if len(wished.profiles) == 1 else 's'} {', '.join(wished.profiles)}"
        sources.append(f"the libraries of the {stages if wished.profiles else 'roadmap'}")
    lock = bool(own) and (folder / "uv.lock").is_file()
    return Asked(words, " and ".join(sources), tuple(libraries), first, lock)


def _lists(own: Iterable[Declared], folder: Path) -> list[str]:
    """The files that list requirements: requirements.txt alone where there is one, since it may include the others."""
    files = [file for file in dict.fromkeys(each.file for each in own) if file.endswith(".txt")]
    root = [file for file in files if PurePath(file).name == "requirements.txt"]
    return [str(folder / file) for file in root[:1] or files]


def _written(library: WantedLibrary) -> str:
    """A library as it is asked for (PEP 508)."""
    extras = f"[{','.join(library.extras)}]" if library.extras else ""
    return f"{library.name}{extras} @ {library.address}" if library.address else f"{library.name}{extras}{library.specifier}"


def _speakable(text: str) -> bool:
    """Whether a requirement can be shown, and no installer takes it for an option."""
    try:
        return not word(text).startswith("-")
    except Unspeakable:
        return False
