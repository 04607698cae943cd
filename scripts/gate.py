"""The gate: on a Python that is too old for mlenv-doctor, say the one thing that matters, and nothing else.

Must run on Python 2.7, for that is where it is needed: in the scripts, and first of all in the zipapp.
"""

import os
import subprocess
import sys

OLDEST = (3, 10)  # that mlenv-doctor itself runs on
NO_VERDICT = 3
WANTED = "3.12"
NEWER = ("python3.12", "python3.13", "python3.11", "python3.14", "python3")


def pass_or_end():
    """Return on a Python that is new enough; otherwise say so on stderr and end with exit code 3."""
    if sys.version_info >= OLDEST:
        return
    sys.stderr.write("mlenv-doctor: %s\n" % sentence(sys.version_info[:2], sys.argv))
    sys.exit(NO_VERDICT)


def sentence(version, argv):
    """What is wrong, and the command that helps on this machine."""
    newer = newer_python()
    if newer:
        way = "one is here already: %s" % " ".join(['"%s"' % word if " " in word else word for word in [newer] + argv])
    else:
        way = "get it so: %s" % command()
    return "this Python is %d.%d; machine learning in 2026 needs 3.11 or newer, %s" % (version[0], version[1], way)


def newer_python():
    """The name of a Python on PATH that is new enough and really starts; None where there is none."""
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    for name in NEWER:
        if on_path(name) and quietly([on_path(name), "-I", "-S", "-c", question]) == 0:
            return name
    return None


def command():
    """The command that installs a newer Python without harm to the system's own."""
    if on_path("conda"):
        return "conda create --name ml python=%s" % WANTED
    if on_path("uv"):
        return "uv python install %s" % WANTED
    if on_path("brew"):
        return "brew install python@%s" % WANTED
    if os.name == "nt":
        return "winget install Python.Python.%s" % WANTED
    return "curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv python install %s" % WANTED


def on_path(name):
    """The path of a command, or None."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for file in (name, name + ".exe"):
            path = os.path.join(folder, file)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return None


def quietly(argv):
    """The exit code of a program whose words nobody needs; -1 where it does not start."""
    with open(os.devnull, "r+b") as nothing:
        try:
            return subprocess.call(argv, stdin=nothing, stdout=nothing, stderr=nothing)
        except OSError:
            return -1
