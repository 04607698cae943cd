"""Read what the code of a project does with keys: which it needs, and whether keys stand in it. Nothing of it runs."""

import os
from functools import partial

from mlenv_checks.llm.probes.code_files import is_test_or_example, python_code, walk_code
from mlenv_checks.llm.probes.exposure import git_state
from mlenv_checks.llm.probes.hardcoded_keys import find_keys, key_pattern
from mlenv_checks.llm.probes.key_values import KEY_VARIABLES
from mlenv_checks.llm.probes.misspelled_names import meant_name
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import Any

# What makes a client that reads its key from a variable, by the module that it is imported from, and the variables that serve it.
CLIENTS = {
    ("openai", "OpenAI"): ("OPENAI_API_KEY",), ("openai", "AsyncOpenAI"): ("OPENAI_API_KEY",),
    ("anthropic", "Anthropic"): ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    ("anthropic", "AsyncAnthropic"): ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    ("groq", "Groq"): ("GROQ_API_KEY",), ("together", "Together"): ("TOGETHER_API_KEY",),
    ("langchain_openai", "ChatOpenAI"): ("OPENAI_API_KEY",), ("langchain_openai", "OpenAIEmbeddings"): ("OPENAI_API_KEY",),
    ("langchain_anthropic", "ChatAnthropic"): ("ANTHROPIC_API_KEY",),
    ("google.genai", "Client"): ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    ("cohere", "ClientV2"): ("CO_API_KEY", "COHERE_API_KEY"),
}  # fmt: skip
REMOVED_FROM_OPENAI = (
    "ChatCompletion", "Completion", "Embedding", "Edit", "Image", "Audio", "Moderation", "FineTune", "Engine", "error",
)  # fmt: skip
# Arguments of a client that bring the key themselves, or name another server; None is `**more`, which may hold any of them.
KEYLESS_ARGUMENTS = (
    "api_key", "auth_token", "openai_api_key", "credentials", "vertexai",
    "base_url", "openai_api_base", "azure_endpoint", "http_client", None,
)  # fmt: skip
NAME_OF_A_KEY = r"(?i)\b[a-z][a-z0-9_-]{2,50}(?:key|token)\b"


def read_key_uses(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read the code of the project: which keys it needs, how it loads them, and which are written into it."""
    import re

    said: "dict[str, Any]" = {"names": [], "needs": [], "removed": [], "loads": [], "hardcoded": [], "set_here": []}
    said["other_file"] = False
    names: "set[str]" = set()
    pattern, known = key_pattern(), set(KEY_VARIABLES) | set(question.get("keys", ()))
    for path, secret in walk_code(question["project"]):
        said["hardcoded"] += secret.use(partial(find_keys, pattern, path))
        if path.endswith((".py", ".ipynb")):
            names.update(secret.use(partial(re.findall, NAME_OF_A_KEY)) if len(names) < 400 else ())
            _read_file(said, path, secret, known)
    del said["hardcoded"][20:], said["needs"][40:]
    _add_tracked(question["project"], said["hardcoded"])
    said["names"] = sorted(name for name in names if name in known or meant_name(name, sorted(known)))
    return said


def _read_file(said: "dict[str, Any]", path: str, secret: "Secret", known: "set[str]") -> None:
    """One file of Python. Code of another Python, or none, says nothing."""
    import ast
    import warnings

    def tree(text: str) -> "ast.Module | None":
        """The parsed code; None where no word in it has to do with keys."""
        code = python_code(path, text)
        if not any(
            word in code
            for word in ("environ", "getenv", "dotenv", "openai", "anthropic", *[m.split(".")[-1] for m, _ in CLIENTS])
        ):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)

    try:
        parsed = secret.use(tree)
    except ValueError:
        return
    if parsed is not None:
        reader = _CodeReader(path, known)
        try:
            reader.read(parsed, False)
        except RecursionError:
            return
        reader.say(said)


class _CodeReader(object):
    """Goes through the code of one file and keeps in mind whether it is run in any case or only under a condition."""

    def __init__(self, path: str, known: "set[str]") -> None:
        self.path, self.known = path, known
        self.modules: "dict[str, str]" = {}  # by their names in this file
        self.clients: "dict[str, tuple[str, ...]]" = {}  # by their names in this file
        self.guarded = 0  # how many conditions and `try` are around: what is in them may be for another version
        self.needs: "list[dict[str, Any]]" = []
        self.removed: "list[dict[str, Any]]" = []
        self.loads: "list[dict[str, Any]]" = []
        self.tested: "set[str]" = set()
        self.set_here: "set[str]" = set()
        self.other_file = False

    def say(self, said: "dict[str, Any]") -> None:
        """Add what was found in this file to what is said of the project."""
        if not is_test_or_example(self.path):
            said["needs"] += [need for need in self.needs if not set(need["any_of"]) & self.tested]
            said["removed"] += self.removed[:3]
        said["loads"] += self.loads[:1]
        said["set_here"] += sorted(self.set_here - set(said["set_here"]))
        said["other_file"] |= self.other_file

    def read(self, node: "ast.AST", nested: bool) -> None:
        """Go through a part of the code and everything in it."""
        import ast

        inside = nested or isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.Try, ast.IfExp, ast.BoolOp)
        )
        seen = getattr(self, "see_" + type(node).__name__.lower(), None)
        if seen:
            seen(node, nested)
        guard = isinstance(node, (ast.If, ast.Try, ast.IfExp))
        self.guarded += guard
        for child in ast.iter_child_nodes(node):
            self.read(child, inside)
        self.guarded -= guard

    def see_import(self, node: "ast.Import", nested: bool) -> None:
        for name in node.names:
            self.modules[name.asname or name.name.partition(".")[0]] = name.name if name.asname else name.name.partition(".")[0]

    def see_importfrom(self, node: "ast.ImportFrom", nested: bool) -> None:
        for name in node.names:
            whole = "%s.%s" % (node.module, name.name)
            self.modules[name.asname or name.name] = whole
            if (str(node.module), name.name) in CLIENTS:
                self.clients[name.asname or name.name] = CLIENTS[str(node.module), name.name]
            gone = (node.module == "openai" and name.name in REMOVED_FROM_OPENAI) or str(node.module).startswith("openai.error")
            if gone and not self.guarded:
                self.removed.append({"file": self.path, "line": node.lineno, "what": "openai." + name.name})

    def see_attribute(self, node: "ast.Attribute", nested: bool) -> None:
        whole = self.dotted(node)
        if (
            whole.startswith("openai.")
            and whole.split(".")[1] in REMOVED_FROM_OPENAI
            and whole.count(".") == 1
            and not self.guarded
        ):
            self.removed.append({"file": self.path, "line": node.lineno, "what": whole})

    def see_call(self, node: "ast.Call", nested: bool) -> None:
        whole = self.dotted(node.func)
        if whole in ("dotenv.load_dotenv", "dotenv.dotenv_values"):
            plain = not node.args and not any(word.arg in ("dotenv_path", "stream", None) for word in node.keywords)
            self.loads += [{"file": self.path, "line": node.lineno}] if plain else []
            self.other_file |= not plain
        if whole in ("os.getenv", "os.environ.get") and len(node.args) + len(node.keywords) == 1:
            self.used(node, node.args[0] if node.args else None, True)
        module, _, name = whole.rpartition(".")
        wanted = CLIENTS.get((module, name)) or self.clients.get(whole)
        if wanted and not node.args and not any(word.arg in KEYLESS_ARGUMENTS for word in node.keywords):
            self.needs.append({"any_of": list(wanted), "file": self.path, "line": node.lineno, "nested": nested})

    def see_subscript(self, node: "ast.Subscript", nested: bool) -> None:
        import ast

        if self.dotted(node.value) == "os.environ":
            if isinstance(node.ctx, ast.Load):
                self.used(node, node.slice, nested)
            elif isinstance(node.slice, ast.Constant) and node.slice.value in self.known:
                self.set_here.add(node.slice.value)

    def see_if(self, node: "ast.If | ast.IfExp | ast.While | ast.Assert", nested: bool) -> None:
        self.test(node.test)

    see_ifexp = see_while = see_assert = see_if

    def see_boolop(self, node: "ast.BoolOp", nested: bool) -> None:
        self.test(node)

    def see_compare(self, node: "ast.Compare", nested: bool) -> None:
        self.test(node)

    def test(self, node: "ast.AST") -> None:
        """A variable that the code asks for with a condition is one that it can do without."""
        import ast

        words = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        self.tested.update(word for word in words if word in self.known)

    def used(self, node: "ast.expr", name: "ast.AST | None", nested: bool) -> None:
        """Note a variable that the code cannot do without."""
        import ast

        if isinstance(name, ast.Constant) and name.value in self.known:
            self.needs.append({"any_of": [name.value], "file": self.path, "line": node.lineno, "nested": nested})

    def dotted(self, node: "ast.AST") -> str:
        """The name of something with all its dots, as it is called where it comes from."""
        import ast

        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.modules.get(node.id, node.id), *parts[::-1]])


def _add_tracked(project: str, found: "list[dict[str, Any]]") -> None:
    """Which files with keys git tracks."""
    for one in found:
        path = os.path.join(project, one["file"])
        one["tracked"] = bool(git_state(path)[0])
