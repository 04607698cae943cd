"""Whatever stands in whichever field of a snapshot: no format has a line, a tag or a command of its making."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlenv_doctor.examine.examination import examine
from mlenv_doctor.examine.order import Order
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.foreign.text import line, word
from mlenv_doctor.model import Report
from mlenv_doctor.patient.settings import Settings
from mlenv_doctor.report import FORMATS, renderer
from mlenv_doctor.report.guide import render as guide
from mlenv_doctor.report.look import Look

from .lair import forged, unseen

MACHINES = sorted((Path(__file__).parent.parent / "report/screens/machines").glob("*.json"))
MARK = "OWNED"
BREAKS = ("\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1b[2K\x1b[1G", "\b" * 30, "\x1b]0;x\x07", "\x9b1G", "\u202e", "\u2066", "\u200b", "\U000e0041")  # fmt: skip
LINES = (f"::error::{MARK}", f"{MARK}: x", f"  Fix: {MARK}", f"##[error]{MARK}", f"$({MARK})", f"`{MARK}`", f"<script>{MARK}</script>", f"'; {MARK}; '", f"\"; {MARK}; \"", f"```\n{MARK}", f"{{{MARK}}}", f"{{0.{MARK}}}", f"%{MARK}%")  # fmt: skip
HOSTILE = st.builds(
    lambda start, breaks, lines: start + "".join(b + text for b, text in zip(breaks, lines)),
    st.text(max_size=8),
    st.lists(st.sampled_from(BREAKS), min_size=1, max_size=4),
    st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=20)), min_size=1, max_size=4),
)


def texts(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every text of plain data."""
    if isinstance(data, str):
        yield path
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from texts(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from texts(value, (*path, number))


def put(data: Any, path: tuple[Any, ...], value: str) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


def judged(document: Any, folder: Path) -> Report | None:
    """The report about a snapshot; None where the snapshot is refused."""
    from mlenv_doctor.errors import BadInput

    file = folder / "patient.json"
    file.write_text(json.dumps(document))
    try:
        return replace(examine(Order(Path("/p"), Settings(), saved=file), find_plugins()), version="0")
    except BadInput as why:
        assert not forged(line(str(why)))
        return None


def looked_at(report: Report) -> None:
    """Every format, at every width."""
    looks = (Look(), Look(ascii=False, verbose=True), Look(80, color=False, ascii=False, verbose=True))
    for form in FORMATS:
        for look in looks if form == "text" else looks[:2]:
            said = renderer(form)(report, look)
            said = re.sub(r"\s+", " ", said) if look.width else said  # a long line is wrapped, at blanks
            assert not forged(said, MARK) and not forged(said, "::error::" + MARK), form
            assert unseen(said) - {repr("\t")} == set(), form
            assert f"<script>{MARK}" not in said or form not in ("html", "markdown"), form
    assert not forged(guide(report, Look(), optional=True), MARK)
    for made in (*report.prescriptions.values(), *report.plan.values()):
        for command in made.commands:
            assert all(word(part) == part for part in command.argv) and "\n" not in command.text
        assert all(line(note) == note for note in (*made.notes, made.title))


def everything(name: str) -> Any:
    return json.loads(next(file for file in MACHINES if file.stem == name).read_text())


@pytest.mark.parametrize("name", [file.stem for file in MACHINES])
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data(), value=HOSTILE)
def test_no_value_of_some_fields_forges_anything(
    name: str, data: st.DataObject, value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = copy.deepcopy(everything(name))
    ways = list(texts(document))
    for way in data.draw(st.lists(st.sampled_from(ways), min_size=1, max_size=60)):
        if way[0] not in ("schema_version", "kind", "tool") and way[-1] not in ("version",):
            put(document, way, value)
    report = judged(document, tmp_path_factory.mktemp("x"))
    if report:
        looked_at(report)


@pytest.mark.parametrize("name", [file.stem for file in MACHINES])
@pytest.mark.parametrize("value", [f"x{b}{LINES[n % len(LINES)]}{b}{MARK}" for n, b in enumerate(BREAKS[:4])], ids=range(4))
@pytest.mark.slow
def test_no_field_alone_forges_anything(name: str, value: str, tmp_path: Path) -> None:
    """One after the other, every field of a section at once."""
    whole = everything(name)
    for section in whole["facts"]:
        document = copy.deepcopy(whole)
        for way in texts(document["facts"][section]):
            put(document["facts"][section], way, value)
        report = judged(document, tmp_path)
        if report:
            looked_at(report)


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(HOSTILE, st.text()))
def test_the_door_gives_a_line(text: str) -> None:
    shown = line(text)
    assert line(shown) == shown and unseen(shown) == set() and not re.search("[\n\r\v\f\x85\u2028\u2029]", shown)
