"""What is said about the version of python-dotenv, for facts made by hand."""

from __future__ import annotations

import pytest

from families.llm.test_checks import said
from mlenv_checks.llm.facts import Keys
from mlenv_checks.llm.sdk import parser_reads_the_mark
from mlenv_doctor.patient import Distribution, Libraries


@pytest.mark.parametrize(
    ("mark", "version", "expected"),
    [
        (False, "1.0.1", ("skip", "")),
        (True, "", ("skip", "")),
        (True, "1.2.4", ("pass", "")),
        (True, "1.3", ("pass", "")),
        (True, "1.2.2", ("warn", "dotenv-encoding")),
        (True, "0.21.0", ("warn", "dotenv-encoding")),
    ],
)
def test_a_byte_order_mark(mark: bool, version: str, expected: tuple[str, str]) -> None:
    libraries = Libraries((Distribution("python-dotenv", version, "/s"),) if version else ())
    assert said(parser_reads_the_mark(Keys(file="/p/.env", mark=mark), libraries)) == [expected]
