"""What the project's containers are made of, as their files tell; nothing is built and no program is asked."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Line:
    """A line of a file that is told, and what stands there. ignores: whether there is a .dockerignore at all."""

    what: str = ""
    line: int = 0
    ignores: bool = False


@dataclass(frozen=True)
class HeldKey:
    """A key in the files: its variable. how: "ENV", "ARG" or "environment". literal: the value itself stands there."""

    name: str
    line: int = 0
    how: str = "ENV"
    literal: bool = True


@dataclass(frozen=True)
class Pin:
    """An exact version that is installed. file: the list that asks for it, empty for the Dockerfile. command: its number."""

    name: str
    version: str
    file: str = ""
    line: int = 0
    command: int = 1


@dataclass(frozen=True)
class Build:
    """A Dockerfile, by what is in the image in the end: its last stage and those that this is made from.

    context:  the folder that is sent to the builder, relative to the project, as far as can be told.
    base:     what it begins with. python, cuda: of that, such as "3.12" and "12.8"; empty where its name does not tell.
    devel:    the base has CUDA's compilers. compiles: something may need them, or they stay behind in another stage.
    keys:     of all stages. copied: the instruction by which .env gets into the image. driver: packages of NVIDIA's driver.
    hidden:   the line that hides all GPUs; 0 for none.
    pins, lists: what pip installs exactly, and which of the project's lists. torch: among it. itself: the project is, too.
    command:  the Python files that are started. loopback: why nobody outside reaches the server. start: the line of that.
    ports:    those that EXPOSE names.
    """

    file: str
    context: str = "."
    base: str = ""
    line: int = 0
    python: str = ""
    cuda: str = ""
    devel: bool = False
    compiles: bool = False
    keys: tuple[HeldKey, ...] = ()
    copied: Line = Line()
    driver: tuple[Line, ...] = ()
    hidden: int = 0
    pins: tuple[Pin, ...] = ()
    lists: tuple[str, ...] = ()
    torch: bool = False
    itself: bool = False
    command: str = ""
    loopback: str = ""
    start: int = 0
    ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class Port:
    """A port of a service, and the one of this machine that leads to it; 0 where that is chosen later."""

    inside: int
    outside: int = 0


@dataclass(frozen=True)
class LocalAddress:
    """A variable that holds an address on localhost, without all else that its value says. port: 0 where it names none."""

    name: str
    host: str
    port: int = 0
    line: int = 0


@dataclass(frozen=True)
class BuiltFrom:
    """What compose builds a service from, relative to the project; empty for a service of an image."""

    context: str = ""
    file: str = ""


@dataclass(frozen=True)
class Service:
    """A service of a compose file.

    kind, port: what its image is known to be, such as "PostgreSQL", and where that listens by itself; empty and 0 else.
    gpu: it asks for a GPU. shared_memory: more of it, or that of the machine. host: it shares another network.
    names: all its variables. addresses: those with localhost. dotenv: it reads the project's `.env` (env_file).
    command: the Python files that it starts. commanded: the compose file sets its command. loopback: as in Build.
    """

    file: str
    name: str
    line: int = 0
    image: str = ""
    kind: str = ""
    port: int = 0
    ports: tuple[Port, ...] = ()
    build: BuiltFrom = BuiltFrom()
    gpu: bool = False
    shared_memory: bool = False
    host: bool = False
    addresses: tuple[LocalAddress, ...] = ()
    names: tuple[str, ...] = ()
    keys: tuple[HeldKey, ...] = ()
    command: str = ""
    commanded: bool = False
    loopback: str = ""
    dotenv: bool = False

    @property
    def inside(self) -> tuple[int, ...]:
        """The ports at which other services reach it."""
        return tuple(dict.fromkeys([*(port.inside for port in self.ports), *([self.port] if self.port else [])]))


@dataclass(frozen=True)
class BadFile:
    """A file that the builder, compose or an editor would refuse, and why."""

    file: str
    reason: str
    line: int = 0


@dataclass(frozen=True)
class Workers:
    """Where the project's code loads data with several processes; empty where it does not."""

    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Containers(Fact):
    """The project's container files. dotenv: the variables of `.env` that hold an address on localhost."""

    section: ClassVar[str] = "containers"
    probe: ClassVar[str] = "mlenv_checks.containers.probes.containers"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "containers.files"
    shared: ClassVar[bool] = True

    builds: tuple[Build, ...] = ()
    services: tuple[Service, ...] = ()
    bad: tuple[BadFile, ...] = ()
    workers: Workers = Workers()
    dotenv: tuple[LocalAddress, ...] = ()
