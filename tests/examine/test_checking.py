"""@check refuses at import what would be wrong at run time."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import pytest

from mlenv_doctor.api import Finding, Missing, check, ok
from mlenv_doctor.patient import Place, Python


def undocumented(python: Python) -> Finding:
    return ok("")


def unannotated(python) -> Finding:  # type: ignore[no-untyped-def]
    """It has no annotation."""
    return ok("")


def no_fact(python: str) -> Finding:
    """It asks for no fact."""
    return ok("")


def two_facts(python: Python | Place) -> Finding:
    """It asks for one of two."""
    return ok("")


def fact_or_none(python: Python | None) -> Finding:
    """It asks for a fact or None."""
    return ok("")


def good(python: Python | Missing, place: Place) -> Finding:
    """All is well.

    Because it matters.
    """
    return ok(f"{python}")


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (undocumented, "docstring"),
        (unannotated, "annotated"),
        (no_fact, "one fact"),
        (two_facts, "one fact"),
        (fact_or_none, "one fact"),
    ],
)
def test_a_bad_signature_is_refused(function: Callable[..., Finding], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        check("test.bad")(function)


@pytest.mark.parametrize("id", ["", "python", "Python.starts", "python.", "python.a_b", "a.b.c", "a b.c"])
def test_a_bad_id_is_refused(id: str) -> None:
    with pytest.raises(TypeError, match="in lower case"):
        check(id)


def test_a_check_knows_what_it_needs_and_says() -> None:
    made = check("family.all-is-well", causes=("x",))(good)
    assert (made.family, made.title, made.why, made.causes) == ("family", "All is well", "Because it matters.", ("x",))
    assert made.needs == {"python": Python, "place": Place} and made.takes_missing == {"python"}
    assert made(Python(), Place()) == good(Python(), Place())


def many(*python: Python) -> Finding:
    """It takes any number."""
    return ok("")


def by_place(python: Python, /) -> Finding:
    """It can only be called by place."""
    return ok("")


@pytest.mark.parametrize("function", [many, by_place])
def test_a_fact_is_handed_over_by_name(function: Callable[..., Finding]) -> None:
    with pytest.raises(TypeError, match="every parameter"):
        check("test.bad")(function)


def test_causes_are_a_tuple() -> None:
    with pytest.raises(TypeError, match="tuple of labels"):
        check("test.bad", causes="driver-too-old")  # type: ignore[arg-type]


def test_annotations_may_be_objects() -> None:
    def owner(python: Python | Missing) -> Finding:
        """The Python."""
        return ok("")

    owner.__annotations__["python"] = Python | Missing  # as in a module that does not postpone them
    found = check("test.objects")(owner)
    assert (found.needs, found.takes_missing) == ({"python": Python}, {"python"})


def test_a_check_may_be_decorated() -> None:
    @wraps(good)
    def counted(*args: object, **named: object) -> Finding:
        return good(*args, **named)  # type: ignore[arg-type]

    made = check("python.decorated")(counted)
    assert made.needs == {"python": Python, "place": Place} and made.takes_missing == {"python"}
