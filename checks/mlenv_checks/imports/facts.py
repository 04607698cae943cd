"""What a second try to import torch shows."""

from __future__ import annotations

import os
from typing import ClassVar

from mlenv_doctor.api import Fact, Snapshot, Task
from mlenv_doctor.patient import Imports
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Unshadowed(Fact):
    """A second try to import torch, without LD_LIBRARY_PATH; made only where the first failed and that variable is set.

    libraries: the libraries of CUDA that the variable puts first, with their paths.
    rest:      the variable without the folders of these.
    loads:     whether torch loads without the variable; None where that was not tried.
    """

    section: ClassVar[str] = "unshadowed"
    probe: ClassVar[str] = "mlenv_checks.torch.probes.without_library_path"
    timeout: ClassVar[float] = 90.0
    quick: ClassVar[bool] = False
    owner: ClassVar[str] = "libraries.import"
    after: ClassVar[tuple[type[Fact], ...]] = (Imports,)

    libraries: tuple[str, ...] = ()
    rest: str = ""
    loads: bool | None = None

    @classmethod
    def tasks(cls, facts: Snapshot) -> list[Task] | None:
        """Where torch does not load, one more try: what that variable names may stand before torch's own libraries."""
        imports = facts[Imports]
        if not isinstance(imports, Imports):
            return None
        torch = imports.find("torch")
        failed = torch is not None and torch.outcome in ("error", "crash", "exit")
        tried = failed and os.environ.get("LD_LIBRARY_PATH")
        return [Task((cls,), "torch without LD_LIBRARY_PATH", cls.timeout, heavy=True)] if tried else []
