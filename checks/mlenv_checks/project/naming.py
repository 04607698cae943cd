"""What a missing module would come from, and what the project says about that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Location
from mlenv_doctor.patient import Declared, Project, Wanted
from mlenv_doctor.records import dataclass

from ..libraries.dependencies import parsed
from ..libraries.import_names import distribution_of_import
from .facts import Code, ImportedModule

VARIANT = re.compile(r"-(cpu|gpu|binary|headless|contrib|contrib-headless|skinny|macos|intel|nightly|rocm|cu\d+\w*|simd)$")
ELSEWHERE = {
    "google.colab": "Google Colab", "kaggle_secrets": "Kaggle", "kaggle_web_client": "Kaggle", "kaggle_environments": "Kaggle",
    "bpy": "Blender", "pyodide": "a browser", "js": "a browser", "dbutils": "Databricks", "win32api": "Windows",
    "win32con": "Windows", "win32gui": "Windows", "pythoncom": "Windows", "pywintypes": "Windows", "AppKit": "macOS",
    "Foundation": "macOS", "objc": "macOS", "RPi": "a Raspberry Pi", "machine": "MicroPython", "cupy_backends": "CuPy",
    "torch_npu": "an Ascend NPU", "habana_frameworks": "Gaudi", "torch_xla": "a TPU",
}  # fmt: skip
OF_PYTHON_2 = {
    "urllib2", "ConfigParser", "cPickle", "StringIO", "cStringIO", "Queue", "Tkinter", "tkMessageBox", "httplib", "urlparse",
    "HTMLParser", "__builtin__", "commands", "SocketServer", "BaseHTTPServer", "cookielib", "thread", "sets", "md5", "exceptions",
}  # fmt: skip
REMOVED = {
    "asynchat": "3.12", "asyncore": "3.12", "audioop": "3.13", "binhex": "3.11", "cgi": "3.13", "cgitb": "3.13", "chunk": "3.13",
    "crypt": "3.13", "distutils": "3.12", "imghdr": "3.13", "imp": "3.12", "lib2to3": "3.13", "mailcap": "3.13", "nis": "3.13",
    "nntplib": "3.13", "pipes": "3.13", "smtpd": "3.12", "sndhdr": "3.13", "spwd": "3.13", "sunau": "3.13", "telnetlib": "3.13",
    "uu": "3.13", "xdrlib": "3.13", "msilib": "3.13", "ossaudiodev": "3.13",
}  # fmt: skip
# Folders with what is not the program, in projects that say what the program needs.
BESIDE = {
    "tools", "tool", "scripts", "script", "deploy", "deployment", "notebooks", "notebook", "demo", "demos", "experiments",
    "docker",
    "devtools", "hack",
}  # fmt: skip
MOST = 10
SHOWN, ROWS = 4, 10
GENERATED = re.compile(r"(_pb2|_pb2_grpc|_version|_C|_ext|_cext|_cuda)$")


@dataclass(frozen=True)
class Lack:
    """A module that is missing: what brings it (empty where that is not known), and whose requirement that is.

    declared: "requirement" of everybody, "group dev", "extra gpu" and so on; empty where the project does not name it.
    """

    use: ImportedModule
    distribution: str = ""
    declared: str = ""

    @property
    def beside(self) -> bool:
        """Whether only a notebook or a tool beside the program imports it, and the project itself does not ask for it."""
        return self.declared in ("", "notebook") and (
            bool(self.use.cell) or bool(BESIDE.intersection(self.use.file.lower().split("/")[:-1]))
        )

    @property
    def needed(self) -> bool:
        """Whether the project's own program cannot run without it."""
        return (
            self.use.weight == "needed" and not self.use.optional and self.declared in ("", "requirement", "notebook", "address")
        )


def lacks(code: Code, project: Project, wanted: Wanted) -> list[Lack]:
    """What the code imports and the environment does not have."""
    groups = declarations(project, wanted, code)
    found = []
    for use in code.uses:
        if use.state != "found":
            distribution = _distribution(use, groups)
            found.append(Lack(use, distribution, groups.get(distribution, "") if distribution else ""))
    return found


def declarations(project: Project, wanted: Wanted, code: Code) -> dict[str, str]:
    """Every distribution that the project names, and as whose requirement: that of everybody wins."""
    names: dict[str, str] = {}
    for group, listed in _listed(project, wanted, code):
        for name in listed:
            names.setdefault(name, group)
    return names


def _listed(project: Project, wanted: Wanted, code: Code) -> Iterable[tuple[str, Iterable[str]]]:
    asked = [library.name for library in wanted.libraries if library.line or library.source == "--require"]
    yield "requirement", [*names_of(project.requirements), *names_of(project.conda), *asked]
    yield "notebook", [canonicalize_name(found.name) for install in code.installs if (found := parsed(install.text))]
    yield "address", names_of(project.addresses)
    for declared in project.grouped:
        yield declared.group or "extra", names_of([declared])


def names_of(declared: Iterable[Declared]) -> list[str]:
    """The normalised names of requirements."""
    return [canonicalize_name(found.name) for each in declared if (found := parsed(each.text))]


def _distribution(use: ImportedModule, groups: Mapping[str, str]) -> str:
    """What brings a module: what the project itself names so, else what the table says; empty where neither knows it."""
    for name in (use.module, use.top):
        own = canonicalize_name(name)
        if own in groups:
            return own
    known = next((found for name in (use.module, *use.names) if (found := distribution_of_import(name))), "")
    return next((name for name in groups if known and _base(name) == _base(known)), known)


def _base(name: str) -> str:
    return VARIANT.sub("", VARIANT.sub("", name))


def elsewhere(use: ImportedModule) -> str:
    """Where a module exists only, if that is a special place."""
    return next((ELSEWHERE[name] for name in (use.module, use.top, *use.names) if name in ELSEWHERE), "")


def is_generated(use: ImportedModule) -> bool:
    """Whether a module is made by a build, as its name shows."""
    return bool(GENERATED.search(use.module)) or use.top in ("version", "build")


def first_ones(names: Sequence[str]) -> str:
    """The first ten names, and how many more."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def place(use: ImportedModule) -> str:
    """Where it is imported, as one says it: app.py:3, or a.ipynb cell 4."""
    return f"{use.file} cell {use.cell}" if use.cell else f"{use.file}:{use.line}" if use.line else use.file


def spot(use: ImportedModule) -> Location:
    """Its file and line; the lines of a notebook's file are not those of its cells."""
    return Location(use.file, 0 if use.cell else use.line)


def some(uses: Sequence[ImportedModule]) -> str:
    """The first few with their places, and how many more."""
    more = f" and {len(uses) - SHOWN} more" if len(uses) > SHOWN else ""
    return ", ".join(f"{use.module} ({place(use)})" for use in uses[:SHOWN]) + more


def rows(uses: Sequence[ImportedModule]) -> dict[str, str]:
    """A row for each module, ten at most, and the rest counted."""
    table = {use.module: place(use) + (f" and {use.files - 1} more" if use.files > 1 else "") for use in uses[:ROWS]}
    return table | ({"more": f"{len(uses) - ROWS} modules"} if len(uses) > ROWS else {})
