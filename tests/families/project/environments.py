"""Projects and environments on the disk: a real virtual environment, whose libraries are as small as libraries can be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def environment(folder: Path) -> Path:
    """A virtual environment without pip; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin/python"


def install(python: Path, wishes: Iterable[str]) -> None:
    """Put distributions into an environment: "name", or "name version: file file=text > requirement"."""
    site = next(python.parent.parent.glob("lib/python3*/site-packages"))
    for wish in wishes:
        head, _, rest = wish.partition(":")
        name, _, version = head.partition(" ")
        files, *requires = [part.strip() for part in rest.split(">", 1)] if ">" not in rest else _parts(rest)
        _distribution(site, name, version or "1.0", _files(files) or {f"{name}/__init__.py": ""}, requires)


def _parts(rest: str) -> list[str]:
    """The files, and each requirement; a requirement may hold signs of its own."""
    return [part.strip() for part in rest.split(" > ")]


def _files(words: str) -> dict[str, str]:
    return (
        {word.partition("=")[0]: word.partition("=")[2] for word in words.split(" ") if ".py" in word}
        if "=" not in words
        else _one(words)
    )


def _one(words: str) -> dict[str, str]:
    name, _, text = words.partition("=")
    return {name: text}


def _distribution(site: Path, name: str, version: str, files: Mapping[str, str], requires: Iterable[str]) -> None:
    write(site, files)
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {text}" for text in requires)]
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/METADATA", f"{info}/RECORD"))
    write(site, {f"{info}/METADATA": "\n".join(metadata) + "\n", f"{info}/RECORD": record, f"{info}/INSTALLER": "pip\n"})


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, with the folders they lie in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
