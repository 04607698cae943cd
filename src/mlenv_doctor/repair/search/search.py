"""One search: candidate after candidate, each in a fresh clone, until one cures and harms nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ...foreign.clean import Cleaner
from ...model import Command
from ..changes import UNREACHABLE, Change, Preview, installed, preview
from ..commands import Scope
from ..run import Failed, lasted, run
from ..safety import megabytes
from ..verify import lost, modules, worse
from .candidates import MOST, Candidate, Installer, intruders, involved, other_versions, owners_of, printed
from .clone import Clones, inside
from .limits import constraints, forbidden, reason
from .targets import Seen, Target, fixes, no_longer_imports, still_wrong, targets

LIMIT = 300.0  # seconds for a whole search
BINARY = ("--only-binary", ":all:")  # nothing is built: that takes long, and runs code of its authors
Look = Callable[[Path, float], Seen]


@dataclass(frozen=True)
class Tried:
    """A candidate that is no good, and why."""

    title: str
    why: str


class NoCure(Exception):
    """A candidate is no good; the text says why."""


class Unreachable(NoCure):
    """The package index does not answer: no other candidate needs to be tried."""


class Cure(NamedTuple):
    """What cures: the commands for the environment, and what they change."""

    commands: tuple[tuple[str, ...], ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Answer:
    """What was found for a target. commands: the cure for the environment; empty where there is none.

    changes: what it changes. tried: what is no good. by: the target whose cure cures this as well. why: why it was not searched.
    """

    target: Target
    commands: tuple[tuple[str, ...], ...] = ()
    title: str = ""
    changes: tuple[Change, ...] = ()
    tried: tuple[Tried, ...] = ()
    by: str = ""
    why: str = ""

    @property
    def cured(self) -> bool:
        return bool(self.commands or self.by)


@dataclass
class Search:
    """What a search works with. look: examines the environment in a folder, within so many seconds. say: told what is tried."""

    scope: Scope
    installer: Installer
    clones: Clones
    look: Look
    say: Callable[[str], None]
    clean: Cleaner
    ends: float
    limit: float = LIMIT
    _changes: set[tuple[Change, ...]] = field(default_factory=set)

    def answers(self, first: Seen) -> Iterator[Answer]:
        """An answer for each target of a look at the environment itself. Cures add up: each is tried on top of those before."""
        self.say("looking at the copy")
        base, cured = self.look(self.clones.base, self.left()), ""
        wrong = [target for target in targets(first) if still_wrong(target, base)]
        other = no_longer_imports(first, base)
        for target in targets(first):
            if other or target not in wrong:
                yield Answer(
                    target,
                    why=f"in the copy {other or target.name} {'fails' if other else 'works'}, so nothing can be proven there",
                )
            elif not still_wrong(target, base):
                yield Answer(target, by=cured)
            else:
                answer, base = self._answer(target, first, base)
                cured = target.name if answer.commands else cured
                yield answer

    def left(self) -> float:
        """The seconds that are left, at least one."""
        return max(self.ends - time.monotonic(), 1.0)

    def _answer(self, target: Target, first: Seen, base: Seen) -> tuple[Answer, Seen]:
        """Try the candidates for one target; with what was seen last of the base that the next target begins with."""
        tried: list[Tried] = []
        self._changes.clear()
        for candidate in islice(self._candidates(target, first, base), MOST):
            if time.monotonic() >= self.ends:
                tried.append(Tried(candidate.title, f"not tried: the {lasted(self.limit)} are over; --budget SECONDS gives more"))
                break
            self.say(f"{target.name}: {candidate.title}")
            try:
                cure, after = self._one(candidate, target, base)
            except NoCure as why:
                tried.append(Tried(candidate.title, self._told(str(why))))
                if isinstance(why, Unreachable):
                    break
                continue
            self.clones.keep()
            return Answer(target, cure.commands, candidate.title, cure.changes, tuple(tried)), after
        return Answer(target, tried=tuple(tried)), base

    def _told(self, why: str) -> str:
        """A reason as it may be shown: about the environment, not about its clone."""
        for clone in (self.clones.trial, self.clones.base):
            why = why.replace(str(clone), str(self.scope.environment))
        return self.clean(why)[:300]

    def _candidates(self, target: Target, first: Seen, base: Seen) -> Iterator[Candidate]:
        """All that may cure a target, the likeliest first, none twice."""
        owners = owners_of(self.clones.base)
        now = base.imports.find(target.name) if base.imports else None
        names = involved(now or target.imported, base.libraries, owners)
        found = {
            candidate.commands: candidate
            for candidate in (
                *printed(fixes(target, first.report), self.scope),
                *intruders(names, base.libraries, owners, self.installer, base.wanted),
                *(other_versions(names, base.libraries, self.installer) if names else ()),
            )
        }
        return iter(found.values())

    def _one(self, candidate: Candidate, target: Target, base: Seen) -> tuple[Cure, Seen]:
        """Try one candidate; what cures, and what was seen then. Raises NoCure."""
        planned = self._planned(candidate, base)
        self._changes.add(planned.changes)
        cure = Cure(self._commands(candidate, planned.changes), planned.changes)
        self.clones.renew()
        commands = [Command(self._moved(argv, self.clones.trial), "") for argv in cure.commands]
        try:
            run(commands, self.clones.trial, self.scope.project, self.left())
        except Failed as failed:
            raise NoCure(str(failed)) from None
        after = self.look(self.clones.trial, self.left())
        if why := self._verdict(target, planned.changes, base, after):
            raise NoCure(why)
        return cure, after

    def _planned(self, candidate: Candidate, base: Seen) -> Preview:
        """What a candidate would change, by the installer's own dry run within the limits. Raises NoCure."""
        before = installed(self.clones.base)
        keeping = ("--constraint", str(constraints(self.clones.folder, base.wanted, before)))
        commands = [_with(self._moved(argv, self.clones.base), *keeping) for argv in candidate.commands]
        found = preview(commands, self.clones.base, self.scope.project, self.left())
        if found.problem.startswith(UNREACHABLE):
            raise Unreachable(UNREACHABLE)
        if why := reason(found.problem, candidate, base.wanted) or forbidden(found.changes, base.wanted, before):
            raise NoCure(why)
        if not found.changes:
            raise NoCure("nothing to change")
        if found.changes in self._changes:
            raise NoCure("these are versions that were tried already")
        if not self.clones.has_room(found.size):
            raise NoCure(f"no room for {megabytes(found.size)} of downloads")
        return found

    def _moved(self, argv: tuple[str, ...], clone: Path) -> tuple[str, ...]:
        """A command for the environment as it is for a clone; it builds nothing."""
        roots = [root for root in (self.scope.environment, self.scope.alias) if root]
        return _with(inside(argv, roots, clone), *BINARY)

    def _commands(self, candidate: Candidate, changes: tuple[Change, ...]) -> tuple[tuple[str, ...], ...]:
        """The commands that bring about just these changes, whatever the index has tomorrow."""
        if candidate.exact or not all(change.new for change in changes):
            return candidate.commands
        pins = (f"{change.name}=={change.new}" for change in changes)
        return (self.installer.command("@install", "--no-deps", *pins),)

    def _verdict(self, target: Target, changes: tuple[Change, ...], base: Seen, after: Seen) -> str:
        """Why a candidate is no good after all; empty where it cures and harms nothing."""
        if why := still_wrong(target, after):
            return why
        if broken := no_longer_imports(base, after):
            return f"{broken} could be imported before, and not afterwards"
        if harmed := worse(base.report, after.report):
            return f"it breaks something else: {harmed[0].message}"
        (python,) = self._moved((self.installer.python,), self.clones.trial)
        gone = lost(python, modules(self.clones.trial, changes), self.clones.base)
        return f"{gone[0]} could be imported before, and not afterwards" if gone else ""


def _with(argv: tuple[str, ...], *options: str) -> tuple[str, ...]:
    """A command with more options for its installer, if it installs."""
    if "install" not in argv:
        return argv
    at = argv.index("install") + 1
    return (*argv[:at], *options, *argv[at:])
