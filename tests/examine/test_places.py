"""The files of a project are told as from its folder; all others as they are."""

from __future__ import annotations

import pytest

from mlenv_doctor.examine.places import from_project
from mlenv_doctor.model import Location, Result, fail, ok


@pytest.mark.parametrize(
    ("file", "project", "said"),
    [
        ("/p/requirements.txt", "/p", "requirements.txt"),
        ("/p/a/b.toml", "/p/", "a/b.toml"),
        ("/private/b.toml", "/p", "/private/b.toml"),
        ("b.toml", "/p", "b.toml"),
        ("/etc/pip.conf", "/", "/etc/pip.conf"),
        ("/p/a.toml", "", "/p/a.toml"),
    ],
)
def test_a_file_and_the_sentence_that_names_it(file: str, project: str, said: str) -> None:
    finding = fail("c", f"{file} is not readable", location=Location(file, 3))
    (result,) = from_project([Result("a.b", "a", "A", (finding, ok("fine")))], project)
    assert result.findings[0].location == Location(said, 3) and result.findings[0].message == f"{said} is not readable"
    assert result.findings[1] == ok("fine")
