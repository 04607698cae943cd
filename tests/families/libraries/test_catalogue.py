"""The libraries and stages of the roadmap."""

from __future__ import annotations

from mlenv_checks.libraries.catalogue import known_libraries, stages
from mlenv_checks.python.stdlib import stdlib_names
from mlenv_checks.python.versions import python_versions
from support.builtin import CAUSES, CHEATSHEET

CHEAT_SHEET = [
    "numpy",
    "pandas",
    "matplotlib",
    "seaborn",
    "jupyter",
    "scikit-learn",
    "xgboost",
    "lightgbm",
    "joblib",
    "torch",
    "openai",
    "anthropic",
    "python-dotenv",
    "fastapi",
    "uvicorn",
    "mlflow",
]


def test_the_cheat_sheet_is_known() -> None:
    staged = {library.name for library in known_libraries() if library.stage}
    assert staged == set(CHEAT_SHEET)


def test_every_library_says_how_it_is_imported() -> None:
    assert all(library.imports and library.seconds > 0 for library in known_libraries())
    assert all(library.imports[0].isascii() for library in known_libraries())


def test_lazy_libraries_are_proven_by_something_deep() -> None:
    known = {library.name: library.imports for library in known_libraries()}
    for name in ("pydantic", "scipy", "pillow", "scikit-learn", "matplotlib", "langchain", "transformers", "numpy"):
        assert "." in known[name][0], name


def test_every_library_of_a_stage_is_needed_by_one() -> None:
    names = [stage.name for stage in stages()]
    needs = " ".join(need for stage in stages() for need in stage.needs)
    for library in known_libraries():
        if library.stage:
            assert library.stage in names
            assert library.name in needs


def test_the_optional_ones_are_those_of_language_models() -> None:
    assert {library.name for library in known_libraries() if not library.required} == {"openai", "anthropic", "python-dotenv"}


def test_texts_are_there() -> None:
    assert CAUSES["not-installed"]
    assert python_versions()
    assert '["libs.install"]' in CHEATSHEET
    assert "random" in stdlib_names() and "sys" not in stdlib_names() and "test" not in stdlib_names()
