"""What a setup would do here: look at the folder and the machine, choose a Python, and name the steps. Changes nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..examine.examination import look
from ..facts import Fact
from ..knowledge.setting_up import First, SettingUp
from ..patient import Place, Project, Python, Wanted
from ..patient.target import Target, of_environment
from ..patient.wanted import wishes
from .asked import asked
from .folder import UnfitFolder, notebooks
from .pythons import VERSION, Chosen, Wish, choose
from .steps import Setup

if TYPE_CHECKING:
    from ..examine.examination import Seen
    from ..examine.order import Order
    from ..examine.registry import Plugin

READY_MADE = {"colab": "Google Colab", "kaggle": "Kaggle"}


def setup_of(order: Order, plugins: Iterable[Plugin], python: str) -> Setup:
    """What is to be set up. Raises BadInput: an unknown profile, no Python that fits, a place that is set up already."""
    plugins = tuple(plugins)
    folder, uv = order.project, shutil.which("uv")
    wished = wishes(order.settings.profile, order.settings.require, (s for p in plugins for s in p.stages))
    known = tuple(library for plugin in plugins for library in plugin.libraries)
    knowledge = next((plugin.setting_up() for plugin in plugins if plugin.setting_up), None)
    kinds: tuple[type[Fact], ...] = (Project, Place, *(knowledge.facts if knowledge else ()))
    with nullcontext(str(folder)) if folder.is_dir() else TemporaryDirectory(prefix="mlenv-doctor-") as place:
        us = Target(sys.executable, sys.prefix, "self")
        seen = look(replace(order, project=Path(place), quick=True, target=us), kinds, wished, known)
    project, wanted = _known(seen, Project), _known(seen, Wanted) or Wanted()
    if project is None:
        raise UnfitFolder(f"what {folder} asks for could not be read (no answer from the probe); run this again")
    refuse_ready_made(_known(seen, Place))
    there = refuse_other_environment(folder / ".venv")
    chosen = None if there else choose(wish(python, folder, project, knowledge), folder, uv)
    first = _first(seen, knowledge, wanted, chosen)
    return Setup(folder, chosen, asked(folder, project, wanted, wished, known, first), uv, notebooks(folder))


def wish(python: str, folder: Path, project: Project, knowledge: SettingUp | None) -> Wish:
    """Which Python is wanted: by --python, by .python-version, by the project."""
    own = "" if python else _own_version(folder / ".python-version")
    range = (knowledge.oldest, knowledge.best, knowledge.newest) if knowledge else ()
    return Wish(python or own, project.requires_python or "", *range)


def _own_version(file: Path) -> str:
    """The version that a file of pyenv's or uv's names; empty where it says something else."""
    try:
        text = file.read_bytes()[:100].decode("ascii", "replace").strip()
    except OSError:
        return ""
    return text if VERSION.fullmatch(text) else ""


def refuse_ready_made(place: Place | None) -> None:
    """Raises BadInput where the notebook's own Python is the environment, as on Colab."""
    if place and place.kind in READY_MADE:
        name = READY_MADE[place.kind]
        raise BadInput(f"{name} needs no setup: its Python is the environment; install into it in a cell: %pip install NAME")


def refuse_other_environment(environment: Path) -> bool:
    """Whether there is an environment already. Raises UnfitFolder where something else is in its place, or it does not start."""
    if not environment.exists() and not environment.is_symlink():
        return False
    if not (environment / "pyvenv.cfg").is_file():
        raise UnfitFolder(f"{environment} is not an environment (it has no pyvenv.cfg); move it away, then run this again")
    if not Path(of_environment(environment, "project").python).exists():
        raise UnfitFolder(f"the Python of {environment} is gone; repair it first: mlenv-doctor fix --apply venv")
    return True


def _first(seen: Seen, knowledge: SettingUp | None, wanted: Wanted, chosen: Chosen | None) -> First | None:
    """What has to be installed before all else, judged for the Python that the environment will have."""
    python = _known(seen, Python)
    if not knowledge or not python:
        return None
    return knowledge.first(seen.facts, replace(python, version=chosen.text) if chosen else python, wanted)


def _known(seen: Seen, kind: type[Any]) -> Any:
    found = seen.facts.get(kind)
    return found if isinstance(found, Fact) else None
