"""Read the shape of an error: which exceptions with which messages, raised on the way through which files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FRAMES = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        r"""^.{0,80}?File ["'](?P<file>[^"'\n]{1,400})["'], line (?P<line>\d{1,7})(?:,? in (?P<function>\S{1,120}))?""",  # Python
        r"""^\s{0,12}File (?P<file>(?:[A-Za-z]:)?[^\s\"':][^\n:]{0,300}?\.pyx?):(?P<line>\d{1,7})(?:, in"""
        r" (?P<function>[\w.<>]{1,120}))?",  # IPython 8
        r"^(?P<file>(?:[~/.]|[A-Za-z]:\\)[^\n:<>\"']{1,300}?\.pyx?) in (?P<function>[\w.<>?]{1,120})\(",  # IPython before
        r"^\s{0,8}(?P<file>[\w~/.][^\s:\"']{0,300}?\.py):(?P<line>\d{1,7}): in (?P<function>[\w.<>]{1,120})",  # pytest
        r"^[│ ]{0,4}[❱ ]{0,3}(?P<file>[~/][^\s:\"']{1,300}?\.py):(?P<line>\d{1,7}) in (?P<function>[\w.<>]{1,120})",  # rich
        r"^(?P<file>(?:[~/.\w]|[A-Za-z]:\\)[^\s:<>\"']{1,300}?\.py):(?P<line>\d{1,7}): (?:\w*Warning|\w*Error)",  # warnings
        r"^\s{0,8}(?P<file>[\w./\\-]{1,300}\.py), line (?P<line>\d{1,7}), in (?P<function>[\w.<>]{1,120})$",
        r"^(?P<file><ipython-input-[\w-]{1,60}>) in (?P<function>[\w.<>]{1,60})",
        r"^(?P<file>Cell In ?\[\d{1,6}\]),? line (?P<line>\d{1,7})",
    )
)
RAISED = re.compile(
    r"^[\s>*`]{0,12}(?:raised? |Exception has occurred: |\w{0,40}: (?=\w*Error: ))?"
    r"(?P<name>(?:[A-Za-z_]\w{0,60}\.){0,8}_?[A-Z]\w{0,60}?(?:Error|Exception|Warning|Interrupt|Exit|Fault|Timeout"
    r"|Unsupported|NoSuchKernel|(?<=[a-z])(?:Invalid|NotFound|Violation|Missing|Mismatch)))"
    r"(?P<end>:|$| )[ \t]*(?P<message>[^\n]*)",
    re.M,
)
ENDS = re.compile(r"^\s*$|^Traceback \(|^During handling|^The above exception|^[ \t]*File \"|^-{10,}", re.M)
PACKAGES = re.compile(r"(?:site|dist)-packages[\\/](?P<rest>[^\n]+)")
STANDARD = re.compile(
    r"[\\/](?:lib|Lib|lib64)[\\/](?:python\d(?:\.\d+)?[\\/])?(?!.*(?:site|dist)-packages)|<frozen|<string>|\.pyenv[\\/]versions"
)
STANDARD_FOLDER = re.compile(
    r"(?i)(?:[\\/]lib(?:64)?[\\/]python3?[\d.]*|[\\/]python[\d.-]*(?:win64)?[\\/]lib"
    r"|[\\/]python[\d.]*\.framework[\\/].*?lib[\\/]python[\d.]+)[\\/]"
)
PARTS = re.compile(r"[\\/]")
MESSAGE_LINES, MOST = 30, 400


@dataclass(frozen=True)
class Frame:
    """One step of a traceback. top: what of site-packages it lies in, such as `torch`; empty for other files."""

    file: str
    line: int
    function: str
    at: int
    top: str = ""
    module: str = ""
    standard: bool = False

    @property
    def own(self) -> bool:
        """Whether the file is the user's: in no library and not of Python itself."""
        return not self.top and not self.standard

    @property
    def place(self) -> str:
        """Where that is, as people write it."""
        name = PARTS.split(self.file)[-1]
        return f"{name}:{self.line}" if self.line else name


@dataclass(frozen=True)
class Raised:
    """An exception: its class without the module, the class with it, and its whole message."""

    name: str
    full: str
    message: str
    at: int


@dataclass(frozen=True)
class Trace:
    """What a text shows of an error."""

    text: str
    frames: tuple[Frame, ...]
    raised: tuple[Raised, ...]

    @property
    def last(self) -> Raised | None:
        """The exception that came last; a warning only where there is nothing else."""
        errors = [found for found in self.raised if not found.name.endswith("Warning")] or self.raised
        return errors[-1] if errors else None

    def before(self, at: int) -> tuple[Frame, ...]:
        """The frames that lead to what is said at a place of the text: those before it, or all where none is."""
        return tuple(frame for frame in self.frames if frame.at <= at) or self.frames

    def user(self, at: int, provider: frozenset[str] = frozenset()) -> Frame | None:
        """The deepest frame before a place that is neither Python's own nor the provider's: who used what failed."""
        return next((f for f in reversed(self.before(at)) if not f.standard and f.top not in provider), None)

    @property
    def own(self) -> Frame | None:
        """The deepest frame in the user's own code."""
        return next((frame for frame in reversed(self.frames) if frame.own), None)


def traced(text: str) -> Trace:
    """Read a prepared text."""
    frames = sorted((frame for pattern in FRAMES for frame in _frames(pattern, text)), key=lambda frame: frame.at)
    return Trace(text, tuple(frames[-MOST:]), tuple(_raised(text)))


def _frames(pattern: re.Pattern[str], text: str) -> Iterator[Frame]:
    for found in pattern.finditer(text):
        parts = found.groupdict()
        file = parts["file"]
        top, module = library_of(file)
        line = int(parts.get("line") or 0)
        yield Frame(file, line, parts.get("function") or "", found.start(), top, module, not top and _standard(file))


def library_of(file: str) -> tuple[str, str]:
    """What of site-packages a file lies in, and its module with dots; both empty for other files."""
    found = PACKAGES.search(file.replace("\\\\", "\\"))
    if not found:
        return "", ""
    parts = [part for part in PARTS.split(found["rest"]) if part]
    names = [part.partition(".")[0] for part in parts]
    return names[0], ".".join(name for name in names if name and name != "__init__")


def _standard(file: str) -> bool:
    return file.startswith("<frozen") or file in ("<string>", "<stdin>") or bool(STANDARD_FOLDER.search(file))


def _raised(text: str) -> Iterator[Raised]:
    for found in list(RAISED.finditer(text))[-MOST:]:
        if found["end"] == " " and not found["message"].startswith(("Traceback", ":")):
            continue
        full, rest = found["name"], text[found.end() : found.end() + 4_000]
        end = ENDS.search(rest, 1)
        following = rest[: end.start()] if end else rest
        message = found["message"] + "\n".join(following.split("\n")[:MESSAGE_LINES])
        yield Raised(full.rpartition(".")[2], full, message.strip(), found.start())
