"""Frozen dataclasses that cost nothing until they are used: one set of methods for all, and fields only when they are asked for.

    from mlenv_doctor.records import dataclass

    @dataclass(frozen=True)
    class Card(Fact): ...

The one of the standard library writes and compiles six methods for each class: a tenth of a second for all of ours, though a run
makes instances of a few. For a type checker, and for `dataclasses.fields`, `replace` and `asdict`, there is no difference, and
either kind may inherit from the other.
"""

from __future__ import annotations

import builtins
import dataclasses
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass

T = TypeVar("T")
Shape = tuple[tuple[str, ...], dict[str, Any], dict[str, Callable[[], Any]]]
OWN_FIELDS = "__record_fields__"  # what a class says with field(...), by name
SHAPE = "__record_shape__"  # where a class keeps its shape, once somebody asked for it


def _record(*, frozen: bool) -> Callable[[type[T]], type[T]]:
    """The decorator. That it is frozen has to be written, so that a class reads as what it is."""
    if not frozen:
        raise TypeError("what the doctor knows and says never changes: @dataclass(frozen=True)")
    return _made


def _made(kind: type[T]) -> type[T]:
    """Give a class the shared methods, except for those that it has of its own."""
    own = {name: value for name, value in vars(kind).items() if isinstance(value, dataclasses.Field)}
    for name in own:
        delattr(kind, name)
    setattr(kind, OWN_FIELDS, own)
    for name, method in METHODS.items():
        if name not in vars(kind):
            setattr(kind, name, method)
    for name, later in LATER.items():
        setattr(kind, name, later)
    return kind


class Later:
    """An attribute by which the standard library knows a dataclass, worked out when somebody looks at it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        home = next(kind for kind in owner.__mro__ if vars(kind).get(self.name) is self)
        model = _model(home)
        for name in LATER:
            setattr(home, name, getattr(model, name))
        return getattr(home, self.name)


def _model(kind: type[Any]) -> type[Any]:
    """A plain dataclass with the same fields, which stands in no other relation to the class: it is no subclass of its bases."""
    homes, values = _written(kind)
    annotations = {name: home.__annotations__[name] for name, home in homes.items()}
    about = {"__annotations__": annotations, "__module__": kind.__module__, "__doc__": kind.__doc__}
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(type(kind.__name__, (), values | about))
    made.__dataclass_params__.frozen = True  # what inherits from it must be frozen, too
    return cast("type[Any]", made)


def _written(kind: type[Any]) -> tuple[dict[str, type[Any]], dict[str, Any]]:
    """The fields of a class: in which class each is written, the last one where there are several; and what is given to them."""
    homes: dict[str, type[Any]] = {}
    values: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        own = vars(base)
        if "__dataclass_fields__" in own:
            names = [name for name, hint in own.get("__annotations__", {}).items() if "ClassVar" not in str(hint)]
            given = own[OWN_FIELDS] if OWN_FIELDS in own else own["__dataclass_fields__"]
            homes |= dict.fromkeys(names, base)
            values |= {name: value for name, value in {**own, **given}.items() if name in names}
    return homes, values


def shape(kind: type[Any]) -> Shape:
    """The names of the fields of a class, the defaults of some, and for others what makes one."""
    known: Shape | None = kind.__dict__.get(SHAPE)
    if known is None:
        homes, values = _written(kind)
        said = {name: value for name, value in values.items() if isinstance(value, dataclasses.Field)}
        plain = {name: said[name].default if name in said else value for name, value in values.items()}
        made = {name: field.default_factory for name, field in said.items() if callable(field.default_factory)}
        plain = {name: value for name, value in plain.items() if value is not dataclasses.MISSING}
        known = tuple(homes), plain, made
        setattr(kind, SHAPE, known)
    return known


def hints(kind: type[Any]) -> dict[str, Any]:
    """The fields of such a class, and what they are annotated with."""
    homes, _ = _written(kind)
    return {name: _meant(home.__annotations__[name], home) for name, home in homes.items()}


def _meant(hint: Any, home: type[Any]) -> Any:
    """What an annotation stands for in the module that its class is written in."""
    if not isinstance(hint, str):
        return hint
    known = vars(sys.modules[home.__module__])
    for names in (known, vars(builtins)):
        if hint in names:  # as most are: one word, for which nothing has to be compiled
            return names[hint]
    return eval(hint, known)


def is_record(kind: Any) -> bool:
    """Whether this is a dataclass, of whichever make; nothing is worked out to find out."""
    return isinstance(kind, type) and any("__dataclass_fields__" in vars(base) for base in kind.__mro__)


def _init(self: object, *given: Any, **named: Any) -> None:
    kind = type(self)
    names, plain, made = kind.__dict__.get(SHAPE) or shape(kind)
    values = self.__dict__
    values.update(plain)
    if given:
        values.update(zip(names, given))
    values.update(named)
    for name, make in made.items():
        if name not in values:
            values[name] = make()
    if len(values) != len(names) or len(given) > len(names) or (given and not named.keys().isdisjoint(names[: len(given)])):
        vars(self).clear()
        raise TypeError(f"{kind.__name__} has the fields {', '.join(names)}; {len(given)} were given, and {', '.join(named)}")
    if hasattr(kind, "__post_init__"):
        kind.__post_init__(self)


def _repr(self: object) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={vars(self)[name]!r}' for name in shape(type(self))[0])})"


def _eq(self: object, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: object) -> int:
    return hash(_values(self))


def _values(record: object) -> tuple[Any, ...]:
    values = vars(record)
    return tuple([values[name] for name in shape(type(record))[0]])


def _setattr(self: object, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


METHODS = {
    "__init__": _init,
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}
LATER = {name: Later(name) for name in ("__dataclass_fields__", "__dataclass_params__", "__match_args__")}
if not TYPE_CHECKING:
    dataclass = _record
