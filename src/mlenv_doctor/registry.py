"""Find the checks: the built-in ones and those of installed plug-ins, through the same door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

from .checking import Check
from .errors import BadInput, Broken
from .facts import Fact, WantedLibrary
from .model import Finding, Stage, Status

GROUP = "mlenv_doctor.checks"
T = TypeVar("T")


class UnknownName(BadInput):
    """A family or a check that does not exist; its text says so and suggests another."""


@dataclass(frozen=True)
class Plugin:
    """What one package brings: checks, stages of the roadmap, libraries to look at, fixes (TOML text), meanings of causes."""

    name: str
    checks: tuple[Check[...], ...]
    stages: tuple[Stage, ...] = ()
    libraries: tuple[WantedLibrary, ...] = ()
    cheatsheet: str = ""
    causes: Mapping[str, str] = field(default_factory=dict)


def find_plugins(entries: Iterable[EntryPoint] | None = None) -> tuple[Plugin, ...]:
    """All plug-ins, the built-in one first, then by name. One that does not load becomes a check that says so."""
    found = entry_points(group=GROUP) if entries is None else entries
    plugins: list[Plugin] = []
    taken: dict[str, str] = {}
    for entry in sorted(found, key=lambda entry: (entry.name != "builtin", entry.name)):
        try:
            plugin = load(entry.name, entry.load())
            plugins.append(without_duplicates(plugin, taken))
        except (Exception, SystemExit) as why:
            plugins.append(Plugin(entry.name, (broken(entry.name, f"does not load: {type(why).__name__}: {why}"),)))
    return tuple(plugins)


def load(name: str, package: ModuleType) -> Plugin:
    """Read a package's table of contents: FAMILIES (modules with checks), STAGES, LIBRARIES, CHEATSHEET and CAUSES."""
    modules = getattr(package, "FAMILIES", (package,))
    checks = tuple(c for module in modules for c in vars(module).values() if isinstance(c, Check))
    causes = dict(getattr(package, "CAUSES", {}))
    return Plugin(
        name,
        checks,
        _all_of(Stage, "STAGES", package),
        _all_of(WantedLibrary, "LIBRARIES", package),
        str(getattr(package, "CHEATSHEET", "")),
        {str(cause): str(meaning) for cause, meaning in causes.items()},
    )


def _all_of(kind: type[T], name: str, package: ModuleType) -> tuple[T, ...]:
    """One list of a package's table of contents. Raises TypeError for what does not belong there."""
    found = tuple(getattr(package, name, ()))
    if wrong := [item for item in found if not isinstance(item, kind)]:
        raise TypeError(f"{name} holds {wrong[0]!r:.60}, which is no {kind.__name__}")
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
    checks: Iterable[Check[...]], names: Iterable[str] = (), skip: Iterable[str] = ()
) -> tuple[tuple[Check[...], ...], tuple[Check[...], ...]]:
    """The checks to run and those that were switched off, by families or ids. Raises UnknownName."""
    everything = tuple(checks)
    names, off = set(names), set(skip)
    known = {c.id for c in everything} | {c.family for c in everything}
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
