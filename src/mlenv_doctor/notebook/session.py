"""The doctor as a function: `mlenv_doctor.check()`, for notebooks and programs. It leaves the process as it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import model
from ..errors import BadInput, Failed
from ..examine.examination import examine
from ..examine.order import Order
from ..patient.settings import LONGEST, origin, overlaid, read_settings
from ..patient.target import Target
from ..records import dataclass

MOST = 200  # lines of the text: whoever wants more asks for it
WIDTH = 100
Words = str | Iterable[str]


@dataclass(frozen=True)
class Report(model.Report):
    """A report that shows itself: in a notebook as HTML, elsewhere as text."""

    verbose: bool = False

    @property
    def ready(self) -> bool:
        """Whether nothing speaks against this machine: `assert mlenv_doctor.check(require="gpu").ready`."""
        return self.verdict is model.Verdict.READY

    def __repr__(self) -> str:
        from ..report.look import Look, can_show_glyphs
        from ..report.text import render

        return beginning(render(self, Look(WIDTH, False, not can_show_glyphs(sys.stdout), self.verbose)))

    def _repr_html_(self) -> str:
        from ..report.notebook import render

        return render(self, verbose=self.verbose)


def beginning(text: str) -> str:
    """A text without its end where it is very long. The verdict and what to do next, its last lines, stay."""
    lines = text.splitlines()
    if len(lines) > MOST:
        last = 2 if lines[-1].startswith("Next: ") else 1
        left_out = f"... {len(lines) - MOST} lines are left out; name a family to see less: mlenv_doctor.check('libraries')"
        lines = [*lines[: MOST - 1 - last], left_out, *lines[-last:]]
    return "\n".join(lines)


def check(
    *names: str,
    python: str | os.PathLike[str] | None = None,
    quick: bool = False,
    online: bool = False,
    deep: bool = False,
    write: bool = False,
    profile: Words = (),
    require: Words = (),
    skip: Words = (),
    strict: bool = False,
    timeout: float | None = None,
    budget: float | None = None,
    env_file: str | os.PathLike[str] | None = None,
    mlflow_uri: str | None = None,
    wait: float | None = None,
    symptom: str | None = None,
    project: str | os.PathLike[str] = ".",
    verbose: bool = False,
) -> Report:
    """Examine the Python that runs this, and say what is wrong with its environment.

        import mlenv_doctor
        mlenv_doctor.check()
        mlenv_doctor.check("gpu", "torch", require="gpu")

    `names` are families or checks; without any, all are looked at. The options are those of `mlenv-doctor check --help`; those
    that may be repeated there take one word or a list here. `python` examines another Python than this one.

    Raises BadInput, a ValueError, in one sentence, for what cannot be understood; and Failed where the doctor cannot work.
    To declare a check of your own: `from mlenv_doctor.api import check`.
    """
    asked = locals()
    return Report(
        **vars(examined(the_order(**{name: value for name, value in asked.items() if name != "verbose"}))), verbose=verbose
    )


def the_order(
    names: tuple[str, ...],
    python: str | os.PathLike[str] | None = None,
    env_file: str | os.PathLike[str] | None = None,
    project: str | os.PathLike[str] = ".",
    **asked: Any,
) -> Order:
    """What was asked for, as an order. Raises BadInput."""
    wishes = {name: words(name, asked[name]) for name in ("profile", "require", "skip")}
    times = {name: seconds(name, asked[name]) for name in ("timeout", "budget", "wait")}
    if asked["symptom"] == "-":
        raise BadInput("symptom must be an error message or a file with one: there is no standard input to read here")
    write = asked.get("write", False)  # a repair has no such option
    if write and not asked["deep"]:
        raise BadInput("write adds a write to the MLflow server to the real work of deep; use deep=True, write=True")
    folder = the_folder(project)
    own = read_settings(folder)
    file = env_file and os.fspath(env_file)
    settings = overlaid(own, strict=asked["strict"], env_file=file, mlflow_uri=asked["mlflow_uri"], **wishes, **times)
    return Order(
        folder,
        settings,
        words("names", names),
        None if python is None else os.fspath(python),
        asked["quick"],
        asked["online"],
        asked["deep"],
        write,
        symptom=asked["symptom"],
        own=own,
        **session(python is None),
    )


def session(own: bool) -> dict[str, Any]:
    """What an examination has to know of the process that asks for it. own: whether it is the patient itself."""
    from ..repair import cells

    kind = cells.session()
    called = "%mlenv" if cells.has_magic() else cells.FUNCTION
    if not own:
        return {"called": called, "session": kind}
    if not sys.executable:
        raise BadInput("this program does not know which Python runs it; name one: mlenv_doctor.check(python=...)")
    target = Target(sys.executable, sys.prefix, "kernel" if kind == cells.NOTEBOOK else "caller")
    return {"called": called, "session": kind, "target": target, "path": tuple(map(str, sys.path))}


def examined(order: Order) -> model.Report:
    """Examine. Raises BadInput, and Failed for whatever goes wrong besides: only texts that we wrote ourselves are shown."""
    from ..examine.registry import find_plugins

    try:
        return examine(order, find_plugins(names=order.names))
    except BadInput as why:
        place = origin(order.own, order.project, str(why))
        raise BadInput(place + str(why) if place else str(why).removeprefix("--")) from None
    except OSError as why:
        raise Failed(f"the doctor cannot work here: {why.strerror or why}") from None


def words(name: str, value: Words) -> tuple[str, ...]:
    """One word or several. Raises BadInput for anything else."""
    found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (value,)
    if wrong := [word for word in found if not isinstance(word, str)]:
        raise BadInput(f"{name} must be a word or a list of words, such as 'gpu', not {wrong[0]!r:.60}")
    return found


def seconds(name: str, value: float | None) -> float | None:
    """A time. Raises BadInput."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or (number and 0 < value <= LONGEST):
        return value
    raise BadInput(f"{name} must be a number of seconds above 0, at most a week, not {value!r:.60}")


def the_folder(project: str | os.PathLike[str]) -> Path:
    """The project's folder. Raises BadInput."""
    try:
        folder = Path(os.path.abspath(os.path.expanduser(project)))
    except FileNotFoundError:
        raise BadInput("the folder that this runs in is gone; change to another one, or name one with project") from None
    except TypeError:
        raise BadInput(f"project must be a folder, not {project!r:.60}") from None
    if not folder.is_dir():
        raise BadInput(f"project {project}: the folder does not exist")
    return folder
