"""Do the notebooks of a project run in its environment, and can plots be drawn?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor.api import Finding, Fix, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Project, Python, Venv, Wanted

from ..libraries.dependencies import conflicts
from ..libraries.installed import JUPYTER
from .facts import Jupyter, Kernel, Plots

OWN_KERNELS = ("colab", "kaggle", "sagemaker", "databricks")  # these run notebooks in kernels of their own making
MEANT = ("project", "VIRTUAL_ENV", "CONDA_PREFIX", "--python")  # how an environment is chosen that somebody works in
CONDAS = re.compile(r"conda-(env|root|base)-")  # as nb_conda_kernels calls what it finds
# What a kernel sets for the processes that it starts, and what these backends need beyond matplotlib.
INLINE = {
    "module://matplotlib_inline.backend_inline": ("matplotlib-inline", "ipython"),
    "inline": ("matplotlib-inline", "ipython"),
    "module://ipykernel.pylab.backend_inline": ("ipykernel",),
}
WINDOWS = re.compile(r"(tk|qt\d?|gtk\d|wx)(agg|cairo)?$", re.I)


@check("jupyter.kernels", causes=("kernel-wrong-interpreter", "kernel-not-registered"))
def kernels_start_this_python(
    jupyter: Jupyter | Missing, python: Python, libraries: Libraries, wanted: Wanted, venv: Venv, place: Place, project: Project
) -> Iterator[Finding]:
    """Notebook kernels.

    A notebook names its kernel, and that another Python: then a library is missing in the notebook that is there elsewhere.
    """
    if isinstance(jupyter, Missing):
        yield skip(f"notebooks: {jupyter.reason}") if jupyter.kind == "not-asked" else unknown(f"notebooks: {jupyter.reason}")
    elif not jupyter.kernels:
        yield skip("no notebook names a Python kernel")
    elif set(OWN_KERNELS) & {place.kind, *place.kinds}:
        yield skip("this service uses its own kernels")
    elif not jupyter.server and not _has(libraries, "ipykernel"):
        yield skip("neither Jupyter nor ipykernel is installed", blocked_by=_without_ipykernel(libraries, python, wanted) or None)
    else:
        blocked = _without_ipykernel(libraries, python, wanted)
        for kernel in jupyter.kernels:
            yield _kernel(kernel, jupyter, venv.chosen_by, blocked, kernel_name(project.root))


def _has(libraries: Libraries, *names: str) -> bool:
    return any(libraries.find(name) for name in names)


def _without_ipykernel(libraries: Libraries, python: Python, wanted: Wanted) -> str:
    """The finding that already says that ipykernel is missing here; empty where none does."""
    if any(library.name == "jupyter" for library in wanted.libraries) and not _has(libraries, "jupyter", *JUPYTER):
        return "libraries.installed:jupyter"
    lacking = {conflict.name for conflict in conflicts(libraries, python)}
    return "libraries.dependencies:ipykernel" if "ipykernel" in lacking else ""


def kernel_name(root: str) -> str:
    """A name for the kernel of a project, made of its folder's."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePath(root).name).strip("-.") or "project"
    return f"my-{name}" if name.lower().startswith("python") else name


def _kernel(kernel: Kernel, jupyter: Jupyter, chosen_by: str, blocked: str, own: str) -> Finding:
    """What is wrong with one kernel. An editor without Jupyter picks interpreters by itself: there it is a warning at most."""
    who = f"{kernel.notebooks[0]} and {kernel.count - 1} more" if kernel.count > 1 else kernel.notebooks[0]
    say = fail if jupyter.server else warn
    choose = fix("jupyter.choose", name=own, notebook=kernel.notebooks[0])
    if not kernel.found:
        return _unregistered(kernel, jupyter, who, blocked)
    if not kernel.alive and kernel.mine:
        return skip("this environment has no Python", subject=kernel.name, blocked_by="python.starts")
    if not kernel.alive:
        message = f"the kernel {kernel.name} of {who} starts {kernel.python}, which does not exist"
        return say(
            "kernel-wrong-interpreter",
            message,
            subject=kernel.name,
            location=Location(kernel.file),
            fix=_dead(kernel, jupyter, choose),
        )
    if kernel.ipykernel is False:
        if kernel.mine and blocked:
            return skip("ipykernel is missing", subject=kernel.name, blocked_by=blocked)
        message = f"the kernel {kernel.name} of {who} starts {kernel.python}, which has no ipykernel"
        repair = fix("jupyter.ipykernel") if kernel.mine else choose
        return say("kernel-wrong-interpreter", message, subject=kernel.name, fix=repair)
    return _elsewhere(kernel, jupyter, who, chosen_by, choose)


def _unregistered(kernel: Kernel, jupyter: Jupyter, who: str, blocked: str) -> Finding:
    if not jupyter.server:
        return skip("Jupyter is not installed", subject=kernel.name)
    if jupyter.finds_conda and CONDAS.match(kernel.name):
        return ok(f"{kernel.name} is a kernel of nb_conda_kernels", subject=kernel.name)
    if kernel.name == "python3" and jupyter.server_mine and blocked:
        return skip("ipykernel is missing", subject=kernel.name, blocked_by=blocked)
    message = f"the kernel {kernel.name} of {who} is not installed: Jupyter will ask for another one"
    return warn(
        "kernel-not-registered", message, subject=kernel.name, fix=fix("jupyter.register", name=kernel.name, where=("--user",))
    )


def _dead(kernel: Kernel, jupyter: Jupyter, choose: Fix) -> Fix:
    """The repair of a kernel whose Python is gone.

    Another name is given to this environment. python3 is everybody's: without the dead entry it is Jupyter's own Python.
    """
    if kernel.name.lower() == "python3":
        return fix("jupyter.remove", folder=str(PurePath(kernel.file).parent)) if jupyter.server_mine else choose
    where = {"user": ("--user",), "environment": ("--sys-prefix",)}.get(kernel.level)
    return fix("jupyter.register", name=kernel.name, where=where) if where else choose


def _elsewhere(kernel: Kernel, jupyter: Jupyter, who: str, chosen_by: str, choose: Fix) -> Finding:
    """A kernel that starts: a fault only where it lacks what the notebooks import; who named another one deliberately has it."""
    if not kernel.prefix:
        return ok(f"{kernel.name} is started by its own program", subject=kernel.name)
    if kernel.mine:
        return ok(f"{kernel.name} starts this Python", subject=kernel.name)
    evidence = {"python": kernel.python, "kernel.json": kernel.file}
    if kernel.lacking:
        lacking = ", ".join(kernel.lacking)
        message = f"the kernel {kernel.name} of {who} runs in {kernel.prefix}, which lacks {lacking}"
        say = fail if jupyter.server and chosen_by in MEANT else warn
        return say("kernel-wrong-interpreter", message, subject=kernel.name, evidence=evidence, fix=choose)
    message = f"the kernel {kernel.name} of {who} runs in {kernel.prefix}, not in the project's environment"
    if kernel.name == "python3" and jupyter.server and chosen_by in MEANT[:2]:
        return warn("kernel-wrong-interpreter", message, subject=kernel.name, evidence=evidence, fix=choose)
    return ok(message, subject=kernel.name, evidence=evidence)


@check("jupyter.memory", causes=("notebook-needs-restart",))
def running_kernels_are_current(jupyter: Jupyter) -> Finding:
    """Libraries in running notebooks.

    What was imported stays in memory: after an installation old and new parts meet, and fail in odd ways until a restart.
    """
    if jupyter.replaced:
        message = f"a running notebook still uses the old {', '.join(jupyter.replaced)}, which was replaced since"
        return warn("notebook-needs-restart", message, fix=fix("jupyter.restart"))
    return ok("no running notebook uses an outdated library")


@check("jupyter.widgets", causes=("ipywidgets-missing",))
def widgets_are_there(jupyter: Jupyter) -> Iterator[Finding]:
    """Notebook widgets.

    The progress bars of tqdm.notebook and sliders are drawn by it; it has to be where the kernel runs, not where Jupyter does.
    """
    using = [kernel for kernel in jupyter.kernels if kernel.widgets]
    for kernel in using:
        if kernel.mine and kernel.has_widgets is False:
            message = f"{kernel.widgets[0]} uses widgets, but ipywidgets is not installed in its kernel"
            yield warn("ipywidgets-missing", message, subject=kernel.name, fix=fix("libs.install", packages=("ipywidgets",)))
        else:
            yield ok("ipywidgets is installed", subject=kernel.name)
    if not using:
        yield skip("no notebook here uses widgets")


@check("jupyter.plots", causes=("mplbackend-leak", "no-display"))
def plots_can_be_drawn(plots: Plots | Missing, libraries: Libraries) -> Finding:
    """Plots.

    A notebook leaves its way of drawing in MPLBACKEND, for programs that it starts; a server has no screen for windows.
    """
    if isinstance(plots, Missing):
        return unknown(f"the plot settings could not be read: the probe {plots.reason}")
    if not libraries.find("matplotlib"):
        return skip("matplotlib is not installed")
    lacking = [name for name in INLINE.get(plots.backend, ()) if not libraries.find(name)]
    if lacking:
        message = f"MPLBACKEND is {plots.backend}, the setting of a notebook, but this environment lacks {lacking[0]}"
        return fail("mplbackend-leak", message, evidence={"MPLBACKEND": plots.backend}, fix=fix("jupyter.unset-backend"))
    if plots.screen:
        return ok("plots can be shown in windows")
    if WINDOWS.match(plots.file_backend) and not plots.backend:
        message = f"matplotlibrc selects windows ({plots.file_backend}), but there is no display"
        return warn("no-display", message, location=Location(plots.file, plots.line), fix=fix("jupyter.no-window"))
    return ok("no display: use plt.savefig() instead of plt.show()")
