"""The probe of notebooks: which of them are the project's, and what they import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from support.notebooks import Place, document, kernel_json


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("sources", "lacking", "widgets"),
    [
        (["import pandas"], True, False),
        (["import os, pandas.core as pc  # so\n"], True, False),
        ([["x = 1\n", "from pandas import DataFrame\n"]], True, False),
        (["%%time\nimport pandas"], True, False),
        (["%%bash\nimport pandas"], False, False),
        (["try:\n    import pandas\nexcept ImportError: pass"], False, False),
        (["from the pandas import we know"], False, False),
        (["# import pandas\nx = 'import pandas'"], False, False),
        (["!pip install pandas\n", "import pandas"], False, False),
        (["%conda install pandas\nimport pandas"], False, False),
        (["!/x/python -m pip install pandas\nimport pandas"], False, False),
        (["!pipdeptree\nimport pandas"], True, False),
        (["from tqdm.notebook import tqdm"], False, True),
        (["from tqdm import tqdm_notebook"], False, True),
        (["import tqdm.notebook as tq"], False, True),
        (["import ipywidgets"], False, True),
        (["from tqdm.auto import tqdm"], False, False),
        ([None, {"x": 1}, [3, "import pandas"]], True, False),
    ],
)
def test_what_a_notebook_imports(place: Place, sources: list[Any], lacking: bool, widgets: bool) -> None:
    kernel_json(place.user / "mine", str(place.other))
    place.write("a.ipynb", document("mine", *sources))
    found = place.kernel()
    assert (bool(found.lacking), bool(found.widgets)) == (lacking, widgets)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (document(), True),
        (document("x", language=None, info="python"), True),
        (document("python3", language=None), True),
        (document("ir", language=None), False),
        (document("ir", language="R"), False),
        (document("julia-1.9", language=None, info="julia"), False),
        (document(3), False),
        (document(""), False),
        ('{"metadata": []}', False),
        ("{}", False),
        ("[]", False),
        ("", False),
        ("[" * 100000, False),
        (document().replace("code", "x" * (3 << 20)), True),
        (document("python3", "x" * (2 << 20)), False),
    ],
)
def test_which_notebooks_count(place: Place, text: str, counts: bool) -> None:
    place.write("a.ipynb", text)
    assert place.read().notebooks == counts


def test_whose_notebooks_count(place: Place) -> None:
    for folder in (".venv", ".hidden", "node_modules", "vendored", "tools", "a/b/c/d/e/f/g"):
        place.write(f"{folder}/n.ipynb", document())
    (place.project / "vendored/.git").mkdir()
    (place.project / "tools/pyvenv.cfg").write_text("")
    place.write("a/b/n.ipynb", document())
    os.mkfifo(place.project / "pipe.ipynb")
    (place.project / "link").symlink_to(place.project)
    (found,) = place.read().kernels
    assert found.notebooks == (os.path.join("a", "b", "n.ipynb"),)
    assert place.read(None, HOME=str(place.project)).notebooks == 0  # a home is no project: its folders belong to others


def test_many_notebooks(place: Place) -> None:
    for number in range(230):
        place.write(f"{number:03}.ipynb", document())
    found = place.read()
    assert (found.notebooks, found.kernels[0].count, len(found.kernels[0].notebooks)) == (200, 200, 5)
