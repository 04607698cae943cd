"""Which installed libraries are known not to work together, though their own metadata lets them: by data/bad_pairs.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import cache

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip, table, warn
from mlenv_doctor.patient import Distribution, Imports, Libraries, Python, Wanted
from mlenv_doctor.records import dataclass

from .dependencies import all_needed, conflicts, satisfies
from .installed import FAILED

WHEELS = ("pip", "uv")  # these install what its authors built; conda and the systems build anew, and change requirements


@dataclass(frozen=True)
class Pair:
    """Two distributions and the versions of each that do not work together; data/bad_pairs.toml says what the fields mean."""

    owner: str
    owner_versions: str
    other: str
    other_versions: str
    remedy: str
    instead: str
    reason: str
    shows: str
    source: str
    cause: str = "known-bad-pair"


@cache
def bad_pairs() -> tuple[Pair, ...]:
    """The whole table."""
    return tuple(Pair(**row) for row in table(__package__, "incompatible_pairs")["pair"])


def meeting(libraries: Libraries) -> list[tuple[Pair, Distribution, Distribution]]:
    """The pairs of which both are installed in versions that are known not to work together, with what is installed of each."""
    return [
        (pair, owner, other)
        for pair in bad_pairs()
        if (owner := _in(libraries, pair.owner, pair.owner_versions)) and owner.installer in WHEELS
        if (other := _in(libraries, pair.other, pair.other_versions))
    ]


def _in(libraries: Libraries, name: str, versions: str) -> Distribution | None:
    """A distribution, if it is installed in one of these versions. One whose version says nothing is not accused."""
    found = libraries.find(name)
    comparable = found and found.version and re.match(r"\d", found.version)
    return found if found and comparable and satisfies(found.version, versions) else None


@check("libraries.pairs", causes=("known-bad-pair", "numpy2-abi"), pasted=True)
def libraries_known_to_clash(
    wanted: Wanted, libraries: Libraries, imports: Imports | Missing, python: Python
) -> Iterator[Finding]:
    """Incompatible libraries.

    Some releases break others that did not foresee it; what they declare of each other allows it, and pip calls it healthy.
    """
    used = all_needed((library.name for library in wanted.libraries), libraries)
    contradicted = {(conflict.owner, conflict.name) for conflict in conflicts(libraries, python)}
    outcomes = {found.name: found.outcome for found in imports.libraries} if isinstance(imports, Imports) else {}
    found = [(pair, o, t) for pair, o, t in meeting(libraries) if not (pair.shows == "import" and outcomes.get(o.name) == "ok")]
    for pair, owner, other in found:
        if (owner.name, other.name) in contradicted:
            yield _told(owner, other, f"libraries.dependencies:{other.name}")
        elif outcomes.get(owner.name) in FAILED:
            yield _told(owner, other, f"libraries.import:{owner.name}")
        else:
            yield _clash(pair, owner, other, used)
    if not found:
        yield ok("no known incompatible libraries")


def _told(owner: Distribution, other: Distribution, by: str) -> Finding:
    return skip(f"{owner.name} and {other.name} are incompatible", subject=owner.name, blocked_by=by)


def _clash(pair: Pair, owner: Distribution, other: Distribution, used: Set[str]) -> Finding:
    """What to say of a pair: what nothing that is wanted needs only bites whoever uses it."""
    message = f"{owner.name} {owner.version} does not work with {other.name} {other.version}: {pair.reason}"
    say = fail if owner.name in used and pair.shows != "part" else warn
    either = fix("libs.align", packages=(pair.remedy,), asked=(pair.instead,))
    cure = either if pair.instead else fix("libs.satisfy", packages=(pair.remedy,))
    return say(pair.cause, message, subject=owner.name, evidence={"source": pair.source}, fix=cure)
