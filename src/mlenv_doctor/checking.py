"""The check: a pure function from facts to findings. Its signature says which facts it needs."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Generic, ParamSpec

from .facts import Fact, Missing
from .model import Finding

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
    def family(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def title(self) -> str:
        """The first line of the docstring: what is verified, said affirmatively."""
        return inspect.getdoc(self.function).splitlines()[0].rstrip(".")  # type: ignore[union-attr]  # checked at import

    @property
    def why(self) -> str:
        """The rest of the docstring: why it matters."""
        return "\n".join((inspect.getdoc(self.function) or "").splitlines()[1:]).strip()


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
        hints = typing.get_type_hints(function)
        hints.pop("return", None)
        needs = {name: _the_fact(id, name, hint) for name, hint in hints.items()}
        plain = [
            p for p in inspect.signature(function).parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        ]
        if len(needs) != len(plain) or len(needs) != len(inspect.signature(function).parameters):
            raise TypeError(f"check {id}: every parameter must be annotated with a fact")
        missing_too = frozenset(name for name, hint in hints.items() if Missing in typing.get_args(hint))
        return Check(id, function, needs, missing_too, causes, pasted)

    return declare


def _the_fact(id: str, name: str, hint: object) -> type[Fact]:
    """The one fact that a parameter is annotated with."""
    options = typing.get_args(hint) if isinstance(hint, UnionType) else (hint,)
    kinds = [option for option in options if isinstance(option, type) and issubclass(option, Fact)]
    if len(kinds) != 1 or set(options) - {kinds[0], Missing}:
        raise TypeError(f"check {id}: parameter {name!r} must be annotated with one fact, not {hint!r}")
    return kinds[0]
