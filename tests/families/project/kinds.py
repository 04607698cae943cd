"""Small projects of every kind that real ones have, each with what is installed for it and what must be said about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

NUMPY, PANDAS, TORCH = "numpy", "pandas", "torch"
CHAIN = "langchain 1.0: langchain/__init__.py langchain/agents/__init__.py"


@dataclass(frozen=True)
class Kind:
    """A project.

    files:     its files and their texts.
    installed: what the environment holds, as "name", "name version", or "name version: file file > requirement > requirement".
    red, yellow: what must fail or warn, and nothing else: the check, the cause, and words of its message.
    quiet:     words that may stand in no failure and no warning.
    """

    name: str
    files: Mapping[str, str]
    installed: tuple[str, ...] = ()
    red: tuple[tuple[str, str, str], ...] = ()
    yellow: tuple[tuple[str, str, str], ...] = ()
    quiet: tuple[str, ...] = ()
    fix: str = ""
    verdict: str = field(default="")


def notebook(*cells: str, **metadata: object) -> str:
    """A notebook with these cells of code."""
    return json.dumps(
        {
            "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(True)} for cell in cells],
            "metadata": metadata,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def missing(words: str) -> tuple[tuple[str, str, str], ...]:
    return (("project.imports", "import-not-installed", words),)


PYPROJECT = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["numpy", "pandas"]\n'
MAIN = "import numpy\nimport pandas\n"
REQUIREMENTS = "aiofiles\nhttpx\nrich\ntyper\norjson\npolars\n"

SICK = (
    Kind(
        "a script without requirements",
        {"train.py": "import numpy\nimport tiktoken\n"},
        (NUMPY,),
        missing("train.py:2"),
        fix="tiktoken",
    ),
    Kind(
        "a trainer with data scripts below",
        {"train.py": "import torch\n", "data/web/prepare.py": "from datasets import load_dataset\nimport tqdm\n"},
        (TORCH,),
        missing("data/web/prepare.py:1"),
        quiet=("key",),
    ),
    Kind(
        "a course of notebooks that install by %pip",
        {"lesson1.ipynb": notebook("%pip install -qq -U diffusers accelerate", "import diffusers\nimport numpy")},
        (NUMPY,),
        missing("lesson1.ipynb cell 2"),
        fix="diffusers",
    ),
    Kind(
        "a course of notebooks that install by !pip, one name per import",
        {
            "rag.ipynb": notebook(
                "! pip install langchain_community chromadb \\\n  beautifulsoup4", "import bs4", "import chromadb"
            )
        },
        (),
        missing("2 imported modules"),
        fix="beautifulsoup4 chromadb",
    ),
    Kind(
        "a notebook in which one cell does not parse",
        {"a.ipynb": notebook("import seaborn", "key = <your key>", "import numpy")},
        (NUMPY,),
        missing("a.ipynb cell 1"),
    ),
    Kind(
        "names that differ from their packages",
        {"a.py": "import cv2, yaml\nfrom PIL import Image\n"},
        (),
        missing("3 imported"),
        fix="pillow opencv-python pyyaml",
    ),
    Kind(
        "a module that no table knows",
        {"a.py": "import frobnicate_internal\n"},
        (),
        (("project.imports", "module-unknown", "frobnicate_internal"),),
        quiet=("pip install",),
    ),
    Kind(
        "a requirement that is missing",
        {"requirements.txt": "numpy\npandas\n", "a.py": MAIN},
        (NUMPY,),
        (("libraries.installed", "not-installed", "pandas"),),
    ),
    Kind(
        "an environment that was not made for this project",
        {"requirements.txt": REQUIREMENTS, "a.py": "import httpx, rich\n"},
        ("rich",),
        (("project.environment", "environment-not-prepared", "5 of 6"),),
        fix="-r requirements.txt",
    ),
    Kind(
        "the same by pyproject",
        {
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["aiofiles", "httpx", "rich", "typer"]\n',
            "src/shop/__init__.py": "import httpx\n",
        },
        (),
        (("project.environment", "environment-not-prepared", "4 of 4"),),
        fix="-e .",
    ),
    Kind(
        "the same with uv",
        {
            "pyproject.toml": PYPROJECT.replace('"pandas"', '"pandas", "httpx", "rich"'),
            "uv.lock": 'version = 1\n\n[[package]]\nname = "numpy"\nversion = "2.0"\n',
            "a.py": MAIN,
        },
        (),
        (("project.environment", "environment-not-prepared", "4 of 4"),),
        fix="sync",
    ),
    Kind(
        "the same with Poetry",
        {
            "pyproject.toml": '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "*"\nhttpx = "*"\nrich = "*"\ntyper = "*"\nnumpy = "*"\n',
            "poetry.lock": '[[package]]\nname = "numpy"\nversion = "2.0"\n\n[metadata]\nlock-version = "2.0"\n',
            "shop/__init__.py": "import httpx\n",
        },
        (),
        (("project.environment", "environment-not-prepared", "4 of 4"),),
        fix="poetry install",
    ),
    Kind(
        "the same with Pipenv",
        {"Pipfile": '[packages]\nhttpx = "*"\nrich = "*"\ntyper = "*"\nnumpy = "*"\n', "a.py": "import httpx\n"},
        (),
        (("project.environment", "environment-not-prepared", "4 of 4"),),
        fix="pipenv",
    ),
    Kind(
        "the same with PDM",
        {
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["httpx", "rich", "typer", "numpy"]\n[tool.pdm]\n',
            "pdm.lock": '[metadata]\nlock_version = "4.5"\n\n[[package]]\nname = "numpy"\nversion = "2.0"\n',
            "src/shop/__init__.py": "",
        },
        (),
        (("project.environment", "environment-not-prepared", "4 of 4"),),
        fix="pdm",
    ),
    Kind(
        "requirements that include others, with constraints",
        {
            "requirements.txt": "-r base.txt\n-c limits.txt\n",
            "base.txt": "numpy\npandas\n",
            "limits.txt": "numpy<3\n",
            "a.py": MAIN,
        },
        (NUMPY,),
        (("libraries.installed", "not-installed", "pandas"),),
    ),
    Kind(
        "one requirement in two files",
        {
            "requirements.txt": "pandas>=2.0\n",
            "pyproject.toml": '[project]\nname = "s"\nversion = "1"\ndependencies = ["pandas>=2.0"]\n',
            "a.py": "import pandas\n",
        },
        (),
        (("libraries.installed", "not-installed", "pandas"),),
        fix="'pandas>=2.0'",
    ),
    Kind(
        "an extra of a requirement that is missing",
        {"requirements.txt": "uvicorn[standard]\n", "a.py": "import uvicorn\n"},
        ("uvicorn 0.40: uvicorn/__init__.py > httptools; extra == 'standard' > uvloop; extra == 'standard'",),
        (),
        (("libraries.dependencies", "extra-not-installed", "httptools, uvloop"),),
    ),
    Kind(
        "a library that moved its modules",
        {"rag.py": "from langchain.chains import RetrievalQA\n"},
        (CHAIN,),
        (("project.imports", "module-removed", "langchain 1.0 does not have langchain.chains (rag.py:1)"),),
    ),
    Kind(
        "a module that newer Pythons removed",
        {"a.py": "import asynchat\nimport numpy\n"},
        (NUMPY,),
        (("project.imports", "module-removed", "asynchat"),) if sys.version_info >= (3, 12) else (),
    ),
    Kind("code of Python 2", {"a.py": "import urllib2\n"}, (), (("project.imports", "module-removed", "urllib2"),)),
    Kind(
        "a file that does not parse",
        {"a.py": "import numpy\nprint 'x'\nimport pandas\n"},
        (NUMPY,),
        (),
        (("project.files", "source-unreadable", "a.py:2"),),
    ),
    Kind(
        "a notebook that is no JSON",
        {"a.ipynb": "not JSON", "b.py": "import numpy\n"},
        (NUMPY,),
        (),
        (("project.files", "source-unreadable", "a.ipynb (not a notebook"),),
    ),
    Kind(
        "an import that is not declared",
        {"requirements.txt": "numpy\n", "a.py": MAIN},
        (NUMPY, PANDAS),
        (),
        (("project.declared", "import-not-declared", "add pandas to requirements.txt"),),
    ),
    Kind(
        "a namespace package of which one part is missing",
        {"a.py": "from google.cloud import storage\n"},
        ("protobuf 5.0: google/protobuf/__init__.py",),
        missing("google.cloud"),
        fix="google-cloud-storage",
    ),
    Kind(
        "a source layout, imported by a script and a notebook",
        {
            "src/shop/__init__.py": "import numpy\n",
            "scripts/run.py": "import shop\n",
            "notebooks/a.ipynb": notebook("import shop\nimport plotly"),
        },
        (NUMPY,),
        missing("notebooks/a.ipynb cell 1"),
        fix="plotly",
    ),
    Kind(
        "a version from before this Python",
        {"requirements.txt": "numpy==1.16.0\npandas\n", "a.py": MAIN},
        ("numpy 2.4", "pandas 3.0"),
        (("project.installable", "pin-without-wheel", "numpy==1.16.0 (wheels begin with"),),
    ),
    Kind(
        "an old project, all of it absent and pinned",
        {"requirements.txt": "numpy==1.16.0\nscipy==1.2\nhttpx\nrich\ntyper\n", "a.py": "import numpy\n"},
        (),
        (("project.installable", "pin-without-wheel", "scipy==1.2"),),
    ),
    Kind(
        "another Python is required",
        {
            "pyproject.toml": '[project]\nname = "s"\nversion = "1"\nrequires-python = ">=3.99"\ndependencies = ["httpx", "rich", "typer", "numpy"]\n',
            "s.py": "import rich\n",
        },
        (),
        (("python.project", "requires-python-unmet", "3.99"),),
    ),
    Kind(
        "code that insists on a GPU",
        {"train.py": "import torch\nmodel = torch.nn.Linear(1, 1).cuda()\n"},
        (TORCH,),
        (),
        (("project.gpu", "gpu-needed-by-code", "train.py:2"),),
    ),
    Kind(
        "a folder that only holds other projects",
        {"a/requirements.txt": "numpy\n", "a/x.py": "import numpy\n", "b/pyproject.toml": PYPROJECT, "b/y.py": MAIN},
        (),
        verdict="unknown",
    ),
    Kind(
        "an application below this folder",
        {
            "backend/pyproject.toml": PYPROJECT,
            "backend/app/main.py": "from app import db\nimport pandas\n",
            "backend/app/db.py": "",
            "README.md": "#\n",
        },
        (),
        verdict="unknown",
    ),
    Kind(
        "a class body and a with statement run at once",
        {"a.py": "class A:\n    import plotly\nwith open('x') as f:\n    import bs4\n"},
        (),
        missing("2 imported modules"),
    ),
    Kind("an import behind a semicolon", {"a.py": "import os, plotly\n"}, (), missing("a.py:1")),
    Kind(
        "a wrapper that is called as its library is",
        {
            "main.py": "from providers.openai import ask\nimport openai\n",
            "providers/__init__.py": "",
            "providers/openai.py": "import openai\n",
        },
        (),
        missing("main.py:2 imports openai"),
    ),
    Kind(
        "a tool beside the program",
        {
            "requirements.txt": "numpy\n",
            "a.py": "import numpy\n",
            "tools/export.py": "import tensorrt\n",
            "x.ipynb": notebook("import zq_unknown"),
        },
        (NUMPY,),
        (),
        (("project.imports", "import-not-installed", "tensorrt"), ("project.imports", "module-unknown", "zq_unknown")),
    ),
    Kind("a continued import", {"a.py": "from plotly \\\n    import express\n"}, (), missing("a.py:1 imports plotly")),
    Kind(
        "a module of a package without code that is missing",
        {"a.py": "from google import genai\n"},
        ("protobuf 5.0: google/protobuf/__init__.py",),
        missing("a.py:1 imports google.genai"),
        fix="google-genai",
    ),
)

HEALTHY = (
    Kind(
        "a package without code, all of it there",
        {"a.py": "from google import protobuf\nfrom google.protobuf import message\n"},
        ("protobuf 5.0: google/protobuf/__init__.py google/protobuf/message.py",),
    ),
    Kind("pins that have wheels", {"requirements.txt": "numpy==2.4.6\n", "a.py": "import numpy\n"}, ("numpy 2.4.6",)),
    Kind(
        "modules that a library still has",
        {"a.py": "from langchain.agents import create_agent\nimport langchain_classic.chains\n"},
        (CHAIN, "langchain-classic 1.0: langchain_classic/__init__.py langchain_classic/chains/__init__.py"),
    ),
    Kind(
        "a requirement by another name of its build",
        {"requirements.txt": "tensorflow-cpu\n", "a.py": "import tensorflow\n"},
        ("tensorflow-cpu 2.20: tensorflow/__init__.py",),
    ),
    Kind(
        "an environment that holds more than the project asks for",
        {"requirements.txt": "httpx\nrich\ntyper\nnumpy\n", "a.py": "import numpy\n"},
        ("httpx", "rich", "typer", NUMPY, PANDAS, "orjson"),
    ),
    Kind("one project below and nothing else", {"app.py": "import numpy\n", "web/package.json": "{}\n"}, (NUMPY,)),
    Kind("a script and its library", {"a.py": "import numpy as np\n"}, (NUMPY,)),
    Kind("only the standard library", {"a.py": "import os, sys\nfrom pathlib import Path\nimport tkinter\nimport winreg\n"}),
    Kind(
        "modules beside the script",
        {"main.py": "import utils\nfrom model import Net\n", "utils.py": "", "model.py": "import numpy\n"},
        (NUMPY,),
    ),
    Kind(
        "a package in src",
        {"pyproject.toml": PYPROJECT, "src/shop/__init__.py": "from shop.core import x\n", "src/shop/core.py": MAIN},
        (NUMPY, PANDAS),
    ),
    Kind("a package without __init__", {"main.py": "from lib.deep.er import x\n", "lib/deep/er.py": "import numpy\n"}, (NUMPY,)),
    Kind("guarded imports", {"a.py": "try:\n    import ujson as json\nexcept ImportError:\n    import json\n"}),
    Kind("a fallback for an old name", {"a.py": "try:\n    import cPickle\nexcept ImportError:\n    import pickle\n"}),
    Kind(
        "exporters that import in functions", {"export.py": "def onnx():\n    import onnx\n\ndef trt():\n    import tensorrt\n"}
    ),
    Kind("types only", {"a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas\n"}),
    Kind("a platform's modules", {"a.py": "import sys\nif sys.platform == 'win32':\n    import win32api\n"}),
    Kind(
        "tests, docs and examples need more",
        {
            "shop.py": "import numpy\n",
            "tests/test_a.py": "import pytest\n",
            "docs/conf.py": "import sphinx_rtd_theme\n",
            "examples/x.py": "import gradio\n",
            "conftest.py": "import pytest\n",
            "setup.py": "from setuptools import setup\nimport Cython\n",
        },
        (NUMPY,),
    ),
    Kind(
        "a notebook of Colab",
        {"a.ipynb": notebook("from google.colab import drive\nimport numpy\n!nvidia-smi\n%matplotlib inline")},
        (NUMPY,),
    ),
    Kind(
        "a notebook with magics",
        {
            "a.ipynb": notebook(
                "%%time\nimport numpy",
                "%%bash\nimport nothing",
                "files = !ls\nnumpy?\nif True:\n    !pip list\n",
                "!python x.py \\\n   --a 1 \\\n   --b 2",
            )
        },
        (NUMPY,),
    ),
    Kind("a notebook that writes its module", {"a.ipynb": notebook("%%writefile engine.py\nimport os", "import engine")}),
    Kind("a notebook of another language", {"a.ipynb": notebook("library(ggplot2)", kernelspec={"name": "ir", "language": "R"})}),
    Kind(
        "a notebook in a folder of its own",
        {"notebooks/a.ipynb": notebook("import helpers, shop"), "notebooks/helpers.py": "", "shop/__init__.py": ""},
    ),
    Kind(
        "folders that the code adds to the path",
        {"a/main.py": "import sys\nsys.path.append('../deep/lib')\nimport far\n", "deep/lib/far.py": ""},
    ),
    Kind(
        "a path that only the code knows",
        {"main.py": "import sys, os\nsys.path.insert(0, os.environ['TOOLS'])\nimport studio_tools\n"},
    ),
    Kind(
        "extras and groups nobody asked for",
        {
            "pyproject.toml": PYPROJECT
            + '[project.optional-dependencies]\nweb = ["fastapi"]\n[dependency-groups]\ndev = ["ruff", "pip>=99"]\n',
            "src/shop/__init__.py": MAIN,
            "src/shop/web.py": "import fastapi\n",
        },
        (NUMPY, PANDAS),
    ),
    Kind("a module generated by a build", {"a.py": "import service_pb2\n"}),
    Kind("helpers in a folder that nobody adds to the path", {"a/main.py": "import zq_helpers\n", "b/zq_helpers.py": ""}),
    Kind(
        "modules of a package, imported as from beside them",
        {"pkg/__init__.py": "", "pkg/main.py": "import zq_core\n", "pkg/zq_core.py": ""},
    ),
    Kind(
        "modules called as libraries, in a folder that is run",
        {
            "src/__init__.py": "",
            "src/train.py": "from datasets import Mine\nimport evaluate\n",
            "src/datasets.py": "class Mine: ...\n",
        },
        ("evaluate",),
    ),
    Kind("a root that is a package", {"__init__.py": "", "main.py": "import wandb\n", "wandb.py": ""}),
    Kind(
        "an environment file beside a short setup.py",
        {
            "setup.py": "from setuptools import setup\nsetup(name='a', install_requires=['numpy'])\n",
            "environment.yaml": "dependencies:\n  - pip:\n    - pandas\n",
            "a.py": MAIN,
        },
        (NUMPY, PANDAS),
    ),
    Kind("a compiled module of its own", {"a.py": "import fast\n", "fast.cpython-311-x86_64-linux-gnu.so": ""}),
    Kind(
        "a package that builds its modules by itself",
        {"a.py": "from six.moves import urllib\nfrom lazy.parts import x\n"},
        ("six 1.0: six.py", "lazy 1.0: lazy/__init__.py=import sys; sys.modules[__name__]"),
    ),
    Kind(
        "an OpenCV without a screen",
        {"requirements.txt": "opencv-python-headless\n", "a.py": "import cv2\n"},
        ("opencv-python-headless 4.10: cv2/__init__.py",),
    ),
    Kind(
        "a transitive import",
        {"requirements.txt": "pandas\n", "a.py": MAIN},
        (NUMPY, "pandas 2.0: pandas/__init__.py > numpy>=1"),
    ),
    Kind(
        "a GPU that is asked for politely",
        {"a.py": "import torch\nd = 'cuda' if torch.cuda.is_available() else 'cpu'\nx = torch.zeros(1).to(d)\n"},
        (TORCH,),
    ),
    Kind("a template that is no Python yet", {"{{name}}/main.py": "import {{module}}\n", "make.py": "import numpy\n"}, (NUMPY,)),
    Kind(
        "a word that looks like an import",
        {"a.py": '"""\nimport nothing_of_this\nfrom nowhere import it\n"""\nimport numpy\n'},
        (NUMPY,),
    ),
    Kind(
        "a project in a project, judged alone",
        {
            "requirements.txt": "numpy\n",
            "a.py": "import numpy\n",
            "demo/requirements.txt": "gradio\n",
            "demo/app.py": "import gradio\n",
        },
        (NUMPY,),
    ),
)
