"""The built-in families. This is their table of contents, and the order of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlenv_doctor.api import Knowledge, SettingUp, Stage
    from mlenv_doctor.patient import WantedLibrary

    STAGES: tuple[Stage, ...]
    LIBRARIES: tuple[WantedLibrary, ...]

FAMILIES = (
    "symptom",
    "python",
    "venv",
    "libraries",
    "imports",
    "works",
    "project",
    "containers",
    "services",
    "jupyter",
    "network",
    "gpu",
    "torch",
    "mlflow",
    "llm",
    "system",
)


def __getattr__(name: str) -> object:
    """STAGES and LIBRARIES, read when they are asked for: to import one module of ours need not read tables."""
    from .libraries import catalogue

    if name == "STAGES":
        return catalogue.stages()
    if name == "LIBRARIES":
        return catalogue.known_libraries()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def KNOWLEDGE() -> Knowledge:
    """What is known of error texts; read only when one is to be explained."""
    from .error_texts import knowledge

    return knowledge()


def SETTING_UP() -> SettingUp:
    """What is known of making an environment; read only when one is to be made."""
    from .setting_up import setting_up

    return setting_up()
