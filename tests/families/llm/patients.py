"""Keys and `.env` files: the broken ones, and the healthy ones that look alike."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from lab.patient import Patient
from lab.ward import KEY, Ward

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


def read_by_others(ward: Ward) -> None:
    """A `.env` that others may read, in a folder that they may enter: a ward's own folders are closed to them."""
    dotenv()(ward)
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    (folder / ".env").write_text(LINE)
    (folder / ".env").chmod(0o644)
    (ward.project / ".env").symlink_to(folder / ".env")


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
    to_look_at("another vendor's key", "key-other-vendor", dotenv(f"OPENAI_API_KEY={ANTHROPIC}\n")),
    broken("a placeholder in the shell", "key-placeholder", dotenv(shell={"OPENAI_API_KEY": "your_key_here"})),
    broken("a variable that is filled from nowhere", "key-empty", dotenv("OPENAI_API_KEY=${NOWHERE}\n")),
    broken("several empty ones, as a template has them", "key-empty", dotenv("OPENAI_API_KEY=\nANTHROPIC_API_KEY=\nGROQ_API_KEY=\n")),
    broken("a placeholder for an endpoint of Azure", "key-placeholder", dotenv("AZURE_OPENAI_API_KEY=your_key_here\nAZURE_OPENAI_ENDPOINT=https://me.openai.azure.com\n")),
    broken("no library, and the profile wants one", "sdk-missing", dotenv(LINE, libraries="numpy"), args=("--profile", "llm")),
    to_look_at("no library for the key", "sdk-missing", dotenv(shell={"OPENAI_API_KEY": KEY}, libraries="numpy")),
    to_look_at("nobody reads the file", "sdk-missing", dotenv(LINE, libraries="openai")),
    broken("the named file does not exist", "dotenv-missing", dotenv(LINE), args=("--env-file", "nowhere.env")),
    to_look_at("only an example", "dotenv-missing", odd(lambda w: w.write(".env.example", LINE))),
    broken("only an example, and the profile wants a key", "key-missing", odd(lambda w: w.write(".env.example", LINE)), args=("--profile", "llm")),
    broken("an open quote", "dotenv-unparsable", dotenv(LINE.replace("=", "='"))),
    broken("the Windows command prompt", "dotenv-foreign-syntax", dotenv("set " + LINE)),
    broken("YAML", "dotenv-foreign-syntax", dotenv(LINE.replace("=", ": "))),
    broken("YAML, and the key is required", "dotenv-foreign-syntax", dotenv(LINE.replace("=", ": ")), args=("--require", "key:OPENAI_API_KEY")),
    broken("JSON", "dotenv-foreign-syntax", dotenv(f'{{\n  "OPENAI_API_KEY": "{KEY}",\n  "X": 1\n}}\n')),
    broken("PowerShell", "dotenv-foreign-syntax", dotenv(f'$env:OPENAI_API_KEY="{KEY}"\n')),
    broken("quotes around the whole line", "dotenv-unparsable", dotenv(f'"OPENAI_API_KEY={KEY}"\n')),
    broken("a quote that swallows the key", "dotenv-unparsable", dotenv(f"X='oh\n{LINE}Y='\n")),
    to_look_at("a line of a shell's", "dotenv-unparsable", dotenv(LINE + "[ -f more ] && . more\n")),
    to_look_at("a number in YAML", "dotenv-foreign-syntax", dotenv("PORT: 1\n", shell={"OPENAI_API_KEY": KEY})),
    broken("UTF-16", "dotenv-encoding", dotenv(LINE.encode("utf-16"))),
    broken("UTF-16, and the key is required", "dotenv-encoding", dotenv(LINE.encode("utf-16")), args=("--require", "key:OPENAI_API_KEY")),
    to_look_at("UTF-16, and the key is in the shell", "dotenv-encoding", dotenv(LINE.encode("utf-16"), shell={"OPENAI_API_KEY": KEY})),
    broken("UTF-16 behind UTF-8", "dotenv-encoding", dotenv(b"X=1\n" * 200 + LINE.encode("utf-16-le"))),
    broken("not UTF-8", "dotenv-encoding", dotenv(LINE.encode() + b"NAME=M\xfcller\n")),
    to_look_at("a folder", "dotenv-not-a-file", odd(lambda w: (w.project / ".env").mkdir())),
    broken("a folder, and the profile wants a key", "dotenv-not-a-file", odd(lambda w: (w.project / ".env").mkdir()), args=("--profile", "llm")),
    broken("a broken link", "dotenv-not-a-file", odd(lambda w: (w.project / ".env").symlink_to("gone"))),
    broken("the shell has another one", "dotenv-shadowed", dotenv(LINE, shell={"OPENAI_API_KEY": KEY + "x"})),
    broken("the shell has an empty one", "dotenv-shadowed", dotenv(LINE, shell={"OPENAI_API_KEY": ""})),
    broken("committed", "dotenv-tracked", dotenv(LINE, git=("init -q", "add .env")), needs=("git",)),
    Patient("not ignored", dotenv(LINE, git=("init -q",)), yellow=("dotenv-not-ignored",), args=LLM, needs=("git",)),
    to_look_at("others may read it", "dotenv-readable-by-others", read_by_others),
    to_look_at("a placeholder beside a key", "key-placeholder", dotenv(LINE + "GROQ_API_KEY=your_key_here\n")),
    well("a key in the file", dotenv(LINE)),
    well("a key in the shell", dotenv(shell={"OPENAI_API_KEY": KEY})),
    well("the same in both, by its name", dotenv("OPENAI_API_KEY=${OPENAI_API_KEY}\n", shell={"OPENAI_API_KEY": KEY})),
    well("a template beside a key in the shell", dotenv("OPENAI_API_KEY=\nANTHROPIC_API_KEY=your_key_here\n".replace("your_key_here", ""), shell={"OPENAI_API_KEY": KEY})),
    well("the cheat sheet's line beside a key in the shell", dotenv("OPENAI_API_KEY=your_key_here\n", shell={"OPENAI_API_KEY": KEY})),
    well("a pipe of a password manager", odd(lambda w: os.mkfifo(w.project / ".env"))),
    well("a server that needs no key", dotenv(shell={"OPENAI_API_KEY": None, "OLLAMA_HOST": "127.0.0.1:11434"})),
    well("a server that needs no key, and the profile", dotenv(shell={"OPENAI_API_KEY": None, "OLLAMA_HOST": "127.0.0.1:11434"}), "--profile", "llm"),
    to_look_at("a file about something else", "key-missing", dotenv("PORT=8000\n")),
    to_look_at("an example about something else", "key-missing", odd(lambda w: w.write(".env.example", "PORT=8000\n"))),
    well("a mode that nobody else gets near", dotenv(LINE, mode=0o644)),
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
