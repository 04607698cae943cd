"""Do the services of the compose files find each other, and do they get what the code needs?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, warn

from ..project.facts import Code
from .facts import Build, Containers, LocalAddress, Service
from .images import listed

# Variables whose address is for a browser, or for programs outside of the containers: there localhost is right.
OF_BROWSERS = (
    "NEXT_PUBLIC", "VITE_", "REACT_APP", "PUBLIC", "CORS", "ORIGIN", "FRONTEND", "REDIRECT", "WEBHOOK", "ADVERTISED", "EXTERNAL",
    "CALLBACK", "SITE_", "DOMAIN", "BROWSER", "HEALTH", "CONSOLE", "LISTEN", "BIND", "ALLOWED", "HOSTNAME", "WEBSERVER",
    "NEXTAUTH",
)  # fmt: skip


@check("containers.services", causes=("localhost-between-services", "server-on-loopback"))
def services_reach_each_other(containers: Containers) -> Iterator[Finding]:
    """Addresses of services.

    In a container localhost is that container itself; other services are reached by their names in the compose file.
    """
    wrong = list(_wrong_addresses(containers))
    shut = list(_on_loopback(containers))
    yield from wrong
    yield from shut
    if wrong or shut:
        return
    known = [f"{service.name}:{service.port} ({service.kind})" for service in containers.services if service.kind]
    if known:
        yield ok(f"services: {listed(list(dict.fromkeys(known)))}")
    elif containers.services:
        yield ok("no service is sent to localhost for another one")
    else:
        yield skip("the project has no compose file")


def _wrong_addresses(containers: Containers) -> Iterator[Finding]:
    """Addresses on localhost at which another service listens, and the service that is sent there does not."""
    for service in containers.services:
        if service.host:
            continue
        set_here = [(service.file, address) for address in service.addresses]
        inherited = (address for address in containers.dotenv if service.dotenv and address.name not in service.names)
        for file, address in [*set_here, *((".env", address) for address in inherited)]:
            other = _meant(address, service, containers.services)
            if other and not any(word in address.name.upper() for word in OF_BROWSERS):
                right = f"{other.name}:{_inside(address.port, other)}"
                there = f"{address.host}:{address.port or other.port}"
                message = (
                    f"{file}:{address.line} sends {service.name} to {there} ({address.name}), "
                    f"and {other.kind} is the service {other.name}: inside the container write {right}"
                )
                yield fail("localhost-between-services", message, subject=address.name, location=Location(file, address.line))


def _meant(address: LocalAddress, service: Service, others: Iterable[Service]) -> Service | None:
    """The known service that an address is meant for; None where the service itself listens there."""
    if address.port in service.inside or (not address.port and service.kind):
        return None
    for other in others:
        ports = {*other.inside, *(port.outside for port in other.ports)} - {0}
        named = not address.port and other.kind and other.kind[:5].upper() in address.name.upper()
        if other.kind and other.name != service.name and other.file == service.file and (address.port in ports or named):
            return other
    return None


def _inside(port: int, other: Service) -> int:
    """The port of a service as others in the network of the containers reach it."""
    return next((each.inside for each in other.ports if port and port in (each.outside, each.inside)), other.port)


def _on_loopback(containers: Containers) -> Iterator[Finding]:
    """Servers that listen on 127.0.0.1 in their container, behind a port that is published or told to be open."""
    builds = {build.file: build for build in containers.builds}
    told: set[str] = set()
    for service in containers.services:
        build = builds.get(service.build.file)
        if service.ports and not service.host:
            why, place = _loopback(service, build)
            if why and place.file not in told:
                told.add(place.file)
                message = (
                    f"{place.file}:{place.line} starts {service.name} on 127.0.0.1 ({why}): nothing outside can reach its port"
                )
                yield fail("server-on-loopback", message, subject=service.name, location=place, fix=fix("containers.listen"))
    for build in containers.builds:
        named = any(service.build.file == build.file for service in containers.services)
        if build.loopback and build.ports and not named:
            place, port = Location(build.file, build.start), build.ports[0]
            why = f"starts the server on 127.0.0.1 ({build.loopback})"
            message = f"{place.file}:{place.line} {why}: nothing outside can reach port {port}"
            yield fail("server-on-loopback", message, location=place, fix=fix("containers.listen"))


def _loopback(service: Service, build: Build | None) -> tuple[str, Location]:
    """Why a service listens on its own loopback only, and where that is written; its own command wins."""
    if service.commanded:
        return service.loopback, Location(service.file, service.line)
    if build and not {"UVICORN_HOST", "FLASK_RUN_HOST", "MLFLOW_HOST", "GUNICORN_CMD_ARGS"}.intersection(service.names):
        return build.loopback, Location(build.file, build.start)
    return "", Location(service.file, service.line)


@check("containers.resources", causes=("gpu-not-reserved", "small-shared-memory"))
def services_get_what_the_code_needs(containers: Containers, code: Code | Missing) -> Iterator[Finding]:
    """Resources of services.

    A container sees no GPU unless it asks for one, and has 64 MB of shared memory, which a DataLoader with workers exceeds.
    """
    built = [service for service in containers.services if service.build.context]
    if not built:
        yield skip("no service is built from this project")
        return
    found = [*_without_gpu(built, containers, code), *_small_memory(built, containers)]
    yield from found
    if not found:
        yield ok("nothing that the code needs is missing in the compose files")


def _without_gpu(built: Sequence[Service], containers: Containers, code: Code | Missing) -> Iterator[Finding]:
    asked = code.gpu if isinstance(code, Code) else ()
    if not asked or any(service.gpu for service in containers.services):
        return
    builds = {build.file: build for build in containers.builds}
    for service in built:
        first = next((each for each in asked if _starts(service, each.file, builds)), None)
        if first:
            message = (
                f"{service.file}:{service.line} reserves no GPU for {service.name}, and {first.file}:{first.line} asks for one"
            )
            place = Location(service.file, service.line)
            yield warn("gpu-not-reserved", message, subject=service.name, location=place, fix=fix("containers.reserve-gpu"))


def _small_memory(built: Sequence[Service], containers: Containers) -> Iterator[Finding]:
    workers = containers.workers
    roomy = {service.name for service in containers.services if service.shared_memory}
    builds = {build.file: build for build in containers.builds}
    for service in built:
        if workers.file and service.name not in roomy and _starts(service, workers.file, builds):
            message = (
                f"{service.file}:{service.line} leaves {service.name} 64 MB of shared memory, "
                f"and {workers.file}:{workers.line} loads data with workers"
            )
            place = Location(service.file, service.line)
            yield warn("small-shared-memory", message, subject=service.name, location=place, fix=fix("containers.shared-memory"))


def _starts(service: Service, file: str, builds: Mapping[str, Build]) -> bool:
    """Whether a service starts a file of the project: by its own command, else by that of the image that it builds."""
    build = builds.get(service.build.file)
    return file.rpartition("/")[2] in (service.command or (build.command if build else "")).split()
