"""The Python that is examined: which one, how it was built, where it looks for modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from ..facts import Fact
from ..records import dataclass


@dataclass(frozen=True)
class Python(Fact):
    """The target interpreter as it describes itself.

    stdout_encoding: how what is printed is encoded, and stdout_errors: what happens to a letter that has no code there.
    open_encoding:   how open() reads and writes texts. io_encoding: the variable PYTHONIOENCODING.
    purelib_obstacle: why nothing can be installed: "owner" (it is somebody else's), "mode" (its rights forbid it to its own
                      owner), "read-only" (its file system), or empty.
    startup_noise:    what it printed when it started, before it was asked anything; the beginning of that.
    start_files:      the sitecustomize and usercustomize that it finds, by name.
    apple_silicon:    on macOS: whether the machine has an ARM processor, whatever this program was built for.
    python_home:      PYTHONHOME, if it is set. own_prefix: the folder beside this program that holds its standard library;
                      empty where there is none.
    """

    section: ClassVar[str] = "python"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.python"
    owner: ClassVar[str] = "python.starts"
    shared: ClassVar[bool] = True

    version: str = "0"
    release_level: str = "final"
    implementation: str = "CPython"
    executable: str = ""
    prefix: str = ""
    base_prefix: str = ""
    conda: bool = False
    bits: int = 64
    platform: str = "linux"
    machine: str = ""
    libc: str = ""
    free_threaded: bool = False
    stdout_encoding: str = "utf-8"
    stdout_errors: str = "strict"
    open_encoding: str = "utf-8"
    io_encoding: str = ""
    ensurepip: bool = True
    pip: bool = True
    externally_managed: bool = False
    purelib: str = ""
    purelib_writable: bool = True
    purelib_owner: str = ""
    purelib_obstacle: str = ""
    user_site: str | None = None
    path: tuple[str, ...] = ()
    startup_noise: str = ""
    start_files: Mapping[str, str] = field(default_factory=dict)
    apple_silicon: bool = False
    python_home: str | None = None
    own_prefix: str = ""

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor, *_ = (*self.version.split("."), "0")
        return int(major), int(minor)

    @property
    def in_venv(self) -> bool:
        """Whether this is the interpreter of a virtual environment (PEP 405)."""
        return self.prefix != self.base_prefix

    @property
    def markers(self) -> dict[str, str]:
        """The marker environment of this Python (PEP 508), to judge requirements from another one."""
        systems = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
        return {
            "python_version": "{}.{}".format(*self.minor),
            "python_full_version": self.version,
            "implementation_name": self.implementation.lower(),
            "implementation_version": self.version,
            "platform_python_implementation": self.implementation,
            "sys_platform": self.platform,
            "platform_machine": self.machine,
            "platform_system": systems.get(self.platform, self.platform),
            "platform_release": "",
            "platform_version": "",
            "os_name": "nt" if self.platform == "win32" else "posix",
        }
