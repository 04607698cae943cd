"""Keys with something in them that is no part of a key, names and addresses that are slips, copies, and what the code needs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from families.llm.patients import ANTHROPIC, LINE, LLM, broken, dotenv, odd, to_look_at, well
from lab.patient import Patient
from lab.ward import KEY, Ward

REAL = (
    "sk-proj-" + "Kd8Fj3Lq9Wm2Zx7Rt5VbPq4Yh6Nc1Gs0UoIeAzBx" + "_T3BlbkFJ_" + "wLmQvRyHcDn5EjXk"
)  # drawn at random, opens nothing
PYTHON_KEY = f"client_key = {REAL!r}\n"


def code(text: str, env: str = "", file: str = "app.py", **more: object) -> Callable[[Ward], object]:
    """A project with one file of code, and with this `.env`."""

    def make(ward: Ward) -> None:
        dotenv(env, **more)(ward)  # type: ignore[arg-type]
        ward.write(file, text)

    return make


def notebook(source: str, output: str = "") -> str:
    outputs = [{"output_type": "stream", "name": "stdout", "text": [output]}] if output else []
    cell = {"cell_type": "code", "metadata": {}, "source": [source], "outputs": outputs, "execution_count": 1}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def git(*commands: str) -> Callable[[Ward], object]:
    """Commands of git, in a project that has a repository of its own."""

    def run(ward: Ward) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        for command in ("init -q", *commands):
            subprocess.run(["git", *who, *command.split()], cwd=ward.project, check=True, capture_output=True)

    return run


def first(*steps: Callable[[Ward], object]) -> Callable[[Ward], object]:
    """All of these, one after the other."""
    return lambda ward: [step(ward) for step in steps]


def files(texts: dict[str, str]) -> Callable[[Ward], object]:
    return lambda ward: [ward.write(name, text) for name, text in texts.items()]


OPENAI = "from openai import OpenAI\nclient = OpenAI()\n"
COMMITTED = first(dotenv(LINE), git("add .env", "commit -qm x", "rm -q --cached .env"), files({".gitignore": ".env*\n"}))
COPYING = "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
PATIENTS = [
    # what is in a key and is no part of it
    broken("a comment without a blank", "key-has-comment", dotenv(f"OPENAI_API_KEY={KEY}#mine\n")),
    broken("a semicolon", "key-has-comment", dotenv(f"OPENAI_API_KEY={KEY};\n")),
    broken("a comma", "key-has-comment", dotenv(f"OPENAI_API_KEY={KEY},\n")),
    broken("the name twice", "key-has-comment", dotenv(f"OPENAI_API_KEY=OPENAI_API_KEY={KEY}\n")),
    broken("two keys in one", "key-has-comment", dotenv(f"OPENAI_API_KEY={KEY}{KEY}\n")),
    broken("a backslash", "key-has-comment", dotenv(f"OPENAI_API_KEY={KEY}\\\n")),
    broken("a comment in the shell's value", "key-has-comment", dotenv(shell={"OPENAI_API_KEY": KEY + " # mine"})),
    broken("quotes in the shell's value, as by docker --env-file", "key-quoted", dotenv(shell={"OPENAI_API_KEY": f'"{KEY}"'})),
    broken("single quotes in the shell's value, as by cmd", "key-quoted", dotenv(shell={"OPENAI_API_KEY": f"'{KEY}'"})),
    broken("backticks", "key-quoted", dotenv(f"OPENAI_API_KEY=`{KEY}`\n")),
    broken("a quote at the end only", "key-quoted", dotenv(f'OPENAI_API_KEY={KEY}"\n')),
    broken("quotes in quotes", "key-quoted", dotenv(f"OPENAI_API_KEY='\"{KEY}\"'\n")),
    broken("typographic quotes", "key-non-ascii", dotenv(f"OPENAI_API_KEY=\u201c{KEY}\u201d\n")),
    broken("a space of no width", "key-non-ascii", dotenv(f"OPENAI_API_KEY={KEY}\u200b\n")),
    broken("a Cyrillic letter", "key-non-ascii", dotenv(f"OPENAI_API_KEY={KEY}\u0430\n")),
    broken("a blank before the key in quotes", "key-whitespace", dotenv(f'OPENAI_API_KEY=" {KEY}"\n')),
    broken("a blank behind the key in quotes", "key-whitespace", dotenv(f"OPENAI_API_KEY='{KEY} '\n")),
    broken("a line end in the shell's value", "key-whitespace", dotenv(shell={"OPENAI_API_KEY": KEY + "\n"})),
    broken("a carriage return, as of a sourced file of Windows", "key-whitespace", dotenv(shell={"OPENAI_API_KEY": KEY + "\r"})),
    broken("a line end in quotes", "key-whitespace", dotenv(f'OPENAI_API_KEY="{KEY}\n"\n')),
    broken("\\r in double quotes", "key-whitespace", dotenv(f'OPENAI_API_KEY="{KEY}\\r"\n')),
    broken("a key that was broken into two", "key-whitespace", dotenv(f"OPENAI_API_KEY={KEY[:50]} {KEY[50:]}\n")),
    broken("a line end, and an endpoint of one's own", "key-whitespace", dotenv("OPENAI_BASE_URL=http://localhost:8000/v1\n", shell={"OPENAI_API_KEY": "dummy\n"})),
    to_look_at("a flaw beside a key that is fine", "key-quoted", dotenv(LINE, shell={"OPENAI_API_KEY": None, "GROQ_API_KEY": f'"gsk_{"Ab3" * 18}"'})),
    to_look_at("only the beginning of a key", "key-truncated", dotenv("OPENAI_API_KEY=sk-proj-Ab3Cd4Ef5Gh6\n")),
    to_look_at("only the beginning of Anthropic's", "key-truncated", dotenv("ANTHROPIC_API_KEY=sk-ant-api03-Ab3Cd4\n")),
    broken("a variable without braces", "dotenv-interpolation", dotenv("OPENAI_API_KEY=$MY_KEY\n")),
    broken("a placeholder in quotes of the shell", "key-placeholder", dotenv(shell={"OPENAI_API_KEY": '"your_key_here"'})),
    # lines
    broken("set twice, and the last is empty", "key-duplicate", dotenv(LINE + "OPENAI_API_KEY=\n")),
    broken("set twice, and the last is a placeholder", "key-duplicate", dotenv(LINE + "OPENAI_API_KEY=your_key_here\n")),
    to_look_at("set twice, and differently", "key-duplicate", dotenv(LINE + f"OPENAI_API_KEY={KEY}x\n")),
    broken("glued to the line before", "dotenv-glued", dotenv(f"FOO=barOPENAI_API_KEY={KEY}\n")),
    broken("glued to a quoted value", "dotenv-glued", dotenv(f"FOO='bar'OPENAI_API_KEY={KEY}\n")),
    broken("glued to another key", "dotenv-glued", dotenv(f"GROQ_MODEL=llama3OPENAI_API_KEY={KEY}\n"), args=("--require", "key:OPENAI_API_KEY")),
    broken("setx", "dotenv-foreign-syntax", dotenv(f"setx OPENAI_API_KEY {KEY}\n")),
    broken("a line of Python", "dotenv-foreign-syntax", dotenv(f"os.environ['OPENAI_API_KEY']='{KEY}'\n")),
    broken("words behind the quotes", "dotenv-unparsable", dotenv(f'OPENAI_API_KEY="{KEY}" mine\n')),
    to_look_at("a byte order mark, and an old parser", "dotenv-encoding", first(dotenv("\ufeff" + LINE), lambda w: w.library("python-dotenv", "1.0.1"))),
    broken("far too large", "dotenv-too-large", dotenv(LINE + "X=1\n" * 25000)),
    # names
    to_look_at("a name without API", "key-name-typo", dotenv(f"OPENAI_KEY={KEY}\n")),
    to_look_at("a letter too few", "key-name-typo", dotenv(f"OPENAI_API_KY={KEY}\n")),
    to_look_at("two letters swapped", "key-name-typo", dotenv(f"OPNEAI_API_KEY={KEY}\n")),
    to_look_at("a hyphen", "key-name-typo", dotenv(f"OPENAI-API-KEY={KEY}\n")),
    to_look_at("small letters", "key-name-typo", dotenv(f"openai_api_key={KEY}\n")),
    to_look_at("a Cyrillic letter in the name", "key-name-typo", dotenv(f"OPEN\u0410I_API_KEY={KEY}\n")),
    to_look_at("named after the model", "key-name-typo", dotenv(f"CLAUDE_API_KEY={ANTHROPIC}\n")),
    # the file
    broken("named with .txt", "dotenv-wrong-name", odd(lambda w: w.write(".env.txt", LINE))),
    broken("named without the dot", "dotenv-wrong-name", odd(lambda w: w.write("env", LINE))),
    broken("in capitals", "dotenv-wrong-name", odd(lambda w: w.write(".ENV", LINE))),
    to_look_at("named for another tool", "dotenv-wrong-name", odd(lambda w: w.write(".env.local", LINE))),
    broken("named for another tool, and a key is required", "dotenv-wrong-name", odd(lambda w: w.write(".env.local", LINE)), args=("--profile", "llm")),
    Patient("the key is in the example", odd(lambda w: w.write(".env.example", f"OPENAI_API_KEY={REAL}\n")), yellow=("dotenv-missing", "key-in-source"), args=LLM),
    to_look_at("a notebook in another folder", "dotenv-not-found-from-here", first(dotenv(), files({"src/.env": LINE, "notebooks/a.ipynb": notebook("from dotenv import load_dotenv\nload_dotenv()")}))),
    broken("python-dotenv is switched off", "dotenv-disabled", dotenv(LINE, shell={"OPENAI_API_KEY": None, "PYTHON_DOTENV_DISABLED": "1"})),
    # addresses
    broken("an empty base address", "base-url-empty", dotenv(LINE + "OPENAI_BASE_URL=\n")),
    broken("an empty base address in the shell", "base-url-empty", dotenv(f"ANTHROPIC_API_KEY={ANTHROPIC}\n", shell={"OPENAI_API_KEY": None, "ANTHROPIC_BASE_URL": ""})),
    broken("a base address without a scheme", "base-url-wrong", dotenv(LINE + "OPENAI_BASE_URL=localhost:8000/v1\n")),
    broken("the whole path in the base address", "base-url-wrong", dotenv(LINE + "OPENAI_BASE_URL=http://localhost:8000/v1/chat/completions\n")),
    broken("a /v1 too many", "base-url-wrong", dotenv(f"ANTHROPIC_API_KEY={ANTHROPIC}\nANTHROPIC_BASE_URL=https://api.anthropic.com/v1\n")),
    broken("quotes in the base address", "base-url-wrong", dotenv(LINE, shell={"OPENAI_API_KEY": None, "OPENAI_BASE_URL": '"http://localhost:8000/v1"'})),
    to_look_at("an empty base address that nobody uses", "base-url-empty", dotenv(LINE + "ANTHROPIC_BASE_URL=\n")),
    broken("an account whose file is gone", "credentials-file-missing", dotenv("GOOGLE_GENAI_USE_VERTEXAI=true\nGOOGLE_CLOUD_PROJECT=p\nGOOGLE_APPLICATION_CREDENTIALS=/nowhere/key.json\n")),
    # who sees them
    Patient("committed once", COMMITTED, yellow=("dotenv-in-history",), args=LLM, needs=("git",)),
    Patient("a copy that git would take", first(dotenv(LINE), git(), files({".gitignore": ".env\n", ".env.bak": LINE})), yellow=("dotenv-not-ignored",), args=LLM, needs=("git",)),
    Patient("a copy that git tracks", first(dotenv(LINE), files({".gitignore": ".env\n", ".env.prod": LINE}), git("add .env.prod")), red=("dotenv-tracked",), args=LLM, needs=("git",)),
    to_look_at("an image with everything", "dotenv-in-image", first(dotenv(LINE), files({"Dockerfile": COPYING}))),
    to_look_at("an image with everything, and an ignore file for other things", "dotenv-in-image", first(dotenv(LINE), files({"Dockerfile": COPYING, ".dockerignore": ".git\n*.pyc\n!.env\n"}))),
    to_look_at("a key in a source", "key-in-source", code(PYTHON_KEY, LINE)),
    to_look_at("a key in a script of the shell", "key-in-source", code(f"export OPENAI_API_KEY={REAL}\n", LINE, "run.sh")),
    Patient("a key in a source that git tracks", first(code(PYTHON_KEY, LINE), files({".gitignore": ".env\n"}), git("add app.py")), red=("key-in-source",), args=LLM, needs=("git",)),
    to_look_at("a key in a notebook", "key-in-notebook", code(notebook(PYTHON_KEY), LINE, "a.ipynb")),
    to_look_at("a key in the output of a notebook", "key-in-notebook", code(notebook("print(key)", REAL + "\n"), LINE, "a.ipynb")),
    # what the code needs
    broken("the code makes a client", "key-missing", code(OPENAI)),
    broken("the code reads the variable", "key-missing", code("import os\nkey = os.environ['GROQ_API_KEY']\n", LINE)),
    broken("the code makes a client in a function", "key-missing", code("import anthropic\ndef ask():\n    return anthropic.Anthropic()\n")),
    broken("a notebook makes a client", "key-missing", code(notebook(OPENAI), file="a.ipynb")),
    broken("the code uses what openai took away", "sdk-api-removed", code("import openai\ndef ask():\n    return openai.ChatCompletion.create(model='gpt-4')\n", LINE)),
    broken("the code imports what openai took away", "sdk-api-removed", code("from openai.error import RateLimitError\n", LINE)),
    # healthy ones that look alike
    well("a mark in quotes", dotenv(f'OPENAI_API_KEY="{KEY}"  # "mine"\n')),
    well("lines end with a lone carriage return", dotenv(f"X=1\rOPENAI_API_KEY={KEY}\r")),
    well("a value over several lines", dotenv(f'CERT="-----BEGIN X-----\nabc\n-----END X-----"\n{LINE}')),
    well("set twice, to the same", dotenv(LINE + LINE)),
    well("the template's empty line before the key", dotenv("OPENAI_API_KEY=\n" + LINE)),
    well("the template's placeholder before the key", dotenv("OPENAI_API_KEY=your_key_here\n" + LINE)),
    well("a hash in a password", dotenv(LINE + "DB_PASSWORD=ab#cd\nNOTE=a; b\n")),
    well("a dummy for a local server", dotenv("OPENAI_BASE_URL=http://127.0.0.1:11434/v1\nOPENAI_API_KEY=ollama\n")),
    well("a gateway with a path", dotenv(f"OPENAI_BASE_URL=https://gateway.example.com/openai/v1\nOPENAI_API_KEY=team-{KEY[-20:]}\n")),
    well("a gateway of Anthropic's kind", dotenv("ANTHROPIC_BASE_URL=https://llm.example.com\nANTHROPIC_AUTH_TOKEN=abcdef0123456789\n")),
    well("OpenAI's own address", dotenv(LINE + "OPENAI_BASE_URL=https://api.openai.com/v1\n")),
    well("an endpoint of Azure", dotenv("AZURE_OPENAI_API_KEY=0123456789abcdef0123456789abcdef\nAZURE_OPENAI_ENDPOINT=https://me.openai.azure.com/\nOPENAI_API_VERSION=2024-10-21\n")),
    well("Ollama without a scheme", dotenv(LINE + "OLLAMA_HOST=0.0.0.0\n")),
    well("an account of Google Cloud", dotenv("GOOGLE_GENAI_USE_VERTEXAI=true\nGOOGLE_CLOUD_PROJECT=p\n")),
    well("an account of Google Cloud, and a client", code("from google.genai import Client\nclient = Client()\n", "GOOGLE_GENAI_USE_VERTEXAI=true\nGOOGLE_CLOUD_PROJECT=p\n")),
    well("a proxy of a company", dotenv(LINE, shell={"OPENAI_API_KEY": None, "NO_PROXY": "localhost,127.0.0.1,.corp.example"})),
    well("a name of one's own that the code reads", code("import os\nfrom openai import OpenAI\nclient = OpenAI(api_key=os.environ['OPENAI_KEY'])\n", LINE + f"OPENAI_KEY={KEY}\n")),
    well("a setting of pydantic in small letters", code("class Settings:\n    anthropic_api_key: str\n", LINE + f"anthropic_api_key={ANTHROPIC}\n")),
    well("a prefix of one's own", dotenv(LINE + f"MYAPP_ANTHROPIC_API_KEY={ANTHROPIC}\n")),
    well("a command with a variable in it", dotenv(LINE + "RUN='docker run -e ANTHROPIC_API_KEY=x image'\n")),
    well("an example beside the keys", first(dotenv(LINE), files({".env.example": "OPENAI_API_KEY=your_key_here\n"}))),
    well("a .env for each part, each beside its scripts", first(dotenv(), files({"backend/.env": LINE, "backend/app.py": "from dotenv import load_dotenv\nload_dotenv()\n"}))),
    well("a file that the code names", first(dotenv(shell={"OPENAI_API_KEY": KEY}), files({".env.local": LINE}))),
    Patient("a Dockerfile that leaves it out", first(dotenv(LINE), files({"Dockerfile": COPYING, ".dockerignore": "**/.env*\n"})), args=LLM),
    Patient("a Dockerfile that copies what it names", first(dotenv(LINE), files({"Dockerfile": "FROM x\nCOPY src/ /app/\nCOPY --from=builder . .\n"})), args=LLM),
    Patient("a Dockerfile that copies nothing but what is listed", first(dotenv(LINE), files({"Dockerfile": COPYING, ".dockerignore": "*\n!src\n"})), args=LLM),
    Patient("a key that was changed after it was committed", first(COMMITTED, lambda w: w.write(".env", f"OPENAI_API_KEY={REAL}\n")), args=LLM, needs=("git",)),
    well("keys in sources that are none", code(f"A = 'sk-proj-{'x' * 40}'\nB = {KEY!r}\nC = 'sk-proj-your-key-goes-here-and-nowhere-else-at-all'\n", LINE)),
    well("a key that is marked as known", code(PYTHON_KEY.rstrip() + "  # pragma: allowlist secret\n", LINE)),
    well("a key in a package that is installed", code(PYTHON_KEY, LINE, "node_modules/x/a.js")),
    well("a picture in a notebook", code(notebook("plot()").replace('"outputs": []', '"outputs": [{"data": {"image/png": "' + "AIza" + "Kd8Fj3Lq9Wm2Zx7Rt5VbPq4Yh6Nc1Gs0UoIeA" + '"}}]'), LINE, "a.ipynb")),
    well("the code gets its key elsewhere", code("import os\nfrom getpass import getpass\nfrom openai import OpenAI\nos.environ['OPENAI_API_KEY'] = getpass()\nclient = OpenAI()\n", shell={"OPENAI_API_KEY": None, "OLLAMA_HOST": "x"})),
    well("a client for a local server", code("from openai import OpenAI\nclient = OpenAI(base_url='http://localhost:8000/v1', api_key='x')\n", f"ANTHROPIC_API_KEY={ANTHROPIC}\n")),
    well("a key that the code can do without", code("import os\nif 'GROQ_API_KEY' in os.environ:\n    print(os.environ['GROQ_API_KEY'])\n", LINE)),
    well("a key that only the tests read", code("import os\nkey = os.environ['GROQ_API_KEY']\n", LINE, "tests/test_it.py")),
    well("one of several providers", code("import openai, anthropic\ndef ask(p):\n    return openai.OpenAI() if p else anthropic.Anthropic()\n", LINE)),
    well("old names of openai behind a condition", code("import openai\ntry:\n    openai.ChatCompletion\nexcept AttributeError:\n    pass\n", LINE)),
]  # fmt: skip
