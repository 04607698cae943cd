"""Every branch of what is said about the start of a Python, by plain calls."""

from __future__ import annotations

import pytest

from mlenv_checks.python.facts import Interpreter, PathEntry
from mlenv_checks.python.startup import intruder, nothing_fails_at_the_start, path_is_its_own, python_is_at_home
from mlenv_checks.python.startup_errors import epitaph
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Environment, Imported, Imports, Python, Venv

HERE = Venv(chosen_by="PATH")
NO_FACT = Missing("x", "error", "could not be read")
LOST_SAID = "Fatal Python error: Failed to import encodings module"
HOME_SAID = f"{LOST_SAID}\nPython path configuration:\n  PYTHONHOME = '/nope'\n  PYTHONPATH = (not set)"
SITE_SAID = "Fatal Python error: init_import_site: Failed to import the site module\nValueError: x"
EXIT_SAID = (
    'Failed to import the site module\n  File "/p/.venv/lib/python3.11/site-packages/sitecustomize.py", line 1, in <module>\n'
    "    import sys; sys.exit(3)\nSystemExit: 3"
)
PTH_SAID = 'Fatal Python error: init_import_site\n  File "<frozen site>", line 179, in addpackage\nUnicodeDecodeError: 0xff'
PTH_SAID_BY_313 = "UnicodeDecodeError: 'utf-8'\nDuring handling:\n  in addpackage\nUnicodeDecodeError: 'utf-8'"
XCODE_SAID = "xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun"
STORE_SAID = "Python was not found; run without arguments to install from the Microsoft Store"
BAD = Venv(target=Environment("/p/.venv", unreadable=("/p/.venv/lib/bad.pth",)))
INHERITED = Venv(python_home="/opt/other")
WHOLE = Venv(target=Environment("/p/.venv"))
DEAD, HOME, CRASH, PTH, COMMAND = (
    "python-does-not-start", "pythonhome-set", "sitecustomize-crash", "broken-pth", "python-command-missing",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "venv", "cause", "says", "remedy"),
    [
        (HOME_SAID, HERE, HOME, "PYTHONHOME is /nope", "python.unset-home"),
        (LOST_SAID, INHERITED, HOME, "PYTHONHOME is /opt/other", "python.unset-home"),
        ("Segmentation fault", INHERITED, DEAD, "Segmentation fault", "python.repair"),
        (LOST_SAID, HERE, DEAD, "its standard library", "python.repair"),
        (LOST_SAID, NO_FACT, DEAD, "its standard library", "python.repair"),
        (EXIT_SAID, HERE, CRASH, "SystemExit: 3", "python.start-file"),
        (PTH_SAID, BAD, PTH, "/p/.venv/lib/bad.pth is not UTF-8", "python.start-file"),
        (PTH_SAID_BY_313, BAD, PTH, "/p/.venv/lib/bad.pth is not UTF-8", "python.start-file"),
        (PTH_SAID, WHOLE, PTH, "a .pth file", "python.repair"),
        (PTH_SAID, HERE, PTH, "a .pth file", "python.repair"),
        (PTH_SAID, NO_FACT, PTH, "a .pth file", "python.repair"),
        (SITE_SAID, BAD, DEAD, "ValueError: x", "python.repair"),
        (XCODE_SAID, HERE, COMMAND, "command line tools", "python.xcode"),
        (STORE_SAID, HERE, COMMAND, "Microsoft Store", "python.store"),
    ],
    ids=[
        "PYTHONHOME", "inherited", "something else", "library lost", "nothing known", "sitecustomize", "pth", "pth 3.13",
        "pth elsewhere", "pth, no environment", "pth, nothing known", "site", "macOS", "Windows",
    ],
)  # fmt: skip
def test_last_words(said: str, venv: Venv | Missing, cause: str, says: str, remedy: str) -> None:
    found = epitaph(Missing("python", "no-answer", "ended with exit code 1 and no answer", said), venv)
    assert (found.status.value, found.cause) == ("fail", cause)
    assert found.message.startswith("this Python fails to start: ") and says in found.message
    assert found.fix and found.fix.id == remedy


def test_the_store_speaks_every_language() -> None:
    silent = Missing("python", "no-answer", "ended with exit code 9009 and no answer", "Python wurde nicht gefunden")
    assert epitaph(silent, HERE).cause == COMMAND


@pytest.mark.parametrize(
    ("home", "base", "own", "status"),
    [
        (None, "/usr", "/usr", "pass"),
        ("/usr", "/usr", "/usr", "pass"),
        ("/usr/", "/usr/", "/usr", "pass"),
        ("/usr", "/usr", "", "pass"),
        ("/usr", "/usr", "/opt/python", "fail"),
    ],
)
def test_home(home: str | None, base: str, own: str, status: str) -> None:
    found = python_is_at_home(Python(python_home=home, base_prefix=base, own_prefix=own))
    assert isinstance(found, Finding)
    assert (found.status.value, found.cause) == (status, HOME if status == "fail" else "")


PTH_NOISE = """Error processing line 2 of /p/site-packages/a b.pth:

  Traceback (most recent call last):
    File "<frozen site>", line 186, in addpackage
  ModuleNotFoundError: No module named 'nosuch'

Remainder of file ignored
"""
CUSTOM_NOISE = "Error in sitecustomize; set PYTHONVERBOSE for traceback:\nRuntimeError: boom\n"


@pytest.mark.parametrize(
    ("noise", "files", "causes", "says", "remedy"),
    [
        ("", {}, [""], "without an error", ""),
        ("Error: processing went well of all.pth\n", {}, [""], "without an error", ""),
        (PTH_NOISE * 2, {}, [PTH], "a b.pth fails every time Python starts, in line 2: ModuleNotFound", "python.start-file"),
        ("Error processing line 1 of /p/x.pth:\n", {}, [PTH], "it fails", "python.start-file"),
        (CUSTOM_NOISE, {"sitecustomize": "/p/sitecustomize.py"}, [CRASH], "/p/sitecustomize.py fails", "python.start-file"),
        (CUSTOM_NOISE, {}, [CRASH], "sitecustomize fails every time Python starts: RuntimeError: boom", "python.repair"),
        (PTH_NOISE + CUSTOM_NOISE, {}, [PTH, CRASH], "in line 2", "python.start-file"),
    ],
    ids=["silence", "chatter", "pth", "cut off", "sitecustomize", "which one?", "both"],
)
def test_startup(noise: str, files: dict[str, str], causes: list[str], says: str, remedy: str) -> None:
    found = list(nothing_fails_at_the_start(Python(startup_noise=noise, start_files=files)))
    assert [f.cause for f in found] == causes
    assert {f.status.value for f in found} == ({"warn"} if causes[0] else {"pass"})
    assert says in found[0].message
    assert (found[0].fix.id if found[0].fix else "") == remedy


ENTRY = "/x/lib/python3.12/site-packages"
SAME = "/x/lib/python3.11/site-packages"
BROKEN = Imports((Imported("joblib", "ok", file=f"{ENTRY}/joblib.py"), Imported("numpy", "error", file=f"{SAME}/numpy/core.py")))


@pytest.mark.parametrize(
    ("entries", "imports", "status", "says"),
    [
        ((), NO_FACT, "pass", "nothing"),
        ((PathEntry("/repo/src", libraries=("numpy",), hidden=("numpy",)),), NO_FACT, "pass", "1 folder of code"),
        ((PathEntry(ENTRY, "3.12"), PathEntry("/a")), NO_FACT, "pass", "2 folders of code"),
        ((PathEntry(SAME, "3.11", ("numpy",)),), NO_FACT, "pass", "1 folder"),
        ((PathEntry(SAME, "3.11", ("numpy",), ("numpy",)),), NO_FACT, "warn", "its numpy override"),
        ((PathEntry(SAME, "3.11", ("numpy",), ("numpy",)),), BROKEN, "fail", "do not load"),
        ((PathEntry(ENTRY, "3.12", ("numpy",)),), NO_FACT, "fail", "of Python 3.12 override those of this Python 3.11"),
        ((PathEntry(ENTRY, "3.12", ("numpy",)),), BROKEN, "fail", "numpy of Python 3.12"),
    ],
    ids=["none", "monorepo", "older ROS", "cluster", "hides", "hides and breaks", "other minor", "others load"],
)
def test_path(entries: tuple[PathEntry, ...], imports: Imports | Missing, status: str, says: str) -> None:
    (found,) = path_is_its_own(Python(version="3.11.7"), Interpreter(python_path=entries), imports)
    assert (found.status.value, found.cause) == (status, "" if status == "pass" else "pythonpath-pollution")
    assert says.replace("whose numpy", "its numpy") in found.message


def test_a_library_of_another_python_is_not_blamed_itself() -> None:
    broken = Imported("numpy", "error", file=f"{ENTRY}/numpy/core.py")
    there = Interpreter(python_path=(PathEntry("/src"), PathEntry(ENTRY, "3.12", ("numpy",))))
    assert intruder(broken, there) == ENTRY
    assert intruder(Imported("numpy", "ok", file=f"{ENTRY}/numpy/core.py"), there) == ""
    assert intruder(Imported("numpy", "error", file="/src/numpy/core.py"), there) == ""
    assert intruder(broken, NO_FACT) == ""
