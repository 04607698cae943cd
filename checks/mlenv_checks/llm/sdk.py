"""Is there a library that speaks to language models, and does the code speak its language?"""

from __future__ import annotations

import re
from pathlib import PurePath

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import Libraries, Python, Wanted

from ..venv.checks import upgraded
from ..venv.facts import Prefix
from .facts import Keys, KeyUses

SDKS = (
    "openai", "anthropic", "google-genai", "mistralai", "cohere", "groq", "together", "litellm", "langchain", "langchain-openai",
    "langchain-anthropic", "llama-index", "huggingface-hub", "ollama", "replicate", "boto3",
)  # fmt: skip

# Libraries that call a provider with a key: who uses none of them needs none.
PROVIDERS = (
    "openai", "anthropic", "google-genai", "google-generativeai", "mistralai", "cohere", "groq", "together", "litellm",
    "replicate",
    "langchain-openai", "langchain-anthropic", "langchain-google-genai", "langchain-mistralai", "langchain-groq",
    "langchain-cohere",
    "langchain-together", "llama-index-llms-*", "llama-index-embeddings-openai", "pydantic-ai*", "instructor", "dspy*", "crewai*",
)  # fmt: skip


@check("llm.sdk", causes=("sdk-missing",))
def sdk_is_installed(keys: Keys, libraries: Libraries, wanted: Wanted, python: Python, prefix: Prefix | Missing) -> Finding:
    """LLM client libraries.

    openai or anthropic; and python-dotenv if the key is in a file.
    """
    if isinstance(prefix, Prefix) and upgraded(prefix, python):
        return skip("the libraries are in a folder of another Python", blocked_by="venv.intact")
    installed = [name for name in SDKS if libraries.find(name)]
    some = [key for key in keys.keys if key.llm and key.usable]
    say = fail if wanted.llm else warn
    if not installed and (
        wanted.llm or (some and wanted.whole and not wanted.declared)
    ):  # what a project does not declare it does not need
        return say("sdk-missing", "no LLM client library is installed", fix=fix("llm.sdk", packages=("openai", "anthropic")))
    in_file = [
        key.name for key in some if key.shell is None and (wanted.llm or wanted.uses("dotenv", "python-dotenv", *PROVIDERS))
    ]
    if in_file and not libraries.find("python-dotenv"):
        message = f"{in_file[0]} is in .env, but python-dotenv is not installed"
        return say("sdk-missing", message, fix=fix("llm.sdk", packages=("python-dotenv",)))
    return ok(", ".join(installed)) if installed else skip("no LLM client library is installed, and no key is set")


@check("llm.parser", causes=("dotenv-encoding",))
def parser_reads_the_mark(keys: Keys, libraries: Libraries) -> Finding:
    """python-dotenv and the .env file.

    Before version 1.2.3 a byte order mark became a part of the first variable's name, so that the variable was not set.
    """
    found = libraries.find("python-dotenv")
    if not keys.mark or not found or not found.version:
        return skip("no byte order mark") if not keys.mark else skip("python-dotenv is not installed")
    if tuple(map(int, re.findall(r"\d+", found.version)[:3])) >= (1, 2, 3):
        return ok(f"python-dotenv {found.version} handles the byte order mark")
    name = PurePath(keys.file).name
    message = f"{name} begins with a byte order mark, which python-dotenv {found.version} adds to the first name"
    return warn("dotenv-encoding", message, location=Location(keys.file, 1), fix=fix("llm.reencode", file=keys.file))


@check("llm.code", causes=("sdk-api-removed",))
def code_fits_the_sdk(key_uses: KeyUses, libraries: Libraries) -> Finding:
    """OpenAI API calls.

    Version 1 took away openai.ChatCompletion and its siblings: each call ends with APIRemovedInV1 or an AttributeError.
    """
    found = libraries.find("openai")
    if not found or not key_uses.removed:
        return skip("the code uses no removed openai functions") if not key_uses.removed else skip("openai is not installed")
    if (found.version or "1").split(".")[0] == "0":
        return ok(f"openai {found.version} supports the code")
    use = key_uses.removed[0]
    message = f"{use.file}:{use.line} uses {use.what}, which was removed before openai {found.version}"
    return fail("sdk-api-removed", message, location=Location(use.file, use.line), fix=fix("llm.migrate", file=use.file))
