"""What a Python said before it died, and which fault that points to."""

from __future__ import annotations

import re

from mlenv_doctor.api import Finding, Fix, Missing, Why, fail, fix
from mlenv_doctor.patient import Venv

HOME_SET = re.compile(r"PYTHONHOME = '([^'\n]*)'")  # Python 3.8 to 3.12 print their configuration when they die
HOME_LOST = re.compile(r"No module named '?encodings|Failed to import encodings|unable to load the file ?system codec")
START_FILE = re.compile(r'File "([^"\n]*[/\\](?:site|user)customize\.py)"')
SITE = re.compile(r"init_import_site|Failed to import the site module")
PTH = re.compile(r"addpackage[\s\S]*UnicodeDecodeError|UnicodeDecodeError[\s\S]*addpackage")
STORE = re.compile(r"Microsoft Store|exit code 9009")  # https://github.com/microsoft/PTVS/issues/7052
XCODE = "xcrun: error: invalid active developer path"

Named = tuple[str, str, Fix]  # cause, how the sentence goes on, remedy


def epitaph(missing: Missing, venv: Venv | Missing) -> Finding:
    """Why a Python does not start, as far as its last words and the files around it tell."""
    said = missing.detail
    evidence = {"it said": "\n".join(said.splitlines()[-8:])} if said else {}
    cause, why, remedy = _no_python(missing) or _home(missing, venv) or _start_file(said) or _pth(said, venv) or _vague(missing)
    return fail(cause, f"this Python fails to start: {why}", evidence=evidence, fix=remedy)


def _no_python(missing: Missing) -> Named | None:
    """A command that only says where Python could be had."""
    if XCODE in missing.detail:
        return "python-command-missing", "the macOS command line tools are missing", fix("python.xcode")
    if STORE.search(missing.detail) or STORE.search(missing.reason):
        why = "it is the Windows alias that opens the Microsoft Store; Python is not installed"
        return "python-command-missing", why, fix("python.store")
    return None


def _home(missing: Missing, venv: Venv | Missing) -> Named | None:
    """PYTHONHOME leads to a folder without the library of this Python."""
    printed = HOME_SET.search(missing.detail)
    inherited = venv.python_home if isinstance(venv, Venv) and HOME_LOST.search(missing.detail) else None
    home = printed[1] if printed else inherited
    if not home:
        return None
    return "pythonhome-set", f"PYTHONHOME is {home}, which has no standard library", fix("python.unset-home")


def _start_file(said: str) -> Named | None:
    """A sitecustomize.py or usercustomize.py ends it."""
    file = START_FILE.search(said)
    if not file:
        return None
    return "sitecustomize-crash", f"{file[1]} stops it ({_last(said)})", fix("python.start-file", file=file[1])


def _pth(said: str, venv: Venv | Missing) -> Named | None:
    """A .pth file that is not UTF-8; Python does not say which."""
    if not PTH.search(said):
        return None
    bad = venv.target.unreadable if isinstance(venv, Venv) and venv.target else ()
    if not bad:
        return "broken-pth", "a .pth file of its site-packages is not UTF-8 text", fix("python.repair")
    return "broken-pth", f"{bad[0]} is not UTF-8 text", fix("python.start-file", file=bad[0])


def _vague(missing: Missing) -> Named:
    """What remains: the symptom, and where to look."""
    said = missing.detail
    why = f"it {missing.reason}"
    if HOME_LOST.search(said):
        why += "; it cannot find its standard library: PYTHONHOME is wrong or the installation is damaged"
    elif SITE.search(said):
        why += f"; a .pth file or another start file stops it ({_last(said)})"
    elif missing.kind == Why.TIMEOUT:
        why += "; something that runs at every start (a sitecustomize.py or a .pth file) may hang"
    elif said.strip():
        why += f": {_last(said)}"
    return "python-does-not-start", why, fix("python.repair")


def _last(said: str) -> str:
    return said.strip().splitlines()[-1]
