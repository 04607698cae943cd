"""Read what the code of a project imports, and which of it the examined environment lacks. Nothing of it is executed."""

import os

from . import belonging, cells, gpu_code, local, locate, reading, tree
from .walk import is_aside, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Book = dict[str, Any]  # what is known so far: the tree, what was read, specs, syntax trees
    Place = tuple[str, int, int, tuple[str, ...], bool]  # file, cell, line, names, at the beginning of a line

MOST_MODULES, MOST_TOP, MOST_INNER = 1500, 6, 4
WEIGHTS = ("needed", "inside", "chosen", "guarded", "unparsed", "aside", "typing")


def read_code(question: "dict[str, Any]") -> "dict[str, Any]":
    project = question["project"]
    limits = reading.QUICK if question.get("quick") else reading.FULL
    held = walk(project, limits["entries"])
    below = belonging.homes(project, held)
    own = {} if belonging.is_workspace(project) else below
    said = reading.read(project, _ordered(held, own), limits)
    book = {"project": project, "tree": held, "said": said, "specs": {}, "trees": {}, "left": limits["trees"]}
    book["above"] = local.folders_above(project)
    uses = _uses(book)
    gpu = _gpu(book)
    _parse_the_rest(book, limits["syntax"])
    return {
        "files": said["files"],
        "notebooks": said["notebooks"],
        "left_out": said["left_out"],
        "complete": held["complete"] and not said["left_out"],
        "uses": uses,
        "installs": said["installs"][:500],
        "bad": said["bad"][:50],
        "gpu": gpu[:20],
        "projects": belonging.summary(held, below),
        "workspace": below != own,
        "locks": held["locks"],
    }


def _ordered(held: "dict[str, Any]", own: "dict[str, list[str]]") -> "list[tuple[str, int, bool]]":
    """The files that belong to this project, its own program first, what lies near before what lies deep."""
    files = [(path, size, False) for path, size in held["code"]] + [(path, size, True) for path, size in held["notebooks"]]
    mine = [each for each in files if not belonging.owner(each[0], own)]
    return sorted(mine, key=lambda each: (is_aside(each[0]), each[0].count(os.sep), each[0]))


def _uses(book: "Book") -> "list[dict[str, Any]]":
    """Every module that is neither Python's nor the project's: those that are there once, those that are not by their parts."""
    present = {}  # type: dict[str, list[Place]]
    absent = {}  # type: dict[tuple[str, str], list[Any]]
    for module, places in sorted(book["said"]["mentions"].items())[:MOST_MODULES]:
        top = module.partition(".")[0]
        if locate.of_python(top) and not _is_gone(top, book):
            continue
        places = [place for place in places if not _is_local(module, place, book)]
        if places:
            _sort_in(module, places, present, absent, book)
    found = [_present(top, places) for top, places in sorted(present.items())]
    owners = locate.owners([use["module"] for use in found], book["specs"])
    for use in found:
        use["owner"] = owners.get(use["module"], "")
    lacking = [_absent(name, state, modules, book) for (name, state), modules in sorted(absent.items())]
    return found + [use for use in lacking if use]


def _is_gone(top: str, book: "Book") -> bool:
    """A module that newer Pythons no longer have counts as one that can be missing."""
    return top in locate.GONE and locate.state(top, book["specs"])[0] == locate.MISSING


def _is_local(module: str, place: "Place", book: "Book") -> bool:
    names, tree, written = place[3], book["tree"], book["said"]["written"]
    return local.is_local(module, place[0], names, book["project"], tree, written, book["above"])


def _sort_in(
    module: str,
    places: "list[Place]",
    present: "dict[str, list[Place]]",
    absent: "dict[tuple[str, str], list[Any]]",
    book: "Book",
) -> None:
    """A module is there, or missing as a whole or in part. What is imported from a package without code is a module, too."""
    top, specs = module.partition(".")[0], book["specs"]
    state, name = locate.state(module, specs)
    if state in (locate.FOUND, locate.UNSURE):
        present.setdefault(top, []).extend(places)
        if state == locate.FOUND and locate.is_namespace(module, specs):
            for inner in sorted({each for place in places for each in place[3]})[:50]:
                state, name = locate.state("%s.%s" % (module, inner), specs)
                if state == locate.PART and _is_in_namespace(name, specs):
                    mine = [place for place in places if inner in place[3]]
                    absent.setdefault((name, locate.PART), []).append((module, inner, mine))
    else:
        absent.setdefault((name, state), []).append((module, "", places))


def _is_in_namespace(name: str, specs: "dict[str, Any]") -> bool:
    return locate.is_namespace(name.rpartition(".")[0], specs)


def _present(top: str, places: "list[Place]") -> "dict[str, Any]":
    """A module that is there, with the place that needs it most."""
    ranked = sorted(places, key=lambda place: (is_aside(place[0]), not place[4], place[1] > 0, place[0].count(os.sep)))
    path, cell, line, _, at_top = ranked[0]
    weight = "aside" if is_aside(path) else "needed" if at_top else "inside"
    files = len({place[0] for place in places})
    return _use(top, "found", weight, path, line, cell, files, [top])


def _use(
    module: str, state: str, weight: str, path: str, line: int, cell: int, files: int, names: "list[str]"
) -> "dict[str, Any]":
    base = {"module": module, "state": state, "weight": weight, "file": path, "line": line, "cell": cell}
    return dict(base, files=files, names=names[:20], owner="", optional=False, unclear=False)


def _absent(name: str, state: str, modules: "list[Any]", book: "Book") -> "dict[str, Any] | None":
    """A module that is missing, with the weight of each place that imports it, as its file's syntax tree tells."""
    ranked, names, unclear, every = [], [], False, set()
    for module, inner, places in modules:
        whole = "%s.%s" % (module, inner) if inner else module
        names.append(whole)
        names += ["%s.%s" % (module, each) for place in places for each in place[3]][:10] if not inner else []
        for path, cell, line, _, at_top in _telling(places):
            found = _weights(path, cell, module, at_top, line, book)
            unclear = unclear or found["unclear"]
            ranked += [(weight, where, path, cell) for weight, where in found["places"] if not _is_added(name, path, book)]
        every |= {place[0] for place in places}
    if not ranked:
        return None
    ranked.sort(key=lambda each: (WEIGHTS.index(each[0]), each[3] > 0, each[2].count(os.sep), each[2], each[3]))
    weight, line, path, cell = ranked[0]
    use = _use(name, state, weight, path, line, cell, len(every), sorted(set(names)))
    use["optional"] = any(each[0] == "guarded" and not each[3] for each in ranked)
    use["unclear"] = unclear or path in book["said"]["clones"] or name.partition(".")[0] in book["tree"]["modules"]
    return use


def _telling(places: "list[Place]") -> "list[Place]":
    """The few places that tell how much a module is needed: the program's own, those at the beginning of a line first."""
    own = sorted((place for place in places if not is_aside(place[0])), key=lambda place: (place[1] > 0, place[0].count(os.sep)))
    aside = [place for place in places if is_aside(place[0])]
    top, inner = [place for place in own if place[4]], [place for place in own if not place[4]]
    return top[:MOST_TOP] + inner[:MOST_INNER] + ([] if own else aside[:1])


def _is_added(name: str, path: str, book: "Book") -> bool:
    """Whether a module lies in a folder that the code of the same file adds to the path."""
    words = [word for (file, _), held in book["trees"].items() if file == path for word in held.get("words", ())]
    return local.in_added(name.partition(".")[0], words, path, book["project"])


def _weights(path: str, cell: int, module: str, at_top: bool, line: int, book: "Book") -> "dict[str, Any]":
    """Where and how much a file needs a module: by its syntax tree, or, where there is none, by its lines alone."""
    if is_aside(path):
        return {"places": [("aside", line)], "unclear": False}
    held = _tree(path, cell, book)
    if held.get("imports") is None:
        weight = "unparsed" if held.get("bad") or not at_top else "needed"
        return {"places": [(weight, line)], "unclear": True}
    same = [(weight, where) for name, _, weight, where in held["imports"] if name == module]
    return {"places": same, "unclear": held["unclear"]}


def _tree(path: str, cell: int, book: "Book") -> "dict[str, Any]":
    """What the syntax tree of a file or a cell tells; nothing where it has none, or where too much was read already."""
    key = (path, cell)
    if key not in book["trees"]:
        book["trees"][key] = {}
        texts = _texts(path, book)
        for number, text in texts:
            book["trees"][path, number] = _understood(path, number, text, book)
    return dict(book["trees"][key])


def _texts(path: str, book: "Book") -> "list[tuple[int, Any]]":
    """The Python of a file, or of each cell of a notebook."""
    data = reading.content(os.path.join(book["project"], path), book["said"], path)
    if path.endswith(".ipynb"):
        return [(number, cells.python_of(source)) for number, source in cells.cells(data)]
    return [(0, data)]


def _understood(path: str, cell: int, text: "str | bytes", book: "Book") -> "dict[str, Any]":
    if book["left"] < len(text):
        return {}
    book["left"] -= len(text)
    try:
        parsed = tree.parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as why:
        _note_bad(path, cell, why, book)
        return {"bad": True}
    words, unclear = tree.path_entries(parsed) if _may_change_path(text) else ((), False)
    return {"imports": tree.imports(parsed), "words": words, "unclear": unclear, "tree": parsed}


def _may_change_path(text: "str | bytes") -> bool:
    text = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    return any(word in text for word in (b"sys.path", b"addsitedir", b"chdir", b"path.insert", b"path.append"))


def _note_bad(path: str, cell: int, why: BaseException, book: "Book") -> None:
    line = getattr(why, "lineno", 0) or 0
    if "{{" not in path and not is_aside(path):
        bad = {"file": path, "line": line, "cell": cell, "reason": str(getattr(why, "msg", None) or "cannot be parsed")[:100]}
        book["said"]["bad"].append(bad)


def _parse_the_rest(book: "Book", most: int) -> None:
    """Files that nothing else made necessary to parse: what Python cannot read in them is worth knowing, too."""
    book["left"] = min(book["left"], most)
    for path in book["said"]["read"]:
        if book["left"] <= 0:
            return
        if not is_aside(path) and (path, 0) not in book["trees"] and not path.endswith(".ipynb"):
            _tree(path, 0, book)


def _gpu(book: "Book") -> "list[dict[str, Any]]":
    """The lines that ask for a GPU, in files that know no other way."""
    found = []
    for path in book["said"]["gpu"][:200]:
        for number, text in _texts(path, book):
            held = book["trees"].get((path, number)) or _understood(path, number, text, book)
            if held.get("imports") is not None:
                asked = gpu_code.places(held["tree"])
                found += [{"file": path, "line": line, "cell": number, "what": what} for line, what in asked[:1]]
    return found
