"""mlenv-doctor: name what is wrong with a machine learning environment, and the command that repairs it.

`mlenv_doctor.check()` examines the Python that runs it, and `%load_ext mlenv_doctor` brings `%mlenv` into a notebook.
For authors of checks everything needed is in `mlenv_doctor.api` and `mlenv_doctor.patient`.
Names are loaded on first use, so that `mlenv-doctor --help` does not pay for them.
"""

TYPE_CHECKING = False  # not from typing: the way in imports nothing before it stands alone
if TYPE_CHECKING:
    from .errors import BadInput
    from .examine.checking import Check, Findings
    from .facts import Missing
    from .fleet.ranks import same_everywhere
    from .model import Finding, Fix, Location, Status, fail, fix, ok, skip, unknown, warn
    from .notebook.magic import load_ipython_extension, unload_ipython_extension
    from .notebook.session import Report, check
    from .stage import Stage

__version__ = "0.1.0"

_HOMES = {
    "notebook.session": ("Report", "check"),
    "examine.checking": ("Check", "Findings"),
    "errors": ("BadInput",),
    "facts": ("Missing",),
    "fleet.ranks": ("same_everywhere",),
    "notebook.magic": ("load_ipython_extension", "unload_ipython_extension"),
    "model": ("Finding", "Fix", "Location", "Status", "fail", "fix", "ok", "skip", "unknown", "warn"),
    "stage": ("Stage",),
}

__all__ = [
    "BadInput",
    "Check",
    "Finding",
    "Findings",
    "Fix",
    "Location",
    "Missing",
    "Report",
    "Stage",
    "Status",
    "check",
    "fail",
    "fix",
    "load_ipython_extension",
    "ok",
    "same_everywhere",
    "skip",
    "unknown",
    "unload_ipython_extension",
    "warn",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562)."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
