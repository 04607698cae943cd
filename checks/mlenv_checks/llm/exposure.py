"""Who else gets to see the keys: git, other users, images, and whoever reads the sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor.api import Finding, Location, Missing, Why, check, fail, fix, ok, skip, unknown, warn

from .facts import Hardcoded, KeyCopies, KeyCopy, Keys, KeyUses


@check("llm.safety", causes=("dotenv-tracked", "dotenv-not-ignored", "dotenv-readable-by-others"))
def secrets_stay_secret(keys: Keys) -> Iterator[Finding]:
    """Safety of the .env file.

    A key that was pushed once is found within minutes, and paid for.
    """
    if not keys.file or not keys.secret:
        yield skip("no .env with secrets")
        return
    state = KeyCopy(PurePath(keys.file).name, keys.mode, keys.open_to_others, keys.tracked, keys.ignored)
    found = list(_seen_by_others(state, str(PurePath(keys.file).parent)))
    yield from found
    if not any(finding.cause in ("dotenv-tracked", "dotenv-readable-by-others", "dotenv-not-ignored") for finding in found):
        yield ok(f"{state.name} is not readable by others" + (" and ignored by git" if keys.ignored else ""))


def _seen_by_others(file: KeyCopy, folder: str) -> Iterator[Finding]:
    """What git and other users see of a file with secrets."""
    place, name = Location(str(PurePath(folder, file.name))), file.name
    if file.tracked:
        message = f"{name} is tracked by git: its keys are in every copy of the repository"
        yield fail("dotenv-tracked", message, location=place, fix=fix("llm.untrack", folder=folder, name=name))
    elif file.ignored is False:
        message = f"{name} is not in .gitignore: the next `git add .` commits its keys"
        yield warn("dotenv-not-ignored", message, location=place, fix=fix("llm.ignore", folder=folder, name=name))
    if file.open_to_others:
        message = f"{name} is readable by other users (mode {file.mode})"
        yield warn("dotenv-readable-by-others", message, location=place, fix=fix("llm.private", file=place.file))


@check(
    "llm.copies",
    causes=("dotenv-tracked", "dotenv-not-ignored", "dotenv-readable-by-others", "dotenv-in-history", "dotenv-in-image"),
)
def copies_are_secret(key_copies: KeyCopies | Missing) -> Iterator[Finding]:
    """Copies of API keys.

    A file that was deleted from git stays in every commit before that; and an image is handed on as a whole.
    """
    if isinstance(key_copies, Missing):
        said = f"copies of .env were not searched: {key_copies.reason}"
        yield skip(said) if key_copies.kind == Why.NOT_ASKED else unknown(said)
        return
    found = [finding for copy in key_copies.copies for finding in _seen_by_others(copy, key_copies.folder)]
    found += _handed_on(key_copies)
    yield from found
    if not found:
        yield ok("no exposed copies of the keys") if key_copies.file else skip("there is no .env")


def _handed_on(copies: KeyCopies) -> Iterator[Finding]:
    name = PurePath(copies.file).name
    for key in copies.in_history:
        message = f"the value of {key} from {name} is in the git history: everyone with the repository has that key"
        yield warn(
            "dotenv-in-history",
            message,
            subject=key,
            location=Location(copies.file),
            fix=fix("llm.rotate", file=copies.file, name=key),
        )
    if copies.image:
        message = f"{copies.image} copies {name} into the image: it is not in .dockerignore"
        repair = fix("llm.dockerignore", folder=copies.folder, ignore=copies.ignore, name=name)
        yield warn("dotenv-in-image", message, location=Location(copies.image), fix=repair)


@check("llm.source", causes=("key-in-source", "key-in-notebook"))
def no_key_in_the_sources(key_uses: KeyUses | Missing) -> Iterator[Finding]:
    """API keys in code.

    A key in code is copied wherever the code goes: into git, into a package, to colleagues. Notebooks also store their output.
    """
    if isinstance(key_uses, Missing):
        said = f"the code was not searched for keys: {key_uses.reason}"
        yield skip(said) if key_uses.kind == Why.NOT_ASKED else unknown(said)
        return
    seen: set[str] = set()
    for key in key_uses.hardcoded:
        if key.file not in seen:
            yield _hardcoded(key)
        seen.add(key.file)
    if not seen:
        yield ok("no API keys in the code")


def _hardcoded(key: Hardcoded) -> Finding:
    """One file with a key: a fault where git hands it on, else something that will be one."""
    notebook = key.file.endswith(".ipynb")
    where = f"in an output, line {key.line}" if key.output else f"in line {key.line}"
    message = f"{key.file} contains what looks like a {key.vendor} key {where}" + (", and git tracks it" if key.tracked else "")
    repair = fix("llm.clear-output", file=key.file) if key.output else fix("llm.out-of-source", file=key.file, line=str(key.line))
    say = fail if key.tracked else warn
    cause = "key-in-notebook" if notebook else "key-in-source"
    return say(cause, message, subject=key.file, location=Location(key.file, key.line), fix=repair)
