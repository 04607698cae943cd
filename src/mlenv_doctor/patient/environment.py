"""Virtual environments as files and variables: those of the project, the target's own, and the commands on PATH."""

from __future__ import annotations

from typing import ClassVar

from ..facts import Fact
from ..records import dataclass


@dataclass(frozen=True)
class Environment:
    """One virtual environment, read from its files; nothing of it was started.

    real:       its folder with all links resolved. python: its interpreter; `alive` unless that leads nowhere.
    there:      whether there is an interpreter, or at least a link to one, where this system looks for it.
    foreign:    made by another operating system: its programs lie in Scripts instead of bin, or the reverse.
    home:       the folder of the Python that it was made from, and whether that is still there.
    site:       its site-packages; empty where it has none.
    maker:      "venv", "uv" or "virtualenv". version: as in pyvenv.cfg.
    activates:  the folder that its activate script switches to, resolved; empty where it computes that itself.
    unreadable: start files (*.pth) in its site-packages that are not UTF-8.
    pip_prefix: the environment that its pip script belongs to, resolved; empty where there is no such script.
    """

    path: str
    real: str = ""
    python: str = ""
    alive: bool = True
    there: bool = True
    foreign: bool = False
    home: str = ""
    home_exists: bool = True
    maker: str = "venv"
    version: str = ""
    site: str = ""
    activates: str = ""
    pip_prefix: str = ""
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class OnPath:
    """What a command name leads to. `prefix` is the environment that it works for; empty where only running it would tell.

    minor: the minor version of the Python behind it, as far as a file's name tells.
    """

    name: str
    path: str
    prefix: str = ""
    minor: str = ""


@dataclass(frozen=True)
class Venv(Fact):
    """Which environments there are, which one is active, and what a bare `python` and `pip` would be.

    virtual_env_exists: whether VIRTUAL_ENV names a folder with an interpreter or a pyvenv.cfg in it.
    virtual_env_on_path: whether its folder of programs is on PATH, at whatever place: a sign that it was activated.
    conda_real:         CONDA_PREFIX with all links resolved.
    target_prefix:      the environment of the examined Python, by its path; empty where only running it would tell.
    lock:      the tool that selects the environment by itself (uv, poetry, pipenv, pdm), by its lock file; else empty.
    python_home: PYTHONHOME, if it is set: it holds for every Python that is started from here.
    started_within: whether the doctor itself was started from one of the project's environments.
    """

    section: ClassVar[str] = "venv"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.environment"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "venv.environment"
    shared: ClassVar[bool] = True

    chosen_by: str = ""
    virtual_env: str | None = None
    virtual_env_real: str = ""
    virtual_env_exists: bool = False
    virtual_env_on_path: bool = False
    conda_prefix: str | None = None
    conda_real: str = ""
    conda_base: bool = False
    target: Environment | None = None
    target_conda: bool = False
    target_prefix: str = ""
    project: tuple[Environment, ...] = ()
    commands: tuple[OnPath, ...] = ()
    lock: str = ""
    sudo: bool = False
    python_home: str | None = None
    started_within: bool = False
    project_writable: bool = True

    def command(self, *names: str) -> OnPath | None:
        """The first of these names that is on PATH."""
        return next((found for name in names for found in self.commands if found.name == name), None)
