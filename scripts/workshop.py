"""The private environments of the scripts: made in .cache of this checkout, and made anew when they no longer fit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache"
MARKER = "mlenv-doctor-own"  # target.py knows by it that an environment is ours and nobody's patient
NO_VERDICT = 3
BIN, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
NO_NETWORK = re.compile(
    r"NewConnectionError|Failed to establish|name resolution|getaddrinfo|ConnectTimeout|ReadTimeout|Network is unreachable"
    r"|ProxyError|Connection refused|No route to host|\(from versions: none\)"
)
NO_TRUST = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError")


class Trouble(Exception):
    """The environment cannot be made; the text is one sentence that says why, and what helps."""


def main(work: Callable[[list[str]], int]) -> NoReturn:
    """Run a script. Trouble ends in one sentence on stderr and exit code 3."""
    try:
        sys.exit(work(sys.argv[1:]))
    except Trouble as why:
        print(f"mlenv-doctor: {why}", file=sys.stderr)
        sys.exit(NO_VERDICT)
    except KeyboardInterrupt:
        sys.exit(130)


def become(*argv: str | Path) -> int:
    """Go on as another program, in our place where the system can do that."""
    command = [str(word) for word in argv]
    if os.name != "nt":  # there, exec returns to the shell at once and the program goes on behind it
        os.execv(command[0], command)
    return subprocess.call(command)


def settle(name: str, groups: Iterable[str] = (), needs: Iterable[str] = ()) -> None:
    """Return where this Python holds the project of this checkout and these modules; otherwise start anew in one that does."""
    if not (holds_project() and all(find_spec(module) for module in needs)):
        python = environment(name, groups)
        if Path(sys.prefix) == CACHE / name:
            raise Trouble(f"the environment {CACHE / name} is damaged; delete it and run this again")
        sys.exit(become(python, "-I", Path(sys.argv[0]).absolute(), *sys.argv[1:]))


def holds_project() -> bool:
    """Whether `import mlenv_doctor` finds this checkout."""
    found = find_spec("mlenv_doctor")
    return bool(found and found.origin and CHECKOUT in Path(found.origin).resolve().parents)


def environment(name: str, groups: Iterable[str] = ()) -> Path:
    """The interpreter of a private environment that holds the project, its dependencies and these dependency groups."""
    folder = CACHE / name
    if not sound(folder):
        try:
            with locked(folder):
                if not sound(folder):
                    make(folder, tuple(groups))
        except OSError as why:
            raise Trouble(f"its own environment cannot be made in {folder}: {why.strerror or why}") from None
    return interpreter(folder)


def interpreter(folder: Path) -> Path:
    return folder / BIN / f"python{EXE}"


def sound(folder: Path) -> bool:
    """Whether an environment was finished, for this pyproject.toml, in this place, and its base has not changed since."""
    with suppress(OSError):
        return (folder / MARKER).read_text("utf-8") == stamp(folder)
    return False


def stamp(folder: Path) -> str:
    """What an environment depends on. Raises OSError where its interpreter is gone."""
    return f"{interpreter(folder).resolve(strict=True)}\n{folder}\n{(CHECKOUT / 'pyproject.toml').read_text('utf-8')}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let only one process make an environment; others wait for it."""
    folder.parent.mkdir(exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        with suppress(ImportError):  # Windows has no flock; whoever comes second there makes it once more
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(folder: Path, groups: tuple[str, ...]) -> None:
    """Make an environment from nothing; its marker comes last. Raises Trouble and OSError."""
    print(f"mlenv-doctor: making an environment of its own in {folder} (once)", file=sys.stderr, flush=True)
    if folder.exists():
        shutil.rmtree(folder)
    pip = venv(folder)
    if groups:  # reading dependency groups needs pip 25.1
        run(folder, *pip, "install", "--upgrade", "pip>=25.1")
        pip = [str(interpreter(folder)), "-I", "-m", "pip"]
    named = [word for group in groups for word in ("--group", f"{CHECKOUT / 'pyproject.toml'}:{group}")]
    run(folder, *pip, "install", "--editable", str(CHECKOUT), *named)
    (folder / MARKER).write_text(stamp(folder), "utf-8")


def venv(folder: Path) -> list[str]:
    """Make an empty environment and say how to call a pip that installs into it.

    Where this Python has no ensurepip (Debian without python3-venv, Colab), its own pip can do it from outside.
    """
    if not find_spec("venv") or not (find_spec("ensurepip") or find_spec("pip")):
        raise Trouble(f"this Python ({sys.executable}) comes without venv and pip; get them so: {remedy()}")
    inside = bool(find_spec("ensurepip"))
    run(folder, sys.executable, "-I", "-m", "venv", str(folder), *(() if inside else ("--without-pip",)))
    outside = [sys.executable, "-m", "pip", "--python", str(interpreter(folder))]
    return [str(interpreter(folder)), "-I", "-m", "pip"] if inside else outside


def remedy() -> str:
    """The command that gives this Python venv and pip."""
    minor = "{}.{}".format(*sys.version_info)
    if not shutil.which("apt-get"):
        return f"install your system's packages with venv and pip for Python {minor}"
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    package = "python3-venv" if base == Path("/usr/bin/python3").resolve() else f"python{minor}-venv"
    return f"sudo apt install {package}" if os.geteuid() else f"apt update && apt install {package}"


def run(folder: Path, *argv: str) -> None:
    """Run one step, with its words in a file beside the environment. Raises Trouble."""
    log = Path(f"{folder}.log")
    changed = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_RETRIES": os.environ.get("PIP_RETRIES", "2")}
    unwanted = ("PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH")
    environ = {name: value for name, value in os.environ.items() if name not in unwanted} | changed
    with log.open("wb") as words:
        code = subprocess.call(argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words, env=environ)
    if code:
        raise Trouble(reason(log.read_text("utf-8", "replace"), log))


def reason(words: str, log: Path) -> str:
    """One sentence for what a failed step said."""
    if "No space left on device" in words:
        return f"the disk is full: its own environment needs about 100 MB in {CACHE}"
    if NO_TRUST.search(words):
        return "the package index shows a certificate that this machine does not trust: set PIP_CERT to your site's own"
    if NO_NETWORK.search(words):
        return (
            "no package index that has what it needs can be reached, and one is needed once, for its own environment: "
            "connect to the network, or set HTTPS_PROXY or PIP_INDEX_URL as your site does, and run this again"
        )
    if "ensurepip" in words:
        return f"this Python ({sys.executable}) cannot make environments; get what it lacks so: {remedy()}"
    said = words.strip().splitlines() or ["nothing"]
    errors = [line.strip() for line in said if line.strip().startswith(("ERROR", "Error", "error"))] or said
    return f"its own environment cannot be made; the last words were: {errors[-1]} (all of them are in {log})"
