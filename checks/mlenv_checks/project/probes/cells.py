"""Read notebooks as text, cell by cell: their Python without IPython's own commands, and what those commands install."""

import json
import re
import shlex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OF_PYTHON = ("time", "timeit", "capture", "prun", "memit", "python", "python3", "px", "ai", "skip")
OF_A_SHELL = ("bash", "sh", "shell", "script", "cmd", "!")
LARGEST_CELL = 1 << 19
INSTALL = re.compile(
    r"^[ \t]*(?:try:[ \t]*)?(?:[!%]+[ \t]*)?(?:sudo[ \t]+)?"
    r"(?:uv[ \t]+|\{?sys\.executable\}?[ \t]+-m[ \t]+|\S*python3?[ \t]+-m[ \t]+)?"
    r"(?:pip3?|conda|mamba|micromamba)[ \t]+install[ \t]+(.*)$"
)
ADD = re.compile(r"^[ \t]*[!%][ \t]*uv[ \t]+add[ \t]+(.*)$")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._, -]*\])?[ ]*((===|[<>=!~]=?)[^;\s]{1,60})?$")
WITH_VALUE = (
    "-r", "--requirement", "-c", "--constraint", "-f", "--find-links", "-i", "--index-url", "--extra-index-url", "-t", "--target",
    "-e", "--editable", "--channel", "-n", "--name", "-p", "--prefix", "--python", "--upgrade-strategy", "--src",
)  # fmt: skip


class NoNotebook(ValueError):
    """This file is none; its text says why."""


def cells(data: bytes) -> "list[tuple[int, str]]":
    """The text of each cell with code, numbered from 1. Raises NoNotebook."""
    try:
        whole = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        raise NoNotebook("nested too deeply") from None
    except ValueError as why:
        raise NoNotebook("not valid JSON%s" % _where(why)) from None
    if not isinstance(whole, dict) or not isinstance(_all_cells(whole), list):
        raise NoNotebook("has no list of cells")
    if not _is_python(whole):
        return []
    sources = [_source(cell) for cell in _all_cells(whole) if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return [(number, source) for number, source in enumerate(sources, 1) if source]


def _where(why: ValueError) -> str:
    line = getattr(why, "lineno", 0)
    return " (line %d)" % line if line else ""


def _all_cells(whole: "dict[str, Any]") -> "Any":
    """The cells; version 3 of the format kept them in worksheets."""
    sheets = whole.get("worksheets")
    if isinstance(sheets, list):
        return [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
    return whole.get("cells")


def _is_python(whole: "dict[str, Any]") -> bool:
    metadata = whole.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    said = [metadata.get("kernelspec"), metadata.get("language_info")]
    kernel, language = [each if isinstance(each, dict) else {} for each in said]
    name = language.get("name") or kernel.get("language") or "python"
    return isinstance(name, str) and name.lower().startswith(("python", "ipython"))


def _source(cell: "dict[str, Any]") -> str:
    source = cell.get("source", cell.get("input"))
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))[:LARGEST_CELL]


def python_of(source: str) -> str:
    """The Python of a cell, line for line; what is a command of IPython becomes `pass`."""
    magic = re.match(r"\s*%%(\S+)", source)
    if magic and magic.group(1) not in OF_PYTHON:
        return ""
    kept, goes_on, depth = [], False, 0
    for line in source.split("\n"):
        after, command = goes_on, goes_on or _is_command(line)
        depth = _depth(line, depth) if command else 0
        goes_on = command and (line.rstrip().endswith("\\") or depth > 0)
        kept.append("" if after else _as_pass(line) if command else re.sub(r"^(\s*[\w., ]+=\s*)[!%].*$", r"\1None", line))
    return "\n".join(kept)


def _depth(line: str, depth: int) -> int:
    """How many brackets a magic such as %timeit leaves open: it goes on until they are closed."""
    magic = depth > 0 or line.lstrip().startswith("%")
    return depth + sum(map(line.count, "([{")) - sum(map(line.count, ")]}")) if magic else 0


def _is_command(line: str) -> bool:
    text = line.strip()
    if text.startswith(("!", "%", "?")) or re.match(r"[\w.]+\?{1,2}$", text):
        return True
    return bool(re.match(r"(?:pip3?|conda)[ \t]+install[ \t]+\S", text))  # IPython takes this without a sign, too


def _as_pass(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] + "pass"


def installs(source: str) -> "list[str]":
    """What the commands of a cell install, as requirements; options, paths and variables of the shell are left out."""
    if "install" not in source and "uv add" not in source:
        return []
    shell = re.match(r"\s*%%(\S+)", source)
    found = []
    for line in source.replace("\\\n", " ").split("\n")[:2000]:
        match = INSTALL.match(line[:2000]) or ADD.match(line[:2000])
        if match and (line.lstrip()[:1] in "!%" or shell or _is_command(line)):
            found += requirements(match.group(1))
    return found


def requirements(text: str) -> "list[str]":
    """The requirements in the arguments of an install command."""
    try:
        words = shlex.split(re.split(r"[|;]|&&|>[ ]*/dev|2>|(?:^|\s)#", text)[0].replace("{", " {"))
    except ValueError:
        words = text.replace('"', "").replace("'", "").split()
    found, skip = [], False
    for word in words[:100]:
        if skip or word.startswith("-"):
            skip = not skip and word in WITH_VALUE
        elif NAME.match(word) and "/" not in word and not word.endswith((".whl", ".txt", ".zip", ".gz")):
            found.append(word)
        elif "://" in word:
            found += _named_by_address(word)
    return found


def _named_by_address(word: str) -> "list[str]":
    """name @ address, or an address of git, whose last part is as a rule the name."""
    egg = re.search(r"[#&]egg=([A-Za-z0-9][\w.-]*)", word)
    last = re.search(r"/([A-Za-z0-9][\w.-]*?)(?:\.git)?(?:@[\w./-]+)?(?:#.*)?$", word)
    return [egg.group(1)] if egg else [last.group(1)] if last and word.startswith("git+") else []
