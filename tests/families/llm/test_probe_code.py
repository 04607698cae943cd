"""The probe of what code does with keys, and of copies of `.env`, run for real on small projects."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from families.llm.patients_keys import REAL, notebook
from lab.ward import KEY
from mlenv_checks.llm.facts import CodeLine, KeyNeed, KeyUses
from support.probing import probe


def read(project: Path, files: dict[str, str], **question: object) -> KeyUses:
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = probe(KeyUses, cwd=project, **question)
    assert isinstance(found, KeyUses), found
    return found


OPENAI, ANTHROPIC = ("OPENAI_API_KEY",), ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


@pytest.mark.parametrize(
    ("code", "needs"),
    [
        ("from openai import OpenAI\nc = OpenAI()", [(OPENAI, 2, False)]),
        ("from openai import OpenAI as O\nc = O(timeout=3)", [(OPENAI, 2, False)]),
        ("import openai\nc = openai.AsyncOpenAI()", [(OPENAI, 2, False)]),
        ("import openai as o\nc = o.OpenAI()", [(OPENAI, 2, False)]),
        ("import anthropic\nwith anthropic.Anthropic() as c: pass", [(ANTHROPIC, 2, False)]),
        ("from google import genai\nc = genai.Client()", [(("GOOGLE_API_KEY", "GEMINI_API_KEY"), 2, False)]),
        ("from langchain_openai import ChatOpenAI\nc = ChatOpenAI(model='x')", [(OPENAI, 2, False)]),
        ("import os\nx = os.environ['OPENAI_API_KEY']", [(OPENAI, 2, False)]),
        ("from os import environ\nx = environ['OPENAI_API_KEY']", [(OPENAI, 2, False)]),
        ("import os\nx = os.getenv('OPENAI_API_KEY')", [(OPENAI, 2, True)]),
        ("import os\nx = os.environ.get('OPENAI_API_KEY')", [(OPENAI, 2, True)]),
        ("def f():\n    import openai\n    return openai.OpenAI()", [(OPENAI, 3, True)]),
        ("import openai\nif x:\n    c = openai.OpenAI()", [(OPENAI, 3, True)]),
        ("import os\nx = os.getenv('OPENAI_API_KEY', '')", []),
        ("import os\nif not os.getenv('OPENAI_API_KEY'):\n    raise SystemExit", []),
        ("import os\nx = os.getenv('OPENAI_API_KEY') or ask()", []),
        ("import os\nif 'OPENAI_API_KEY' in os.environ:\n    x = os.environ['OPENAI_API_KEY']", []),
        ("from openai import OpenAI\nc = OpenAI(api_key=k)", []),
        ("from openai import OpenAI\nc = OpenAI(base_url=u)", []),
        ("from openai import OpenAI\nc = OpenAI(**more)", []),
        ("from google import genai\nc = genai.Client(vertexai=True)", []),
        ("class OpenAI: pass\nc = OpenAI()", []),
        ("import os\nx = os.environ['HOME']", []),
        ("import os\nos.environ['OPENAI_API_KEY'] = 'x'", []),
        ("from openai import OpenAI\nthis is no Python", []),
        ("print 'Python 2', openai", []),
    ],
)
def test_what_the_code_needs(tmp_path: Path, code: str, needs: list[tuple[tuple[str, ...], int, bool]]) -> None:
    found = read(tmp_path, {"app.py": code})
    assert found.needs == tuple(KeyNeed(names, "app.py", line, nested) for names, line, nested in needs)


CLIENT = "from openai import OpenAI\nclient = OpenAI()\n"


@pytest.mark.parametrize(
    ("file", "seen"),
    [
        ("app.py", True), ("src/deep/down/app.py", True), ("tests/app.py", False), ("test_app.py", False), ("docs/conf.py", False),
        ("examples/a.py", False), (".hidden/a.py", False), ("venv/lib/a.py", False), ("node_modules/a.py", False),
    ],
)  # fmt: skip
def test_which_files_belong_to_the_program(tmp_path: Path, file: str, seen: bool) -> None:
    assert bool(read(tmp_path, {file: CLIENT}).needs) is seen


@pytest.mark.parametrize("sign", ["pyvenv.cfg", "conda-meta/history", ".git/HEAD"])
def test_environments_and_other_repositories_are_not_the_projects(tmp_path: Path, sign: str) -> None:
    assert not read(tmp_path, {"other/app.py": CLIENT, f"other/{sign}": ""}).needs


def test_notebooks_are_read_without_their_commands(tmp_path: Path) -> None:
    cells = {
        "a.ipynb": notebook("%pip install openai\n!ls\n" + CLIENT),
        "b.ipynb": notebook("%%bash\n" + CLIENT),
        "c.ipynb": "[]",
    }
    assert [need.file for need in read(tmp_path, cells).needs] == ["a.ipynb"]


def test_a_key_of_ones_own_that_is_asked_for(tmp_path: Path) -> None:
    found = read(tmp_path, {"a.py": "import os\nx = os.environ['MY_KEY']"}, keys=["MY_KEY"])
    assert found.needs[0].any_of == ("MY_KEY",)


def test_where_dotenv_is_loaded_and_what_is_set(tmp_path: Path) -> None:
    here = read(
        tmp_path,
        {"a.py": "import os\nfrom dotenv import load_dotenv\nload_dotenv(override=True)\nos.environ['GROQ_API_KEY'] = f()"},
    )
    assert (here.loads, here.other_file, here.set_here) == ((CodeLine("a.py", 3),), False, ("GROQ_API_KEY",))
    assert read(tmp_path, {"a.py": "import dotenv\ndotenv.load_dotenv('prod.env')"}).other_file
    assert read(tmp_path, {"a.py": "import dotenv\nx = dotenv.dotenv_values(dotenv_path=p)"}).other_file


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import openai\nopenai.ChatCompletion.create()", "openai.ChatCompletion"),
        ("import openai as o\ndef f():\n    o.Embedding.create()", "openai.Embedding"),
        ("from openai.error import RateLimitError", "openai.RateLimitError"),
        ("import openai\ntry: pass\nexcept openai.error.Timeout: pass", ""),
        ("import openai\nif old:\n    openai.ChatCompletion.create()", ""),
        ("import openai\nopenai.OpenAI(api_key='').images", ""),
        ("import mine as openai\nopenai.ChatCompletion", ""),
    ],
)
def test_what_openai_took_away(tmp_path: Path, code: str, what: str) -> None:
    assert [use.what for use in read(tmp_path, {"a.py": code}).removed] == ([what] if what else [])


RANDOM = "Kd8Fj3Lq9Wm2Zx7Rt5VbPq4Yh6Nc1Gs0UoIeAzBxwLmQvRyHcDn5EjXkTfSaMbVg2Wp7Ju9Hs4"
HEX = "9f3e7d1c5b8a2064f1d7c3e9a5b80246c8e1f3a7d9b5204e6f8a1c3d7e9b5f02"


@pytest.mark.parametrize(
    ("key", "vendor"),
    [
        (REAL, "OpenAI"), ("sk-" + RANDOM[:20] + "T3BlbkFJ" + RANDOM[20:40], "OpenAI"), ("sk-ant-api03-" + RANDOM, "Anthropic"),
        ("sk-or-v1-" + HEX, "OpenRouter"), ("gsk_" + RANDOM[:52], "Groq"), ("xai-" + RANDOM, "xAI"), ("AIza" + RANDOM[:35], "Google"),
        ("AQ." + RANDOM[:50], "Google"), ("pcsk_4Ht7G_" + RANDOM[:60], "Pinecone"), ("lsv2_pt_" + HEX[:32] + "_" + HEX[:10], "LangSmith"),
        ("r8_" + RANDOM[:37], "Replicate"), ("hf_" + "".join(c for c in RANDOM if c.isalpha())[:34], "Hugging Face"), ("nvapi-" + RANDOM, "NVIDIA"),
    ],
)  # fmt: skip
def test_a_key_in_a_source(tmp_path: Path, key: str, vendor: str) -> None:
    found = read(
        tmp_path, {"a.py": f"\nkey = '{key}'\n", "b.yaml": f"key: {key}\n", "c.ipynb": notebook("x", f"a\n{key}\n"), "d.md": key}
    )
    assert [(one.file, one.vendor, one.output) for one in found.hardcoded] == [
        ("a.py", vendor, False), ("b.yaml", vendor, False), ("c.ipynb", vendor, True), ("d.md", vendor, False),
    ]  # fmt: skip
    assert found.hardcoded[0].line == 2
    assert not [key[-12:][i : i + 6] for i in range(7) if key[-12:][i : i + 6] in json.dumps(asdict(found))]


@pytest.mark.parametrize(
    "text",
    [
        KEY, "sk-proj-" + "x" * 50, "sk-proj-your-key-goes-here-and-not-anywhere-else-ok", "sk-ant-api03-...", "AIza" + "Example" * 5,
        "gsk_" + "1234567890" * 6, f"{REAL}  # gitleaks:allow", "prefix_" + REAL, "task-" + RANDOM, "hf_transfer", "sk-learn-" + "a" * 50,
        "sk-or-v1-" + "0" * 64, "https://example.com/sk-proj-short",
    ],
)  # fmt: skip
def test_no_key_in_a_source(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, {"a.py": f"x = '{text}'" if "#" not in text else text}).hardcoded == ()


def test_a_large_project_is_read_in_time(tmp_path: Path) -> None:
    body = "x = 1\n" * 2000
    for number in range(600):
        (tmp_path / f"m{number}.py").write_text(body + f"import os\ny = os.environ.get('V{number}')\n")
    (tmp_path / "big.ipynb").write_text(notebook("x", "AIza sk-proj- hf_ " * 300_000))
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    started = time.monotonic()
    read(tmp_path, {})
    assert time.monotonic() - started < 10
