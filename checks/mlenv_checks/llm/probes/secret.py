"""A secret as a type of its own: it can be used, and cannot be shown. Only name, length and the vendor's prefix are told."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeVar

    T = TypeVar("T")


class Secret(object):
    """A text that nothing shows: not print, not a format, not an assertion, not a traceback, not pickle, copy or JSON.

    The text lives in the closure of `use`, where neither vars() nor a debugger's list of attributes meets it.
    """

    __slots__ = ("name", "length", "prefix", "use")
    if TYPE_CHECKING:
        name: str
        length: int
        prefix: str

        def use(self, function: "Callable[[Any], T]") -> "T":
            """See __init__."""

    def __init__(self, name: str, text: "Any", prefix: str = "") -> None:
        def use(function: "Callable[[Any], T]") -> "T":
            """What a function makes of the text. Its error is told by its kind alone: its words may hold the text."""
            try:
                return function(text)
            except Exception as why:
                trouble = type(why).__name__
            raise ValueError("%s, with %r" % (trouble, self))

        for slot, value in (("name", name), ("length", len(text)), ("prefix", prefix), ("use", use)):
            object.__setattr__(self, slot, value)

    def __setattr__(self, name: str, value: object) -> "NoReturn":
        raise AttributeError("a secret does not change")

    def __delattr__(self, name: str) -> "NoReturn":
        raise AttributeError("a secret does not change")

    def __repr__(self) -> str:
        return "<secret %s: %s%d characters>" % (self.name, self.prefix and self.prefix + "\u2026, ", self.length)

    __str__ = __repr__

    def __format__(self, how: str) -> str:
        return format(repr(self), how)

    def __eq__(self, other: object) -> bool:
        """Two secrets may be compared; with a plain text next to it, the message of an assertion would show that one."""
        if not isinstance(other, Secret):
            raise TypeError("a secret is compared with secrets only: %r" % self)
        return other.use(lambda theirs: self.use(lambda mine: bool(mine == theirs)))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # Python's own way to say: no key of a dict

    def __bool__(self) -> bool:
        return self.length > 0

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: object) -> "NoReturn":
        raise TypeError("a secret cannot be stored: %r" % self)

    def __iter__(self) -> "NoReturn":
        raise TypeError("a secret has no parts: %r" % self)
