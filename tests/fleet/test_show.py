"""How a fleet is shown: on one page, as data, and safe whatever its nodes say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

import html5lib
import jsonschema
import pytest

from fleet.fleets import MACHINE, NORM, ODD, document, fold
from mlenv_doctor.fleet.drift import before, drift
from mlenv_doctor.fleet.fold import Fleet
from mlenv_doctor.fleet.show import FORMATS, Shown, exit_code, renderer
from mlenv_doctor.fleet.show.json import schema
from mlenv_doctor.report.look import Look
from support.hostile import NASTY

PLAIN = Look(0, False, False)


def some() -> Fleet:
    """994 alike, an old driver on two, another numpy on one, one silent."""
    nodes = {f"node{n:04}": document(NORM) for n in range(1, 995)}
    nodes |= {f"node{n:04}": document(ODD["old driver"][0]) for n in (995, 997)}
    return fold(nodes | {"node0996": document(ODD["another numpy"][0]), "node0998": b"{"})


def shown(fleet: Fleet, form: str) -> str:
    return renderer(form)(Shown(fleet), PLAIN)


def test_the_page() -> None:
    assert shown(some(), "text") == (
        "✓ node[0001-0994]  994 nodes, the norm: ready\n"
        "  Python 3.12.3, cards 8 NVIDIA H100, driver 580.95.05, memory 2015 GiB, system linux debian machine, 3 libraries\n"
        "\n"
        "✗ node[0995,0997]  2 nodes: not ready\n"
        "  node's: driver 550.54 instead of 580.95.05\n"
        "  → driver-too-old (torch.driver, node's): torch 2.13 needs driver 580 or newer\n"
        "\n"
        "! node0996  1 node: ready\n"
        "  user's: numpy 2.1.0 instead of 2.4.6\n"
        "\n"
        "? node0998  1 node, no answer: this is not JSON\n"
        "\n"
        "✗ 998 nodes: 3 differ, 2 not ready, 1 silent\n"
    )


def test_ten_thousand_nodes_of_300_kinds_fit_one_page() -> None:
    kinds = [document(replace(NORM, machine={**MACHINE, "driver": f"550.{n}"})) for n in range(300)]
    nodes = {f"node{n:05}": kinds[n * 7 % 300 if n % 2 else 0] for n in range(10_000)}
    nodes |= {f"gone{n}": b"{" if n % 2 else b"" for n in range(100)}
    text = shown(fold(nodes), "text")
    assert text.count("\n") <= 60 and max(map(len, text.splitlines())) < 250
    assert "more groups with" in text


def test_the_document_follows_its_schema() -> None:
    data = json.loads(shown(some(), "json"))
    jsonschema.validate(data, json.loads(schema()), jsonschema.Draft202012Validator)
    assert (data["nodes"], data["answered"], data["verdict"]) == (998, 997, "not-ready")
    assert data["silent"] == [{"nodes": "node0998", "count": 1, "why": "this is not JSON"}]
    assert [(group["nodes"], group["count"], group["norm"]) for group in data["groups"]] == [
        ("node[0001-0994]", 994, True),
        ("node[0995,0997]", 2, False),
        ("node0996", 1, False),
    ]
    assert data["groups"][1]["differs"] == [
        {"about": "machine", "name": "driver", "here": "550.54", "norm": "580.95.05", "whose": "node"}
    ]
    assert data["groups"][1]["causes"][0]["cause"] == "driver-too-old"


def test_junit_has_a_case_for_each_node() -> None:
    root = fromstring(shown(some(), "junit"))
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert len(cases) == 998 and cases["node0001"] == []
    assert {name: kinds for name, kinds in cases.items() if kinds} == {
        "node0995": ["failure"],
        "node0996": ["failure"],
        "node0997": ["failure"],
        "node0998": ["error"],
    }
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("998", "3", "1")


def test_nagios() -> None:
    first, *rest = shown(some(), "nagios").splitlines()
    assert first == (
        "MLENV CRITICAL - 998 nodes, 3 differ, 2 not ready, 1 silent | nodes=998;;;0 differ=3;0;;0 sick=2;;0;0 silent=1;;0;0"
    )
    assert rest == [
        "node[0995,0997]: driver 550.54 instead of 580.95.05 -> driver-too-old",
        "node0996: numpy 2.1.0 instead of 2.4.6",
        "node0998: no answer: this is not JSON",
    ]


def page(fleet: Fleet) -> Any:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    return parser.parse(shown(fleet, "html"))


def test_the_page_for_a_browser_has_a_cell_for_each_node() -> None:
    there = page(some())
    cells = [e for e in there.iter("li") if "cell" in e.get("class", "").split()]
    assert len(cells) == 998
    titles = {cell.get("title", "").partition(":")[0]: cell.get("title", "") for cell in cells}
    assert titles["node0995"] == "node0995: driver 550.54 instead of 580.95.05 -> driver-too-old"
    assert titles["node0998"] == "node0998: no answer: this is not JSON"
    addresses = [
        name for e in there.iter() for name in e.attrib if name in ("src", "href", "action", "srcset") or name.startswith("on")
    ]
    assert addresses == [] and len(list(there.iter("script"))) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_fleet(form: str) -> None:
    """Whatever nodes say, the format stays whole and no line is forged."""
    nodes = {f"n{n}": document(NORM) for n in range(60)}
    for number, text in enumerate(NASTY):
        found = (replace(ODD["old driver"][0].found[0], cause=text, message=text, subject=text, check=text),)
        sick = replace(
            NORM, verdict="not-ready", machine={**MACHINE, text: text}, libraries={text: text}, found=found, whole=False
        )
        nodes[f"x{number}{text}"] = document(sick)
    text = shown(fold(nodes), form)
    assert not set("\x1b\u202e\x07\u200b\r") & set(text)
    if form == "html":
        assert not list(page(fold(nodes)).iter("img"))
    elif form == "junit":
        assert len(list(fromstring(text).iter("testcase"))) == len(nodes)
    elif form == "json":
        jsonschema.validate(json.loads(text), json.loads(schema()))
    else:
        assert not [line for line in text.splitlines() if line.startswith(("owned", "::", "##[", "1. owned", "- owned"))]


@pytest.mark.parametrize(
    ("fleet", "code", "nagios"),
    [
        (fold({"a": document(NORM), "b": document(NORM)}), 0, 0),
        (fold({"a": document(NORM), "b": document(ODD["another numpy"][0])}), 1, 1),
        (fold({"a": document(ODD["disk full"][0])}), 1, 2),
        (fold({"a": document(NORM), "b": b""}), 1, 2),
        (fold({"a": b""}), 3, 3),
        (fold({"a": document(replace(NORM, verdict="unknown"))}), 3, 1),
    ],
    ids=["alike", "differ", "sick", "silent", "nobody", "no verdict"],
)
def test_exit_codes(fleet: Fleet, code: int, nagios: int) -> None:
    assert exit_code(Shown(fleet), "text") == code
    assert exit_code(Shown(fleet), "nagios") == nagios
    assert [shown(fleet, form) for form in FORMATS]


def test_drift_since_a_baseline() -> None:
    old = {f"n{n}": document(NORM) for n in range(6)} | {"n6": b"", "n7": document(ODD["another numpy"][0])}
    known = before(json.loads(shown(fold(old), "json")), "--baseline x")
    assert not drift(known, fold(old)).any
    new = {**old, "n1": document(ODD["old driver"][0]), "n2": b"", "n6": document(NORM), "n9": document(NORM)}
    del new["n3"]
    found = drift(known, fold(new))
    assert [(group.names, [change.name for change in group.differs]) for group in found.changed] == [(("n1",), ["driver"])]
    assert (found.new, found.gone, found.fell_silent, found.back) == (("n9",), ("n3",), ("n2",), ("n6",))
    told = Shown(fold(new), found)
    assert exit_code(told, "text") == 1 and exit_code(Shown(fold(old), drift(known, fold(old))), "text") == 0
    text = renderer("text")(told, PLAIN)
    assert text.startswith("Since the baseline\n! n1  1 node changed\n  node's: driver 550.54 instead of 580.95.05\n")
    assert "  silent now: n2\n" in text and "  answer again: n6\n" in text and "  no longer there: n3\n" in text
    data = json.loads(renderer("json")(told, PLAIN))
    jsonschema.validate(data, json.loads(schema()), jsonschema.Draft202012Validator)
    assert data["drift"]["fell_silent"] == "n2"
