"""Trained models that lie in the project, as far as their bytes tell: nothing is ever unpickled."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class ModelFile:
    """A pickled file, by its path within the project.

    scikit_learn: the version that its estimators were saved with; empty where it holds none.
    numpy_2:      whether it names modules that only numpy 2 (and 1.26, for its sake) has.
    """

    path: str
    scikit_learn: str = ""
    numpy_2: bool = False


@dataclass(frozen=True)
class Models(Fact):
    """The models among the project's files. looked: how many pickled files were looked into; more: whether some were left out."""

    section: ClassVar[str] = "models"
    probe: ClassVar[str] = "mlenv_checks.libraries.probes.pickled_models"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "libraries.models"
    quick: ClassVar[bool] = False

    files: tuple[ModelFile, ...] = ()
    looked: int = 0
    more: bool = False
