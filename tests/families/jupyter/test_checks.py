"""What is said about notebooks and plots, for facts made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.imports.checks import libraries_import
from mlenv_checks.jupyter.checks import (
    kernel_name,
    kernels_start_this_python,
    plots_can_be_drawn,
    running_kernels_are_current,
    widgets_are_there,
)
from mlenv_checks.jupyter.facts import Jupyter, Kernel, Plots
from mlenv_checks.libraries.facts import Integrity
from mlenv_checks.python.facts import Interpreter
from mlenv_doctor import Finding, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Place, Project, Python, Venv, Wanted, WantedLibrary

PYTHON = Python(version="3.12.4", prefix="/p/.venv", base_prefix="/usr")
MINE = Kernel(
    "mine",
    ("a.ipynb",),
    1,
    True,
    "/u/kernels/mine/kernel.json",
    "user",
    "/p/.venv/bin/python",
    mine=True,
    prefix="/p/.venv",
    ipykernel=True,
)
OTHER = replace(MINE, python="/o/bin/python", prefix="/o", mine=False)
DEAD = replace(OTHER, alive=False, ipykernel=None)
NOBODYS = Kernel("mine", ("a.ipynb", "b.ipynb"), 2)
HERE = Jupyter(1, server="/p/.venv", server_mine=True)
ELSEWHERE = Jupyter(1, server="/g")
EDITOR = Jupyter(1)
ABSENT = Missing("torch_build", "absent", "was not needed")
WRONG = "kernel-wrong-interpreter"
CHOSEN, PLACE = Venv(chosen_by="project"), Place()
WANTED = Wanted(libraries=(WantedLibrary("jupyter"),))


def installed(*names: str, requires: tuple[str, ...] = ()) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/s", requires=requires) for name in names))


LAB = installed("jupyterlab", "ipykernel")
WITHOUT = installed("jupyterlab", requires=("ipykernel",))


def judge(
    jupyter: Jupyter | Missing,
    libraries: Libraries = LAB,
    wanted: Wanted = WANTED,
    venv: Venv = CHOSEN,
    place: Place = PLACE,
) -> list[Finding]:
    found = kernels_start_this_python(jupyter, PYTHON, libraries, wanted, venv, place, Project(root="/w/my project"))
    return list(found)  # type: ignore[arg-type]


def one(kernel: Kernel, jupyter: Jupyter = HERE, libraries: Libraries = LAB, chosen_by: str = "project") -> Finding:
    (found,) = judge(replace(jupyter, kernels=(kernel,)), libraries, venv=Venv(chosen_by=chosen_by))
    return found


@pytest.mark.parametrize(
    ("kernel", "jupyter", "expected", "repair"),
    [
        (MINE, HERE, ("pass", ""), ""),
        (replace(MINE, python="", prefix="", mine=False), HERE, ("pass", ""), ""),  # conda run, a container
        (DEAD, HERE, ("fail", WRONG), "jupyter.register"),
        (DEAD, EDITOR, ("warn", WRONG), "jupyter.register"),
        (replace(DEAD, level="elsewhere"), HERE, ("fail", WRONG), "jupyter.choose"),
        (replace(DEAD, name="python3"), HERE, ("fail", WRONG), "jupyter.remove"),
        (replace(DEAD, name="python3"), ELSEWHERE, ("fail", WRONG), "jupyter.choose"),
        (replace(DEAD, mine=True), HERE, ("skip", ""), ""),  # an environment without its Python is told once
        (replace(OTHER, ipykernel=False), HERE, ("fail", WRONG), "jupyter.choose"),
        (replace(MINE, ipykernel=False), HERE, ("fail", WRONG), "jupyter.ipykernel"),
        (replace(OTHER, lacking=("pandas",)), HERE, ("fail", WRONG), "jupyter.choose"),
        (replace(OTHER, lacking=("pandas",)), EDITOR, ("warn", WRONG), "jupyter.choose"),
        (OTHER, HERE, ("pass", ""), ""),  # whoever named another kernel, and has all there, means it
        (replace(OTHER, name="python3"), HERE, ("warn", WRONG), "jupyter.choose"),
        (replace(OTHER, name="python3"), EDITOR, ("pass", ""), ""),
        (NOBODYS, HERE, ("warn", "kernel-not-registered"), "jupyter.register"),
        (NOBODYS, EDITOR, ("skip", ""), ""),
        (replace(NOBODYS, name="conda-env-ml-py"), HERE, ("warn", "kernel-not-registered"), "jupyter.register"),
        (replace(NOBODYS, name="conda-env-ml-py"), replace(HERE, finds_conda=True), ("pass", ""), ""),
        (NOBODYS, replace(HERE, finds_conda=True), ("warn", "kernel-not-registered"), "jupyter.register"),
        (replace(NOBODYS, name="python3"), HERE, ("warn", "kernel-not-registered"), "jupyter.register"),
    ],
)
def test_one_kernel(kernel: Kernel, jupyter: Jupyter, expected: tuple[str, str], repair: str) -> None:
    found = one(kernel, jupyter)
    assert (found.status.value, found.cause) == expected
    assert (found.fix.id if found.fix else "") == repair


@pytest.mark.parametrize("level", ["user", "environment"])
def test_a_dead_kernel_is_registered_again_where_it_was(level: str) -> None:
    found = one(replace(DEAD, level=level))
    assert found.fix and found.fix.values == {"name": "mine", "where": ("--user",) if level == "user" else ("--sys-prefix",)}


def test_the_python_on_path_is_nobodys_choice() -> None:
    assert one(replace(OTHER, lacking=("pandas",)), chosen_by="PATH").status.value == "warn"
    assert one(replace(OTHER, name="python3"), chosen_by="PATH").status.value == "pass"


def test_the_message_names_the_notebooks() -> None:
    assert "the kernel mine of a.ipynb and 1 more is not installed" in one(NOBODYS).message
    found = one(replace(OTHER, lacking=("pandas", "torch")))
    assert (
        "the kernel mine of a.ipynb runs in /o, which lacks pandas, torch" in found.message
        and found.fix
        and found.fix.values["name"] == "my-project"
    )


@pytest.mark.parametrize(
    ("root", "name"),
    [("/w/ml", "ml"), ("/w/my project é", "my-project"), ("/", "project"), ("/w/python3", "my-python3"), ("/w/--x", "x")],
)
def test_a_kernel_is_called_as_its_project(root: str, name: str) -> None:
    assert kernel_name(root) == name


@pytest.mark.parametrize(
    ("kernel", "libraries", "by"),
    [
        (replace(MINE, ipykernel=False), installed("pandas"), "libraries.installed:jupyter"),
        (replace(MINE, ipykernel=False), WITHOUT, "libraries.dependencies:ipykernel"),
        (replace(NOBODYS, name="python3"), WITHOUT, "libraries.dependencies:ipykernel"),
    ],
)
def test_a_missing_ipykernel_is_told_once(kernel: Kernel, libraries: Libraries, by: str) -> None:
    found = one(kernel, HERE, libraries)
    assert (found.status.value, found.blocked_by) == ("skip", by)


def test_what_is_not_judged() -> None:
    late, unasked = Missing("jupyter", Why.TIMEOUT, "was late"), Missing("jupyter", Why.NOT_ASKED, "not checked with --quick")
    assert [f.status.value for f in judge(late)] == ["unknown"]
    assert [f.status.value for f in judge(unasked)] == ["skip"]
    assert [f.status.value for f in judge(Jupyter())] == ["skip"]
    wrong = replace(HERE, kernels=(DEAD,))
    assert [f.status.value for f in judge(wrong, place=Place(kind="colab", kinds=("colab", "container")))] == ["skip"]
    editor = replace(EDITOR, kernels=(DEAD,))
    assert [f.blocked_by for f in judge(editor, Libraries())] == ["libraries.installed:jupyter"]
    assert [(f.status.value, f.blocked_by) for f in judge(editor, Libraries(), Wanted())] == [("skip", None)]


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (MINE, ("skip", "")),
        (replace(MINE, widgets=("a.ipynb",), has_widgets=False), ("warn", "ipywidgets-missing")),
        (replace(MINE, widgets=("a.ipynb",), has_widgets=True), ("pass", "")),
        (replace(MINE, widgets=("a.ipynb",), has_widgets=None), ("pass", "")),
        (replace(OTHER, widgets=("a.ipynb",), has_widgets=False), ("pass", "")),
    ],
)
def test_widgets(kernel: Kernel, expected: tuple[str, str]) -> None:
    (found,) = widgets_are_there(replace(HERE, kernels=(kernel,)))  # type: ignore[misc]
    assert (found.status.value, found.cause) == expected


def test_running_kernels() -> None:
    stale = running_kernels_are_current(replace(HERE, replaced=("numpy", "pandas")))
    assert (stale.cause, "still uses the old numpy, pandas," in stale.message) == ("notebook-needs-restart", True)  # type: ignore[union-attr]
    assert running_kernels_are_current(HERE).status.value == "pass"  # type: ignore[union-attr]


LEAK = "module://matplotlib_inline.backend_inline"
PLOTS = installed("matplotlib")


@pytest.mark.parametrize(
    ("plots", "libraries", "expected"),
    [
        (Plots(), Libraries(), ("skip", "")),
        (Plots(), PLOTS, ("pass", "")),
        (Plots(backend=LEAK), PLOTS, ("fail", "mplbackend-leak")),
        (Plots(backend="inline"), PLOTS, ("fail", "mplbackend-leak")),
        (
            Plots(backend=LEAK),
            installed("matplotlib", "matplotlib-inline"),
            ("fail", "mplbackend-leak"),
        ),  # it needs IPython itself
        (Plots(backend=LEAK), installed("matplotlib", "matplotlib-inline", "ipython"), ("pass", "")),
        (Plots(backend="module://ipykernel.pylab.backend_inline"), PLOTS, ("fail", "mplbackend-leak")),
        (Plots(backend="agg"), PLOTS, ("pass", "")),
        (Plots(screen=False), PLOTS, ("pass", "")),
        (Plots(screen=False, file="/p/matplotlibrc", file_backend="TkAgg", line=2), PLOTS, ("warn", "no-display")),
        (Plots(screen=False, file="/p/matplotlibrc", file_backend="Qt5Agg", line=2), PLOTS, ("warn", "no-display")),
        (Plots(screen=False, file="/p/matplotlibrc", file_backend="agg", line=2), PLOTS, ("pass", "")),
        (Plots(screen=False, file="/p/matplotlibrc", file_backend="TkAgg", line=2, backend="agg"), PLOTS, ("pass", "")),
        (Plots(file="/p/matplotlibrc", file_backend="TkAgg", line=2), PLOTS, ("pass", "")),
        (Missing("plots", Why.ERROR, "broke"), PLOTS, ("unknown", "")),
    ],
)
def test_plots(plots: Plots | Missing, libraries: Libraries, expected: tuple[str, str]) -> None:
    found = plots_can_be_drawn(plots, libraries)
    assert (found.status.value, found.cause) == expected  # type: ignore[union-attr]


def test_an_import_that_fails_by_the_notebooks_backend_is_told_once() -> None:
    said = f"Key backend: {LEAK!r} is not a valid value for backend; supported values are ['agg']"
    broken = Imported("matplotlib", "error", reason="ValueError", message=said)
    [found] = libraries_import(Imports((broken,)), Wanted(), PLOTS, Integrity(), Python(), Interpreter(), ABSENT, ABSENT, ABSENT)
    assert (found.status.value, found.blocked_by) == ("skip", "jupyter.plots")
    other = replace(broken, message=said.replace(LEAK, "nonsense"))
    [found] = libraries_import(Imports((other,)), Wanted(), PLOTS, Integrity(), Python(), Interpreter(), ABSENT, ABSENT, ABSENT)
    assert found.status.value == "fail"
