"""Read the lines of `.env` as python-dotenv itself does, and say of those that it drops or renames how they are written."""

_LLM_KINDS = {"$env:": "PowerShell", "os.environ": "Python"}


def _llm_loaded(path):
    """What is wrong with the file as a whole, and its lines."""
    problem, text = _llm_text(path) if path else ("", _Secret("", ""))
    lines = text.use(_llm_lines) if text else []  # the parser is slow to load
    if any(_llm_has_zero(line) for line in lines):
        # load_dotenv() ends with a ValueError of os.environ. Half of UTF-16 without a mark is zero bytes.
        return text.use(lambda t: "utf-16" if t.count("\0") > len(t) // 4 else "zero bytes"), []
    return problem, lines


def _llm_shell():
    """The variables of the shell, as secrets."""
    return {name: _Secret(name, value, _llm_prefix(value)) for name, value in os.environ.items()}


def _llm_lines(text):
    """The lines as python-dotenv understands them, values as load_dotenv() gets them: `${NAME}` filled in, the shell first."""
    import io
    from collections import ChainMap

    from dotenv.parser import parse_stream
    from dotenv.variables import parse_variables

    lines, values = [], {}
    known = ChainMap(os.environ, values)
    for binding in parse_stream(io.StringIO(text)):
        value = binding.value
        if binding.key:
            value = values[binding.key] = value and _llm_filled(parse_variables(value), known)
        lines.append(_llm_line(binding, value))
    return lines


def _llm_line(binding, value):
    """One line, its texts as secrets. Its number is its own: python-dotenv counts blank lines before it as its own."""
    text = binding.original.string
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    name = binding.key or ""
    return {
        "name": name,
        "number": binding.original.line + blank,
        "error": binding.error,
        "raw": _Secret("line", text.strip()),
        "written": _Secret(name, binding.value or ""),
        "value": _Secret(name, value or "", _llm_prefix(value or "")),
        "given": value is not None,
    }


def _llm_filled(atoms, known):
    """A value with its `${NAME}` filled in. Long ones are cut: they could explode."""
    value = ""
    for atom in atoms:
        value += atom.resolve(known)
        if len(value) > 99999:
            break
    return value


def _llm_has_zero(line):
    """Whether load_dotenv() would hand os.environ a zero byte, and end with a ValueError."""
    if not line["name"] or not line["given"] or line["name"] in os.environ:
        return False
    return "\0" in line["name"] or line["value"].use(lambda value: "\0" in value)


def _llm_bad(line, unset):
    """How a line is written that gives no variable, or one of another name than it looks; and which key it hides, if any."""
    kind = line["raw"].use(lambda text: _llm_kind(line, text))
    name = next((name for name in unset if _llm_names(line, name)), "")
    if not kind and (line["error"] or not name):
        return None  # an error without a kind is a comment
    if name and line["raw"].use(lambda text: _llm_is_glued(text, name)):
        kind = "glued"
    return {"line": line["number"], "kind": kind or "a quote in the wrong place", "name": name}


def _llm_kind(line, text):
    key = line["name"].lower()
    for start in _LLM_KINDS:
        if key.startswith(start):
            return _LLM_KINDS[start]
    if "=" in key:  # load_dotenv() ends with a ValueError of os.environ
        return "a sign that no name may have"
    if not line["error"] or not text or text.startswith("#"):
        return ""
    if text.startswith(("{", "}", '"')):
        return "JSON"
    if text.lower().startswith(("set ", "setx ")):
        return "the shell of Windows"
    colon = ":" in text and ("=" not in text or text.index(":") < text.index("="))
    return "YAML" if colon else "an unclosed quote or stray text"


def _llm_names(line, name):
    """Whether a line that does not set this variable was meant to: it stands in what was dropped, in the name, or in a value."""
    import re

    def stands_in(text):
        if name not in text:
            return False
        word = r"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % re.escape(name)
        if line["error"]:
            return bool(re.search(word, text)) or _llm_is_glued(text, name)
        if not line["name"] or name == line["name"]:
            return False
        swallowed = r"(?m)^(export )?%s=" % re.escape(name)
        in_value = line["written"].use(lambda value: bool(re.search(swallowed, value)) or _llm_is_glued(value, name))
        return bool(re.search(word, line["name"])) or in_value

    return line["raw"].use(stands_in)


def _llm_is_glued(text, name):
    """Whether a variable begins right behind the end of another value: `echo NAME=... >>` to a file without an end of line."""
    import re

    return bool(re.search(r"[A-Za-z0-9]['\"]?%s=" % re.escape(name), text))
