"""Will the project's images be built, and will they run on this machine?"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import Project, WantedLibrary

from ..gpu.facts import Gpu
from ..libraries.dependencies import parsed, satisfies
from ..libraries.first_wheels import first_wheel, too_old_for
from ..project.facts import Code
from ..python.versions import number
from .facts import Build, Containers, Pin


@check("containers.build", causes=("image-cannot-build", "pinned-twice"))
def images_can_be_built(containers: Containers, project: Project) -> Iterator[Finding]:
    """Image build.

    A base image with another Python than the project supports, or one library in two versions, stops the build after minutes.
    """
    if not containers.builds:
        yield skip("the project has no Dockerfile")
        return
    found = [finding for build in containers.builds for finding in (*_python(build, project), *_pinned_twice(build))]
    yield from found
    if not found:
        yield ok("nothing in the Dockerfiles stops the build")


def _python(build: Build, project: Project) -> Iterator[Finding]:
    """Whether the base image's Python is one that the project and its pins can use."""
    place = Location(build.file, build.line)
    if not build.python:
        return
    asked = project.requires_python or ""
    if build.itself and asked and not satisfies(f"{build.python}.99", asked) and not satisfies(f"{build.python}.0", asked):
        message = f"{build.file}:{build.line} starts from Python {build.python}, and the project requires {asked}"
        yield fail("image-cannot-build", message, location=place, fix=fix("containers.base", file=build.file))
    minor = number(build.python)
    stuck = [pin for pin in build.pins if too_old_for(WantedLibrary(pin.name, f"=={pin.version}"), minor)]
    if stuck:
        words = ", ".join(
            f"{pin.name}=={pin.version} ({where(pin, build)}; wheels begin with {first_wheel(pin.name, minor)})"
            for pin in stuck[:3]
        )
        message = f"{build.file}:{build.line} starts from Python {build.python}, which has no wheel of {words}"
        yield fail("image-cannot-build", message, location=place, fix=fix("containers.base", file=build.file))


def where(pin: Pin, build: Build) -> str:
    """The place of a pin, as one says it."""
    return f"{pin.file or build.file}:{pin.line}"


def _pinned_twice(build: Build) -> Iterator[Finding]:
    """One library in two exact versions: in one command pip refuses, in two the later download replaces the earlier."""
    first: dict[str, Pin] = {}
    told: set[str] = set()
    for pin in build.pins:
        before = first.setdefault(pin.name, pin)
        if pin.name in told or _same(before.version, pin.version):
            continue
        told.add(pin.name)
        both = f"{pin.name}=={before.version} ({where(before, build)}) and {pin.name}=={pin.version} ({where(pin, build)})"
        place = Location(pin.file or build.file, pin.line)
        repair = fix("containers.one-pin", library=pin.name)
        if before.command == pin.command:
            yield fail(
                "pinned-twice",
                f"{build.file} installs {both} in one command: pip cannot resolve that",
                location=place,
                fix=repair,
            )
        else:
            yield warn("pinned-twice", f"{build.file} installs {both}: the second replaces the first", location=place, fix=repair)


def _same(one: str, other: str) -> bool:
    """Whether two versions are the same; a build such as +cu121 counts as the same release."""
    try:
        return Version(one).public == Version(other).public
    except InvalidVersion:  # such as 1.2.*
        return one == other or "*" in one + other


@check("containers.gpu", causes=("driver-in-image", "gpu-hidden-in-image", "devel-base", "image-newer-than-driver"))
def images_use_the_gpu(containers: Containers, code: Code | Missing, gpu: Gpu | Missing, project: Project) -> Iterator[Finding]:
    """GPU in images.

    The driver belongs to the host; the container runtime lends it. An image brings CUDA's libraries at most.
    """
    if not containers.builds:
        yield skip("the project has no Dockerfile")
        return
    driver = gpu.cuda if isinstance(gpu, Gpu) else ""
    asks = bool(code.gpu) if isinstance(code, Code) else False
    gpus = {service.build.file for service in containers.services if service.gpu}
    found = [each for build in containers.builds for each in _of_build(build, driver, asks or build.file in gpus, project)]
    yield from found
    if not found:
        yield ok("the Dockerfiles leave the GPU to the host's driver")


def _of_build(build: Build, driver: str, asks: bool, project: Project) -> Iterator[Finding]:
    for package in build.driver[:1]:
        message = (
            f"{build.file}:{package.line} installs {package.what}: the driver comes from the host, and one in the image conflicts"
        )
        yield warn("driver-in-image", message, location=Location(build.file, package.line), fix=fix("containers.no-driver"))
    if build.hidden and (asks or build.cuda):
        message = f"{build.file}:{build.hidden} sets CUDA_VISIBLE_DEVICES so that no GPU is seen in the container"
        yield warn("gpu-hidden-in-image", message, location=Location(build.file, build.hidden))
    if build.devel and _brings_cuda(build, project) and not build.compiles:
        message = (
            f"{build.file}:{build.line} starts from {build.base}: torch's wheel brings its own CUDA, and nothing is compiled"
        )
        yield warn(
            "devel-base", message, location=Location(build.file, build.line), fix=fix("containers.slim-base", file=build.file)
        )
    if driver and build.cuda and _newer(build.cuda, driver):
        message = (
            f"{build.file}:{build.line} starts from CUDA {build.cuda}, and this machine's driver supports up to CUDA {driver}: "
            "the container will not start with its GPU"
        )
        yield warn("image-newer-than-driver", message, location=Location(build.file, build.line))


def _brings_cuda(build: Build, project: Project) -> bool:
    """Whether pip installs torch in the image."""
    names = (found.name for each in project.requirements if build.itself and (found := parsed(each.text)))
    return build.torch or any(name == "torch" for name in names)


def _newer(image: str, driver: str) -> bool:
    try:
        return Version(image) > Version(driver)
    except InvalidVersion:
        return False
