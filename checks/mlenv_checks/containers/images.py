"""Can the container files be read, and what is in an image that must not be there?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from mlenv_doctor.api import Finding, Fix, Location, Missing, Why, check, fix, ok, skip, unknown, warn

from .facts import Build, Containers, HeldKey

SHOWN = 3


@check("containers.files", causes=("container-file-unreadable",))
def container_files_can_be_read(containers: Containers | Missing) -> Iterator[Finding]:
    """Container files.

    A Dockerfile, compose file or devcontainer.json with a mistake is refused as a whole.
    """
    if isinstance(containers, Missing):
        asked = containers.kind != Why.NOT_ASKED
        what = "the container files"
        yield (
            unknown(f"{what} could not be read: the probe {containers.reason}") if asked else skip(f"{what}: {containers.reason}")
        )
        return
    for bad in containers.bad:
        place = f"{bad.file}:{bad.line}" if bad.line else bad.file
        yield warn("container-file-unreadable", f"{place} cannot be used: {bad.reason}", location=Location(bad.file, bad.line))
    if containers.bad:
        return
    names = [build.file for build in containers.builds] + list(dict.fromkeys(service.file for service in containers.services))
    yield ok(f"{listed(names)} can be read") if names else skip("the project has no container files")


def listed(names: list[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


@check("containers.secrets", causes=("key-in-image", "key-in-compose"))
def no_secret_is_in_an_image(containers: Containers) -> Iterator[Finding]:
    """Secrets in container files.

    Whoever has the image can read what ENV, ARG and COPY put into it, also where a later instruction removes it.
    """
    if not (containers.builds or containers.services):
        yield skip("the project has no container files")
        return
    found = [finding for build in containers.builds for finding in _of_build(build)]
    for service in containers.services:
        for key in service.keys:
            message = f"{service.file}:{key.line} holds the value of {key.name} for {service.name}"
            yield warn("key-in-compose", message, location=Location(service.file, key.line), fix=_to_dotenv(service.file, key))
    yield from found
    if not found and not any(service.keys for service in containers.services):
        yield ok("no key in the container files")


def _of_build(build: Build) -> Iterator[Finding]:
    for key in build.keys:
        what = "holds the value of" if key.literal else "takes"
        how = f"{build.file}:{key.line} {what} {key.name} in {key.how}"
        message = f"{how}: the image's history shows it"
        yield warn("key-in-image", message, location=Location(build.file, key.line), fix=_to_secret(build.file, key))
    if build.copied.line:
        why = "which no line of .dockerignore excludes" if build.copied.ignores else "and there is no .dockerignore"
        message = f"{build.file}:{build.copied.line} copies .env into the image ({build.copied.what}), {why}"
        repair = fix("containers.ignore-dotenv", file=PurePosixPath(build.context, ".dockerignore").as_posix())
        yield warn("key-in-image", message, location=Location(build.file, build.copied.line), fix=repair)


def _to_secret(file: str, key: HeldKey) -> Fix:
    return fix("containers.secret", file=file, line=str(key.line), name=key.name)


def _to_dotenv(file: str, key: HeldKey) -> Fix:
    return fix("containers.from-dotenv", file=file, line=str(key.line), name=key.name)
