"""The frame that every probe runs in. Must parse on Python 2.7, so that an old Python can say that it is old.

Run as `python - ANSWER MODULES < this file and the question`: the numbers of two files that are open already; on Windows
their names. MODULES holds the modules that the probes consist of; they are served from memory, by their own names, and taken
away again once they are loaded. Each section is answered by one line of JSON with its token in the file ANSWER, written as
soon as it is known: whatever the environment prints cannot spoil it, and what comes later cannot take it back. Standard
library only; imports nothing of ours.
"""

import gc
import os
import sys


def opened(word, flags):
    """A descriptor that was handed over, or that of a file with a name."""
    return int(word) if word.isdigit() else os.open(word, flags, 0o600)


ANSWER = opened(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

if sys.version_info < (3, 6):
    line = '{"section": "*", "kind": "too-old", "reason": "is Python %d.%d, too old to be examined"}\n' % sys.version_info[:2]
    os.write(ANSWER, line.encode("ascii"))
    sys.exit(0)

gc.disable()  # nothing that loading the probes makes is worth collecting
loaded_at_start = set(sys.modules)  # by Python itself and the .pth files of its environment: no file beside a script hides these
if sys.path and sys.path[0] == "":
    del sys.path[0]  # nothing of the working directory is executed: it is looked at as files
import json
import marshal
from _frozen_importlib import (
    ModuleSpec,  # what every Python has loaded by now, however damaged its own library is
)
from _frozen_importlib_external import MAGIC_NUMBER


class Served(object):
    """Finds and loads the given modules from memory; a package that holds some of them is empty."""

    def __init__(self, modules, magic):
        self.modules = modules
        self.compiled = magic == MAGIC_NUMBER
        self.packages = set(name[:end] for name in modules for end in range(len(name)) if name[end] == ".")

    def find_spec(self, name, path=None, target=None):
        if name in self.modules or name in self.packages:
            return ModuleSpec(name, self, is_package=name in self.packages)  # type: ignore[arg-type]  # it is one by its methods
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if module.__name__ in self.modules:
            code, source = self.modules[module.__name__]
            exec(marshal.loads(code) if self.compiled else compile(source, module.__name__, "exec"), module.__dict__)

    def functions(self, wanted):
        """The given functions, by module. Modules of the same names that are loaded already are set aside meanwhile."""
        theirs = self.taken()
        sys.meta_path.insert(0, self)
        try:
            return [getattr(__import__(module, fromlist=["*"]), name) for module, name in wanted]
        finally:
            sys.meta_path.remove(self)
            self.taken()
            sys.modules.update(theirs)

    def taken(self):
        """The loaded modules that are called as those served here; they are no longer loaded then."""
        names = [name for name in sys.modules if name in self.modules or name in self.packages]
        return dict((name, sys.modules.pop(name)) for name in names)


def answer(line):
    """Append one line to the answer file, and see it through to the kernel."""
    os.lseek(ANSWER, 0, os.SEEK_END)
    data = json.dumps(line).encode("ascii") + b"\n"
    while data:
        data = data[os.write(ANSWER, data) :]


def join(entries):
    """Look also where the session that asks looks by its own doing, in folders that libraries were installed into."""
    known = [os.path.realpath(entry) for entry in sys.path]
    added = [
        entry for entry in entries if os.path.isabs(entry) and os.path.realpath(entry) not in known and holds_libraries(entry)
    ]
    if added:
        order = [entry for entry in entries if entry in added or entry in sys.path]
        sys.path[:] = order + [entry for entry in sys.path if entry not in order]


def holds_libraries(folder):
    """Whether something was installed into a folder, as by `pip install --target`."""
    try:
        return any(name.endswith((".dist-info", ".egg-info")) for name in os.listdir(folder))
    except OSError:
        return False


def reading(served, section, module):
    """The function that reads a section, or what answers that it could not be loaded."""
    try:
        return served.functions([(module, "read_" + section)])[0]
    except BaseException as why:
        return failing(why)


def failing(why):
    def read(question):
        raise why

    return read


def main(question):
    """Answer each section that the question names, with the module that reads it."""
    with os.fdopen(opened(sys.argv[2], os.O_RDONLY), "rb") as file:
        served = Served(*marshal.load(file))
    if hasattr(os, "set_inheritable"):
        os.set_inheritable(ANSWER, False)  # what the examined code starts has no part in it
    if "path" in question:
        sys.path[:] = question["path"]
    if not question.get("quick"):
        gc.enable()  # what libraries make, when they are imported, may be
    readers = [(section, reading(served, section, module), token) for section, module, token in question.pop("sections")]
    if "path" not in question:
        join(question.get("added", ()))
    for section, read, token in readers:
        try:
            answer({"section": section, "token": token, "facts": read(question)})
        except BaseException as why:  # also SystemExit: an import may call sys.exit()
            answer(
                {
                    "section": section,
                    "token": token,
                    "kind": "error",
                    "reason": "could not be read",
                    "detail": "%s: %s" % (type(why).__name__, why),
                }
            )
    os._exit(0)  # all is said; to take apart what was imported takes a third of a second more, and may hang or crash
