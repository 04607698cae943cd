"""What every fact has in common: where it is read, how long that may take, and how it becomes data and back."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .foreign.text import Foreign
from .records import dataclass, hints, is_record

if TYPE_CHECKING:
    from .documents.pasted.labels import PastedReport
    from .examine.tasks import Outcome, Task
    from .model import Result


@dataclass(frozen=True)
class Used:
    """What a project uses, as its code tells.

    code:      whether there is any code.
    names:     the modules that it imports, and the distributions that bring them.
    libraries: the installed distributions that it needs as soon as it runs.
    projects:  the folders below that are projects of their own.
    """

    code: bool
    names: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """Base of all facts: read once, never changed, without an opinion.

    section: the name under which a probe answers; `read_SECTION` reads it, in the file `probe` (or the last of several).
    where:   "target" runs in the patient's Python with its standard library only, "host" in ours.
    timeout: seconds that reading may take.
    owner:   the check that reports when the fact is missing; all others skip and point to it.
    shared:  cheap and safe enough to share one process with the other shared sections of its place.
    quick:   read by `--quick` too, that is: without importing a library and without a connection.
    online:  read only with `--online`: it speaks to a host that the user did not configure as theirs.
    deep:    read only with `--deep`: a small piece of real work is done, in a folder of its own (`question["work"]`), within
             `question["seconds"]`.
    writes:  read only with `--write`: something is written to a server that the user configured, and deleted again.
    always:  read in every examination, because what is wanted depends on it.
    after:   the facts that must be known before this one can be read; its processes are those that `tasks` names.
    waits:   a server is spoken to that may still be starting: `--wait` gives it more time.
    absent:  why there was nothing to read, where `tasks` named no process.

    What the doctor must know of a fact besides, the fact says itself, by the methods below.
    """

    section: ClassVar[str]
    probe: ClassVar[str]
    where: ClassVar[str] = "target"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = ""
    shared: ClassVar[bool] = False
    quick: ClassVar[bool] = True
    online: ClassVar[bool] = False
    deep: ClassVar[bool] = False
    writes: ClassVar[bool] = False
    always: ClassVar[bool] = False
    after: ClassVar[tuple[type[Fact], ...]] = ()
    waits: ClassVar[bool] = False
    absent: ClassVar[str] = "was not needed"

    @classmethod
    def tasks(cls, facts: Snapshot) -> Iterable[Task] | None:
        """The processes that read it, once all facts of `after` are known; None where they do not tell."""
        return ()

    @classmethod
    def gathered(cls, outcomes: Sequence[Outcome]) -> Fact | Missing:
        """One fact out of what its processes answered."""
        return outcomes[-1].facts[cls] if outcomes else Missing(cls.section, Why.ABSENT, cls.absent)

    @classmethod
    def circumstances(cls, facts: Snapshot) -> Mapping[str, str]:
        """What the ways of a fix may depend on, by name. Must answer without the fact as well."""
        return {}

    def used_by_code(self) -> Used | None:
        """What a project uses, of a fact that tells it."""
        return None

    def headline(self) -> Headline:
        """The few figures by which two machines are compared."""
        return Headline()

    @classmethod
    def reported(cls, results: Sequence[Result]) -> Headline:
        """The same figures as far as a saved report tells them."""
        return Headline()

    @classmethod
    def from_pasted(cls, report: PastedReport) -> Fact | Missing | None:
        """The fact as a pasted report tells it; None where no report can tell it."""
        return None


@dataclass(frozen=True)
class Headline:
    """Figures by name: of the machine, and versions of libraries. None is what is known not to be there."""

    machine: Mapping[str, str | None] = field(default_factory=dict)
    libraries: Mapping[str, str | None] = field(default_factory=dict)


class Why:
    """The kinds of reasons for which a fact can be missing."""

    NOT_ASKED = "not-asked"
    NOT_STARTED = "not-started"
    TIMEOUT = "timeout"
    BUDGET = "budget"
    KILLED = "killed"
    NO_ANSWER = "no-answer"
    ERROR = "error"
    TOO_OLD = "too-old"
    ABSENT = "absent"


@dataclass(frozen=True)
class Missing:
    """A fact that could not be read, and why: `kind` is one of `Why`, `reason` continues a sentence about it."""

    section: str
    kind: str
    reason: str
    detail: str = ""


F = TypeVar("F", bound=Fact)
Snapshot = Mapping[type[Fact], "Fact | Missing"]


def parse(kind: type[F], data: Mapping[str, Any]) -> F:
    """Build a fact from what a probe said. Unknown keys are ignored: a newer probe may say more.

    Raises TypeError or ValueError where a value has another shape than the fact.
    """
    hint: Any = kind
    return typing.cast(F, _builder(hint)(data))


@cache
def _builder(hint: Any) -> Callable[[Any], Any]:
    """What turns plain data into the type that a field is annotated with."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (UnionType, typing.Union):
        inner = _builder(next(arg for arg in args if arg is not type(None)))
        return lambda value: None if value is None else inner(value)
    if is_record(hint):
        return _of_fields(hint)
    if origin is tuple:
        return _of_items(hint, _builder(args[0]))
    if origin is not None:  # Mapping[str, X]
        return _of_values(hint, _builder(args[1]))
    return _text if hint is str else _plain(hint)


def _text(value: Any) -> Foreign:
    """All texts of facts come from outside."""
    _expect(value, str, str)
    return Foreign(value)


def _of_fields(kind: type[Any]) -> Callable[[Any], Any]:
    builders = {name: _builder(hint) for name, hint in hints(kind).items()}

    def build(value: Any) -> Any:
        _expect(value, Mapping, kind)
        return kind(**{name: builders[name](item) for name, item in value.items() if name in builders})

    return build


def _of_items(hint: Any, inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def build(value: Any) -> Any:
        _expect(value, (list, tuple), hint)
        return tuple(map(inner, value))

    return build


def _of_values(hint: Any, inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def build(value: Any) -> Any:
        _expect(value, Mapping, hint)
        return {Foreign(key): inner(item) for key, item in value.items()}

    return build


def _plain(hint: Any) -> Callable[[Any], Any]:
    def build(value: Any) -> Any:
        if type(value) is hint:
            return value
        _expect(value, (int, float) if hint is float else hint, hint)
        return float(value) if hint is float else value

    return build


def _expect(value: Any, kind: Any, hint: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):  # to Python True is a number; to a reader of JSON it is none
        raise TypeError(f"{value!r:.40} is not a {getattr(hint, '__name__', hint)}")


def every_fact(kind: type[Fact] = Fact) -> Iterator[type[Fact]]:
    """All kinds of facts there are, in the order in which they were defined."""
    for child in kind.__subclasses__():
        yield child
        yield from every_fact(child)
