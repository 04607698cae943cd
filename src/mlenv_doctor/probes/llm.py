"""Read which LLM keys are set, and what state `.env` is in. No value leaves this process: each is reduced where it is read."""

_LLM_LARGEST, _LLM_LINES = 1 << 20, 20000  # python-dotenv takes seconds for more lines than these
_LLM_EXAMPLES = (".env.example", ".env.sample", ".env.template", "env.example", ".env.txt", "env.txt")
_LLM_ENVIRONMENT = ("pyvenv.cfg", "conda-meta", os.path.join("bin", "python"), os.path.join("Scripts", "python.exe"))


def read_keys(question):
    path, asked = _llm_find(question)
    wanted = [name for name in question.get("keys", ()) if name not in _LLM_VARIABLES]
    names = list(_LLM_VARIABLES) + wanted
    said = {
        "file": path,
        "asked_file": asked,
        "looked_for": names,
        "example": "" if path else _llm_example(question["project"], names),
    }
    text = ""
    if path:
        said["problem"], text = _llm_text(path)
        said.update(_llm_state(path))
    bindings = _llm_parse(text) if text else []  # the parser is slow to load
    values = _llm_loaded(bindings)
    if any("\0" in name + value for name, value in values.items() if value is not None and name not in os.environ):
        # load_dotenv() ends with a ValueError of os.environ. Half of UTF-16 without a mark is zero bytes.
        said["problem"] = "utf-16" if text.count("\0") > len(text) // 4 else "zero bytes"
        bindings, values = [], {}
    lines = {b.key: _llm_line(b) for b in bindings if b.key}
    seen = dict(values, **os.environ)
    unset = [name for name in names if not seen.get(name)]
    bad = [bad for bad in (_llm_bad(binding, unset) for binding in bindings) if bad]
    said["bad_lines"] = sorted(bad, key=lambda bad: not bad["name"])[:20]
    secret = any(_llm_is_secret(name, value) for name, value in values.items())
    said["secret"] = secret or any(bad["name"] for bad in said["bad_lines"])
    said["endpoints"] = _llm_own_endpoints(seen)
    said["keys"] = [_llm_key(name, values, lines, said["endpoints"]) for name in names if name in seen]
    return said


def _llm_find(question):
    """The file that was asked for, or the one that dotenv.find_dotenv finds from the project's folder upwards.

    That one takes files and pipes, and walks past all else: https://github.com/theskumar/python-dotenv (main.py). Only where
    it finds nothing is a folder or a broken link of that name worth a word.
    """
    project = folder = question["project"]
    if question["env_file"]:
        return os.path.join(project, question["env_file"]), True
    while True:
        path = os.path.join(folder, ".env")
        if os.path.isfile(path) or _llm_is_pipe(path):
            return path, False
        if os.path.dirname(folder) == folder:
            break
        folder = os.path.dirname(folder)
    path = os.path.join(project, ".env")
    odd = os.path.lexists(path) and not any(os.path.lexists(os.path.join(path, sign)) for sign in _LLM_ENVIRONMENT)
    return (path if odd else ""), False


def _llm_is_pipe(path):
    import stat

    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except OSError:
        return False


def _llm_example(project, names):
    """The file that shows which keys are needed, if there is one: an example without any is about something else."""
    for name in _LLM_EXAMPLES:
        path = os.path.join(project, name)
        text = _llm_text(path)[1] if os.path.isfile(path) else ""
        if any(known in text for known in names):
            return name
    return ""


def _llm_text(path):
    """What is wrong with the file as a whole, and its text. Only regular files are opened: a FIFO would block."""
    import stat

    try:
        info = os.stat(path)
        if stat.S_ISFIFO(info.st_mode):
            return "a pipe", ""
        if not stat.S_ISREG(info.st_mode):
            return "not a file", ""
        with open(path, "rb") as file:
            data = file.read(_LLM_LARGEST + 1)
    except FileNotFoundError:
        return ("broken link" if os.path.islink(path) else "missing"), ""
    except PermissionError:
        return "no permission", ""
    except OSError:
        return "not readable", ""
    if len(data) > _LLM_LARGEST or data.count(b"\n") + data.count(b"\r") > _LLM_LINES:
        return "too large", ""
    return _llm_decoded(data)


def _llm_decoded(data):
    """As open(path, encoding="utf-8") gives it: python-dotenv reads so, and sees every line end as a newline."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", ""
    try:
        return "", data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return "not utf-8", ""


def _llm_parse(text):
    """The lines as python-dotenv itself understands them."""
    import io

    from dotenv.parser import parse_stream

    return list(parse_stream(io.StringIO(text)))


def _llm_loaded(bindings):
    """The values as load_dotenv() gets them: `${NAME}` filled in, from the shell first. Long ones are cut: they could explode."""
    from collections import ChainMap

    values = {}
    if not bindings:
        return values
    from dotenv.variables import parse_variables

    known = ChainMap(os.environ, values)
    for binding in bindings:
        if binding.key:
            values[binding.key] = binding.value and _llm_filled(parse_variables(binding.value), known)
    return values


def _llm_filled(atoms, known):
    value = ""
    for atom in atoms:
        value += atom.resolve(known)
        if len(value) > 99999:
            break
    return value


def _llm_line(binding):
    """The number of the line itself: python-dotenv counts blank lines before it as its own."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _llm_bad(binding, unset):
    """How a line is written that gives no variable, or one of another name than it looks; and which key it hides, if any."""
    text = binding.original.string.strip()
    kind = _llm_kind(binding, text)
    name = next((name for name in unset if _llm_names(binding, name, text)), "")
    if kind or (name and not binding.error):
        return {"line": _llm_line(binding), "kind": kind or "a quote in the wrong place", "name": name}
    return None


def _llm_kind(binding, text):
    key = (binding.key or "").lower()
    if key.startswith("$env:"):
        return "PowerShell"
    if key.startswith("os.environ"):
        return "Python"
    if "=" in key:  # load_dotenv() ends with a ValueError of os.environ
        return "a sign that no name may have"
    if not binding.error or not text or text.startswith("#"):
        return ""
    if text.startswith(("{", "}", '"')):
        return "JSON"
    if text.lower().startswith(("set ", "setx ")):
        return "the shell of Windows"
    colon = ":" in text and ("=" not in text or text.index(":") < text.index("="))
    return "YAML" if colon else "an unclosed quote or stray text"


def _llm_names(binding, name, text):
    """Whether a line that does not set this variable was meant to: it stands in what was dropped, in the name, or in a value."""
    if name not in text:
        return False
    import re

    word = r"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % re.escape(name)
    if binding.error:
        return bool(re.search(word, text))
    if not binding.key or name == binding.key:
        return False
    return bool(re.search(word, binding.key) or re.search(r"(?m)^(export )?%s=" % re.escape(name), binding.value or ""))


def _llm_key(name, values, lines, endpoints):
    provider, llm = _LLM_VARIABLES.get(name, ("", True))
    shell, file = os.environ.get(name), values.get(name) or ""
    in_file = name in values
    stem = name.rpartition("_API_")[0] or name.rpartition("_AUTH_")[0]
    return {
        "name": name,
        "provider": provider,
        "llm": llm,
        "shell": None if shell is None else _llm_value(name, shell),
        "file": _llm_value(name, file) if in_file else None,
        "line": lines.get(name, 0),
        "differ": in_file and shell is not None and shell != file,
        "base_url": bool(stem) and any(endpoint.startswith(stem + "_") for endpoint in endpoints),
    }
