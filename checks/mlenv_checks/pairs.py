"""Which installed libraries are known not to work together, though their own metadata lets them: by data/bad_pairs.toml."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache

from mlenv_doctor import Finding, check, fail, fix, ok, skip, warn
from mlenv_doctor.facts import Distribution, Libraries, Python, Wanted

from .contents import table
from .dependencies import all_needed, conflicts, satisfies


@dataclass(frozen=True)
class Pair:
    """Two distributions, the versions of each that do not work together, why, and what to install against it."""

    owner: str
    owner_versions: str
    other: str
    other_versions: str
    remedy: str
    reason: str
    source: str


@cache
def bad_pairs() -> tuple[Pair, ...]:
    """The whole table."""
    return tuple(Pair(**row) for row in table("bad_pairs")["pair"])


def meeting(libraries: Libraries) -> list[Pair]:
    """The pairs of which both are installed, in versions that are known not to work together."""
    return [
        pair
        for pair in bad_pairs()
        if _is(libraries.find(pair.owner), pair.owner_versions) and _is(libraries.find(pair.other), pair.other_versions)
    ]


def _is(found: Distribution | None, versions: str) -> bool:
    """Whether a distribution is installed in one of these versions; one of unknown version is not accused."""
    return found is not None and found.version is not None and satisfies(found.version, versions)


@check("libraries.pairs", causes=("known-bad-pair",))
def libraries_known_to_clash(wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Finding]:
    """No two installed libraries are known not to work together.

    Some releases break others that did not foresee it; what they declare of each other allows it, and pip calls it healthy.
    """
    used = all_needed((library.name for library in wanted.libraries), libraries)
    contradicting = {(conflict.owner, conflict.name) for conflict in conflicts(libraries, python)}
    found = meeting(libraries)
    for pair in found:
        if (pair.owner, pair.other) in contradicting:
            yield skip(
                f"{pair.owner} needs another {pair.other}", subject=pair.owner, blocked_by=f"libraries.dependencies:{pair.other}"
            )
        else:
            yield _clash(pair, used, libraries)
    if not found:
        yield ok("no two libraries that are known to clash")


def _clash(pair: Pair, used: Set[str], libraries: Libraries) -> Finding:
    """What to say of a pair: what nothing that is wanted needs only bites whoever uses it."""
    owner, other = libraries.find(pair.owner), libraries.find(pair.other)
    assert owner and other
    message = f"{pair.owner} {owner.version} does not work with {pair.other} {other.version}: {pair.reason}"
    say = fail if pair.owner in used else warn
    cure = fix("libs.align", packages=(pair.remedy,), asked=(_without(pair),))
    return say("known-bad-pair", message, subject=pair.owner, evidence={"source": pair.source}, fix=cure)


def _without(pair: Pair) -> str:
    """What to install of the other one, for those who keep the owner: `httpx<0.28` for `>=0.28`."""
    return pair.other + pair.other_versions.replace(">=", "<")
