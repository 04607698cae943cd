"""Read which LLM keys are set, and what state `.env` is in. No value leaves this file: each is reduced where it is read."""

# The variables that hold keys, by provider, and whether those are for language models. Names: the providers' own SDKs, 2026-11.
_LLM_VARIABLES = {
    "OPENAI_API_KEY": ("OpenAI", True), "OPENAI_ADMIN_KEY": ("OpenAI", False),
    "AZURE_OPENAI_API_KEY": ("Azure OpenAI", True), "ANTHROPIC_API_KEY": ("Anthropic", True),
    "ANTHROPIC_AUTH_TOKEN": ("Anthropic", True), "GOOGLE_API_KEY": ("Google", True), "GEMINI_API_KEY": ("Google", True),
    "MISTRAL_API_KEY": ("Mistral", True), "CO_API_KEY": ("Cohere", True), "COHERE_API_KEY": ("Cohere", True),
    "GROQ_API_KEY": ("Groq", True), "TOGETHER_API_KEY": ("Together", True), "OPENROUTER_API_KEY": ("OpenRouter", True),
    "DEEPSEEK_API_KEY": ("DeepSeek", True), "XAI_API_KEY": ("xAI", True), "AWS_BEARER_TOKEN_BEDROCK": ("Bedrock", True),
    "HF_TOKEN": ("Hugging Face", False), "HUGGING_FACE_HUB_TOKEN": ("Hugging Face", False),
    "PINECONE_API_KEY": ("Pinecone", False), "LANGSMITH_API_KEY": ("LangSmith", False),
    "WANDB_API_KEY": ("Weights & Biases", False), "REPLICATE_API_TOKEN": ("Replicate", True),
}  # fmt: skip
# Prefixes that belong to one vendor alone, the longest first (public scanners of secrets list them: gitleaks, trufflehog).
_LLM_PREFIXES = (
    ("sk-svcacct-", "OpenAI"), ("sk-admin-", "OpenAI"), ("sk-proj-", "OpenAI"), ("sk-ant-", "Anthropic"),
    ("sk-or-v1-", "OpenRouter"), ("gsk_", "Groq"), ("xai-", "xAI"), ("hf_", "Hugging Face"), ("AIza", "Google"),
    ("AQ.", "Google"), ("pcsk_", "Pinecone"), ("lsv2_", "LangSmith"), ("r8_", "Replicate"), ("tgp_v1_", "Together"),
    ("ABSK", "Bedrock"), ("wandb_v1_", "Weights & Biases"),
)  # fmt: skip
_LLM_LARGEST = 1 << 20
_LLM_EXAMPLES = (".env.example", ".env.sample", ".env.template", "env.example", ".env.txt", "env.txt")
_LLM_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "DSN")


def read_keys(question):
    path, asked = _llm_find(question)
    said = {"file": path, "asked_file": asked, "keys": [], "example": _llm_example(question["project"])}
    text = ""
    if path:
        said["problem"], text = _llm_text(path)
        said.update(_llm_state(path))
    bindings = _llm_parse(text) if text else []  # the parser is slow to load
    said["bad_lines"] = [bad for bad in (_llm_bad(b) for b in bindings) if bad]
    values = {b.key: (b.value, b.original.line) for b in bindings if b.key and not b.error}
    said["secret"] = any(_llm_is_secret(name, value) for name, (value, _) in values.items())
    names = list(_LLM_VARIABLES) + [name for name in question.get("keys", ()) if name not in _LLM_VARIABLES]
    said["keys"] = [_llm_key(name, values) for name in names if name in os.environ or name in values]
    return said


def _llm_find(question):
    """The file that was asked for, or the first .env from the project's folder upwards, as dotenv.find_dotenv looks."""
    if question["env_file"]:
        return os.path.join(question["project"], question["env_file"]), True
    folder = question["project"]
    while True:
        path = os.path.join(folder, ".env")
        if os.path.lexists(path) and not os.path.exists(os.path.join(path, "pyvenv.cfg")):
            return path, False
        if os.path.dirname(folder) == folder:
            return "", False
        folder = os.path.dirname(folder)


def _llm_example(project):
    return next((name for name in _LLM_EXAMPLES if os.path.isfile(os.path.join(project, name))), "")


def _llm_text(path):
    """What is wrong with the file as a whole, and its text. Only regular files are opened: a FIFO would block."""
    import stat

    try:
        info = os.stat(path)
        if not stat.S_ISREG(info.st_mode):
            return "not a file", ""
        if info.st_size > _LLM_LARGEST:
            return "too large", ""
        with open(path, "rb") as file:
            data = file.read(_LLM_LARGEST)
    except FileNotFoundError:
        return "missing", ""
    except PermissionError:
        return "no permission", ""
    except OSError:
        return "not readable", ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data:
        return "utf-16", ""
    try:
        return "", data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "not utf-8", ""


def _llm_parse(text):
    """The lines as python-dotenv itself understands them."""
    if not text:
        return []
    import io

    from dotenv.parser import parse_stream

    return list(parse_stream(io.StringIO(text)))


def _llm_bad(binding):
    """How a line is written that gives no variable, or one of another name than it looks."""
    text = binding.original.string.strip()
    if not text or text.startswith("#"):
        return None
    if binding.error:
        kinds = (("{", "JSON"), ("set ", "the shell of Windows"), ("setx ", "the shell of Windows"))
        found = next((kind for start, kind in kinds if text.startswith(start)), "")
        colon = ":" in text and ("=" not in text or text.index(":") < text.index("="))
        return {"line": binding.original.line, "kind": found or ("YAML" if colon else "an unclosed quote or stray text")}
    if binding.key and binding.key.lower().startswith("$env:"):
        return {"line": binding.original.line, "kind": "PowerShell"}
    if binding.key and binding.key.startswith("os.environ"):
        return {"line": binding.original.line, "kind": "Python"}
    return None


def _llm_key(name, values):
    provider, llm = _LLM_VARIABLES.get(name, ("", True))
    shell, (file, line) = os.environ.get(name), values.get(name, (None, 0))
    stem = name.rsplit("_API_KEY", 1)[0]
    in_file = name in values
    return {
        "name": name,
        "provider": provider,
        "llm": llm,
        "shell": None if shell is None else _llm_value(shell),
        "file": _llm_value(file or "") if in_file else None,
        "line": line,
        "differ": in_file and shell is not None and shell != (file or ""),
        "base_url": any(stem + end in os.environ or stem + end in values for end in ("_BASE_URL", "_API_BASE", "_ENDPOINT")),
    }


def _llm_value(value):
    """A value reduced to what is no secret."""
    value = value.strip()
    return {
        "empty": not value,
        "placeholder": _llm_is_placeholder(value),
        "vendor": next((vendor for prefix, vendor in _LLM_PREFIXES if value.startswith(prefix)), ""),
        "length": "short" if len(value) < 16 else "long" if len(value) > 300 else "usual",
    }


def _llm_is_placeholder(value):
    """Whether a value only shows where a key should go."""
    import re

    words = r"your[-_ ]|[-_ ]here$|change[-_ ]?me|replace[-_ ]?(me|with)|placeholder|insert[-_ ]|^todo$"
    words += r"|^(my[-_])?(api[-_]?)?key$|\.\.\.$|…"
    marks = r"^[<\[{].*[>\]}]$|^#|^(sk-)?[xX*.\-_]{3,}$|[xX*]{8,}"
    return bool(value) and bool(re.search(words, value, re.I) or re.search(marks, value))


def _llm_is_secret(name, value):
    secret = name in _LLM_VARIABLES or any(word in name.upper() for word in _LLM_SECRET)
    return bool(secret and value and len(value.strip()) > 7 and not _llm_is_placeholder(value.strip()))


def _llm_state(path):
    """Who may read the file, and what git makes of it."""
    import stat

    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return {}
    tracked, ignored = _llm_git(path)
    others = os.name == "posix" and not path.startswith("/mnt/") and bool(mode & 0o044)
    return {"mode": "%04o" % mode, "open_to_others": others, "tracked": tracked, "ignored": ignored}


def _llm_git(path):
    """Whether git tracks and whether it ignores a file; None without a repository, without git, or without an answer."""
    folder = os.path.dirname(path)
    top = folder
    while not os.path.exists(os.path.join(top, ".git")):
        if os.path.dirname(top) == top:
            return None, None
        top = os.path.dirname(top)
    tracked = _llm_git_says(folder, "ls-files", "--error-unmatch", "--", path)
    return tracked, _llm_git_says(folder, "check-ignore", "--quiet", "--", path)


def _llm_git_says(folder, *words):
    import subprocess

    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        environment = dict(os.environ, GIT_OPTIONAL_LOCKS="0")
        code = subprocess.run(["git", "-C", folder, *list(words)], timeout=3, env=environment, **quiet).returncode
    except (OSError, subprocess.SubprocessError):
        return None
    return {0: True, 1: False}.get(code)
