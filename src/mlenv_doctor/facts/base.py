"""What every fact has in common: where it is read, how long that may take, and how it becomes data and back."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, ClassVar, TypeVar


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
    """

    section: ClassVar[str]
    probe: ClassVar[str]
    where: ClassVar[str] = "target"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = ""
    shared: ClassVar[bool] = False
    quick: ClassVar[bool] = True
    online: ClassVar[bool] = False


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
    return typing.cast(F, _build(kind, data))


def _build(hint: Any, value: Any) -> Any:
    """Turn plain data into the type that a field is annotated with."""
    if type(value) is hint:
        return value
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (UnionType, typing.Union):
        return None if value is None else _build(next(a for a in args if a is not type(None)), value)
    if is_dataclass(hint) and isinstance(hint, type):
        _expect(value, Mapping, hint)
        return hint(**{name: _build(inner, value[name]) for name, inner in _fields(hint).items() if name in value})
    if origin is tuple:
        _expect(value, (list, tuple), hint)
        return tuple(_build(args[0], item) for item in value)
    if origin is not None:  # Mapping[str, X]
        _expect(value, Mapping, hint)
        return {str(key): _build(args[1], item) for key, item in value.items()}
    _expect(value, (int, float) if hint is float else hint, hint)
    return float(value) if hint is float else value


@cache
def _fields(kind: type[Any]) -> dict[str, Any]:
    """The fields of a dataclass and what they are annotated with."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _expect(value: Any, kind: Any, hint: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):  # to Python True is a number; to a reader of JSON it is none
        raise TypeError(f"{value!r:.40} is no {getattr(hint, '__name__', hint)}")


def every_fact(kind: type[Fact] = Fact) -> Iterator[type[Fact]]:
    """All kinds of facts there are, in the order in which they were defined."""
    for child in kind.__subclasses__():
        yield child
        yield from every_fact(child)
