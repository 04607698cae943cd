"""Errors that say themselves what to do: please install X, pip install X, has been renamed to X."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from ..reading import Cure, Kind, Reading
from ..surroundings import requirement_of
from .common import Case, candidate

RENAMED = re.compile(r"""package has been renamed (?:from `?(?P<old>[\w.-]+)`? )?to ['"`]?(?P<new>[\w-]+)['"`]?""")
COMMAND = re.compile(r"""(?:pip3?|uv pip|uv) (?:install|add) (?P<rest>[^\n`)]{1,200})""")
WORDS = re.compile(
    r"(?:[Pp]lease install|[Yy]ou need to install|[Mm]issing (?:optional )?dependenc(?:y|ies):?|[Yy]ou (?:need to"
    r"|must) have|must be installed:?|[Pp]ackage|[Rr]equires|[Ii]nstall|pip or conda to install) (?:the "
    r"""|package )*['"`]?(?P<name>[A-Za-z][\w.-]{1,60}(?:\[[\w,-]+\])?)['"`]?(?P<tail>[^\n]{0,80})"""
)
NEEDED = re.compile(
    r"""['"`]?(?P<name>[A-Za-z][\w.-]{1,60})['"`]? (?:is required|is not installed|must be installed"""
    r"|package is required|needs? to be installed|was not found in your environment|not installed)"
)
KIND_OF = re.compile(  # "requires pandas DataFrame input" speaks of a kind of value
    r"(?i)[ .]?(?:data|time)?(?:frames?|arrays?|ndarrays?|series|tensors?|objects?|inputs?|index|columns?|models?|types?|dtypes?"
    r"|layers?|format|dataset|images?|matri)"
)
TYPED = re.compile(
    r"[$>#%!/\\] ?(?:\S{0,80}python\S{0,20} -m )?$|\bRUN\b|^\s*(?:sudo |\S{0,80}python\S{0,20} -m )$|^\s*\./|command: ?"
)
ADVISED = re.compile(
    r"(?i)please|need|requir|missing|not (?:be )?(?:installed|found)|\brun\b|\btry\b|can (?:be )?install"
    r"|to install|install (?:it|them|the)|must|up(?:date|grade)|depend|:\s*$"
)
TOLD = re.compile(r"(?i)\b(?:I|we)(?:'ve| have| am|'m)?\b|\bwhen\b|\bafter\b|tried")
ERROR = re.compile(r"\w(?:Error|Exception)\b|^Error|\bERROR\b", re.M)
OPTION = re.compile(r"^-")


def said_itself(case: Case) -> Reading | None:
    """The cure is inside the message."""
    return _renamed(case) or _command(case) or _asked_for(case)


def _renamed(case: Case) -> Reading | None:
    found = RENAMED.search(case.trace.text)
    if not found:
        return None
    new, old = found["new"], found["old"] or ""
    known = case.is_known(canonicalize_name(new))
    cure = Cure(
        f"Remove {old or 'the old package'} and install {new}",
        remove=(old,) if old and case.is_known(canonicalize_name(old)) else (),
        install=(new,) if known else (),
    )
    return Reading(
        Kind.ENVIRONMENT,
        f"{old or 'The package'} has been renamed to {new}; the old package is only a stub",
        "wrong-distribution",
        old or new,
        cure,
    )


def _command(case: Case) -> Reading | None:
    """A command in the message. Only distributions that are known are put into ours."""
    last = case.trace.last
    for found in COMMAND.finditer(case.trace.text):
        if _typed(case.trace.text, found.start()) or not _advised(case.trace.text, found.start()):
            continue
        words = [word.strip("'\"`.,;:") for word in found["rest"].split()]
        asked = [
            word
            for word in words
            if not OPTION.match(word) and (r := requirement_of(word)) and case.is_known(canonicalize_name(r.name))
        ]
        if asked:
            names = ", ".join(asked)
            line = last.message.splitlines()[0][:200] if last and last.message else ""
            said = f"{names} is missing or too old" + (f": {line}" if line else "")
            return Reading(
                Kind.ENVIRONMENT,
                said,
                "not-installed",
                asked[0],
                Cure(f"Install {names}", install=tuple(asked), upgrade="-U" in words or "--upgrade" in words),
                (
                    candidate(
                        "pip-python-mismatch", f"{names} is installed, but in another Python", f"`python -m pip show {asked[0]}`"
                    ),
                    candidate("notebook-needs-restart", "it was installed while the notebook ran", "restart the kernel"),
                ),
            )
    return None


def _typed(text: str, at: int) -> bool:
    """Whether a command is what somebody typed, not what an error says: at a prompt, in a RUN line, or alone on a line."""
    before, _, line = text[max(0, at - 400) : at].rpartition("\n")
    if line.strip().strip("`'\"- "):
        return bool(TYPED.search(line))
    return not before.rstrip().endswith(":")


def _advised(text: str, at: int) -> bool:
    """Whether the words before a command recommend it."""
    before = text[max(0, at - 160) : at]
    return bool(ADVISED.search(before)) and not TOLD.search(before.rpartition("\n")[2])


def _asked_for(case: Case) -> Reading | None:
    if not ERROR.search(case.trace.text):
        return None
    for pattern in (NEEDED, WORDS):
        for found in pattern.finditer(case.trace.text):
            bare = found["name"].partition("[")[0].strip(".-")
            dist = case.distribution(bare) or (canonicalize_name(bare) if case.is_known(canonicalize_name(bare)) else "")
            if (
                not dist
                or KIND_OF.match(found.groupdict().get("tail") or "")
                or dist in ("pip", "torch", "python", "packaging")
                or bare.lower() in ("the", "it", "build", "main", "to", "from", "in", "and")
            ):
                continue
            return Reading(
                Kind.ENVIRONMENT,
                f"{dist} is not installed in this Python",
                "not-installed",
                dist,
                Cure(f"Install {dist} with the Python that runs the program", install=(dist,)),
                (
                    candidate(
                        "pip-python-mismatch", f"{dist} is installed, but in another Python", f"`python -m pip show {dist}`"
                    ),
                    candidate("notebook-needs-restart", "it was installed while the notebook or program ran", "restart it"),
                ),
            )
    return None
