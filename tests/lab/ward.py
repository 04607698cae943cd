"""The ward: builds real environments in milliseconds, makes them sick, and lets the real doctor look at them.

A ward has a home, a project, a folder of commands, and an environment of variables of its own: nothing of the
machine that the tests run on shines through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.heavy import heavy_venv
from lab.visit import Visit

DOCTOR = Path(sys.executable).with_name("mlenv-doctor")
COMMANDS = [
    "sh",
    "env",
    "cat",
    "ls",
    "uname",
    "git",
    "ldconfig",
    "sleep",
    "mount",
    "mkdir",
    "rm",
    "mv",
    "ln",
    "cp",
    "chmod",
    "sed",
    "truncate",
    "mkfs.ext4",
    "fallocate",
]
KEY = "sk-proj-" + "Ab3" * 14 + "T3BlbkFJ" + "Zy9" * 14  # has the shape of a key and opens nothing

VERSIONS = {
    "numpy": "2.4.6", "pandas": "3.0.3", "scikit-learn": "1.9.1", "matplotlib": "3.11.2", "jupyter": "1.1.1",
    "seaborn": "0.14.0", "xgboost": "3.2.0", "lightgbm": "4.7.0", "torch": "2.13.0", "fastapi": "0.165.0",
    "uvicorn": "0.40.0", "mlflow": "3.17.2", "joblib": "1.6.0", "openai": "3.54.0", "anthropic": "2.12.0",
    "python-dotenv": "1.2.4",
}  # fmt: skip
MODULES = {"scikit-learn": "sklearn", "python-dotenv": "dotenv"}
SUBMODULES = {
    "scikit-learn": ("ensemble",), "matplotlib": ("pyplot",), "jupyter": (), "pandas": (), "numpy": ("linalg",),
}  # fmt: skip
CLASSES = {"openai": "OpenAI", "anthropic": "Anthropic", "fastapi": "FastAPI", "pydantic": "BaseModel"}
FAKE_TORCH = """
class version: cuda = None; hip = None
class cuda:
    is_available = staticmethod(lambda: False)
    device_count = staticmethod(lambda: 0)
    get_arch_list = staticmethod(lambda: [])
class backends:
    class mps:
        is_available = staticmethod(lambda: False)
        is_built = staticmethod(lambda: False)
"""


@dataclass
class Ward:
    """A machine of its own in one folder."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    mounts: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for folder in (self.home, self.project, self.bin):
            folder.mkdir(parents=True, exist_ok=True)
        for command in COMMANDS:
            if (found := shutil.which(command)) and not (self.bin / command).exists():
                (self.bin / command).symlink_to(found)
        self.environ = {"HOME": str(self.home), "PATH": str(self.bin), "LANG": "C.UTF-8", "OPENAI_API_KEY": KEY, **self.environ}

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def bin(self) -> Path:
        """The only system commands that are on this ward's PATH."""
        return self.root / "bin"

    @property
    def prefix(self) -> Path:
        """The environment made last."""
        return Path(self.environ["VIRTUAL_ENV"])

    @property
    def python(self) -> Path:
        """The interpreter of the environment made last."""
        return self.prefix / "bin/python"

    @property
    def site(self) -> Path:
        """Its site-packages."""
        return next(self.prefix.glob("lib/python*/site-packages"))

    def venv(
        self,
        where: str | Path = ".venv",
        *,
        python: str | Path = sys.executable,
        libraries: Iterable[str] = tuple(VERSIONS),
        pip: bool = True,
        activate: bool = True,
    ) -> Path:
        """Make a real venv with small stand-ins for the libraries, activate it, and return its interpreter."""
        folder = self.project / where
        subprocess.run(
            [python, "-m", "venv", "--without-pip", folder], check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        )
        old = self.environ.get("VIRTUAL_ENV")
        self.environ["VIRTUAL_ENV"] = str(folder)
        for name in libraries:
            self.library(name)
        if pip:
            self.library("pip", "26.3")
            self.script(folder / "bin/pip", f"#!{folder}/bin/python\nprint('pip')\n")
        if activate:
            self.environ["PATH"] = f"{folder}/bin:{self.bin}"
        elif old is None:
            del self.environ["VIRTUAL_ENV"]
        else:
            self.environ["VIRTUAL_ENV"] = old
        return folder / "bin/python"

    def library(self, name: str, version: str | None = None, source: str | None = None, requires: Iterable[str] = ()) -> Path:
        """Put a small library into the site-packages of the environment made last: a package and its metadata."""
        version = version or VERSIONS.get(name, "1.0")
        module = MODULES.get(name, name.replace("-", "_"))
        default = FAKE_TORCH if name == "torch" else f"class {CLASSES[name]}: pass\n" if name in CLASSES else ""
        package = self.site / module
        for part in (package, *(package / sub for sub in SUBMODULES.get(name, ()))):
            part.mkdir(exist_ok=True)
            (part / "__init__.py").write_text("")
        (package / "__init__.py").write_text(f"__version__ = {version!r}\n" + (default if source is None else source))
        if name == "torch":
            (package / "version.py").write_text(f"__version__ = '{version}+cpu'\ncuda = None\nhip = None\nxpu = None\n")
        if name == "jupyter":
            self.library("jupyter-core", "5.9.1")
            self.library("notebook", "7.5.0")
        for old in self.site.glob(f"{name.replace('-', '_')}-*.dist-info"):
            shutil.rmtree(old)
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
        (info / "METADATA").write_text("\n".join([*lines, "", "A stand-in."]))
        (info / "INSTALLER").write_text("pip\n")
        (info / "RECORD").write_text(f"{module}/__init__.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")
        return package

    @staticmethod
    def script(path: Path, text: str) -> Path:
        """Write an executable file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the project."""
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def heavy(self, *breaking: str) -> None:
        """Use the prepared environment with all the real libraries; `breaking` are shell lines that harm a throw-away copy.

        The copy lies over the original in a private mount namespace (needs root): paths, scripts and RECORD stay true.
        """
        prefix = heavy_venv()
        self.environ |= {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix}/bin:{self.bin}"}
        over = self.root / "overlay"
        over.mkdir(exist_ok=True)
        self.mounts += [
            f"mount -t tmpfs -o size=2g none '{over}'",
            f"mkdir '{over}/u' '{over}/w'",
            f"mount -t overlay none -o 'lowerdir={prefix},upperdir={over}/u,workdir={over}/w' '{prefix}'",
            f"cd '{next(prefix.glob('lib/python*/site-packages'))}'",
            *breaking,
            f"cd '{self.project}'",
        ]

    def run(self, *argv: str | Path, timeout: float = 120) -> Visit:
        """Run a command on this machine."""
        command: list[str] = [str(word) for word in argv]
        if self.mounts:
            script = "\n".join(["set -e", *self.mounts, 'exec "$@"'])
            command = [
                shutil.which("unshare") or "unshare",
                "--mount",
                "--propagation",
                "private",
                "/bin/sh",
                "-c",
                script,
                "sh",
                *command,
            ]
        started = time.monotonic()
        environ: Mapping[str, str] = self.environ
        done = subprocess.run(
            command, cwd=self.project, env=environ, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
        seconds = time.monotonic() - started
        return Visit(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"), seconds)

    def doctor(self, *args: str) -> Visit:
        """Run mlenv-doctor as a user would."""
        return self.run(DOCTOR, *args)

    def check(self, *args: str) -> Visit:
        """`mlenv-doctor check --format json`, with this ward's own arguments."""
        return self.doctor("check", "--format", "json", *self.args, *args)
