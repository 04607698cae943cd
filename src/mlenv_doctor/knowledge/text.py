"""Prepare foreign text for reading: bounded, without what terminals and tools put around an error, in plain quotes."""

from __future__ import annotations

import re

from ..foreign.clean import Cleaner

HEAD, TAIL, LINE = 8_000, 40_000, 2_000  # characters: of a longer text its beginning and its end are read
CUT = "\n[…]\n"
PREFIX = re.compile(
    r"^(?:#\d+ [\d.]+ ?|[\w.-]{1,60}-\d+ {1,20}\| |\([\w ]{1,60}pid=\d+[^)\n]{0,60}\) |E {2,7}|[│|] "
    r"|\[[\w.]{1,60}Error\]: |rank\d+\]: ?"
    r"|\[rank\d+\]: ?)",
    re.M,
)
QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " "})
INSTALLED = re.compile(r"((?:[A-Za-z]:[\\/]|/|~/)[^\s'\"<>|:]{1,300})[\\/](?:site|dist)-packages[\\/]")
WINDOWS = re.compile(r"(?<![A-Za-z])[A-Za-z]:\\+(?:Users|Program|Windows|Python)|\[WinError \d|DLL load failed")
BUILT_IMAGE = re.compile(
    r"^#\d{1,4} [\d.]{1,12} |The command '/bin/(?:ba)?sh -c|ERROR: failed to (?:solve|build):|^ => ERROR \[", re.M
)
NAMED = re.compile(r"(?<![\w.+-])lib[\w+-]{1,60}\.so(?:\.\d{1,6}){0,4}(?![\w.]*\w)")
PACKAGE = re.compile(r"-packages[\\/](?P<top>\w{1,60})")
MOST_NAMED = 10
FENCE = re.compile(r"^[ \t]{0,8}(?:```\w*|> ?)", re.M)
BLANK = re.compile(r"\n(?:[ \t]*\n){2,}")


def prepared(text: str) -> str:
    """The text as rules read it. Whatever it holds and however long it is, this and all patterns after it take linear time."""
    text = bounded(text)
    cleaned = Cleaner()(text, limit=len(text) + 1).translate(QUOTES)
    return PREFIX.sub("", PREFIX.sub("", FENCE.sub("", cleaned)))


def comes_from_elsewhere(text: str, prefix: str, os: str) -> bool:
    """Whether the paths of a text are those of another machine or environment than the one with this prefix."""
    if BUILT_IMAGE.search(bounded(text)):
        return True  # what an image is built from has a Python and a system of its own
    folders = {found.replace("\\", "/").rstrip("/").lower() for found in INSTALLED.findall(bounded(text))}
    if not folders:
        return os not in ("", "windows") and bool(WINDOWS.search(bounded(text)))
    return bool(prefix) and not any(prefix.replace("\\", "/").lower() in folder for folder in folders)


def named_libraries(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The shared libraries that a text names, and the packages in whose files it failed."""
    text = bounded(text)
    libraries, packages = dict.fromkeys(NAMED.findall(text)), dict.fromkeys(reversed(PACKAGE.findall(text)))
    return tuple(libraries)[:MOST_NAMED], tuple(packages)[:MOST_NAMED]


def bounded(text: str) -> str:
    """The beginning and the end of a long text, every line cut to what a person would read of it."""
    if len(text) > HEAD + TAIL:
        text = text[:HEAD] + CUT + text[-TAIL:]
    text = BLANK.sub("\n\n", text)
    return "\n".join(line if len(line) <= LINE else f"{line[: LINE // 2]} … {line[-LINE // 2 :]}" for line in text.splitlines())


def one_line(text: str, limit: int = 300) -> str:
    """A text on one line, cut to `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
