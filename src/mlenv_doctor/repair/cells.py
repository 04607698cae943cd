"""Repairs as a notebook speaks: `%pip` and `!` in cells, and what only a terminal can do is sent there."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..model import Command, Prescription
from ..running.quote import quote

NOTEBOOK, IPYTHON = "notebook", "ipython"
FUNCTION = "mlenv_doctor.check"  # how the doctor is called where its magic is not loaded
TERMINAL = "These are lines for a terminal, not for a cell."
FIRST = "Run it in the first cell, before anything is imported; if something is imported already, restart first."
RESTARTS = {
    "colab": "Then restart: Runtime > Restart session (not Delete runtime, which loses the files).",
    "kaggle": "Then restart: Run > Restart & clear cell outputs.",
    NOTEBOOK: "Then restart: Kernel > Restart Kernel.",
    IPYTHON: "Then leave IPython and start it again.",
}
IN_A_SHELL = ("source", ".", "activate", "deactivate", "call")  # change the shell that they are typed in, and nothing else
ASKS = re.compile(r"getpass|input\(")
SERVES = re.compile(r"mlflow (ui|server)|jupyter (lab|notebook)")
AT_START = ("LD_", "DYLD_", "PYTHON")  # variables that only a process that starts reads
EXPANDED = re.compile(r"[{}$\n\\]|\?\s*$")  # what IPython would take as its own in a line of a magic


def session() -> str:
    """What this process talks to: a notebook, a terminal with IPython, or neither (an empty text)."""
    shell = _shell()
    return "" if shell is None else NOTEBOOK if hasattr(shell, "kernel") else IPYTHON


def has_magic() -> bool:
    """Whether `%mlenv` is loaded."""
    return "mlenv" in getattr(getattr(_shell(), "magics_manager", None), "magics", {}).get("line", {})


def _shell() -> object:
    """The running IPython, if there is one; nothing is imported to find out."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython and hasattr(ipython, "get_ipython") else None


def spoken(made: Prescription, patient: Mapping[str, str]) -> Prescription:
    """A fix as the place of the patient speaks. All its commands go into cells, or all into a terminal."""
    if not patient.get("session") or not made.commands:
        return made
    cells = [cell(command, patient) for command in made.commands]
    if any(line is None for line in cells):
        return replace(made, notes=(TERMINAL, *made.notes))
    commands = tuple(replace(command, text=line or "") for command, line in zip(made.commands, cells))
    notes = tuple(note.replace("mlenv-doctor fix", "%mlenv fix") for note in made.notes)
    return replace(made, commands=commands, notes=(*notes, *_afterwards(made, commands, patient)))


def _afterwards(made: Prescription, commands: Sequence[Command], patient: Mapping[str, str]) -> list[str]:
    """What is to be known besides: what is in memory already does not change with the files."""
    if any(command.text.startswith("import os") for command in commands):
        return [FIRST]
    return [RESTARTS.get(patient["place"], RESTARTS[patient["session"]])] if made.risk == "replaces packages" else []


def cell(command: Command, patient: Mapping[str, str]) -> str | None:
    """One command as a line of a cell; None where only a terminal can do it."""
    argv = command.argv
    if argv[0] in ("export", "unset", "set"):
        return None if any(word.startswith(AT_START) for word in argv[1:]) else _environ(argv)
    if needs_terminal(argv, patient):
        return None
    if argv[:3] == (patient["python"], "-m", "pip"):
        line = quote(argv[3:], patient["shell"])
        if not EXPANDED.search(line):
            return f"%pip {line}"
    if "$" in command.text and (set("{}'") & set("".join(argv)) or patient["shell"] == "cmd"):
        return None  # IPython leaves $name alone within single quotes, which it counts from the last brace on
    return "!" + command.text.replace("{", "{{").replace("}", "}}")


def needs_terminal(argv: Sequence[str], patient: Mapping[str, str]) -> bool:
    """Whether a command changes its own shell, asks something (a cell cannot answer), never ends, or has several lines."""
    line = " ".join(argv)
    own_shell = argv[0] in IN_A_SHELL or "activate" in argv[:2] or re.search(r"(?i)activate(\.\w+)?$", argv[0])
    password = argv[0] == "sudo" and patient["root"] != "yes"
    return bool(own_shell or password or ASKS.search(line) or SERVES.search(line) or "\n" in line)


def _environ(argv: Sequence[str]) -> str:
    """Variables are set in the kernel itself: a shell that a cell starts ends with its line."""
    pairs = [word.partition("=") for word in argv[1:]]
    lines = [f"os.environ[{name!r}] = {value!r}" if value else f"os.environ.pop({name!r}, None)" for name, _, value in pairs]
    return "; ".join(["import os", *lines])
