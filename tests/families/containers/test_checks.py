"""What is said about container files, as plain calls: facts made by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.containers.builds import images_can_be_built, images_use_the_gpu
from mlenv_checks.containers.compose import services_get_what_the_code_needs, services_reach_each_other
from mlenv_checks.containers.facts import Build, BuiltFrom, Containers, LocalAddress, Pin, Port, Service, Workers
from mlenv_checks.containers.images import container_files_can_be_read, no_secret_is_in_an_image
from mlenv_checks.gpu.facts import Gpu
from mlenv_checks.project.facts import Code, GpuAsked
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Project

NO_CODE, NO_GPU = Missing("code", "timeout", "took too long"), Missing("gpu", "timeout", "took too long")
DATABASE = Service("compose.yaml", "db", image="postgres", kind="PostgreSQL", port=5432)


def test_without_container_files_nothing_is_judged() -> None:
    none = Containers()
    found = [
        *container_files_can_be_read(none),
        *no_secret_is_in_an_image(none),
        *images_can_be_built(none, Project()),
        *images_use_the_gpu(none, NO_CODE, NO_GPU, Project()),
        *services_reach_each_other(none),
        *services_get_what_the_code_needs(none, NO_CODE),
    ]
    assert {finding.status.value for finding in found} == {"skip"}


def test_what_was_not_looked_at_is_not_judged() -> None:
    found = container_files_can_be_read(Missing("containers", "not-asked", "not checked"))
    assert [each.status.value for each in found] == ["skip"]


def test_a_probe_that_does_not_answer_is_told() -> None:
    assert [each.status.value for each in container_files_can_be_read(Missing("containers", "timeout", "took too long"))] == [
        "unknown"
    ]


def twice(one: str, other: str) -> list[str]:
    pins = (Pin("a", one, "", 1), Pin("a", other, "", 2), Pin("a", other, "", 3))
    return [each.cause for each in images_can_be_built(Containers((Build("Dockerfile", pins=pins),)), Project()) if each.cause]


@pytest.mark.parametrize(
    ("one", "other", "causes"),
    [
        ("1.0", "1.0+cu121", []),
        ("1.0", "1.*", []),
        ("1.0", "2.0", ["pinned-twice"]),
        ("1.x", "1.x", []),
        ("1.x", "2.x", ["pinned-twice"]),
    ],
)
def test_two_versions_of_one_library(one: str, other: str, causes: list[str]) -> None:
    assert twice(one, other) == causes


def about_gpu(build: Build, gpu: Gpu | Missing = NO_GPU, project: Project | None = None) -> list[Finding]:
    return [each for each in images_use_the_gpu(Containers((build,)), NO_CODE, gpu, project or Project()) if each.cause]


@pytest.mark.parametrize(
    ("image", "driver", "causes"),
    [
        ("12.8", "12.4", ["image-newer-than-driver"]),
        ("12.4", "12.4", []),
        ("11.8", "12.4", []),
        ("12.8", "", []),
        ("12.8", "?", []),
    ],
)
def test_an_image_and_the_driver_of_this_machine(image: str, driver: str, causes: list[str]) -> None:
    build = Build("Dockerfile", base=f"nvidia/cuda:{image}.0-base", line=1, cuda=image)
    assert [each.cause for each in about_gpu(build, Gpu(cuda=driver))] == causes


@pytest.mark.parametrize(
    ("itself", "torch", "causes"), [(True, False, ["devel-base"]), (False, True, ["devel-base"]), (False, False, [])]
)
def test_compilers_of_cuda_beside_torch(itself: bool, torch: bool, causes: list[str]) -> None:
    project = Project(requirements=(Declared("torch>=2", "pyproject.toml"), Declared("what is this", "pyproject.toml")))
    build = Build("Dockerfile", base="nvidia/cuda:12.4.1-devel", line=1, devel=True, itself=itself, torch=torch)
    assert [each.cause for each in about_gpu(build, project=project)] == causes


def to_localhost(address: LocalAddress, *others: Service, **more: object) -> list[str]:
    app = Service("compose.yaml", "app", addresses=(address,), build=BuiltFrom("."), **more)  # type: ignore[arg-type]
    return [each.message for each in services_reach_each_other(Containers(services=(app, *others))) if each.cause]


def test_an_address_that_nobody_listens_at_is_not_judged() -> None:
    assert to_localhost(LocalAddress("A_URL", "localhost", 9999, 3), DATABASE) == []
    assert to_localhost(LocalAddress("A_URL", "localhost", 5432, 3), DATABASE, ports=(Port(5432),)) == []
    assert to_localhost(LocalAddress("MODEL_HOST", "localhost", 0, 3), DATABASE) == []
    assert to_localhost(LocalAddress("POSTGRES_HOST", "localhost", 0, 3), DATABASE, kind="Redis") == []
    assert len(to_localhost(LocalAddress("A_URL", "localhost", 5432, 3), DATABASE)) == 1


def test_services_that_are_known_are_named() -> None:
    (found,) = services_reach_each_other(Containers(services=(DATABASE,)))
    assert found.status.value == "pass" and "db:5432 (PostgreSQL)" in found.message
    (found,) = services_reach_each_other(Containers(services=(Service("compose.yaml", "app"),)))
    assert found.status.value == "pass"


def test_a_loopback_is_told_once_for_each_file() -> None:
    build = Build("Dockerfile", loopback="flask run without --host", start=4)
    services = [Service("compose.yaml", name, ports=(Port(80, 80),), build=BuiltFrom(".", "Dockerfile")) for name in "ab"]
    found = [each for each in services_reach_each_other(Containers((build,), tuple(services))) if each.cause]
    assert [each.subject for each in found] == ["a"]
    told = Service("compose.yaml", "c", ports=(Port(80, 80),), build=BuiltFrom(".", "Dockerfile"), names=("FLASK_RUN_HOST",))
    assert [each for each in services_reach_each_other(Containers((build,), (told,))) if each.cause] == []


def test_what_is_started_decides_what_a_service_needs() -> None:
    workers = Workers("train.py", 3)
    other = Service("compose.yaml", "web", build=BuiltFrom("."), command="app.py")
    trainer = Service("compose.yaml", "trainer", build=BuiltFrom("."), command="train.py")
    roomy = Service("compose.gpu.yaml", "trainer", shared_memory=True)

    def causes(*services: Service) -> list[str]:
        return [each.cause for each in services_get_what_the_code_needs(Containers(services=services, workers=workers), Code())]

    assert causes(other) == [""]
    assert causes(trainer) == ["small-shared-memory"]
    assert causes(trainer, roomy) == [""]


def test_a_gpu_is_reserved_for_the_service_that_runs_the_code() -> None:
    code = Code(gpu=(GpuAsked("train.py", ".cuda()", 2),))
    web = Service("compose.yaml", "web", build=BuiltFrom("."), command="app.py")
    trainer = Service("compose.yaml", "trainer", build=BuiltFrom("."), command="train.py")
    found = list(services_get_what_the_code_needs(Containers(services=(web, trainer)), code))
    assert [(each.cause, each.subject) for each in found] == [("gpu-not-reserved", "trainer")]
