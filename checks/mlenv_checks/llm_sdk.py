"""Is there a library that speaks to language models, and does the code speak its language?"""

from __future__ import annotations

import re
from pathlib import PurePath

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.facts import Keys, KeyUses, Libraries, Prefix, Python, Wanted

from .venv import upgraded

SDKS = (
    "openai", "anthropic", "google-genai", "mistralai", "cohere", "groq", "together", "litellm", "langchain", "langchain-openai",
    "langchain-anthropic", "llama-index", "huggingface-hub", "ollama", "replicate", "boto3",
)  # fmt: skip


@check("llm.sdk", causes=("sdk-missing",))
def sdk_is_installed(keys: Keys, libraries: Libraries, wanted: Wanted, python: Python, prefix: Prefix | Missing) -> Finding:
    """A library that speaks to a language model is installed.

    openai or anthropic; and python-dotenv where the key stands in a file.
    """
    if isinstance(prefix, Prefix) and upgraded(prefix, python):
        return skip("the libraries lie in a folder of another Python", blocked_by="venv.intact")
    installed = [name for name in SDKS if libraries.find(name)]
    some = [key for key in keys.keys if key.llm and key.usable]
    say = fail if wanted.llm else warn
    if not installed and (wanted.llm or (some and not wanted.declared)):  # what a project does not declare it does not need
        return say(
            "sdk-missing", "no library for a language model is installed", fix=fix("llm.sdk", packages=("openai", "anthropic"))
        )
    in_file = [key.name for key in some if key.shell is None]
    if in_file and not libraries.find("python-dotenv"):
        message = f"{in_file[0]} stands in .env, and python-dotenv, which reads that file, is not installed"
        return say("sdk-missing", message, fix=fix("llm.sdk", packages=("python-dotenv",)))
    return ok(", ".join(installed)) if installed else skip("no library for a language model is installed, and no key is set")


@check("llm.parser", causes=("dotenv-encoding",))
def parser_reads_the_mark(keys: Keys, libraries: Libraries) -> Finding:
    """The python-dotenv that is installed reads the first line of the file.

    Before version 1.2.3 a byte order mark became a part of the first variable's name, so that the variable was not set.
    """
    found = libraries.find("python-dotenv")
    if not keys.mark or not found or not found.version:
        return skip("the file begins with no byte order mark") if not keys.mark else skip("python-dotenv is not installed")
    if tuple(map(int, re.findall(r"\d+", found.version)[:3])) >= (1, 2, 3):
        return ok(f"python-dotenv {found.version} reads over the byte order mark")
    name = PurePath(keys.file).name
    message = f"{name} begins with a byte order mark: python-dotenv {found.version} makes it part of the first name"
    return warn("dotenv-encoding", message, location=Location(keys.file, 1), fix=fix("llm.reencode", file=keys.file))


@check("llm.code", causes=("sdk-api-removed",))
def code_fits_the_sdk(key_uses: KeyUses, libraries: Libraries) -> Finding:
    """The code calls openai's library by names that it still has.

    Version 1 took away openai.ChatCompletion and its siblings: each call ends with APIRemovedInV1 or an AttributeError.
    """
    found = libraries.find("openai")
    if not found or not key_uses.removed:
        return skip("no code here uses the old names of openai") if not key_uses.removed else skip("openai is not installed")
    if (found.version or "1").split(".")[0] == "0":
        return ok(f"openai {found.version} has the names that the code uses")
    use = key_uses.removed[0]
    message = f"line {use.line} of {use.file} uses {use.what}, which openai {found.version} does not have any more"
    return fail("sdk-api-removed", message, location=Location(use.file, use.line), fix=fix("llm.migrate", file=use.file))
