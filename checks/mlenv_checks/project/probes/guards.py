"""How much a line is needed: is it run as soon as the file is, only in a function, or behind a guard that expects its failure?"""

import ast
import re

from .tree import catches, is_typing, suppresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

NEEDED, INSIDE, GUARDED = "needed", "inside", "guarded"
# Words of a condition that asks what is installed. A condition with one of them may be the guard of a name.
ASKS = re.compile(
    r"version|hasattr|getattr|avail|install|platform|compat|legacy|feature|support|parse|import|module|type_checking|enabled|"
    r"has_|have_|use_|is_v\d|py[23_]|_v\d|\bnone\b",
    re.IGNORECASE,
)
DEEPEST = 60


def weight(tree: ast.Module, line: int) -> str:
    """The weight of a line; "guarded" where it is unknown."""
    return _within(tree.body, line, NEEDED, 0)


def _within(nodes: "list[Any]", line: int, now: str, depth: int) -> str:
    node = next((each for each in nodes if _first(each) <= line <= (getattr(each, "end_lineno", None) or 0)), None)
    if node is None or depth > DEEPEST:
        return GUARDED
    for block, under in _blocks(node, now):
        if block and _first(block[0]) <= line <= (getattr(block[-1], "end_lineno", None) or 0):
            return under if under == GUARDED else _within(block, line, under, depth + 1)
    return GUARDED if ASKS.search(_words(_head(node))) else now


def _first(node: "Any") -> int:
    """The first line of a statement, its decorators included."""
    lines = [each.lineno for each in [node, *getattr(node, "decorator_list", [])]]
    return int(min(lines))


def _blocks(node: "Any", now: str) -> "Iterator[tuple[list[Any], str]]":
    """The blocks of a statement, each with its weight."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield node.body, GUARDED if _asks_first(node) else INSIDE
    elif isinstance(node, ast.If):
        under = GUARDED if is_typing(node.test) or ASKS.search(_words([node.test])) else now
        yield node.body, under
        yield node.orelse, under
    elif type(node).__name__ in ("Try", "TryStar"):
        inner = GUARDED if any(catches(handler) for handler in node.handlers) else now
        for block in [node.body, node.orelse] + [handler.body for handler in node.handlers]:
            yield block, inner
        yield node.finalbody, now
    else:
        guarded = isinstance(node, (ast.With, ast.AsyncWith)) and suppresses(node)
        for case in [node, *list(getattr(node, "cases", []))]:
            yield getattr(case, "body", []), GUARDED if guarded else now
            yield getattr(case, "orelse", []), now


def _asks_first(function: "Any") -> bool:
    """Whether a function asks somewhere what is installed, and leaves early by the answer."""
    tests = [each.test for each in ast.walk(function) if isinstance(each, (ast.If, ast.IfExp, ast.Assert))]
    return any(ASKS.search(_words([test])) for test in tests if not _is_about_none(test))


def _is_about_none(test: ast.AST) -> bool:
    return isinstance(test, ast.Compare) and all(isinstance(each, (ast.Is, ast.IsNot)) for each in test.ops)


def _head(node: "Any") -> "list[Any]":
    """What a statement holds besides its blocks, where that may be a guard within one line: a condition, a call of hasattr."""
    held = [each for each in ast.iter_child_nodes(node) if not isinstance(each, (ast.stmt, ast.alias))]
    return [
        each
        for whole in held
        for each in ast.walk(whole)
        if isinstance(each, (ast.IfExp, ast.BoolOp)) or (isinstance(each, ast.Call) and _is_question(each.func))
    ]


def _is_question(function: ast.AST) -> bool:
    return getattr(function, "id", "") in ("hasattr", "getattr")


def _words(nodes: "list[Any]") -> str:
    """The names and texts in some expressions."""
    found = []  # type: list[str]
    for each in (inner for node in nodes for inner in ast.walk(node)):
        found += [str(getattr(each, name)) for name in ("id", "attr", "value", "s") if isinstance(getattr(each, name, None), str)]
        found += ["None"] if isinstance(each, ast.Constant) and each.value is None else []
    return " ".join(found)[:5000]
