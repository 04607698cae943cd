"""Find code that asks for a GPU and has no way without one."""

import ast

ASKS = (b".cuda(", b'"cuda', b"'cuda")
FALLBACKS = (
    "is_available", "device_count", "--device", "--cpu", "no_cuda", "no-cuda", "use_cuda", "use-cuda", "args.device",
    "cfg.device",
    "config.device",
    "accelerator", "get_device", "map_location", "CUDA_VISIBLE_DEVICES",
    "mps", "has_cuda", "infer_device",
)  # fmt: skip
MOST = 5


def asks(data: bytes) -> bool:
    """Whether a text may ask for a GPU at all."""
    return any(word in data for word in ASKS)


def has_fallback(text: str) -> bool:
    """Whether a text shows that somebody thought of a machine without a GPU."""
    return any(word in text for word in FALLBACKS)


def places(tree: ast.Module) -> "list[tuple[int, str]]":
    """Lines that ask for a GPU in any case, as (line, what)."""
    found = []  # type: list[tuple[int, str]]
    _look(tree, found)
    return found[:MOST]


def _look(node: ast.AST, found: "list[tuple[int, str]]") -> None:
    """What stands behind a condition is somebody's choice and not looked at."""
    todo = [node]
    while todo and len(found) < MOST:
        inner = todo.pop()
        if isinstance(inner, (ast.If, ast.IfExp, ast.Try)):
            continue
        what = _asked(inner)
        if what:
            found.append((getattr(inner, "lineno", 0), what))
        todo += reversed(list(ast.iter_child_nodes(inner)))


def _asked(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return _called(node)
    if isinstance(node, ast.Assign) and _is_cuda(node.value) and any("device" in _name(target) for target in node.targets):
        return "device = '%s'" % _word(node.value)
    return ""


def _called(node: ast.Call) -> str:
    name = _name(node.func)
    if name == "cuda" and isinstance(node.func, ast.Attribute) and len(node.args) <= 1:
        return ".cuda()"
    if name in ("to", "device") and node.args and _is_cuda(node.args[0]):
        return "%s('%s')" % (".to" if name == "to" else "device", _word(node.args[0]))
    given = [keyword for keyword in node.keywords if keyword.arg in ("device", "device_map") and _is_cuda(keyword.value)]
    return "%s='%s'" % (given[0].arg, _word(given[0].value)) if given else ""


def _is_cuda(node: ast.AST) -> bool:
    return _word(node).partition(":")[0] == "cuda"


def _word(node: ast.AST) -> str:
    value = getattr(node, "value", None) if type(node).__name__ == "Constant" else getattr(node, "s", None)
    return value if isinstance(value, str) else ""


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
