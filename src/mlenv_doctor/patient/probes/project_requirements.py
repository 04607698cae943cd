"""Read requirements as pip understands them: one by one, and in files that include others."""

import os

from mlenv_doctor.patient.probes.project_files import note_unreadable, project_text, without_conflict, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Where PyTorch's builds for the CPU are kept: whoever names it wants those (https://pytorch.org/get-started/locally/).
CPU_INDEX = "/whl/cpu"
MOST_REQUIREMENTS = 5000  # requirements, and 100 files: no project has more, and each takes its time
PLACE_ENDINGS = (".whl", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")


def add_requirements_file(path: str, said: "dict[str, Any]", into: str = "requirements", group: str = "") -> None:
    """A requirements file of pip, with those that it includes. Constraints only limit what is installed."""
    seen = said["seen"]
    if (path, into) in seen or (into == "grouped" and (path, "requirements") in seen) or len(seen) > 100:
        return
    seen.add((path, into))
    text = without_conflict(project_text(path, said) or "", path, said)
    for number, line in _joined_lines(text):
        option, value = split_option(line)
        if option in ("-r", "--requirement"):
            include_file(value, path, number, said, into, group)
        elif option in ("-c", "--constraint"):
            include_file(value, path, number, said, "limits", "")
        elif option in ("-e", "--editable"):
            add_line(value, path, number, said, into, group)
        elif not option:
            add_line(line, path, number, said, into, group)
        elif CPU_INDEX in line:
            said["cpu_index"] = path


def split_option(line: str) -> "tuple[str, str]":
    """An option and its value; both empty in a line that is none. "-r x", "-rx" and "--requirement=x" are one."""
    import re

    found = re.match(r"(--[\w-]+|-\w)(?:\s*=\s*|\s+|)(.*)", line)
    return (found.group(1), found.group(2).strip().strip("\"'")) if found else ("", "")


def _joined_lines(text: str) -> "Iterator[tuple[int, str]]":
    """Lines with their numbers, without comments, continued lines joined, variables of the shell filled in."""
    import re

    parts: "list[str]" = []
    first = 0
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


def include_file(other: str, path: str, number: int, said: "dict[str, Any]", into: str, group: str) -> None:
    """A requirements file that another one includes; one on the network is not read."""
    if "://" in other or ":/" in other or "${" in other:
        return
    included = os.path.normpath(os.path.join(os.path.dirname(path), other))
    if os.path.exists(included):
        add_requirements_file(included, said, into, group)
    else:
        note_unreadable(said, path, number, "includes %s, which does not exist" % included)


def add_line(text: str, path: str, line: int, said: "dict[str, Any]", into: str, group: str) -> None:
    """One line of a requirements file. What is installed from a place counts by the name that its address or file tells."""
    import re

    text = re.split(r"\s--?\w", text, maxsplit=1)[0].strip()  # options of this requirement, such as its hashes
    if re.match(r"[\w.-]+\s*(\[[^\]]*\])?\s*@\s*(\w[\w+.-]*://|file:)", text):
        add_requirement(_without_place_of_conda(text, path, line, said), path, line, said, into, group)
        return
    name = _name_in_address(text)
    if name:
        add_requirement("%s @ %s" % (name, without_secrets(text)), path, line, said, into, group)
    elif not _is_place(text):
        add_requirement(text, path, line, said, into, group)
    elif _name_of_repository(text):
        said["addresses"].append({"text": _name_of_repository(text), "file": path, "line": line, "group": group})


def _without_place_of_conda(text: str, path: str, line: int, said: "dict[str, Any]") -> str:
    """What "pip freeze" says in an environment of conda names files of another machine: only the name is of use.

    See https://github.com/conda/conda/issues/11580.
    """
    import re

    name, _, rest = text.partition("@")
    of_conda = r"(?:feedstock_root|croot|conda-bld|abs_\w+|build/80754af9)"
    place = re.match(r"\s*file://(/(?:[^\s;]*/)?%s/[^\s;]*)(.*)" % of_conda, rest)
    if not place or os.path.exists(place.group(1)):
        return text
    note_unreadable(said, path, line, "names a file of the machine on which conda built %s" % name.strip())
    return name.strip() + place.group(2)


def _name_in_address(text: str) -> str:
    """The name that an address tells: after #egg=, or in the file name of a wheel; else empty."""
    import re

    if "://" not in text:
        return ""
    egg = re.search(r"[#&]egg=(?!\S*-(?:\d|dev))([A-Za-z0-9][\w.-]*)", text)  # "egg=x-dev" named a version, too
    file = text.partition(";")[0].partition("#")[0].strip().rpartition("/")[2]
    wheel = re.match(r"([A-Za-z0-9][\w.]*)-\d[^-\s]*(-[^-\s]+){3,4}\.whl$", file)
    return egg.group(1) if egg else wheel.group(1) if wheel else ""


def _name_of_repository(text: str) -> str:
    """The last part of an address of git, which as a rule is the name of what it installs; empty for other places."""
    import re

    found = re.match(r"git\+\S+/([A-Za-z0-9][\w.-]*?)(?:\.git)?(?:@[^#\s]*)?(?:#.*)?$", text.partition(";")[0].strip())
    return found.group(1) if found else ""


def _is_place(text: str) -> bool:
    """Whether a line names a folder, a file or an address, and not a library."""
    plain = text.partition(";")[0].strip()
    return plain.endswith(PLACE_ENDINGS) or text.startswith(".") or any(mark in plain for mark in ("/", "\\"))


def add_requirement(text: str, path: str, line: int, said: "dict[str, Any]", into: str = "requirements", group: str = "") -> None:
    """One requirement, where it can be understood. One with a variable in it is not judged: pip fills that in."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    if "${" in text or len(said[into]) >= MOST_REQUIREMENTS:
        return
    text = without_secrets(text)
    try:
        if len(text) > 4096:
            raise InvalidRequirement("longer than any requirement")
        parsed = Requirement(text)
    except InvalidRequirement as why:
        note_unreadable(said, path, line, "not a requirement: %s" % str(why).splitlines()[0])
        return
    if canonicalize_name(parsed.name) != canonicalize_name(said.get("name", "")):  # its own extras are nothing to install
        said[into].append({"text": text, "file": path, "line": line, "group": group})
