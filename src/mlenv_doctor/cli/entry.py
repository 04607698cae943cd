"""The way in. Until the doctor stands alone, nothing is imported that a project could have put in our place."""

import gc
import os
import sys

INTERRUPTED = 130
GIVEN_PATH = "MLENV_DOCTOR_GIVEN_PATH"  # PATH as it was: what `run` starts is not ours to isolate
BOOT = """
import sys
sys.argv[0], sys.path[:] = {name!r}, {path!r}
for stream, (encoding, errors) in zip((sys.stdout, sys.stderr), {coding!r}):
    if stream:
        stream.reconfigure(encoding=encoding, errors=errors)
from mlenv_doctor.cli.entry import main
main()
"""


def main() -> None:
    """Stand alone, run, and end without a traceback whatever happens."""
    be_quiet()
    open_closed_streams()
    isolate()
    gc.disable()  # nothing that one short run makes is worth collecting
    from .program import run

    run()


def be_quiet() -> None:
    """End at once when asked to: as long as nothing is done there is nothing to tidy up."""
    import _signal  # type: ignore[import-not-found]  # `signal` would import more

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(_signal, name, None)
        if number is not None and _signal.getsignal(number) is not _signal.SIG_IGN:  # nohup
            _signal.signal(number, lambda *_: os._exit(INTERRUPTED))


def open_closed_streams() -> None:
    """Open what was closed of the first three descriptors: the next file that we open would otherwise be taken for a stream."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def isolate() -> None:
    """Be as `python -I` would be, however this was started: no PYTHONPATH, no user site, no working directory.

    What was imported from there already is left behind: Python starts once more. That is also needed where it dropped our
    docstrings (PYTHONOPTIMIZE=2), which say what each check verifies. Of PATH only absolute entries stay.
    """
    entries = os.environ.get("PATH", "").split(os.pathsep)
    kept = [entry for entry in entries if os.path.isabs(entry)]
    if kept != entries:
        os.environ[GIVEN_PATH] = os.environ.get("PATH", "")
        os.environ["PATH"] = os.pathsep.join(kept)
    os.environ["NODEFAULTCURRENTDIRECTORYINEXEPATH"] = "1"  # Windows knows no case in names
    if sys.flags.isolated:
        return
    own = home()
    path = own_path(own)
    strange = [absolute(entry) for entry in sys.path if absolute(entry) not in path]
    if sys.flags.optimize > 1 or any(came_from(module, strange, path) for module in list(sys.modules.values())):
        start_again(path)
    sys.path[:] = path


def home() -> str:
    """The folder, or the zip file, that holds this package."""
    return os.path.dirname(os.path.dirname(os.path.dirname(absolute(__file__))))


def own_path(own: str) -> list[str]:
    """What is left of sys.path. If it is there on account of a variable, our own folder goes to its end."""
    refused = [absolute(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    refused += [folder for folder in (working_directory(), getattr(sys.modules.get("site"), "USER_SITE", None)) if folder]
    entries = [absolute(entry) for entry in sys.path]
    return [entry for entry in entries if entry not in refused] + ([own] if own in refused and own in entries else [])


def absolute(path: str) -> str:
    """The path from the root; as it is where the working directory is gone."""
    try:
        return os.path.abspath(path)
    except OSError:
        return path


def working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def came_from(module: object, folders: list[str], path: list[str]) -> bool:
    """Whether a module was loaded out of one of these folders, and not out of one on the path that may lie within them."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or str(getattr(module, "__name__", "")).split(".")[0] in ("__main__", "mlenv_doctor"):
        return False
    file = absolute(file)
    return any(file.startswith(folder + os.sep) for folder in folders) and not any(
        file.startswith(entry + os.sep) for entry in path
    )


def start_again(path: list[str]) -> None:
    """Replace this process by an isolated one, with the same words and streams. Where that cannot be, go on."""
    if os.name != "posix" or not sys.executable:
        return
    coding = [(getattr(s, "encoding", "utf-8"), getattr(s, "errors", "strict")) for s in (sys.stdout, sys.stderr)]
    options = ["-I"] + ["-B"] * sys.dont_write_bytecode + ["-X", "utf8"] * sys.flags.utf8_mode
    program = BOOT.format(name=sys.argv[0], path=path, coding=coding)
    try:
        os.execv(sys.executable, [sys.executable, *options, "-c", program, *sys.argv[1:]])
    except OSError:
        return
