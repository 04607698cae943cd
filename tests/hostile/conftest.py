"""Each test gets a lair of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lair import Lair


@pytest.fixture
def lair(tmp_path: Path) -> Lair:
    """An empty project, and no environment of its own."""
    return Lair(tmp_path)


@pytest.fixture
def inhabited(lair: Lair) -> Lair:
    """A project with an active environment, and in it a few libraries."""
    lair.venv(libraries=("numpy", "pandas", "jupyter", "openai", "python-dotenv"))
    lair.write("app.py", "import numpy, pandas, openai\n")
    lair.write("requirements.txt", "numpy\npandas\nopenai\njupyter\n")
    return lair


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One input of each kind is tried by default, all of them in CI: each is a run of the real program."""
    seen: dict[str, int] = {}
    for item in items:
        if "tests/hostile/" in item.path.as_posix() and not item.get_closest_marker("slow"):
            name = item.nodeid.partition("[")[0]
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1 + 4 * ("echoed" in name):
                item.add_marker(pytest.mark.slow)
