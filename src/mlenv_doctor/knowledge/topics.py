"""Read a text that may tell of several faults at once, as a pasted report does: of each topic the sharpest entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .entries import Entry, Words, filled
from .surroundings import Surroundings
from .text import prepared
from .world import Knowledge


@dataclass(frozen=True)
class Told:
    """An entry with a topic whose words stand in the text.

    words: what its pattern found. fits: whether the circumstances allow this meaning; message is empty where they do not.
    """

    entry: Entry
    words: Words
    message: str

    @property
    def fits(self) -> bool:
        """Whether it is meant here."""
        return bool(self.message)


def read_by_topic(text: str, places: Sequence[Surroundings], knowledge: Knowledge) -> Iterator[Told]:
    """The entries with a topic whose words are found; of each topic only the first that fits.

    places: the same machine as each of the kinds of place that it is, such as a container in WSL.
    """
    said, told = prepared(text), set[str]()
    for entry in knowledge.entries:
        found = entry.found(said) if entry.topic and entry.topic not in told else None
        if found:
            fits = any(entry.fits(place) for place in places)
            words = Words(found, places[0])
            told.update([entry.topic] if fits else [])
            yield Told(entry, words, filled(entry.says, words) if fits else "")
