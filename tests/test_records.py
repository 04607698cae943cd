"""Records are dataclasses in every respect but their price."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, ClassVar

import pytest

from mlenv_doctor.records import LATER, dataclass, hints, is_record


@dataclass(frozen=True)
class Base:
    """A class of which nobody ever makes an instance."""

    section: ClassVar[str] = "base"


@dataclass(frozen=True)
class Card(Base):
    """One of ours."""

    name: str
    memory: int = 0
    more: Mapping[str, str] = field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Foreign(Card):
    """One of the standard library's, with one of ours above it."""

    driver: str = "550"


@dataclass(frozen=True)
class Mixed(Foreign):
    """One of ours, with one of the standard library's above it."""

    memory: int = 8

    def __repr__(self) -> str:
        return "itself"


class Plain(Card):
    """A class that says nothing about itself."""


KINDS = (Card, Foreign, Mixed, Plain)


def test_nothing_is_worked_out_before_it_is_asked_for() -> None:
    @dataclass(frozen=True)
    class Fresh:
        name: str = ""

    assert all(vars(Fresh)[name] is later for name, later in LATER.items())
    assert Fresh() == Fresh("") and [f.name for f in dataclasses.fields(Fresh)] == ["name"]
    assert not any(vars(Fresh)[name] is later for name, later in LATER.items())


@pytest.mark.parametrize("kind", KINDS)
def test_the_standard_library_knows_them(kind: type[Card]) -> None:
    one = kind("a", more={"x": "y"})
    assert dataclasses.is_dataclass(kind) and dataclasses.fields(kind)[0].type == "str"
    assert dataclasses.replace(one, name="b") == kind("b", more={"x": "y"}) != one
    assert dataclasses.asdict(one)["more"] == {"x": "y"}
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert kind("a").more == {} and kind("a").more is not kind("a").more
    match one:
        case Card("a"):
            pass
        case _:
            pytest.fail("it does not match by position")


def test_fields_are_inherited_in_order_and_the_last_default_stands() -> None:
    assert [f.name for f in dataclasses.fields(Mixed)] == ["name", "memory", "more", "driver"]
    assert (Mixed("a").memory, Foreign("a").memory, Mixed("a", 3).memory) == (8, 0, 3)
    assert Mixed.__match_args__ == ("name", "memory", "more", "driver")


def test_they_are_shown_compared_and_hashed_by_their_fields() -> None:
    assert repr(Card("a")) == "Card(name='a', memory=0, more={})" and repr(Mixed("a")) == "itself"
    assert Card("a") != Plain("a") and Card("a") != "a" and Card("a") == Card(memory=0, name="a")
    assert hash(Base()) == hash(Base()) and len({Base(), Base()}) == 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(Card("a"))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Card(),
        lambda: Card("a", name="b"),
        lambda: Card("a", 1, {}, "too many"),
        lambda: Card("a", colour="red"),
        lambda: Card(memory=1),
    ],
)
def test_what_does_not_fit_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="Card has the fields name, memory, more"):
        wrong()


@pytest.mark.parametrize("kind", KINDS)
def test_they_never_change(kind: type[Card]) -> None:
    one = kind("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.name
    with pytest.raises(TypeError, match="frozen=True"):
        dataclass(frozen=False)(kind)


def test_what_inherits_from_them_must_be_frozen() -> None:
    with pytest.raises(TypeError, match="non-frozen"):

        @dataclasses.dataclass
        class Loose(Card):
            pass


def test_what_fields_are_annotated_with_is_read_where_it_is_written() -> None:
    assert hints(Mixed) == {"name": str, "memory": int, "more": Mapping[str, str], "driver": str}
    assert [is_record(kind) for kind in (*KINDS, Base, str, "Card", Card("a"))] == [True] * 5 + [False] * 3
