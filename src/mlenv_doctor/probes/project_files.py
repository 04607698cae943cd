"""Read the files of a project as text: small regular files only, in whatever encoding; and find where a word stands."""

_PRF_MOST = 1 << 20  # bytes
_PRF_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def _prf_bad(said, path, line, reason):
    said["unreadable"].append({"file": path, "line": line, "reason": _prf_plain(reason)})


def _prf_plain(text):
    """A text without what an address may keep secret: user, password and query."""
    import re

    return re.sub(r"(://[^\s?]*)\?[^\s#;]*", r"\1", re.sub(r"://[^/\s]*@", "://", text))


def _prf_bytes(path, said, most=_PRF_MOST):
    """What a regular file of sensible size holds; None where there is none, and why where it cannot be read."""
    import stat

    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(info.st_mode) or info.st_size > most:
        return _prf_bad(said, path, 0, "not a regular file of at most %d MiB" % (most >> 20))
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as why:
        return _prf_bad(said, path, 0, why.strerror or "cannot be read")


def _prf_text(path, said, most=_PRF_MOST):
    """The text of a file; None where there is none. What is in no known encoding is read all the same, and named."""
    data = _prf_bytes(path, said, most)
    if data is None:
        return None
    encoding = next((name for mark, name in _PRF_MARKS if data.startswith(mark)), None) or _prf_coding(data) or "utf-8"
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        _prf_bad(said, path, 0, "not UTF-8")
    return data.decode("latin-1")  # what matters in it is ASCII in every code page


def _prf_coding(data):
    """The encoding that a comment in the first two lines names; pip honours it as Python does (PEP 263)."""
    import re

    lines = data[:400].split(b"\n")[:2]
    found = next(
        (found for found in (re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line) for line in lines) if found), None
    )
    return found.group(1).decode("ascii", "replace") if found else ""


def _prf_toml(path, said):
    """The tables of a TOML file, and where its words stand; nothing where it cannot be read, and why."""
    text = _prf_text(path, said) or ""
    return _prf_parsed(text, path, said), _prf_places(text)


def _prf_parsed(text, path, said):
    """The tables of a TOML text; none where it cannot be read, and why."""
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    if max(line.count(".") for line in text.split("\n")) > 1000:  # reading a key takes the square of its parts
        _prf_bad(said, path, 0, "holds a line of more than 1000 dots")
        return {}
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as why:
        _prf_not_valid(said, path, text, "TOML", why)
    return {}


def _prf_not_valid(said, path, text, what, why):
    """Why a file is not valid; the commonest reason has a plain name."""
    if _prf_without_conflict(text, path, said) == text:
        _prf_bad(said, path, 0, "not valid %s: %s" % (what, why))


def _prf_without_conflict(text, path, said):
    """A text without the lines by which git marks two versions that somebody has to choose from; where they begin is told."""
    import re

    marks = list(re.finditer(r"^(?:<{7}|={7}|>{7})(?: .*)?\r?$", text, re.M))
    if not marks or not marks[0].group().startswith("<"):
        return text
    _prf_bad(said, path, text.count("\n", 0, marks[0].start()) + 1, "git left a merge conflict in it, which begins here")
    return re.sub(r"^(?:<{7}|={7}|>{7})(?: .*)?\r?$", "", text, flags=re.M)


def _prf_places(text):
    """The first line of each quoted text and of each key, for each table of a TOML text and (as table "") for the whole."""
    import re

    places, table = {}, ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("["):
            table = line.partition("]")[0].strip("[ ").replace('"', "")
        for found in re.finditer(r"^([\w.-]+)\s*=|\"([^\"]*)\"|'([^']*)'", line):
            word = found.group(found.lastindex)
            places.setdefault((table, word), number)
            places.setdefault(("", word), number)
    return places


def _prf_place(places, table, word):
    return places.get((table, word)) or places.get(("", word), 0)


def _prf_table(tables, *names):
    """A table within tables; an empty one where there is none, or something else in its place."""
    for name in names:
        tables = tables.get(name)
        if not isinstance(tables, dict):
            return {}
    return tables


def _prf_list(table, name):
    """A list in a table; an empty one where there is none, or something else in its place."""
    found = table.get(name)
    return found if isinstance(found, list) else []
