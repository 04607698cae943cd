"""What our cluster asks of an environment: the scratch folder is used for the caches of models."""

from __future__ import annotations

from mlenv_doctor.api import Finding, check, fix, ok, skip, warn
from mlenv_doctor.facts import Libraries

WANTED = "our-cluster-launcher"


@check("cluster.launcher", causes=("cluster-launcher-missing",))
def launcher(libraries: Libraries) -> Finding:
    """The cluster's launcher is installed beside torch.

    Jobs that use torch are started by it; without it they run on one node only.
    """
    if libraries.find("torch") is None:
        return skip("torch is not installed: no job here needs the launcher")
    found = libraries.find(WANTED)
    if found:
        return ok(f"{WANTED} {found.version} is installed")
    return warn("cluster-launcher-missing", f"{WANTED} is not installed, so jobs stay on one node", fix=fix("cluster.launcher"))


CAUSES = {"cluster-launcher-missing": "the launcher of the cluster is not installed beside torch"}
CHEATSHEET = """
["cluster.launcher"]
title = "Install the cluster's launcher"
risk = "adds packages"
who = "you"
topic = "libs"
[["cluster.launcher".ways]]
commands = [["@install", "our-cluster-launcher"]]
"""
