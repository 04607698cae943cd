"""Read what the code of a project does with keys: which it needs, and whether keys stand in it. Nothing of it runs."""

# What makes a client that reads its key from a variable, by the module that it is imported from, and the variables that serve it.
_USE_CLIENTS = {
    ("openai", "OpenAI"): ("OPENAI_API_KEY",), ("openai", "AsyncOpenAI"): ("OPENAI_API_KEY",),
    ("anthropic", "Anthropic"): ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    ("anthropic", "AsyncAnthropic"): ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    ("groq", "Groq"): ("GROQ_API_KEY",), ("together", "Together"): ("TOGETHER_API_KEY",),
    ("langchain_openai", "ChatOpenAI"): ("OPENAI_API_KEY",), ("langchain_openai", "OpenAIEmbeddings"): ("OPENAI_API_KEY",),
    ("langchain_anthropic", "ChatAnthropic"): ("ANTHROPIC_API_KEY",),
    ("google.genai", "Client"): ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    ("cohere", "ClientV2"): ("CO_API_KEY", "COHERE_API_KEY"),
}  # fmt: skip
_USE_GONE = ("ChatCompletion", "Completion", "Embedding", "Edit", "Image", "Audio", "Moderation", "FineTune", "Engine", "error")
_USE_NAME = r"(?i)\b[a-z][a-z0-9_-]{2,50}(?:key|token)\b"


def read_key_uses(question):
    import re

    said = {"names": [], "needs": [], "removed": [], "loads": [], "hardcoded": [], "set_here": [], "other_file": False}
    pattern, names, known = _hrd_pattern(), set(), set(_LLM_VARIABLES) | set(question.get("keys", ()))
    for path, secret in _cod_walk(question["project"]):
        said["hardcoded"] += secret.use(lambda text: _hrd_find(pattern, path, text))
        if path.endswith((".py", ".ipynb")):
            names |= secret.use(lambda text: {name for name in re.findall(_USE_NAME, text) if len(names) < 400})
            _use_read(said, path, secret, known)
    del said["hardcoded"][20:], said["needs"][40:]
    _use_tracked(question["project"], said["hardcoded"])
    said["names"] = sorted(name for name in names if name in known or _llm_meant(name, sorted(known)))
    return said


def _use_read(said, path, secret, known):
    """One file of Python. Code of another Python, or none, says nothing."""
    import ast
    import warnings

    def tree(text):
        code = _cod_python(path, text)
        if not any(
            word in code
            for word in ("environ", "getenv", "dotenv", "openai", "anthropic", *[m.split(".")[-1] for m, _ in _USE_CLIENTS])
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
        reader = _UseReader(path, known)
        try:
            reader.read(parsed, False)
        except RecursionError:
            return
        reader.say(said)


class _UseReader(object):
    """Goes through the code of one file and keeps in mind whether it is run in any case or only under a condition."""

    def __init__(self, path, known):
        self.path, self.known = path, known
        self.modules, self.clients = {}, {}  # names in this file: of modules, of clients
        self.guarded = 0  # how many conditions and `try` are around: what stands there may be for another version
        self.needs, self.tested, self.set_here, self.removed, self.loads, self.other_file = [], set(), set(), [], [], False

    def say(self, said):
        if not _cod_is_aside(self.path):
            said["needs"] += [need for need in self.needs if not set(need["any_of"]) & self.tested]
            said["removed"] += self.removed[:3]
        said["loads"] += self.loads[:1]
        said["set_here"] += sorted(self.set_here - set(said["set_here"]))
        said["other_file"] |= self.other_file

    def read(self, node, nested):
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

    def see_import(self, node, nested):
        for name in node.names:
            self.modules[name.asname or name.name.partition(".")[0]] = name.name if name.asname else name.name.partition(".")[0]

    def see_importfrom(self, node, nested):
        for name in node.names:
            whole = "%s.%s" % (node.module, name.name)
            self.modules[name.asname or name.name] = whole
            if (node.module, name.name) in _USE_CLIENTS:
                self.clients[name.asname or name.name] = _USE_CLIENTS[node.module, name.name]
            gone = (node.module == "openai" and name.name in _USE_GONE) or str(node.module).startswith("openai.error")
            if gone and not self.guarded:
                self.removed.append({"file": self.path, "line": node.lineno, "what": "openai." + name.name})

    def see_attribute(self, node, nested):
        whole = self.dotted(node)
        if whole.startswith("openai.") and whole.split(".")[1] in _USE_GONE and whole.count(".") == 1 and not self.guarded:
            self.removed.append({"file": self.path, "line": node.lineno, "what": whole})

    def see_call(self, node, nested):
        whole = self.dotted(node.func)
        if whole in ("dotenv.load_dotenv", "dotenv.dotenv_values"):
            plain = not node.args and not any(word.arg in ("dotenv_path", "stream", None) for word in node.keywords)
            self.loads += [{"file": self.path, "line": node.lineno}] if plain else []
            self.other_file |= not plain
        if whole in ("os.getenv", "os.environ.get") and len(node.args) + len(node.keywords) == 1:
            self.used(node, node.args[0] if node.args else None, True)
        module, _, name = whole.rpartition(".")
        wanted = _USE_CLIENTS.get((module, name)) or self.clients.get(whole)
        if (
            wanted
            and not node.args
            and not any(
                word.arg
                in (
                    "api_key",
                    "base_url",
                    "auth_token",
                    "http_client",
                    "openai_api_key",
                    "openai_api_base",
                    "vertexai",
                    "credentials",
                    "azure_endpoint",
                    None,
                )
                for word in node.keywords
            )
        ):
            self.needs.append({"any_of": list(wanted), "file": self.path, "line": node.lineno, "nested": nested})

    def see_subscript(self, node, nested):
        import ast

        if self.dotted(node.value) == "os.environ":
            if isinstance(node.ctx, ast.Load):
                self.used(node, node.slice, nested)
            elif isinstance(node.slice, ast.Constant) and node.slice.value in self.known:
                self.set_here.add(node.slice.value)

    def see_if(self, node, nested):
        self.test(node.test)

    see_ifexp = see_while = see_assert = see_if

    def see_boolop(self, node, nested):
        self.test(node)

    def see_compare(self, node, nested):
        self.test(node)

    def test(self, node):
        """A variable that the code asks for with a condition is one that it can do without."""
        import ast

        words = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        self.tested.update(word for word in words if word in self.known)

    def used(self, node, name, nested):
        import ast

        if isinstance(name, ast.Constant) and name.value in self.known:
            self.needs.append({"any_of": [name.value], "file": self.path, "line": node.lineno, "nested": nested})

    def dotted(self, node):
        """The name of something with all its dots, as it is called where it comes from."""
        import ast

        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.modules.get(node.id, node.id), *parts[::-1]])


def _use_tracked(project, found):
    """Which files with keys git tracks."""
    for one in found:
        path = os.path.join(project, one["file"])
        one["tracked"] = bool(_llm_git(path)[0])
