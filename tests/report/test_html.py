"""The page for a browser: valid, whole in itself, readable in both colour schemes, and safe whatever it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import html5lib
import pytest

from mlenv_doctor import fail, fix
from mlenv_doctor.model import Command, Prescription, Report, Result, Verdict, plan_key
from mlenv_doctor.report.html import asset, render
from support.reports import PLAIN, REPORT

HOSTILE = "\x1b[31m</p></script><script>alert(1)</script>%0A::error::x\n\u202eevil'\"&<img src=x onerror=alert(2)>]]>"


def page(report: Report) -> Any:
    """The page, as a strict parser sees it: any error of the syntax raises."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    return parser.parse(render(report, PLAIN))


def text(element: Any) -> str:
    return "".join(element.itertext())


def hostile(number: int) -> Report:
    """A report of this many findings, full of what might break out of a page."""
    repair = fix("libs.install", packages=("x",))
    made = Prescription("x", HOSTILE, "nothing", "you", (Command((HOSTILE,), HOSTILE),), (HOSTILE,), HOSTILE)
    findings = tuple(
        fail(
            "not-installed",
            f"{n} {HOSTILE} {'x' * (10_000 * (n == 1))}",
            subject=HOSTILE,
            evidence={HOSTILE: HOSTILE},
            fix=repair,
        )
        for n in range(number)
    )
    results = (Result("libraries.installed", "libraries", HOSTILE, findings),)
    return replace(REPORT, results=results, plan={plan_key(repair): made}, place={"os": HOSTILE, "kind": HOSTILE})


def test_the_page_is_valid_and_names_everything() -> None:
    there = text(page(REPORT))
    for result in REPORT.results:
        assert result.title in there and result.id in there
        for finding in result.findings:  # a headline begins with a capital
            assert finding.message[1:] in there and finding.cause in there
    assert "Not ready" in there and "3.12.1" in there and "needs numpy" in there
    assert "/p/.env:3" in there and "Line 3 is odd" in there and "numpy is not installed" in there


def test_commands_are_whole() -> None:
    codes = [text(code) for code in page(REPORT).iter("code")]
    commands = [command.text for prescription in REPORT.plan.values() for command in prescription.commands]
    assert [command for command in commands if command in codes] == commands[:1]  # the other one belongs to what was skipped


def test_nothing_is_injected_and_nothing_is_lost() -> None:
    report = hostile(200)
    there = page(report)
    assert len(list(there.iter("script"))) == 1 and not list(there.iter("img"))
    assert not [name for element in there.iter() for name in element.attrib if name.startswith("on")]
    findings = [element for element in there.iter("div") if element.get("class", "").startswith("finding")]
    assert len(findings) == 200
    assert all(f"{n} " in text(element) and "onerror=alert(2)" in text(element) for n, element in enumerate(findings))
    assert "x" * 10_000 in text(findings[1])
    assert not set("\x1b\u202e") & set(render(report, PLAIN))


def test_nothing_is_loaded_and_only_our_own_script_may_run() -> None:
    there = page(REPORT)
    addresses = [(e.tag, name) for e in there.iter() for name in e.attrib if name in ("src", "href", "action", "srcset")]
    assert addresses == []
    (policy,) = [e.get("content") for e in there.iter("meta") if e.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (element,) = there.iter(tag)
        digest = base64.b64encode(hashlib.sha256(text(element).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "url(" not in asset("html.css") and "http" not in asset("html.css") + asset("html.js")


def test_no_status_is_told_by_its_colour_alone() -> None:
    for check in (element for element in page(REPORT).iter("article")):
        mark = next(element for element in check.iter("span") if element.get("class") == "mark")
        assert text(mark).partition(" ")[2] in ("Failed", "Warning", "Not verified")


def luminance(colour: str) -> float:
    """Of a colour, by WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str) -> None:
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*)\}", asset("html.css")))
    colours = {"light": light, "dark": dark}[scheme]
    for ink in ("ink", "soft", "link", "fail", "warn", "pass", "skip", "unknown"):
        for ground in ("page", "card", "code"):
            low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_a_report_of_sixty_checks_stays_small() -> None:
    results = tuple(replace(result, id=f"{result.id}-{n}") for n in range(10) for result in REPORT.results)
    assert len(render(replace(REPORT, results=results), PLAIN).encode()) <= 150_000


@pytest.mark.parametrize("verdict", Verdict)
def test_a_bare_report(verdict: Verdict) -> None:
    bare = replace(REPORT, results=(), stages=(), verdict=verdict, target={"python": "", "chosen_by": "the report"}, place={})
    assert "nothing was checked" in text(page(bare))
    silent = replace(REPORT, results=(Result("gpu.x", "gpu", "Nothing to say", ()),))
    assert "nothing was checked" in text(page(silent))
