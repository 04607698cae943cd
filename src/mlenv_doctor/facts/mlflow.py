"""MLflow: how it is configured (Mlflow) and what really answers there (MlflowServer)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Mlflow(Fact):
    """To be filled in."""

    section: ClassVar[str] = "mlflow"
    probe: ClassVar[str] = "mlflow"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "mlflow.configured"
    shared: ClassVar[bool] = True


@dataclass(frozen=True)
class MlflowServer(Fact):
    """To be filled in."""

    section: ClassVar[str] = "mlflow_server"
    probe: ClassVar[str] = "mlflow"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = "mlflow.server"
    quick: ClassVar[bool] = False
