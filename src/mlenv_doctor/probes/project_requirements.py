"""Read requirements as pip understands them: one by one, and in files that include others."""

# Where PyTorch's builds for the CPU are kept: whoever names it wants those (https://pytorch.org/get-started/locally/).
_PRR_CPU_INDEX = "/whl/cpu"
_PRR_MOST = 5000  # requirements, and 100 files: no project has more, and each takes its time
_PRR_ENDINGS = (".whl", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")


def _prr_file(path, said, into="requirements", group=""):
    """A requirements file of pip, with those that it includes. Constraints only limit what is installed."""
    seen = said["seen"]
    if (path, into) in seen or (into == "grouped" and (path, "requirements") in seen) or len(seen) > 100:
        return
    seen.add((path, into))
    text = _prf_without_conflict(_prf_text(path, said) or "", path, said)
    for number, line in _prr_lines(text):
        option, value = _prr_option(line)
        if option in ("-r", "--requirement"):
            _prr_include(value, path, number, said, into, group)
        elif option in ("-c", "--constraint"):
            _prr_include(value, path, number, said, "limits", "")
        elif option in ("-e", "--editable"):
            _prr_named(value, path, number, said, into, group)
        elif not option:
            _prr_named(line, path, number, said, into, group)
        elif _PRR_CPU_INDEX in line:
            said["cpu_index"] = path


def _prr_option(line):
    """An option and its value; both empty in a line that is none. "-r x", "-rx" and "--requirement=x" are one."""
    import re

    found = re.match(r"(--[\w-]+|-\w)(?:\s*=\s*|\s+|)(.*)", line)
    return (found.group(1), found.group(2).strip().strip("\"'")) if found else ("", "")


def _prr_lines(text):
    """Lines with their numbers, without comments, continued lines joined, variables of the shell filled in."""
    import re

    parts, first = [], 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        first = first if parts else number
        line = re.sub(r"(^|\s)#.*$", "", line)
        if line.endswith("\\"):
            parts.append(line[:-1] + " ")
            continue
        line = "".join([*parts, line]).strip()
        parts = []
        if line:
            yield first, line


def _prr_include(other, path, number, said, into, group):
    """A requirements file that another one includes; one on the network is not read."""
    if "://" in other or ":/" in other or "${" in other:
        return
    included = os.path.normpath(os.path.join(os.path.dirname(path), other))
    if os.path.exists(included):
        _prr_file(included, said, into, group)
    else:
        _prf_bad(said, path, number, "includes %s, which does not exist" % included)


def _prr_named(text, path, line, said, into, group):
    """One line of a requirements file. What is installed from a place counts by the name that its address or file tells."""
    import re

    text = re.split(r"\s--?\w", text, maxsplit=1)[0].strip()  # options of this requirement, such as its hashes
    if re.match(r"[\w.-]+\s*(\[[^\]]*\])?\s*@\s*(\w[\w+.-]*://|file:)", text):
        return _prr_add(_prr_not_built_by_conda(text, path, line, said), path, line, said, into, group)
    name = _prr_name_of(text)
    if name:
        _prr_add("%s @ %s" % (name, _prf_plain(text)), path, line, said, into, group)
    elif not _prr_is_place(text):
        _prr_add(text, path, line, said, into, group)


def _prr_not_built_by_conda(text, path, line, said):
    """What "pip freeze" says in an environment of conda names files of another machine: only the name is of use.

    See https://github.com/conda/conda/issues/11580.
    """
    import re

    name, _, rest = text.partition("@")
    of_conda = r"(?:feedstock_root|croot|conda-bld|abs_\w+|build/80754af9)"
    place = re.match(r"\s*file://(/(?:[^\s;]*/)?%s/[^\s;]*)(.*)" % of_conda, rest)
    if not place or os.path.exists(place.group(1)):
        return text
    _prf_bad(said, path, line, "names a file of the machine on which conda built %s" % name.strip())
    return name.strip() + place.group(2)


def _prr_name_of(text):
    """The name that an address tells: after #egg=, or in the file name of a wheel; else empty."""
    import re

    if "://" not in text:
        return ""
    egg = re.search(r"[#&]egg=(?!\S*-(?:\d|dev))([A-Za-z0-9][\w.-]*)", text)  # "egg=x-dev" named a version, too
    file = text.partition(";")[0].partition("#")[0].strip().rpartition("/")[2]
    wheel = re.match(r"([A-Za-z0-9][\w.]*)-\d[^-\s]*(-[^-\s]+){3,4}\.whl$", file)
    return egg.group(1) if egg else wheel.group(1) if wheel else ""


def _prr_is_place(text):
    """Whether a line names a folder, a file or an address, and not a library."""
    plain = text.partition(";")[0].strip()
    return plain.endswith(_PRR_ENDINGS) or text.startswith(".") or any(mark in plain for mark in ("/", "\\"))


def _prr_add(text, path, line, said, into="requirements", group=""):
    """One requirement, where it can be understood. One with a variable in it is not judged: pip fills that in."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    if "${" in text or len(said[into]) >= _PRR_MOST:
        return
    text = _prf_plain(text)
    try:
        if len(text) > 4096:
            raise InvalidRequirement("longer than any requirement")
        parsed = Requirement(text)
    except InvalidRequirement as why:
        return _prf_bad(said, path, line, "not a requirement: %s" % str(why).splitlines()[0])
    if canonicalize_name(parsed.name) != canonicalize_name(said.get("name", "")):  # its own extras are nothing to install
        said[into].append({"text": text, "file": path, "line": line, "group": group})
