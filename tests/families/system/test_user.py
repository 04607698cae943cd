"""What is said about the user and the encoding, for facts made by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.system.facts import Limits
from mlenv_checks.system.user import texts_are_utf8, user_has_a_name
from mlenv_doctor import Finding
from mlenv_doctor.patient import Place, Python

FINE = ("pass", "", "")


def said(found: object) -> tuple[str, str, str]:
    assert isinstance(found, Finding)
    return found.status.value, found.cause, found.fix.id if found.fix else ""


NAMELESS = Limits(uid=1042, user_listed=False, user_named=False)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), ("skip", "", "")),
        (Limits(uid=1000), FINE),
        (NAMELESS, ("warn", "uid-without-passwd", "system.user-name")),
        (Limits(uid=1042, user_listed=False, user_named=True), FINE),
        (Limits(uid=1042, user_listed=True, user_named=False), FINE),
    ],
)
def test_the_user(limits: Limits, expected: tuple[str, str, str]) -> None:
    assert said(user_has_a_name(limits, Place())) == expected


@pytest.mark.parametrize(
    ("sudo_user", "kinds", "remarked"), [("me", ("machine",), True), ("me", ("container",), False), ("", ("machine",), False)]
)
def test_root_is_a_remark(sudo_user: str, kinds: tuple[str, ...], remarked: bool) -> None:
    found = user_has_a_name(Limits(uid=0, sudo_user=sudo_user), Place(kinds=kinds))
    assert said(found) == FINE and ("sudo" in found.message) is remarked  # type: ignore[union-attr]


def python(stdout: str = "utf-8", opened: str = "utf-8", errors: str = "strict", io: str = "", version: str = "3.12.1") -> Python:
    return Python(version=version, stdout_encoding=stdout, stdout_errors=errors, open_encoding=opened, io_encoding=io)


LOCALE = ("warn", "locale-not-utf8", "system.utf8")


@pytest.mark.parametrize(
    ("target", "place", "expected"),
    [
        (python(), Place(), FINE),
        (python("UTF-8", "UTF-8", "surrogateescape"), Place(), FINE),
        (python("iso8859-1", "ISO-8859-1"), Place(), LOCALE),
        (python("ascii", "ANSI_X3.4-1968", "surrogateescape"), Place(), LOCALE),
        (python("utf-8", "ISO-8859-1"), Place(), LOCALE),
        (python("latin-1", io="latin-1"), Place(), ("warn", "locale-not-utf8", "system.io-encoding")),
        (python("ascii", errors="backslashreplace", io="ascii:backslashreplace"), Place(), FINE),
        (python("cp1252", "cp1252"), Place(os="windows"), FINE),
        (python("ascii", "ascii", version="3.6.15"), Place(), ("skip", "", "")),
    ],
)
def test_the_encoding(target: Python, place: Place, expected: tuple[str, str, str]) -> None:
    assert said(texts_are_utf8(target, place)) == expected
