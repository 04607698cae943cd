"""Models and the libraries that would load them: plain calls, facts built by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.libraries.facts import ModelFile, Models
from mlenv_checks.libraries.pickled_models import models_suit_the_libraries
from mlenv_doctor import Missing
from mlenv_doctor.patient import Distribution, Libraries


def libraries(**versions: str | None) -> Libraries:
    return Libraries(tuple(Distribution(name.replace("_", "-"), version, "/s") for name, version in versions.items()))


def look(models: Models | Missing, installed: Libraries) -> list[tuple[str, str]]:
    return [(f.status.value, f.cause) for f in models_suit_the_libraries(models, installed)]


WARN = [("warn", "model-version-mismatch")]


@pytest.mark.parametrize(
    "saved, installed, expected",
    [
        ("1.2.2", "1.9.1", WARN),
        ("1.9.1", "1.2.2", WARN),
        ("1.9.1", "1.9.0", [("pass", "")]),
        ("1.10", "1.1", WARN),
        ("1.9.dev0", "1.9.1", [("pass", "")]),
        ("1.9.1", None, [("pass", "")]),
        ("1.9.1", "of my own", WARN),
    ],
)
def test_scikit_learn(saved: str, installed: str | None, expected: list[tuple[str, str]]) -> None:
    assert look(Models((ModelFile("m.pkl", saved),)), libraries(scikit_learn=installed)) == expected


@pytest.mark.parametrize(
    "installed, expected",
    [("1.24.4", WARN), ("1.26.0", [("pass", "")]), ("2.2.6", [("pass", "")]), (None, [("pass", "")])],
)
def test_numpy(installed: str | None, expected: list[tuple[str, str]]) -> None:
    assert look(Models((ModelFile("m.pkl", numpy_2=True),)), libraries(numpy=installed)) == expected


def test_nothing_to_say() -> None:
    assert look(Models(looked=3), libraries(scikit_learn="1.9.1")) == []
    assert look(Models((ModelFile("m.pkl", "1.2.2", True),)), Libraries()) == [("pass", "")]
    assert look(Missing("models", "not-asked", "not checked with --quick"), Libraries()) == [("skip", "")]
    assert look(Missing("models", "timeout", "did not answer"), Libraries()) == [("unknown", "")]


def test_one_warning_for_each_version() -> None:
    files = (ModelFile("a.pkl", "1.5.2"), ModelFile("b.pkl", "1.2.2"), ModelFile("c.pkl", "1.5.2"), ModelFile("d.pkl", "1.9.0"))
    old, newer = models_suit_the_libraries(Models(files), libraries(scikit_learn="1.9.1"))
    assert old.message == "b.pkl was saved with scikit-learn 1.2.2; scikit-learn 1.9.1 is installed"
    assert newer.message.startswith("a.pkl and 1 more were saved with scikit-learn 1.5.2")
    assert newer.fix and newer.fix.values == {"version": "1.5.2"}
