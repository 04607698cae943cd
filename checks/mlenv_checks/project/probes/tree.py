"""Read the imports of a file from its syntax tree, each with its weight: needed at once, or only under some condition."""

import ast
import os
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Import = tuple[str, tuple[str, ...], str, int]

NEEDED, INSIDE, CHOSEN, GUARDED, TYPING = "needed", "inside", "chosen", "guarded", "typing"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
CONDITIONS = (ast.If, ast.For, ast.While, ast.AsyncFor) + ((ast.Match,) if hasattr(ast, "Match") else ())
CAUGHT = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException", "OSError", "RuntimeError", "AttributeError")
DEEPEST = 60


def parsed(text: "str | bytes") -> ast.Module:
    """The syntax tree. Raises SyntaxError, ValueError or RecursionError where this Python finds none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def imports(tree: ast.Module) -> "list[Import]":
    """Each absolute import as (module, names, weight, line)."""
    found = []  # type: list[Import]
    _block(tree.body, NEEDED, found, 0)
    return found


def _block(nodes: "Sequence[ast.AST]", weight: str, found: "list[Import]", depth: int) -> None:
    if depth < DEEPEST:
        for node in nodes:
            _statement(node, weight, found, depth + 1)


def _statement(node: "Any", weight: str, found: "list[Import]", depth: int) -> None:
    if isinstance(node, ast.Import):
        found += [(name.name, (), weight, node.lineno) for name in node.names]
    elif isinstance(node, ast.ImportFrom):
        if not node.level and node.module:
            found.append((node.module, tuple(name.name for name in node.names), weight, node.lineno))
    elif isinstance(node, FUNCTIONS):
        _block(node.body if isinstance(node.body, list) else [], _least(weight, INSIDE), found, depth)
    elif isinstance(node, ast.If):
        typing = is_typing(node.test)
        _block(node.body, TYPING if typing else _least(weight, CHOSEN), found, depth)
        _block(node.orelse, weight if typing else _least(weight, CHOSEN), found, depth)
    elif type(node).__name__ in ("Try", "TryStar"):
        _try(node, weight, found, depth)
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        _block(node.body, _least(weight, GUARDED) if suppresses(node) else weight, found, depth)
    elif isinstance(node, ast.ClassDef):
        _block(node.body, weight, found, depth)
    elif isinstance(node, CONDITIONS):
        _others(node, _least(weight, CHOSEN), found, depth)


def _try(node: "Any", weight: str, found: "list[Import]", depth: int) -> None:
    """What stands in a `try` that catches a failed import may be missing; and what stands in its handlers instead of it."""
    inner = _least(weight, GUARDED) if any(catches(handler) for handler in node.handlers) else weight
    _block(node.body, inner, found, depth)
    for handler in node.handlers:
        _block(handler.body, _least(weight, GUARDED), found, depth)
    _block(node.orelse, inner, found, depth)
    _block(node.finalbody, weight, found, depth)


def _others(node: ast.AST, weight: str, found: "list[Import]", depth: int) -> None:
    _block(getattr(node, "body", []), weight, found, depth)
    _block(getattr(node, "orelse", []), weight, found, depth)
    for case in getattr(node, "cases", []):
        _block(case.body, weight, found, depth)


def _least(weight: str, other: str) -> str:
    order = (NEEDED, INSIDE, CHOSEN, GUARDED, TYPING)
    return max(weight, other, key=order.index)


def catches(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes what a missing module raises, or something so wide that it may."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(kind, "id", getattr(kind, "attr", "")) in CAUGHT for kind in kinds)


def suppresses(node: "ast.With | ast.AsyncWith") -> bool:
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(_last_name(call.func) in ("suppress", "try_import", "optional_imports") for call in calls)


def is_typing(test: ast.AST) -> bool:
    return _last_name(test) == "TYPE_CHECKING"


def _last_name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def path_entries(tree: ast.Module) -> "tuple[list[str], bool]":
    """The words in calls that make Python look in other folders, and whether some of these calls name none."""
    words, unclear = [], False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _changes_path(node.func):
            texts = [text for text in map(_text, ast.walk(node)) if text]
            words += texts
            unclear = unclear or len(texts) != 1 or any(isinstance(inner, ast.Name) for inner in ast.walk(node))
    return words, unclear


def _changes_path(function: ast.AST) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    of_path = function.attr in ("append", "insert", "extend") and _last_name(function.value) == "path"
    return of_path or function.attr in ("addsitedir", "chdir")


def _text(node: ast.AST) -> str:
    value = getattr(node, "value", None) if type(node).__name__ == "Constant" else getattr(node, "s", None)
    return value if isinstance(value, str) and len(value) < 200 and os.sep != value else ""
