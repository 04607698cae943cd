"""The table of import names: what it knows, and what it does not guess."""

import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from mlenv_checks.libraries.import_names import distribution_of_import, import_names

SCRIPT = Path(__file__).parents[3] / "scripts/import_names.py"


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("cv2", "opencv-python"),
        ("PIL", "pillow"),
        ("sklearn.metrics", "scikit-learn"),
        ("google.genai.types", "google-genai"),
        ("llama_index.llms.ollama", "llama-index-llms-ollama"),
        ("llama_index.core", "llama-index"),
        ("langgraph.prebuilt.chat_agent_executor", "langgraph-prebuilt"),
        ("pkg_resources", "setuptools"),
    ],
)
def test_an_import_name_leads_to_its_distribution(name: str, distribution: str) -> None:
    assert distribution_of_import(name) == distribution


@pytest.mark.parametrize("name", ["helpers_of_mine", "google", "azure", "tests", "utils", ""])
def test_a_name_that_is_not_in_the_table_is_not_guessed(name: str) -> None:
    assert distribution_of_import(name) == ""


def test_the_table_is_sorted_and_every_row_is_a_name_and_a_distribution() -> None:
    names = list(import_names())
    assert len(names) > 1000
    assert names == sorted(names, key=lambda name: (name.lower(), name))
    for name, distribution in import_names().items():
        assert all(part.isidentifier() for part in name.split("."))
        assert distribution == canonicalize_name(distribution)


def test_the_script_reads_names_out_of_a_record() -> None:
    scope: dict[str, object] = {"__name__": "script", "__file__": str(SCRIPT)}
    exec(compile(SCRIPT.read_text(encoding="utf-8"), str(SCRIPT), "exec"), scope)  # a script, no module
    names = scope["import_names"]
    assert callable(names)
    record = [
        "google/genai/__init__.py",
        "google/genai/types.py",
        "_x.abi3.so",
        "x.py",
        "x-1.dist-info/RECORD",
        "tests/__init__.py",
    ]
    assert names(record) == {"google.genai", "_x", "x"}
    assert re.match("Make ", str(scope["__doc__"]))


def wheel(folder: Path, distribution: str, files: Iterable[str]) -> None:
    """A wheel that holds nothing but its RECORD."""
    stem = f"{distribution.replace('-', '_')}-1.0"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as made:
        made.writestr(f"{stem}.dist-info/RECORD", "".join(f"{file},,\n" for file in files))


def test_the_script_writes_the_table_whatever_else_the_wheels_bring(tmp_path: Path) -> None:
    known = {line.partition("\t")[0] for line in SCRIPT.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()}
    modules = defaultdict(list)
    for name, distribution in ((name, brought) for name, brought in import_names().items() if name not in known):
        modules[distribution].append(name.replace(".", "/") + "/__init__.py")
    modules.update({"pyside6-essentials": ["PySide6/__init__.py"], "open-clip": ["open_clip/__init__.py"]})
    modules.update({"tensorflow-cpu": ["tensorflow/__init__.py"], "fastmcp-slim": ["fastmcp/__init__.py"]})
    for distribution, files in modules.items():
        wheel(tmp_path, distribution, files)
    popular = tmp_path / "popular.tsv"
    popular.write_text(
        "".join(f"{name}\tx\tx\t1\n" for name in ("tensorflow-cpu", "pyside6-essentials", "fastmcp-slim", "open-clip"))
    )
    command = [sys.executable, str(SCRIPT), str(tmp_path), "--popular", str(popular)]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert written == (SCRIPT.parents[1] / "checks/mlenv_checks/libraries/data/import_names.tsv").read_text(encoding="utf-8")
