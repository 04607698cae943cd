"""What came of writing to the configured MLflow server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mlenv_doctor.api import Fact, Snapshot, Task
from mlenv_doctor.patient import Imports, Libraries, Wanted
from mlenv_doctor.records import dataclass

from ..mlflow.facts import Mlflow, MlflowServer

OF_THE_USER = ("MLFLOW_TRACKING_URI", "--mlflow-uri")  # a project alone cannot have anything written


@dataclass(frozen=True)
class MlflowWritten(Fact):
    """A run, an artifact and a model written to the server, read back and deleted. Read only with --deep --write.

    outcome: "ok", "wrong" (something came back changed), "error", "late" (not done in time), "cut" (not begun: no time left).
    step:    what was being done last, to continue "fails at".
    kinds:   the types of the error and of those behind it; what came back changed. No text of an error: it may hold a secret.
    status:  of the answer that the error tells of, 0 for none. code: MLflow's name for the error. module: that is missing.
    place:   the scheme of the place for artifacts, such as "mlflow-artifacts" or "s3"; "path" for a folder.
    models:  whether the model registry was tried; it is not where MLFLOW_REGISTRY_URI names another.
    left:    what could not be deleted: "experiment", "artifact", "model". name: that all of it has.
    """

    section: ClassVar[str] = "mlflow_written"
    probe: ClassVar[str] = "mlenv_checks.works.probes.mlflow_written"
    owner: ClassVar[str] = "libraries.mlflow-write"
    timeout: ClassVar[float] = 58.0
    quick: ClassVar[bool] = False
    deep: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    after: ClassVar[tuple[type[Fact], ...]] = (Wanted, Libraries, Imports, Mlflow, MlflowServer)

    outcome: str = "cut"
    step: str = ""
    kinds: tuple[str, ...] = ()
    status: int = 0
    code: str = ""
    module: str = ""
    place: str = ""
    models: bool = True
    left: tuple[str, ...] = ()
    name: str = ""
    seconds: float = 0.0

    @classmethod
    def tasks(cls, facts: Snapshot) -> Iterable[Task]:
        """One process, at once: what it writes it must have the time to delete."""
        server, imports, mlflow, libraries = facts[MlflowServer], facts[Imports], facts[Mlflow], facts[Libraries]
        loads = isinstance(imports, Imports) and (imports.find("mlflow") is None or is_loaded(imports))
        there = isinstance(libraries, Libraries) and libraries.find("mlflow") is not None
        if loads and there and is_trusted(mlflow) and isinstance(server, MlflowServer) and not server.problem:
            yield Task((cls,), "writing to the MLflow server", cls.timeout, {"loopback": server.loopback})


def is_loaded(imports: Imports) -> bool:
    """Whether MLflow was imported without an error."""
    found = imports.find("mlflow")
    return found is not None and found.outcome == "ok"


def is_trusted(mlflow: object) -> bool:
    """Whether the user named a server, not only the project."""
    return isinstance(mlflow, Mlflow) and mlflow.kind == "http" and mlflow.source in OF_THE_USER
