"""The fleet as JUnit XML: a case for each node. One that differs, is not ready or is silent did not pass."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ...report.lines import one_line
from ...report.look import Look
from ..fold import Fleet, Group, words
from . import Shown
from .told import VERDICTS, causes

CLASS = "fleet"


def render(shown: Shown, look: Look) -> str:
    """One document, in ASCII."""
    cases = sorted(_cases(shown.fleet))
    root = Element("testsuites", name="mlenv-doctor fleet")
    suite = SubElement(root, "testsuite", name="nodes")
    for name, kind, message, text in cases:
        case = SubElement(suite, "testcase", name=name, classname=CLASS)
        if kind:
            SubElement(case, kind, message=one_line(message), type=f"{CLASS}/{kind}").text = text
    kinds = [kind for _, kind, _, _ in cases]
    counted = {"tests": len(cases), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    for element in (root, suite):
        element.attrib.update({key: str(number) for key, number in counted.items()})
    indent(root, " ")
    document: bytes = tostring(root, encoding="us-ascii")
    return f'<?xml version="1.0" encoding="us-ascii"?>\n{document.decode()}\n'


def _cases(fleet: Fleet) -> Iterator[tuple[str, str, str, str]]:
    """Name, kind of failure ("" where it passed), message and text of each node."""
    for group in fleet.groups:
        passed = group.norm and group.node.verdict == "ready"
        message, text = ("", "") if passed else told(group)
        yield from ((name, "" if passed else "failure", message, text) for name in group.names)
    for silent in fleet.silent:
        yield from ((name, "error", f"no answer: {silent.why}", "") for name in silent.names)


def told(group: Group) -> tuple[str, str]:
    """What is the matter with a group: in a line, and in full."""
    changed = [words(change) for change in group.differs]
    found = [text for _, text in causes(group.node.found)]
    head = "as most nodes" if group.norm else "differs from most nodes"
    return f"{VERDICTS[group.node.verdict]}, {head}", "\n".join(one_line(each) for each in (*changed, *found))
