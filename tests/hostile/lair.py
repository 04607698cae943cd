"""A lair: a project that nobody should trust, and the real command line that is let into it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from lab.ward import Ward

FORMATS = ("text", "short", "json", "junit", "sarif", "github", "gitlab", "markdown", "html")
ALLOWED = "\n\u200c\u200d"  # the last two join letters of several scripts, and emoji
BRACES = " \t>|*`'\"-\u2026"  # what a renderer itself may put before a text at the beginning of a line


@dataclass(frozen=True)
class Said:
    """What one run of the doctor said, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def all(self) -> str:
        return self.out + "\n" + self.err


class Lair(Ward):
    """A ward whose temporary folder is its own, too. `launch` is how the doctor is started."""

    launch: tuple[str, ...] = ("-m", "mlenv_doctor")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tmp.mkdir(exist_ok=True)
        self.environ["TMPDIR"] = str(self.tmp)

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    def start(self, *args: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        """The doctor, started and not waited for."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, *self.launch, *args]
        return subprocess.Popen(command, cwd=cwd or self.project, env=self.environ, start_new_session=True, **quiet)  # type: ignore[call-overload,no-any-return]

    def ask(self, *args: str, cwd: Path | None = None, timeout: float = 60) -> Said:
        """The doctor, run to its end. One that does not end is killed, and that is a failure."""
        started = time.monotonic()
        process = self.start(*args, cwd=cwd)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            raise AssertionError(f"{args} did not end within {timeout:g} s") from None
        return Said(
            process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), time.monotonic() - started
        )

    def everywhere(self, *args: str, cwd: Path | None = None) -> dict[str, str]:
        """One run, shown in every format; what went to stderr is among them."""
        folder = self.root / "shown"
        folder.mkdir(exist_ok=True)
        words = [word for form in FORMATS for word in ("--output", f"{form}:{folder / form}")]
        said = self.ask("check", "-v", *args, *words, cwd=cwd)
        assert said.code in (0, 1, 3), said.all
        return {"screen": said.out, "stderr": said.err, **{form: (folder / form).read_text("utf-8") for form in FORMATS}}

    def left(self) -> list[str]:
        """What lies in the temporary folder."""
        return sorted(str(path.relative_to(self.tmp)) for path in self.tmp.rglob("*"))


def forged(text: str, mark: str = "OWNED") -> list[str]:
    """The lines that begin with what the attacker wrote, whatever a reader may take for the end of a line."""
    return [line for line in re.split("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text) if line.lstrip(BRACES).startswith(mark)]


def unseen(text: str) -> set[str]:
    """The characters that a terminal obeys, or that nobody sees."""
    return {repr(c) for c in text if c not in ALLOWED and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}


def processes(mark: str) -> list[int]:
    """The processes whose command line holds this word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
