"""Find the checks: the built-in ones and those of installed plug-ins, through the same door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import field, replace
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import BadInput, Broken
from ..facts import Fact
from ..model import Finding, Status
from ..patient import WantedLibrary
from ..records import dataclass
from ..stage import Stage
from ..tables import compiled, text
from .checking import Check
from .entry_points import GROUP, Entry, installed_beside_us
from .relevance import Subject

if TYPE_CHECKING:
    from ..knowledge.setting_up import SettingUp
    from ..knowledge.world import Knowledge

T = TypeVar("T")


class UnknownName(BadInput):
    """A family or a check that does not exist; its text says so and suggests another."""


@dataclass(frozen=True)
class Plugin:
    """What one package brings: checks, stages of the roadmap, libraries to look at, fixes (TOML text), meanings of causes.

    folders: the packages in whose folders more fixes lie. unloaded: the names of the checks and families that nobody asked for.
    subjects: of the families that only matter where certain libraries are used, which those are.
    knowledge: what it knows of error texts; called only when one is to be explained. setting_up: of making an environment.
    """

    name: str
    checks: tuple[Check[...], ...]
    stages: tuple[Stage, ...] = ()
    libraries: tuple[WantedLibrary, ...] = ()
    cheatsheet: str = ""
    causes: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    unloaded: frozenset[str] = frozenset()
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    knowledge: Callable[[], Knowledge] | None = None
    setting_up: Callable[[], SettingUp] | None = None


def find_plugins(entries: Iterable[Entry] | None = None, names: Iterable[str] = ()) -> tuple[Plugin, ...]:
    """All plug-ins, the built-in one first, then by name. One that does not load becomes a check that says so.

    names: the checks and families that are asked for, where not all are; of others only the names need be known.
    """
    found = installed_beside_us() if entries is None else entries
    plugins: list[Plugin] = []
    taken: dict[str, str] = {}
    names = frozenset(names)
    for entry in sorted(found, key=lambda entry: (entry.name != "builtin", entry.name)):
        try:
            plugin = load(entry.name, entry.load(), names)
            plugins.append(without_duplicates(plugin, taken))
        except (Exception, SystemExit) as why:
            plugins.append(Plugin(entry.name, (broken(entry.name, f"does not load: {type(why).__name__}: {why}"),)))
    return tuple(plugins)


def load(name: str, package: ModuleType, names: frozenset[str] = frozenset()) -> Plugin:
    """Read a package's table of contents.

    FAMILIES names its families, each a sub-package; without it the package is a family itself. Stages, libraries and causes
    come from STAGES, LIBRARIES and CAUSES of the package and of each family; fixes and causes also from the files of a family.
    """
    families = tuple(_family(package, family) for family in getattr(package, "FAMILIES", ()))
    places = families if package in families else (package, *families)
    unloaded: set[str] = set()
    return Plugin(
        name,
        tuple(check for family in families or (package,) for check in _checks(family, names, unloaded)),
        tuple(stage for place in places for stage in _all_of(Stage, "STAGES", place)),
        tuple(library for place in places for library in _all_of(WantedLibrary, "LIBRARIES", place)),
        "\n".join(sheet for place in places if (sheet := str(getattr(place, "CHEATSHEET", "")))),
        {cause: meaning for place in places for cause, meaning in _causes(place)},
        tuple(place.__name__ for place in places if hasattr(place, "__path__")),
        frozenset(unloaded),
        {place.__name__.rpartition(".")[2]: subject for place in places if (subject := _subject(place))},
        getattr(package, "KNOWLEDGE", None),
        getattr(package, "SETTING_UP", None),
    )


def _subject(family: ModuleType) -> Subject | None:
    """What a family is about, where it says that it matters only for the users of some libraries."""
    libraries = tuple(map(str, getattr(family, "USED_BY", ())))
    return Subject(libraries, str(getattr(family, "UNUSED", "the project does not use this"))) if libraries else None


def _family(package: ModuleType, family: str | ModuleType) -> ModuleType:
    return import_module(f"{package.__name__}.{family}") if isinstance(family, str) else family


def _checks(family: ModuleType, names: frozenset[str], unloaded: set[str]) -> Iterator[Check[...]]:
    """The checks of a family, in the order of its MODULES; those of a family without MODULES are its own.

    A module is left alone where the build wrote down the ids of its checks, and none of them is among the names asked for.
    The facts of its family are loaded all the same: they know more of the machine than how to be judged.
    """
    for name in getattr(family, "MODULES", ()):
        ids = compiled(family.__name__, f"{name}.py") if names else None
        known = {word for id in ids or () for word in (id, id.partition(".")[0])}
        if ids and not known & names:
            unloaded |= known
            if find_spec(f"{family.__name__}.facts"):
                import_module(f"{family.__name__}.facts")
        else:
            yield from _own_checks(import_module(f"{family.__name__}.{name}"))
    if not getattr(family, "MODULES", ()):
        yield from _own_checks(family)


def _own_checks(module: ModuleType) -> Iterator[Check[...]]:
    return (found for found in vars(module).values() if isinstance(found, Check))


def sheets(plugin: Plugin) -> Iterator[Mapping[str, Any] | str]:
    """The fixes of a plug-in, sheet by sheet: as data where they are compiled, else as TOML."""
    if plugin.cheatsheet:
        yield plugin.cheatsheet
    for folder in plugin.folders:
        data = compiled(folder, "fixes.toml")
        if data is not None:
            yield data
        else:
            with suppress(OSError):
                yield text(folder, "fixes.toml")


def _text(family: ModuleType, name: str) -> str:
    """A text file that lies in the folder of a family; empty where there is none."""
    with suppress(OSError):
        return text(family.__name__, name) if hasattr(family, "__path__") else ""
    return ""


def _causes(family: ModuleType) -> Iterator[tuple[str, str]]:
    """What the causes of a family mean: from CAUSES, and from causes.tsv (cause, tab, meaning)."""
    yield from ((str(cause), str(meaning)) for cause, meaning in dict(getattr(family, "CAUSES", {})).items())
    for line in _text(family, "causes.tsv").splitlines():
        cause, tab, meaning = line.partition("\t")
        if tab and not line.startswith("#"):
            yield cause, meaning


def _all_of(kind: type[T], name: str, package: ModuleType) -> tuple[T, ...]:
    """One list of a package's table of contents. Raises TypeError for what does not belong there."""
    found = tuple(getattr(package, name, ()))
    if wrong := [item for item in found if not isinstance(item, kind)]:
        raise TypeError(f"{name} holds {wrong[0]!r:.60}, which is not a {kind.__name__}")
    return found


def without_duplicates(plugin: Plugin, taken: dict[str, str]) -> Plugin:
    """The first owner of an id keeps it; the second becomes a check that says so."""
    checks: list[Check[...]] = []
    for check in plugin.checks:
        owner = taken.setdefault(check.id, plugin.name)
        fresh = owner == plugin.name and check.id not in {known.id for known in checks}
        checks.append(check if fresh else broken(plugin.name, f"brings {check.id}, which {owner} has already"))
    return replace(plugin, checks=tuple(checks))


def broken(name: str, reason: str) -> Check[[]]:
    """A check that reports what is wrong with a plug-in."""

    def report() -> Finding:
        """Every plug-in loads."""
        raise Broken(f"plug-in {name!r} {reason}")

    return Check(
        "plugin." + "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split()), report, {}, frozenset(), ()
    )


def select(
    checks: Iterable[Check[...]], names: Iterable[str] = (), skip: Iterable[str] = (), unloaded: Iterable[str] = ()
) -> tuple[tuple[Check[...], ...], tuple[Check[...], ...]]:
    """The checks to run and those that were switched off, by families or ids. Raises UnknownName.

    unloaded: the names of what exists besides these checks.
    """
    everything = tuple(checks)
    names, off = set(names), set(skip)
    known = {c.id for c in everything} | {c.family for c in everything} | set(unloaded)
    for name in sorted((names | off) - known):
        raise UnknownName(f"there is no check or family called {name!r}{suggest(name, known)}")
    asked = [c for c in everything if not names or {c.id, c.family} & names or c.family == "plugin"]
    return tuple(c for c in asked if not {c.id, c.family} & off), tuple(c for c in asked if {c.id, c.family} & off)


def suggest(name: str, known: Iterable[str]) -> str:
    """A likely meaning of a mistyped name, or where to look the names up."""
    import difflib

    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else "; `mlenv-doctor list` shows them all"


def needed(checks: Iterable[Check[...]]) -> tuple[type[Fact], ...]:
    """The facts that these checks ask for, each once, in order."""
    return tuple(dict.fromkeys(kind for check in checks for kind in check.needs.values()))


def causes(checks: Iterable[Check[...]]) -> Mapping[str, tuple[Check[...], ...]]:
    """Which checks can name which cause."""
    checks = tuple(checks)
    return {cause: tuple(c for c in checks if cause in c.causes) for check in checks for cause in check.causes}


__all__ = ["GROUP", "Plugin", "Status", "UnknownName", "find_plugins", "needed", "select"]
