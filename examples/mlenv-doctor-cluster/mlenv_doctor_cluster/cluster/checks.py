"""Checks of the cluster: pure functions from facts to findings."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries

from .facts import EnvironmentModules

LAUNCHER = "our-cluster-launcher"


@check("cluster.launcher", causes=("cluster-launcher-missing",))
def launcher(libraries: Libraries) -> Finding:
    """The cluster's launcher is installed beside torch.

    Jobs that use torch are started by it; without it they run on one node only.
    """
    if libraries.find("torch") is None:
        return skip("torch is not installed: no job here needs the launcher")
    found = libraries.find(LAUNCHER)
    if found:
        return ok(f"{LAUNCHER} {found.version} is installed")
    return warn("cluster-launcher-missing", f"{LAUNCHER} is not installed, so jobs stay on one node", fix=fix("cluster.launcher"))


@check("cluster.modules", causes=("cluster-cuda-module",))
def modules(modules: EnvironmentModules | Missing, libraries: Libraries) -> Finding:
    """No loaded module gets in torch's way.

    torch brings its own CUDA libraries. A `cuda` module puts others before them by LD_LIBRARY_PATH.
    """
    if isinstance(modules, Missing):
        return unknown(f"the loaded modules {modules.reason}")
    if not modules.present:
        return skip("this machine has no environment modules")
    cuda = next((name for name in modules.loaded if name.partition("/")[0].lower() in ("cuda", "cudatoolkit")), "")
    if not cuda or libraries.find("torch") is None:
        return ok(f"{len(modules.loaded)} modules are loaded")
    message = f"the module {cuda} is loaded, and torch may load its CUDA libraries instead of its own"
    return warn("cluster-cuda-module", message, fix=fix("cluster.unload", module=cuda))
