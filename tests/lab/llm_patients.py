"""Keys and `.env` files: the broken ones, and the healthy ones that look alike."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

from .patient import Patient
from .ward import KEY, Ward

ANTHROPIC = "sk-ant-api03-" + "Ab3_" * 20
NO_KEY = {"OPENAI_API_KEY": None}
LLM = ("llm",)


def dotenv(
    text: str | bytes = "",
    *,
    shell: dict[str, str | None] | None = None,
    mode: int = 0o600,
    git: tuple[str, ...] = (),
    libraries: str = "",
) -> Callable[[Ward], object]:
    """A ward with this `.env`; `shell` sets variables or takes them away; `git` are commands of git."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=libraries.split() or ("openai", "anthropic", "python-dotenv"))
        for name, value in (NO_KEY if shell is None else shell).items():
            ward.environ.pop(name, None)
            if value is not None:
                ward.environ[name] = value
        if text:
            ward.write(".env", text).chmod(mode)
        for command in git:
            subprocess.run(["git", *command.split()], cwd=ward.project, check=True, capture_output=True)

    return make


def odd(make_file: Callable[[Ward], object]) -> Callable[[Ward], object]:
    """A ward in which `.env` is something odd."""

    def make(ward: Ward) -> None:
        dotenv()(ward)
        make_file(ward)

    return make


def broken(id: str, cause: str, make: Callable[[Ward], object], **more: object) -> Patient:
    return Patient(id, make, red=(cause,), args=(*more.pop("args", ()), *LLM), **more)  # type: ignore[arg-type, misc]


def to_look_at(id: str, cause: str, make: Callable[[Ward], object], *args: str) -> Patient:
    return Patient(id, make, yellow=(cause,), args=(*args, *LLM))


def well(id: str, make: Callable[[Ward], object], *args: str) -> Patient:
    return Patient(id, make, args=(*args, *LLM))


LINE = f"OPENAI_API_KEY={KEY}\n"
PATIENTS = [
    to_look_at("no key at all", "key-missing", dotenv()),
    broken("no key, and the profile wants one", "key-missing", dotenv(), args=("--profile", "llm")),
    broken("a required key is not set", "key-missing", dotenv(LINE), args=("--require", "key:GROQ_API_KEY")),
    broken("a required key of one's own is not set", "key-missing", dotenv(LINE), args=("--require", "key:MY_OWN_KEY")),
    broken("the cheat sheet followed to the letter", "key-placeholder", dotenv("OPENAI_API_KEY=your_key_here\n")),
    broken("angle brackets", "key-placeholder", dotenv("OPENAI_API_KEY=<your key>\n")),
    broken("crosses", "key-placeholder", dotenv("OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxx\n")),
    broken("nothing behind the sign", "key-empty", dotenv("OPENAI_API_KEY=\n")),
    broken("a name alone", "key-empty", dotenv("OPENAI_API_KEY\n")),
    broken("empty in the shell", "key-empty", dotenv(shell={"OPENAI_API_KEY": ""})),
    broken("another vendor's key", "key-other-vendor", dotenv(f"OPENAI_API_KEY={ANTHROPIC}\n")),
    broken("no library, and the profile wants one", "sdk-missing", dotenv(LINE, libraries="numpy"), args=("--profile", "llm")),
    to_look_at("no library for the key", "sdk-missing", dotenv(shell={"OPENAI_API_KEY": KEY}, libraries="numpy")),
    to_look_at("nobody reads the file", "sdk-missing", dotenv(LINE, libraries="openai")),
    broken("the named file is not there", "dotenv-missing", dotenv(LINE), args=("--env-file", "nowhere.env"), yellow=("key-missing",)),
    Patient("only an example", odd(lambda w: w.write(".env.example", LINE)), yellow=("dotenv-missing", "key-missing"), args=LLM),
    broken("an open quote", "dotenv-unparsable", dotenv(LINE + "X='oh\n")),
    broken("the shell of Windows", "dotenv-unparsable", dotenv(LINE + "set X=1\n")),
    broken("YAML", "dotenv-unparsable", dotenv(LINE + "X: 1\n")),
    broken("PowerShell", "dotenv-unparsable", dotenv(LINE + '$env:X="1"\n')),
    broken("UTF-16", "dotenv-encoding", dotenv(LINE.encode("utf-16")), yellow=("key-missing",)),
    broken("not UTF-8", "dotenv-encoding", dotenv(LINE.encode() + b"NAME=M\xfcller\n"), yellow=("key-missing",)),
    broken("a folder", "dotenv-not-a-file", odd(lambda w: (w.project / ".env").mkdir()), yellow=("key-missing",)),
    broken("a FIFO", "dotenv-not-a-file", odd(lambda w: os.mkfifo(w.project / ".env")), yellow=("key-missing",)),
    broken("a broken link", "dotenv-not-a-file", odd(lambda w: (w.project / ".env").symlink_to("gone")), yellow=("key-missing",)),
    broken("the shell has another one", "dotenv-shadowed", dotenv(LINE, shell={"OPENAI_API_KEY": KEY + "x"})),
    broken("the shell has an empty one", "dotenv-shadowed", dotenv(LINE, shell={"OPENAI_API_KEY": ""})),
    broken("committed", "dotenv-tracked", dotenv(LINE, git=("init -q", "add .env")), needs=("git",)),
    Patient("not ignored", dotenv(LINE, git=("init -q",)), yellow=("dotenv-not-ignored",), args=LLM, needs=("git",)),
    to_look_at("everybody may read it", "dotenv-readable-by-others", dotenv(LINE, mode=0o644)),
    to_look_at("a placeholder beside a key", "key-placeholder", dotenv(LINE + "GROQ_API_KEY=your_key_here\n")),
    well("a key in the file", dotenv(LINE)),
    well("a key in the shell", dotenv(shell={"OPENAI_API_KEY": KEY})),
    well("the same in both", dotenv(LINE, shell={"OPENAI_API_KEY": KEY})),
    well("quotes", dotenv(f"OPENAI_API_KEY=\"{KEY}\"\nX='1'\n")),
    well("export", dotenv(f"export OPENAI_API_KEY={KEY}\n")),
    well("lines of Windows", dotenv(LINE.replace("\n", "\r\n") + "X=1\r\n")),
    well("comments and blanks", dotenv(f"# keys\n\nOPENAI_API_KEY = {KEY}  # mine\n  X = 1\n")),
    well("a byte order mark", dotenv(b"\xef\xbb\xbf" + LINE.encode())),
    well("no line end at the end", dotenv(LINE.rstrip())),
    well("another provider only", dotenv(f"ANTHROPIC_API_KEY={ANTHROPIC}\n")),
    well("an endpoint of one's own", dotenv("OPENAI_BASE_URL=http://localhost:8000/v1\nOPENAI_API_KEY=dummy-placeholder\n")),
    well("empty ones beside a key", dotenv(LINE + "ANTHROPIC_API_KEY=\nGROQ_API_KEY=\n")),
    Patient("ignored by git", odd(lambda w: (w.write(".gitignore", ".env\n"), dotenv(LINE, git=("init -q",))(w))), args=LLM, needs=("git",)),
    Patient("a tracked file without a secret", dotenv("PORT=8000\n", shell={"OPENAI_API_KEY": KEY}, git=("init -q", "add .env")), args=LLM, needs=("git",)),
    well("a required key that is there", dotenv(LINE + "MY_OWN_KEY=abcdefghijklmnop\n"), "--require", "key:MY_OWN_KEY"),
    well("the folder .env is an environment", odd(lambda w: (w.venv(".env", libraries=("openai",)), w.environ.update(OPENAI_API_KEY=KEY)))),
]  # fmt: skip
