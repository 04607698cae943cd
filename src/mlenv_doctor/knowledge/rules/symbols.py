"""A symbol that the loaded library does not have: two parts of different builds met."""

from __future__ import annotations

import re

from ..reading import Cure, Kind, Reading
from ..text import one_line
from ..trace import library_of
from .common import Case, candidate

SYMBOL = re.compile(
    r"""(?<![^\s:('"])(?P<file>[^\s:('"]{1,300}\.(?:so|dylib)[\w.]{0,40}): undefined symbol: (?P<symbol>[\w.$@?*]{1,300})"""
    r"|undefined symbol:? [`']?(?P<symbol2>[\w.$@?*]{1,300})|Symbol not found: [`'(]?(?P<symbol3>[\w.$@?*]{1,300})"
)
OF_PYTHON = re.compile(  # how CPython names what it exports; the last ones are those of Python 2
    r"_?Py(?:Object|Unicode|Long|Eval|ThreadState|InterpreterState|Gen|Dict|Type|Err|Exc|Mem|Module|Frame|Code|C?Function|CMethod"
    r"|Capsule|Bytes|Import|Tuple|List|Set|Float|Slice|Trash|GILState|Buffer|Iter|Number|Sequence|Mapping|StructSequence|Descr"
    r"|Weakref|OS|Sys|FPE|Async|Coro|Time|State|Vectorcall|Runtime|Thread|CFunctionFast|String|Int|Class|Instance|CObject"
    r"|UnicodeUCS[24])_\w+$|_Py_[A-Z]\w+$|PyFPE_\w+$"
)
TAG = re.compile(r"\.(?:cpython-|cp)(?P<tag>3\d{1,2})")
FOLDER = re.compile(r"[\\/]python(?P<python>3\.\d{1,2})[\\/]")
TORCH = re.compile(r"c10|torch|^_?_?ZN?K?2at|N2at|3c10|aoti")


def undefined_symbol(case: Case) -> Reading | None:
    """A symbol that the loaded library does not have: two parts of different builds met."""
    found = SYMBOL.search(case.trace.text)
    if not found:
        return None
    parts = found.groupdict()
    symbol = next(parts[key] for key in ("symbol", "symbol2", "symbol3") if parts[key]).strip("*.")
    file = parts["file"] or ""
    who = _user(case, file, found.start())
    if "nvJitLink" in symbol:
        return _nvjitlink(symbol)
    if TORCH.search(symbol):
        return _torch(case, who, symbol)
    if "iJIT" in symbol:
        return Reading(
            Kind.ENVIRONMENT,
            "MKL 2024.1 and later no longer fit this torch",
            "mkl-symbol",
            "mkl",
            Cure("Install mkl below 2024.1", install=("mkl<2024.1",)),
        )
    return _python(case, who, symbol, file) if symbol.startswith(("_Py", "Py")) else _other_library(case, who, symbol)


def _user(case: Case, file: str, at: int) -> str:
    """The distribution whose file asks for the symbol; else the library in the frames above, or the file's own name."""
    top, module = library_of(file)
    if top:
        return case.distribution(module) or top
    user = case.trace.user(at)
    return case.library(user) if user and user.top else file.rpartition("/")[2].partition(".")[0]


def _nvjitlink(symbol: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT,
        f"An older libnvJitLink is loaded than libcusparse needs ({symbol})",
        "mixed-cuda-wheels",
        "nvidia-nvjitlink-cu12",
        Cure(
            "Upgrade nvidia-nvjitlink to the version of the other CUDA wheels, and unset LD_LIBRARY_PATH",
            install=("nvidia-nvjitlink-cu12",),
            upgrade=True,
        ),
        (
            candidate(
                "cuda-library-shadowed",
                "LD_LIBRARY_PATH points to an older CUDA toolkit",
                "`unset LD_LIBRARY_PATH` and try again",
            ),
        ),
    )


def _other_library(case: Case, who: str, symbol: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT,
        f"{who or 'A compiled library'} finds another version of a shared library than it was built with: {symbol} is missing",
        "library-mismatch",
        who,
        Cure(
            f"Reinstall {who or 'it'} and the library it was linked with from one source (all pip, or all conda); "
            "unset LD_LIBRARY_PATH",
            install=(who,) if case.is_known(who) else (),
            reinstall=True,
        ),
        (
            candidate(
                "ld-library-path-shadows",
                "LD_LIBRARY_PATH points to another copy of that library",
                "`unset LD_LIBRARY_PATH` and try again",
            ),
            candidate("conda-pip-mixed", "conda and pip each installed a part of it"),
        ),
    )


def _torch(case: Case, who: str, symbol: str) -> Reading:
    torch = case.with_version("torch")
    options = ("--no-cache-dir", "--no-build-isolation")
    return Reading(
        Kind.ENVIRONMENT,
        f"{case.with_version(who) or 'An extension'} was compiled for another version of torch than the installed {torch}: its "
        "binary interface (ABI) does not match",
        "extension-torch-abi",
        who,
        Cure(
            f"Rebuild {who or 'the extension'} against the installed torch, or install the wheel that was built for it",
            install=(who,) if case.is_known(who) else (),
            reinstall=True,
            options=options,
            notes=("Choose a wheel with your torch, CUDA and Python version, and the same cxx11abi, in its name.",),
        ),
    )


def _python(case: Case, who: str, symbol: str, file: str) -> Reading:
    """A symbol that looks like one of Python: it decides where Python names its own so, or where the file's tag is another's."""
    tag, folder = TAG.search(file), FOLDER.search(file)
    here = case.facts.python or (folder["python"] if folder else "")
    other = bool(tag and here and tag["tag"] != "".join(here.split(".")[:2]))
    cure = Cure(
        f"Reinstall {who} with this Python",
        install=(who,) if case.is_known(who) else (),
        reinstall=True,
        options=("--no-cache-dir",),
    )
    if other or OF_PYTHON.match(symbol):
        said = f"{who} was compiled for another Python: it uses {symbol}, which this Python does not export"
        return Reading(Kind.ENVIRONMENT, said, "wrong-binary", who, cure)
    return Reading(
        Kind.ENVIRONMENT,
        f"{who} cannot be loaded: {one_line(file, 200)}{': ' if file else ''}undefined symbol: {symbol}",
        "import-error",
        who,
        cure,
        (
            candidate("wrong-binary", f"{who} was compiled for another Python", f"`pip show -f {who}` and `python --version`"),
            candidate("interrupted-install", f"the files of {who} are damaged", "`mlenv-doctor check libraries`"),
        ),
    )
