"""The frame that every probe runs in. Must parse on Python 2.7, so that an old Python can say that it is old.

Run as `python - ANSWER < prelude + probes + question`. Each section is answered by one line of JSON in the file
ANSWER, written as soon as it is known: whatever the environment prints cannot spoil it, and what comes later
cannot take it back. Standard library only; imports nothing of ours.
"""

import sys

if sys.version_info < (3, 6):
    with open(sys.argv[1], "a") as answer:
        answer.write(
            '{"section": "*", "kind": "too-old", "reason": "is Python %d.%d, too old to be examined"}\n' % sys.version_info[:2]
        )
    sys.exit(0)

loaded_at_start = set(sys.modules)  # by Python itself and the .pth files of its environment: no file beside a script hides these
if sys.path and sys.path[0] == "":
    del sys.path[0]  # nothing of the working directory is executed: it is looked at as files
import json
import os


def answer(line):
    """Append one line to the answer file, and see it through to the kernel."""
    with open(sys.argv[1], "ab", 0) as file:
        file.write(json.dumps(line).encode("ascii") + b"\n")


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


def main(question):
    """Answer each section that the question names."""
    if "path" in question:
        sys.path[:] = question["path"]
    else:
        join(question.get("added", ()))
    for section in question["sections"]:
        try:
            answer({"section": section, "facts": globals()["read_" + section](question)})
        except BaseException as why:  # also SystemExit: an import may call sys.exit()
            answer(
                {
                    "section": section,
                    "kind": "error",
                    "reason": "could not be read",
                    "detail": "%s: %s" % (type(why).__name__, why),
                }
            )
    os._exit(0)  # all is said; to take apart what was imported takes a third of a second more, and may hang or crash
