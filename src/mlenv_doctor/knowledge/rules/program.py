"""Mistakes of the program that are known by their shape: who raised what, and whose line of code called it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..reading import Candidate, Cure, Kind, Reading
from ..text import one_line
from ..trace import Frame, Raised
from .common import Case, candidate

BUILT_IN = (
    "list|str|dict|tuple|set|int|float|bool|bytes|NoneType|function|method|generator|coroutine|module|type|range|map|zip|filter"
    "|numpy.ndarray|ndarray|numpy.float64|numpy.int64|Tensor|DataFrame|Series|Index|Namespace|Response|DictConfig"
)
WRONG_TYPE = re.compile(
    rf"'(?P<type>{BUILT_IN})' object (?:has no attribute '(?P<name>\w+)'|is not (?:subscriptable|callable|iterable|an iterator)"
    r"|does not support|cannot be interpreted|object is not a mapping)|object of type '(?P<type2>[\w.]+)' has no len\(\)"
    r"|must be (?:of type )?[\w.]{1,60}, (?:not|but)\b|expected [\w., ]{2,60},? (?:not|got) |invalid data type '\w+'"
    r"|can't be used in 'await' expression"
)
HOOK = re.compile(
    r"(?:training_step|validation_step|test_step|predict_step|configure_optimizers|compute_metrics|collate_fn"
    r"|preprocess_function|tokenize_function|__getitem__|__len__|(?<!\w)on_\w+|objective)\(\) (?:missing|takes) "
)
FORWARD = re.compile(r"(?:forward|call|__call__|compute_loss|predict|fit|transform|step)\(\) (?:missing|takes) ")
VALUES = (
    "ValueError", "KeyError", "IndexError", "TypeError", "AttributeError", "AssertionError", "RuntimeError", "ZeroDivisionError",
    "RecursionError", "LookupError", "StopIteration", "OverflowError", "FloatingPointError", "ArithmeticError",
    "NotImplementedError", "UnicodeError", "Exception",
)  # fmt: skip
PLAIN = ("ValueError", "KeyError", "IndexError", "ZeroDivisionError", "AssertionError")
DATA = re.compile(
    r"(?:Valid|Pars|Schema|Column|Syntax|Integrity|Programming|Data|Binder|Analysis|Misconfig|Config|Template|Undefined|Scanner"
    r"|Conver|Cast|LinAlg|NotFitted|Invalid(?:Arg|Oper|Index|Param)|ArrowInvalid|ArrowType|Duplicate|Shape|Dimension|Recursion"
    r"|Tracer|Concretization|Compute|Catalog|OutOfBounds|JSONDecode|DSL|Unhashable|OutputParser|Interpolation)\w{0,80}"
    r"(?:Error|Exception|NotFound)$|^ArrowInvalid$"
)
ELSEWHERE = re.compile(
    r"(?i)install|up(?:grade|date)|downgrade|\bversions?\b|\brequire[sd]? (?!grad|positional|keyword)|compil|\bbuilt\b"
    r"|cuda|\bgpus?\b|driver|cudnn|nccl"
    r"|\bhip\b|rocm|memory|\bdisk\b|no space|permission|denied|connect|time[sd]? ?out|timeout|proxy|\bssl\b"
    r"|certificate|\bhost\b|network"
    r"|api[_ -]?key|(?:access|auth\w*|hf|api|bearer|csrf) ?token|log ?in\b|credential|environment variable|\.env\b|such file"
    r"|shared (?:object|library)|\.so\b|\.dll\b|platform|architecture|\bpython ?[23]|deprecat|removed|no longer|renamed|moved to"
    r"|server|\bport\b|offline|download|\bhub\b|\brepo|locale|codec|encoding|thread|signal|\bbug\b|issue|symbol|module"
    r"|binary (?!=)|binaries|incompatib|corrupt|truncat|checkpoint|pickle|header|magic number|deserializ|unavailable"
    r"|quota|expired|INTERNAL|registered"
)
WRAPPERS = frozenset(("ChildFailedError", "RayTaskError", "TaskFailedError", "ProcessRaisedException", "CellExecutionError"))
UNTESTED = re.compile(r"^(?:FAILED|ERROR) \S+::\S+|\.py:\d+: AssertionError", re.M)
USAGE = re.compile(
    r"^(?P<program>[\w./-]{1,100}): error: (?P<said>(?:the following arguments are required|unrecognized arguments|argument \S+:"
    r"|one of the arguments)[^\n]{0,200})|^Error: (?P<said2>(?:Invalid value for|Missing (?:option|argument|parameter)"
    r"|No such (?:option|command)|Got unexpected extra argument)[^\n]{0,200})",
    re.M,
)
OF_DATA = re.compile(r"(?i)install|up(?:grade|date) |downgrade|api[_ -]?key|connect|time[sd]? ?out|permission|denied|access")
TENSOR = re.compile(r"(?i)\b(?:shapes?|sizes?|dim(?:ension)?s?|dtypes?|scalar types?|tensors?|target|batch\d?)\b")
FORMATS = re.compile(r"(?i)\b(?:dtypes?|scalar types?|\w*(?:Float|Long|Half|Int|Double|Byte|Bool)Tensor)\b")
STARTED = frozenset(("_execute_child", "posix_spawn"))
FILE = re.compile(r"""['"](?P<file>[^'"\n]{0,300}[\\/.][^'"\n]{0,300})['"]""")
RELATIVE = re.compile(r"attempted relative import (?:with no known parent package|beyond top-level package)")


def failed_test(case: Case) -> Reading | None:
    """A test that found what it was written to find: words that it compares are not those of an error."""
    last = case.trace.last
    if not UNTESTED.search(case.trace.text) or (last and last.name not in ("AssertionError", "AssertionErrors")):
        return None
    own = case.trace.own
    says = "A test failed: the code returns another value than the test expects"
    cure = Cure("Compare both values in the test's output, and correct the code or the test")
    return Reading(Kind.PROGRAM, says, "user-code-none", cure=cure, where=own.place if own else "")


def wrong_call(case: Case) -> Reading | None:
    """A command line that the program itself refuses, and modules that are started as if they were programs."""
    usage = USAGE.search(case.trace.text)
    if usage:
        said = one_line(usage["said"] or usage["said2"], 200)
        cure = Cure("Correct the command; --help shows the options")
        return Reading(Kind.PROGRAM, f"The command line is wrong: {said}", "wrong-argument", usage["program"] or "", cure)
    if RELATIVE.search(case.trace.text):
        own = case.trace.own
        cure = Cure("Run it as a module from the project's top folder: python -m PACKAGE.MODULE")
        says = "A file of a package is run by its path, so its relative imports do not work"
        return Reading(Kind.PROGRAM, says, "project-module-not-found", cure=cure, where=own.place if own else "")
    return None


def mistake(case: Case) -> Reading | None:
    """An error of values that the program raised itself, or that a library raises at what the program gave it."""
    last = _last(case)
    if last is None or last.message.startswith("Traceback"):  # the heading of a notebook's error, without its end
        return None
    if last.name in ("FileNotFoundError", "NotADirectoryError", "IsADirectoryError"):
        return _no_file(case, last)
    of_data = ("." in last.full and DATA.search(last.name)) or (last.name == "TypeError" and WRONG_TYPE.search(last.message))
    if (OF_DATA if of_data else ELSEWHERE).search(last.message):
        return None
    frames = [frame for frame in case.trace.before(last.at) if not frame.standard]
    own = next((frame for frame in reversed(frames) if frame.own), None)
    if not frames:
        return _bare(case, last)
    if frames[-1].own and not frames[-1].file.startswith("<"):
        return _in_own_line(case, last, frames[-1])
    at_import = any(frame.top and frame.function == "<module>" for frame in frames)
    if at_import and not of_data:
        return None  # nobody gave it a value yet: versions, or an installation
    sure = own or of_data or last.name in PLAIN
    return _refused(case, last, own, case.library(frames[-1])) if sure else None


def wrong_type(case: Case) -> bool:
    """Whether the error is that of an object of another type than was expected: no matter of versions."""
    last = case.trace.last
    return bool(last and case.trace.own and (WRONG_TYPE.search(last.message) or HOOK.search(last.message)))


def of_a_hook(case: Case) -> bool:
    """Whether a function failed to be called that programs write and libraries have as well: whose it is cannot be told."""
    last = case.trace.last
    return bool(last and case.trace.own and FORWARD.search(last.message))


def _last(case: Case) -> Raised | None:
    """The last exception that is neither a warning nor the envelope of another one."""
    errors = [found for found in case.trace.raised if found.name not in WRAPPERS and not found.name.endswith("Warning")]
    return errors[-1] if errors else None


def _named(last: Raised) -> str:
    """The exception as a sentence quotes it."""
    line = one_line(last.message.split("\n\n")[0], 200)
    return f"{last.name}: {line}" if line else last.name


def _no_file(case: Case, last: Raised) -> Reading | None:
    """A file that the program names. One of a library would be missing from the installation, and a program from PATH."""
    own, found = case.trace.own, FILE.search(last.message)
    if own is None or found is None or "-packages" in found["file"]:
        return None
    if any(frame.function in STARTED for frame in case.trace.frames) or "WinError 2]" in last.message:
        return None
    says = f"A file that the program uses does not exist: {one_line(found['file'], 200)}"
    cure = Cure("Check the path and the working directory of the program; relative paths start in the working directory")
    return Reading(Kind.PROGRAM, says, "user-wrong-path", cure=cure, where=own.place)


def _bare(case: Case, last: Raised) -> Reading | None:
    """Only the last line of an error: an exception of data is one, and a ValueError is nearly always."""
    data = DATA.search(last.name) and "." in last.full
    values = last.name in PLAIN and len(last.message.split()) > 1
    if last.name in ("RuntimeError", "InvalidArgumentError") and TENSOR.search(last.message):
        cause = "dtype-mismatch" if FORMATS.search(last.message) else "shape-mismatch"
        return _answer(case, f"Two tensors do not match each other or the layer ({_named(last)})", cause, "", "")
    wrong = last.name in ("AttributeError", "TypeError") and WRONG_TYPE.search(last.message)
    if not (data or values or wrong):
        return None
    return _answer(case, f"The program passes a wrong value ({_named(last)})", "user-data", "", "")


def _in_own_line(case: Case, last: Raised, frame: Frame) -> Reading | None:
    """The deepest line is the program's own."""
    theirs = case.distribution(last.full) if "." in last.full else ""
    if last.name not in VALUES and (theirs or "." not in last.full) and not DATA.search(last.name):
        return None
    return _answer(case, f"The line {frame.place} of the program raises {_named(last)}", "user-code-none", "", frame.place)


def _refused(case: Case, last: Raised, own: Frame | None, library: str) -> Reading | None:
    """A library raises it, called by the program."""
    if last.name not in VALUES and not DATA.search(last.name):
        return None
    libraries = {case.library(frame) for frame in case.trace.frames if frame.top}
    absent = last.name == "AttributeError" and "has no attribute" in last.message and not WRONG_TYPE.search(last.message)
    if absent and len(libraries) > 1:
        return None  # whose versions may not fit together
    by = f"what {own.place} gives it" if own else "what the program gives it"
    return _answer(case, f"{library} does not accept {by} ({_named(last)})", "user-data", library, own.place if own else "")


def _answer(case: Case, says: str, cause: str, library: str, where: str) -> Reading:
    look = f"Look at {where}" if where else "Look at the line of your program that the traceback ends with"
    cure = Cure(f"{look}, print the values that it uses (type, shape, keys), and compare them with the documentation")
    return Reading(Kind.PROGRAM, says, cause, library, cure, tuple(_others(library)), where=where)


def _others(library: str) -> Iterator[Candidate]:
    """What a library's refusal can mean besides."""
    if library:
        yield candidate("library-bug", f"a bug of {library}", "whether a minimal example with plain values does the same")
        yield candidate(
            "too-old-version", f"{library} is older or newer than the program was written for", f"`pip show {library}`"
        )
