"""Alike nodes become one group, and of every other group only what differs is told."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from fleet.fleets import FULL, LIBRARIES, MACHINE, NORM, ODD, TOO_OLD, document, fold, made
from mlenv_doctor.fleet.fold import same, words
from mlenv_doctor.model import Verdict


@pytest.mark.parametrize("seed", range(40))
def test_the_odd_ones_of_a_fleet_are_named_exactly(seed: int) -> None:
    fleet = made(seed)
    found = fold(fleet.documents)
    norm, *odd = found.groups
    strange = {name for names in fleet.odd.values() for name in names} | set(fleet.silent)
    assert norm.norm and set(norm.names) == fleet.documents.keys() - strange
    assert sorted(name for group in found.silent for name in group.names) == sorted(fleet.silent)
    told = {tuple(group.names): [change.name for change in group.differs] for group in odd}
    assert told == {tuple(sorted(names)): ODD[kind][1] for kind, names in fleet.odd.items()}
    assert found.verdict is (Verdict.NOT_READY if strange else Verdict.READY)


def test_the_order_of_the_answers_does_not_matter() -> None:
    documents = list(made(7).documents.items())
    first = fold(dict(documents))
    random.Random(1).shuffle(documents)
    assert fold(dict(documents)) == first


def test_whose_a_difference_is() -> None:
    found = fold(
        {f"n{n}": document(NORM) for n in range(4)}
        | {"a": document(ODD["old driver"][0]), "b": document(ODD["another numpy"][0])}
    )
    whose = {change.name: change.whose for group in found.odd for change in group.differs}
    assert whose == {"driver": "node", "numpy": "user"}
    assert [words(change) for group in found.odd for change in group.differs] == [
        "numpy 2.1.0 instead of 2.4.6",
        "driver 550.54 instead of 580.95.05",
    ]


def test_what_is_missing_and_what_is_more() -> None:
    nodes = {f"n{n}": document(NORM) for n in range(4)}
    found = fold(nodes | {"a": document(ODD["no pandas"][0]), "b": document(ODD["one library more"][0])})
    assert {words(change) for group in found.odd for change in group.differs} == {
        "pandas is missing (elsewhere 3.1.1)",
        "left-over 1, which the others do not have",
    }


def test_what_a_node_does_not_know_is_no_difference() -> None:
    """A report names only the libraries that were wanted."""
    report = replace(NORM, libraries={"numpy": "2.4.6"}, machine={"Python": "3.12.3"}, whole=False)
    found = fold({f"n{n}": document(NORM) for n in range(3)} | {"r": document(report)})
    assert [group.names for group in found.groups] == [("n0", "n1", "n2", "r")]


def test_a_finding_with_other_words_is_the_same_one() -> None:
    other = replace(FULL, message="only 0.3 GB are free on /")
    found = fold({"a": document(replace(NORM, found=(FULL,))), "b": document(replace(NORM, found=(other,)))})
    assert len(found.groups) == 1


def test_a_finding_that_only_the_norm_has() -> None:
    sick = replace(NORM, verdict="not-ready", found=(TOO_OLD,))
    found = fold({"a": document(sick), "b": document(sick), "c": document(NORM)})
    (odd,) = found.odd
    assert (odd.names, odd.gone, odd.new) == (("c",), (TOO_OLD,), ())


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("64 GiB", "63 GiB", True),
        ("64 GiB", "32 GiB", False),
        ("64 GiB", "64 GB", False),
        ("8", "8", True),
        ("100", "101", False),
        ("3.12.3", "3.12.4", False),
        (None, "64 GiB", False),
        (None, None, True),
        ("400 GB/s", "390.5 GB/s", True),
    ],
)
def test_measured_figures_have_a_tolerance_and_counts_and_versions_have_none(a: str | None, b: str | None, alike: bool) -> None:
    assert same(a, b) is alike


def test_two_nodes_with_one_name_are_two() -> None:
    found = fold({"a/n1": document(NORM)})
    assert found.nodes == 1
    from mlenv_doctor.fleet.documents import Reader
    from mlenv_doctor.fleet.fold import Fold

    folding = Fold(Reader(tuple))
    folding.add("n1", document(NORM))
    folding.add("n1", document(NORM))
    assert folding.fleet().groups[0].names == ("n1", "n1~2")


def test_nobody_answered() -> None:
    found = fold({"a": b"", "b": b""})
    assert (found.verdict, found.nodes, found.answered) == (Verdict.UNKNOWN, 2, 0)


def test_what_a_node_says_is_cleaned_and_bounded() -> None:
    liar = replace(
        NORM,
        verdict="not-ready",
        machine={**MACHINE, "driver": "\x1b[2J580\nnode[0001-0994]  994 nodes: ready"},
        libraries={**LIBRARIES, "\x1b]0;x\x07numpy": "9" * 10_000},
        found=(
            replace(TOO_OLD, message="line\r\n✓ forged\u202e" + "x" * 9000, subject="api_key=sk-proj-aB3dE5fG7hI9jK1lM3nO5pQ7"),
        ),
    )
    found = fold({"a": document(NORM), "b": document(NORM), "c": document(liar)})
    (odd,) = found.odd
    said = [*map(words, odd.differs), odd.new[0].message, odd.new[0].subject]
    assert all(text.isprintable() and len(text) < 2100 for text in said), said
    assert "sk-proj-aB3dE5fG7hI9jK1lM3nO5pQ7" not in str(said)


def test_the_answers_of_300_kinds_of_nodes_are_read_once_each() -> None:
    """What is kept grows with the kinds, not with the nodes."""
    kinds = [document(replace(NORM, libraries={**LIBRARIES, "numpy": f"2.{n}"})) for n in range(30)]
    read: list[bytes] = []

    from mlenv_doctor.fleet.documents import Reader
    from mlenv_doctor.fleet.fold import Fold
    from mlenv_doctor.fleet.node import Node

    class Counting(Reader):
        def node(self, data: bytes) -> Node:
            read.append(data)
            return super().node(data)

    folding = Fold(Counting(tuple))
    for number in range(3000):
        folding.add(f"n{number}", bytes(bytearray(kinds[number % 30])))
    assert len(read) == 30 and len(folding.fleet().groups) == 30
