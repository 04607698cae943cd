"""Explain an error text with the facts of this machine, or with those of another that are in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..documents.pasted import decoded
from ..documents.snapshot import LARGEST, BadSnapshot, from_file
from ..knowledge.package_lists import package_list
from ..knowledge.patient import surroundings
from ..knowledge.reader import read
from ..knowledge.reading import Reading
from ..knowledge.surroundings import Surroundings
from ..knowledge.symptom import bytes_of
from ..knowledge.text import comes_from_elsewhere, named_libraries
from ..knowledge.world import Knowledge, joined
from ..patient import Native, SharedLibraries
from ..patient.wanted import Wishes
from .examination import NEEDED_BY_ALL, look
from .order import Order
from .registry import Plugin

OF_ERRORS = (*NEEDED_BY_ALL, Native, SharedLibraries)


def explained(text: str, order: Order, plugins: Iterable[Plugin]) -> tuple[Reading, Surroundings]:
    """What an error text means, and against what it was read. Raises BadInput."""
    plugins = tuple(plugins)
    facts = surroundings_of_file(order.saved) if order.saved else surroundings_here(order, plugins, text)
    known = knowledge_of(plugins)
    if not order.saved and comes_from_elsewhere(text, facts.prefix, facts.os):
        note = "This error comes from another machine, environment or image, so what is installed here was not used."
        return _noted(read(text, Surroundings(executable=facts.executable), known), note), facts
    return read(text, facts, known), facts


def _noted(reading: Reading, note: str) -> Reading:
    return replace(reading, evidence=(*reading.evidence, note))


def surroundings_here(order: Order, plugins: Iterable[Plugin], text: str) -> Surroundings:
    """This machine, read from files only, with what the text names looked up."""
    known = tuple(library for plugin in plugins for library in plugin.libraries)
    libraries, packages = named_libraries(text)
    asked = replace(order, quick=True, told={"libraries": libraries, "packages": packages})
    return surroundings(look(asked, OF_ERRORS, Wishes(), known).facts)


def surroundings_of_file(file: Path) -> Surroundings:
    """Another machine: a snapshot, a report, a list of packages, or what nvidia-smi prints. Raises BadInput."""
    text = decoded(bytes_of(str(file), f"--from {file}", LARGEST))
    listed = package_list(text)
    if listed is not None:
        return replace(listed, whose=str(file) if listed.complete else "")
    try:
        facts, _, _ = from_file(file)
    except BadSnapshot:
        raise BadSnapshot(
            f"--from {file}: this is not a snapshot, report or list of packages; give what pip freeze, pip list, pip inspect, "
            "conda list, conda env export, nvidia-smi or `mlenv-doctor snapshot` prints, or a lock file"
        ) from None
    return surroundings(facts)


def knowledge_of(plugins: Iterable[Plugin]) -> Knowledge:
    """What all plug-ins know of error texts."""
    return joined(plugin.knowledge() for plugin in plugins if plugin.knowledge)
