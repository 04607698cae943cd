"""Ask the type checker ty which names of the installed libraries the code uses and these no longer have.

It reads files and executes none of them. What it says is foreign text, bounded in time and size, and believed only as far as
`evidence` confirms it. https://docs.astral.sh/ty/
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from mlenv_doctor.probekit import file_bytes, open_file, which

from . import belonging, guards, locate, tree
from .walk import is_aside, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Their names in older and newer releases of ty; 0.0.20, 0.0.60 and 0.0.108 were tried.
RULES = (
    "unresolved-import", "unresolved-attribute", "import-not-found", "missing-attribute", "missing-module-member",
)  # fmt: skip
MEMBER = re.compile(r"(?:[\w-]{1,60}: )?Module `([\w.]{1,200})` has no member `(\w{1,100})`")
IMPORT = re.compile(r"(?:[\w-]{1,60}: )?Cannot resolve imported module `([\w.]{1,200})`")
PROGRAMS = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
MOST_FILES, MOST_BYTES, LONGEST_LIST, LARGEST = 400, 8 << 20, 60000, 1 << 20
SECONDS, LARGEST_ANSWER, MOST_FINDINGS = 20, 16 << 20, 60
DYNAMIC = re.compile(rb"import[ \t]*\*|globals\(|__getattr__|setattr\(|sys\.modules|\bexec\(|__path__|lazy", re.IGNORECASE)


def read_library_names(question: "dict[str, Any]") -> "dict[str, Any]":
    project = question["project"]
    program = _program(question)
    if not program:
        return {"engine": ""}
    files, whole = _files(project)
    said, problem = _ask(program, project, files)
    if problem:
        return {"engine": program, "problem": problem}
    names = _understood(said, set(question["tops"]))
    return {"engine": program, "files": len(files), "complete": whole, "names": _judged(names, project, files)}


def _program(question: "dict[str, Any]") -> str:
    """The doctor's own ty, that of the environment, or one on PATH; never one that came with the project as a script."""
    name = "ty.exe" if os.name == "nt" else "ty"
    here = os.path.join(os.path.dirname(sys.executable), name)
    known = [question.get("ty") or "", here if _is_program(here) else ""]
    project = os.path.realpath(question["project"]) + os.sep
    folders = [each for each in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(each)]
    outside = [each for each in folders if not (os.path.realpath(each) + os.sep).startswith(project)]
    found = which("ty", os.pathsep.join(outside)) if outside else None
    real = os.path.realpath(found) if found else ""
    known.append(real if not real.startswith(project) else "")
    return next((each for each in known if each), "")


def _is_program(path: str) -> bool:
    """Whether a file is compiled, as ty is: a script of this name can be anything."""
    return file_bytes(path, 4).startswith(PROGRAMS) and os.access(path, os.X_OK)


def _files(project: str) -> "tuple[list[str], bool]":
    """The program's own files, what lies near first; and whether these are all."""
    held = walk(project, 50000)
    own = {} if belonging.is_workspace(project) else belonging.homes(project, held)
    mine = [each for each in held["code"] if not is_aside(each[0]) and not belonging.owner(each[0], own) and each[1] <= LARGEST]
    found, spent, longest = [], 0, 0  # type: list[str], int, int
    for path, size in sorted(mine, key=lambda each: (each[0].count(os.sep), each[0])):
        spent, longest = spent + size, longest + len(path)
        if spent > MOST_BYTES or longest > LONGEST_LIST or len(found) >= MOST_FILES:
            return found, False
        found.append(path)
    return found, bool(held["complete"])


def _ask(program: str, project: str, files: "list[str]") -> "tuple[list[Any], str]":
    """What ty says, or why it says nothing. Settings of the project or of the user change nothing of it."""
    if not files:
        return [], ""
    folder = tempfile.mkdtemp()
    try:
        config, answer = os.path.join(folder, "ty.toml"), os.path.join(folder, "answer")
        with open(config, "w"):
            pass
        rules = [word for rule in RULES for word in ("--error", rule)]
        version = "%d.%d" % sys.version_info[:2]
        command = [program, "check", "--config-file", config, "--ignore", "all", "--output-format", "gitlab", "--exit-zero"]
        command += ["--no-progress", "--color", "never", "--python", sys.prefix, "--python-version", version, *rules]
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
        problem = _run([*command, "--", *files], project, dict(kept, XDG_CONFIG_HOME=folder, HOME=folder), answer)
        return ([], problem) if problem else _parsed(answer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: "list[str]", project: str, environment: "dict[str, str]", answer: str) -> str:
    """Run it within its limits; why it came to nothing."""
    with open(answer, "wb") as out:
        try:
            child = subprocess.Popen(
                command, cwd=project, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
            )
        except OSError:
            return "cannot be started"
    end = time.time() + SECONDS
    while child.poll() is None and time.time() < end and os.path.getsize(answer) < LARGEST_ANSWER:
        time.sleep(0.02)
    if child.poll() is None:
        child.kill()
        child.wait()
        return "took longer than %d s" % SECONDS if time.time() >= end else "says too much"
    return "" if child.returncode == 0 else "ended with exit code %d" % child.returncode


def _parsed(answer: str) -> "tuple[list[Any], str]":
    try:
        with open_file(answer) as file:
            said = json.loads(file.read(LARGEST_ANSWER).decode("utf-8", "replace") or "[]")
    except (OSError, ValueError, RecursionError):
        return [], "gives an answer that cannot be read"
    return (said, "") if isinstance(said, list) else ([], "gives an answer that cannot be read")


def _understood(said: "list[Any]", tops: "set[str]") -> "dict[tuple[str, str], list[tuple[str, int]]]":
    """The names that modules of libraries do not have, each with its places."""
    found = {}  # type: dict[tuple[str, str], list[tuple[str, int]]]
    for each in said[:20000]:
        place = _place(each)
        text = each.get("description") if place else None
        match = (MEMBER.match(text[:500]) or IMPORT.match(text[:500])) if isinstance(text, str) else None
        if place and match:
            module, name = ((*match.groups(), ""))[:2]
            if module.partition(".")[0] in tops or locate.of_python(module.partition(".")[0]):
                found.setdefault((module, name), []).append(place)
    return found


def _place(each: "Any") -> "tuple[str, int] | None":
    """File and line of one statement of ty."""
    try:
        path, line = each["location"]["path"], each["location"]["positions"]["begin"]["line"]
    except (KeyError, TypeError):
        return None
    return (path, line) if isinstance(path, str) and type(line) is int else None


def _judged(names: "dict[tuple[str, str], list[tuple[str, int]]]", project: str, files: "list[str]") -> "list[dict[str, Any]]":
    """Each name with the place that needs it most, and what the library's files say of it."""
    texts = {path: file_bytes(os.path.join(project, path), LARGEST) for path in files} if names else {}
    trees = {}  # type: dict[str, Any]
    found = []
    for (module, name), places in sorted(names.items())[:MOST_FINDINGS]:
        mine = [place for place in places if place[0] in texts]
        ranked = [(_weight(path, line, texts, trees), path, line) for path, line in mine[:20]]
        ranked = sorted(each for each in ranked if each[0] != guards.GUARDED)
        if ranked and not _is_provided(name, texts):
            weight, path, line = max(ranked, key=lambda each: (each[0] == guards.NEEDED, -each[1].count(os.sep)))
            use = {"module": module, "name": name, "weight": weight, "file": path, "line": line, "places": len(mine)}
            found.append(dict(use, confirmed=bool(name) and _is_absent(module, name)))
    return found


def _weight(path: str, line: int, texts: "dict[str, bytes]", trees: "dict[str, Any]") -> str:
    if path not in trees:
        try:
            trees[path] = tree.parsed(texts[path])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            trees[path] = None
    return guards.weight(trees[path], line) if trees[path] else guards.GUARDED


def _is_provided(name: str, texts: "dict[str, bytes]") -> bool:
    """Whether the code itself may put the name into the library, or asks for it by its text."""
    word = re.escape(name.encode("utf-8", "replace"))
    own = re.compile(rb"\.%s[ \t]*=(?!=)|[\"']%s[\"']" % (word, word)) if name else None
    return bool(own and any(own.search(text) for text in texts.values()))


def _is_absent(module: str, name: str) -> bool:
    """Whether the library's own files show that a module has no such name: nothing in them writes it, and nothing is dynamic."""
    texts = _sources(module, name)
    word = re.compile(rb"\b%s\b" % re.escape(name.encode("utf-8", "replace")))
    return bool(texts) and not any(DYNAMIC.search(text) or word.search(text) for text in texts)


def _sources(module: str, name: str) -> "list[bytes]":
    """The files that say what a module holds; none where there is a module of this name in it, or compiled code."""
    parts = module.split(".")
    spec = locate.find(parts[0])
    folders = [str(each) for each in getattr(spec, "submodule_search_locations", None) or []]
    if not folders:
        origin = getattr(spec, "origin", None) or ""
        return [file_bytes(origin, LARGEST)] if origin.endswith(".py") and len(parts) == 1 else []
    folder = os.path.join(folders[0], *parts[1:])
    if os.path.isdir(folder):
        inner = [each.partition(".")[0] for each in os.listdir(folder)]
        paths = [os.path.join(folder, "__init__" + ending) for ending in (".py", ".pyi")]
        return [] if name in inner else [text for text in (file_bytes(path, LARGEST) for path in paths) if text]
    return [text for text in (file_bytes(folder + ending, LARGEST) for ending in (".py", ".pyi")) if text]
