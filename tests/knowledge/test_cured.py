"""Real failures, from the error to its end: a program fails, its error is explained, the fix is run as printed, the program works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PATIENTS = [
    ("openai==1.40.0 httpx==0.28.1", "from openai import OpenAI; OpenAI(api_key='none')", "known-bad-pair", "openai"),
    (
        "fastapi",
        "from fastapi import FastAPI, Form\napp = FastAPI()\n@app.post('/')\ndef f(text: str = Form()): return text",
        "not-installed",
        "python-multipart",
    ),
    ("", "import yaml", "not-installed", "pyyaml"),
    ("jinja2==2.11.3 markupsafe==2.1.5", "import jinja2", "known-bad-pair", "jinja2"),
    ("flask==2.2.2 werkzeug==3.0.6", "import flask", "known-bad-pair", "flask"),
    ("pinecone-client==6.0.0", "import pinecone", "wrong-distribution", "pinecone-client"),
    ("setuptools==82.0.0", "import pkg_resources", "pkg-resources-removed", "setuptools"),
    ("pydantic==2.9.2", "from pydantic import BaseSettings", "pydantic-mismatch", "pydantic"),
    ("nltk", "import nltk.tokenize, numpy", "not-installed", "numpy"),
    (
        "anthropic==0.39.0 httpx==0.28.1",
        "from anthropic import Anthropic; Anthropic(api_key='none')",
        "known-bad-pair",
        "anthropic",
    ),
    ("groq==0.11.0 httpx==0.28.1", "from groq import Groq; Groq(api_key='none')", "known-bad-pair", "groq"),
    ("passlib==1.7.4 bcrypt==5.0.0", "from passlib.hash import bcrypt; bcrypt.hash('word')", "known-bad-pair", "passlib"),
    ("requests-toolbelt==0.10.1 urllib3==2.2.3", "import requests_toolbelt", "known-bad-pair", "requests-toolbelt"),
    ("numexpr==2.8.8 numpy==2.2.6", "import numexpr", "numpy2-abi", "numexpr"),
    ("bottleneck==1.3.7 numpy==2.2.6", "import bottleneck", "numpy2-abi", "bottleneck"),
    ("h5py==3.10.0 numpy==2.2.6", "import h5py", "numpy2-abi", "h5py"),
    ("attrs==20.3.0", "from docx import Document", "not-installed", "python-docx"),
]
MISSING = {  # what programs import, and which distribution has to come: names that differ, and names that do not
    "attr": "attrs", "bs4": "beautifulsoup4", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "jwt": "pyjwt", "serial": "pyserial", "slugify": "python-slugify", "docstring_parser": "docstring-parser",
    "fontTools": "fonttools", "yaml": "pyyaml", "arrow": "arrow", "backoff": "backoff", "cachetools": "cachetools",
    "cloudpickle": "cloudpickle", "colorama": "colorama", "dill": "dill", "einops": "einops", "feedparser": "feedparser",
    "filelock": "filelock", "fire": "fire", "fsspec": "fsspec", "ftfy": "ftfy", "graphviz": "graphviz", "h11": "h11",
    "humanize": "humanize", "itsdangerous": "itsdangerous", "joblib": "joblib", "jsonschema": "jsonschema", "loguru": "loguru",
    "markdown": "markdown", "msgpack": "msgpack", "mpmath": "mpmath", "openpyxl": "openpyxl", "peewee": "peewee",
    "pydot": "pydot", "pymysql": "pymysql", "pypdf": "pypdf", "redis": "redis", "requests": "requests", "rich": "rich",
    "simplejson": "simplejson", "sqlparse": "sqlparse", "tabulate": "tabulate", "tenacity": "tenacity", "toml": "toml",
    "tqdm": "tqdm", "unidecode": "unidecode", "websockets": "websockets", "xlrd": "xlrd",
    "git": "gitpython", "Crypto": "pycryptodome", "nacl": "pynacl", "more_itertools": "more-itertools", "termcolor": "termcolor",
    "wrapt": "wrapt", "zstandard": "zstandard", "orjson": "orjson", "ujson": "ujson", "pyparsing": "pyparsing",
    "networkx": "networkx", "sortedcontainers": "sortedcontainers", "pluggy": "pluggy", "prettytable": "prettytable",
    "jmespath": "jmespath", "decorator": "decorator", "blinker": "blinker", "emoji": "emoji", "parso": "parso", "yarl": "yarl",
    "pytz": "pytz", "boltons": "boltons",
}  # fmt: skip


@pytest.fixture
def python(tmp_path: Path) -> str:
    """The Python of a new virtual environment."""
    subprocess.run([sys.executable, "-m", "uv", "venv", "--seed", "-q", "-p", sys.executable, str(tmp_path / "v")], check=True)
    return str(tmp_path / "v/bin/python")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of one environment for all that is only missing: what one test installs, none of the others lacks."""
    folder = tmp_path_factory.mktemp("shared")
    subprocess.run([sys.executable, "-m", "uv", "venv", "--seed", "-q", "-p", sys.executable, str(folder / "v")], check=True)
    return str(folder / "v/bin/python")


def cured(python: str, program: str, room: Path) -> dict[str, str]:
    """Let a program fail, explain its error, do what the fix says, and see the program work. Returns the answer."""
    (room / "program.py").write_text(program)
    failed = subprocess.run([python, "program.py"], capture_output=True, text=True, cwd=room)
    assert failed.returncode != 0
    (room / "error.log").write_text(failed.stderr)
    doctor = "import sys; from mlenv_doctor.cli.entry import main; sys.argv[1:] = ['explain', 'error.log', '--format', 'json', '--python', sys.argv[1]]; main()"
    said = subprocess.run([sys.executable, "-c", doctor, python], capture_output=True, text=True, cwd=room)
    answer = json.loads(said.stdout)
    for command in answer["fix"]["commands"]:
        subprocess.run(command, shell=True, check=True, cwd=room, capture_output=True)
    after = subprocess.run([python, "program.py"], capture_output=True, text=True, cwd=room)
    assert after.returncode == 0, after.stderr
    return {name: answer[name] for name in ("kind", "cause", "culprit")}


@pytest.mark.parametrize(("wanted", "program", "cause", "culprit"), PATIENTS, ids=[f"{p[3]}" for p in PATIENTS])
def test_a_failure_is_explained_cured_and_gone(
    wanted: str, program: str, cause: str, culprit: str, python: str, tmp_path: Path
) -> None:
    if wanted:
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted.split()], check=True)
    assert cured(python, program, tmp_path) == {"kind": "environment", "cause": cause, "culprit": culprit}


@pytest.mark.parametrize("module", MISSING)
def test_what_is_missing_is_installed_by_the_name_of_its_distribution(module: str, shared: str, tmp_path: Path) -> None:
    uninstall = [shared, "-m", "pip", "uninstall", "-q", "-y", MISSING[module]]  # the cure of another may have brought it
    subprocess.run(uninstall, check=True, capture_output=True)
    wanted = {"kind": "environment", "cause": "not-installed", "culprit": MISSING[module]}
    assert cured(shared, f"import {module}", tmp_path) == wanted
