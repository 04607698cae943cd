"""Where plots are drawn: what a notebook left in the shell, and windows without a screen."""

from __future__ import annotations

from collections.abc import Callable

from families.jupyter.patients import JUPYTER, also, environ, healthy
from lab.patient import Patient
from lab.ward import Ward

LEAK = "module://matplotlib_inline.backend_inline"
RC = {"matplotlibrc": "# mine\nbackend : TkAgg  # a window\n"}


def files(**texts: str) -> Callable[[Ward], object]:
    """Files of the project."""
    return lambda ward: [ward.write(name, text) for name, text in texts.items()]


def with_libraries(*names: str) -> Callable[[Ward], object]:
    return lambda ward: [ward.library(name) for name in names]


PATIENTS = [
    Patient(id="a matplotlibrc for files", make=also(healthy, files(matplotlibrc="backend: Agg\n"))),
    Patient(id="windows and a screen", make=also(healthy, files(**RC), environ(DISPLAY=":0"))),
    Patient(id="windows and MPLBACKEND", make=also(healthy, files(**RC), environ(MPLBACKEND="agg"))),
    Patient(id="a notebook's MPLBACKEND", make=also(healthy, environ(MPLBACKEND=LEAK)), red=("mplbackend-leak",)),
    Patient(id="MPLBACKEND inline", make=also(healthy, environ(MPLBACKEND="inline")), red=("mplbackend-leak",)),
    Patient(
        id="MPLBACKEND of a notebook, and no IPython",
        make=also(healthy, with_libraries("matplotlib-inline"), environ(MPLBACKEND=LEAK)),
        red=("mplbackend-leak",),
    ),
    Patient(id="matplotlibrc asks for windows", make=also(healthy, files(**RC)), yellow=("no-display",)),
    Patient(id="MPLBACKEND agg", make=also(healthy, environ(MPLBACKEND="agg"))),
    Patient(
        id="MPLBACKEND in a kernel", make=also(healthy, with_libraries("matplotlib-inline", "ipython"), environ(MPLBACKEND=LEAK))
    ),
    Patient(
        id="MPLBACKEND and no matplotlib", make=also(lambda ward: ward.venv(libraries=()), environ(MPLBACKEND=LEAK)), args=JUPYTER
    ),
]
