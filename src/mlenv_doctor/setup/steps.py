"""The steps from nothing to an environment, in their order: what each does, and whether it is done already."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..patient.target import BIN, EXE
from ..repair.changes import installed, plain, preview
from ..repair.sheet import INSTALLERS
from . import files, pip_wheel
from .asked import Asked
from .pythons import Chosen

IGNORED_BY_MLFLOW = ("mlruns/", "mlflow.db")


@dataclass(frozen=True)
class Step:
    """One step. commands: run one after the other; work: done by the doctor itself. paths: of the project that it touches.

    done: whether nothing is left to do; asked once, before anything is done.
    """

    title: str
    done: Callable[[], bool]
    commands: tuple[tuple[str, ...], ...] = ()
    work: Callable[[], None] | None = None
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Setup:
    """Everything that decides about the steps. uv: the command, where it is there. notebooks: the project has some."""

    folder: Path
    python: Chosen | None
    asked: Asked
    uv: str | None = None
    notebooks: bool = False

    @property
    def environment(self) -> Path:
        """The folder of the environment."""
        return self.folder / ".venv"

    @property
    def interpreter(self) -> Path:
        """Its Python."""
        return self.environment / BIN / f"python{EXE}"


def steps(setup: Setup) -> list[Step]:
    """All steps, those that are done already as well."""
    first = setup.asked.first
    found = [_environment(setup), *_pip(setup)]
    if first and not setup.asked.lock:
        title = f"Install {', '.join(first.packages)}: {first.why}"
        found.append(Step(title, lambda: _has(setup, *first.packages), (_install(setup, *first.packages, *first.options),)))
    found += [*_libraries(setup), *_kernel(setup), *_files(setup)]
    return found


def _environment(setup: Setup) -> Step:
    python = setup.python
    made = (str(python.python), "-m", "venv", *(() if python.ensurepip else ("--without-pip",))) if python else ()
    if python and setup.uv:
        made = (setup.uv, "venv", "--quiet", "--seed", "--no-project", "--python", python.python)
    version = f" with Python {python.text}" if python else ""
    how = " (fetched by uv)" if python and python.brought else ""
    return Step(
        f"Make the environment {setup.environment.name}{version}{how}",
        lambda: (setup.environment / "pyvenv.cfg").is_file(),
        ((*made, str(setup.environment)),),
    )


def _pip(setup: Setup) -> list[Step]:
    if setup.uv or (setup.python and setup.python.ensurepip) or "pip" in installed(setup.environment):
        return []
    return [
        Step(
            "Install pip from its wheel: this Python has no ensurepip",
            lambda: False,
            work=lambda: pip_wheel.bring(setup.interpreter, setup.folder),
        )
    ]


def _install(setup: Setup, *words: str) -> tuple[str, ...]:
    """A command of the installer."""
    start = INSTALLERS["@install"]["uv" if setup.uv else "pip"]
    known = {"{python}": str(setup.interpreter), "uv": setup.uv or "uv"}
    return (*(known.get(word, word) for word in start), *words)


def _libraries(setup: Setup) -> list[Step]:
    asked = setup.asked
    command: tuple[str, ...]
    if asked.lock and setup.uv:
        command = (setup.uv, "sync", "--quiet", "--project", str(setup.folder), "--active", "--inexact")
        title = "Install what uv.lock says"
    elif asked.words:
        command, title = _install(setup, *asked.words), f"Install {asked.what}"
    else:
        return []
    return [Step(title, lambda: _changes_nothing(setup, command), (command,))]


def _changes_nothing(setup: Setup, command: tuple[str, ...]) -> bool:
    """Whether the installer itself says that there is nothing to do."""
    if not setup.interpreter.exists():
        return False
    found = preview([command], setup.environment, setup.folder)
    return not found.problem and not found.changes and "sync" not in command


def _has(setup: Setup, *packages: str) -> bool:
    """Whether all of these are installed, in whichever version."""
    there = installed(setup.environment)
    return all(plain(re.split(r"[^\w.-]", package)[0]) in there for package in packages)


def _kernel(setup: Setup) -> list[Step]:
    if not setup.notebooks:
        return []
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", setup.folder.name).strip("-.").lower() or "project"
    register = ("-m", "ipykernel", "install", "--sys-prefix", "--name", name, "--display-name", f"Python ({name})")
    there = setup.environment / "share/jupyter/kernels" / name / "kernel.json"
    commands = (_install(setup, "ipykernel"), (str(setup.interpreter), *register))
    return [Step(f"Register the environment as the kernel {name} for notebooks", there.is_file, commands)]


def _files(setup: Setup) -> list[Step]:
    folder, found = setup.folder, []
    env, ignore, runs = folder / ".env", folder / ".gitignore", folder / "mlruns"
    lines = ["/.venv/"]
    if setup.asked.holds("openai", "anthropic", "python-dotenv"):
        found.append(Step("Make .env for the keys, readable by you alone; it holds none", lambda: os.path.lexists(env),
                          work=lambda: files.write_env(folder), paths=(env,)))  # fmt: skip
        lines = [".env", *lines]
    if setup.asked.holds("mlflow"):
        found.append(Step("Make the folder mlruns for MLflow", runs.is_dir, work=runs.mkdir, paths=(runs,)))
        lines += IGNORED_BY_MLFLOW
    if found or (folder / ".git").exists() or ignore.exists():
        title = f"Add {', '.join(lines)} to .gitignore"
        found.append(Step(title, lambda: not files.lacking(folder, lines),
                          work=lambda: files.add_ignores(folder, lines), paths=(ignore,)))  # fmt: skip
    return found
