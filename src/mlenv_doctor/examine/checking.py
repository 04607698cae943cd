"""The check: a pure function from facts to findings. Its signature says which facts it needs."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import UnionType
from typing import Generic, ParamSpec

from ..facts import Fact, Missing
from ..model import Finding
from ..records import dataclass

P = ParamSpec("P")
Findings = Finding | Iterable[Finding]
ID = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Check(Generic[P]):
    """A check: its stable id, the function that decides, the facts it asks for and the causes it can name.

    pasted: whether it may also judge what somebody pasted, where facts hold only what a report of another tool says.
    """

    id: str
    function: Callable[P, Findings]
    needs: Mapping[str, type[Fact]]
    takes_missing: frozenset[str]
    causes: tuple[str, ...]
    pasted: bool = False

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Findings:
        return self.function(*args, **kwargs)

    @property
    def deep(self) -> bool:
        """Whether it judges real work, which is done only with --deep or where the check is named."""
        return any(kind.deep for kind in self.needs.values())

    @property
    def family(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def title(self) -> str:
        """The first line of the docstring: a short noun phrase, such as "GPU driver"."""
        return self._lines[0].rstrip(".")

    @property
    def why(self) -> str:
        """The rest of the docstring: why it matters."""
        return "\n".join(self._lines[1:]).strip()

    @cached_property
    def _lines(self) -> list[str]:
        """The lines of the docstring, which was seen to be there when the check was declared."""
        return (inspect.getdoc(self.function) or "").splitlines()


def check(id: str, *, causes: tuple[str, ...] = (), pasted: bool = False) -> Callable[[Callable[P, Findings]], Check[P]]:
    """Turn a function into a check.

    `id` is `family.what-is-verified`; `causes` are the labels that its warnings and failures may carry. With `pasted` it is
    also asked about pasted reports, whose facts name some things and are silent about the rest.
    Every parameter must be annotated with one fact, or with `Fact | Missing` by the check that owns the section.

    Raises TypeError at import for an id, a signature or a docstring that breaks these rules.
    """
    if not ID.fullmatch(id):
        raise TypeError(f"check {id!r}: an id is `family.what-is-verified`, in lower case")
    if not isinstance(causes, tuple):
        raise TypeError(f'check {id}: causes must be a tuple of labels, such as ("driver-too-old",)')

    def declare(function: Callable[P, Findings]) -> Check[P]:
        if not inspect.getdoc(function):
            raise TypeError(f"check {id}: the docstring is its documentation, and there is none")
        plain = inspect.unwrap(function)  # a decorator of a plug-in may stand between
        options = {name: _options(hint, plain) for name, hint in _annotated(id, plain).items()}
        needs = {name: _the_fact(id, name, kinds) for name, kinds in options.items()}
        missing_too = frozenset(name for name, kinds in options.items() if Missing in kinds)
        return Check(id, function, needs, missing_too, causes, pasted)

    return declare


def _annotated(id: str, function: Callable[..., Findings]) -> dict[str, object]:
    """The annotations of the parameters, of which each must have one. `inspect.signature` takes longer than the import."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    hints = {name: function.__annotations__[name] for name in code.co_varnames[:count] if name in function.__annotations__}
    if len(hints) < count or code.co_posonlyargcount or code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        raise TypeError(f"check {id}: every parameter must be annotated with a fact")
    return hints


def _options(hint: object, function: Callable[..., Findings]) -> tuple[object, ...]:
    """The kinds that an annotation allows, a text or not."""
    known = function.__globals__
    if isinstance(hint, str):
        words = hint.split(" | ")
        if all(word in known for word in words):  # as most are: names, for which nothing has to be compiled
            return tuple(known[word] for word in words)
        hint = eval(hint, known)
    return typing.get_args(hint) if isinstance(hint, UnionType) else (hint,)


def _the_fact(id: str, name: str, options: tuple[object, ...]) -> type[Fact]:
    """The one fact that a parameter is annotated with."""
    kinds = [option for option in options if isinstance(option, type) and issubclass(option, Fact)]
    if len(kinds) != 1 or set(options) - {kinds[0], Missing}:
        raise TypeError(f"check {id}: parameter {name!r} must be annotated with one fact, not {options!r}")
    return kinds[0]
