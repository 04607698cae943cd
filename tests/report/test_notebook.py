"""The report in a notebook: well-formed, compact, and nothing that a machine says becomes markup."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mlenv_doctor import fail, fix, ok, skip, warn
from mlenv_doctor.foreign.clean import harmless
from mlenv_doctor.model import Command, Result, plan_key
from mlenv_doctor.report.notebook import render, render_repairs
from mlenv_doctor.report.problems import stated
from support.reports import INSTALL, LONG, REPORT, prescription

TAGS = {"div", "style", "p", "span", "details", "summary", "b", "code", "pre", "table", "tr", "td"}


class Read(HTMLParser):
    """Reads the HTML strictly: only our own tags and attributes, properly nested; collects the text of each kind of tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS and {name for name, _ in attrs} <= {"class", "open"}, (tag, attrs)
        self.open.append(tag)
        self.said.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.said[tag][-1] += data

    @property
    def text(self) -> str:
        return self.said["div"][0]


def test_it_says_what_the_text_says() -> None:
    read = Read(render(REPORT))
    assert "✗ Not ready" in read.text and "1 problem, 1 warning, 1 not verified (1 check passed) in 1.2 s" in read.text
    assert "Python 3.12.1 at /p/.venv/bin/python (this project's virtual environment); Linux (debian), container" in read.text
    assert read.said["summary"] == [
        "✗numpy is not installed libraries.installed", "!Line 3 is odd (/p/.env:3) llm.dotenv", "?It could not be told mlflow.server",
        "2 passed, 2 skipped",
    ]  # fmt: skip
    assert "no torch (see libraries.installed:torch)" in read.said["td"]
    assert "Then: mlenv-doctor check libs.install" in read.said["p"]
    assert read.said["td"][-4:] == ["✗ foundations", "needs numpy", "✓ llm", "ready"]


def test_commands_are_whole() -> None:
    both = replace(prescription("libs.install"), commands=(Command((), LONG), Command((), "a <b> 'c' && d")))
    report = replace(REPORT, plan={plan_key(INSTALL): both})
    read = Read(render(report))
    assert read.said["pre"] == [f"{LONG}\na <b> 'c' && d"]


def test_what_failed_stands_open_and_the_rest_opens_with_a_click() -> None:
    shown = render(REPORT)
    assert shown.count("<details") == 4 and shown.count(" open>") == 1 and '<details class="fail" open>' in shown
    assert render(REPORT, verbose=True).count(" open>") == 4


def test_verbose_shows_the_evidence() -> None:
    result = Result("a.b", "a", "A", (fail("c", "m", evidence={"driver": "535"}),))
    report = replace(REPORT, results=(result,))
    assert Read(render(report, verbose=True)).said["td"][:4] == ["cause", "c", "driver", "535"]
    assert "535" not in render(report)


def test_many_of_one_cause_are_one_line_and_a_fix_is_shown_once() -> None:
    found = tuple(fail("not-installed", f"lib-{n} is not installed", subject=f"lib-{n}", fix=INSTALL) for n in range(200))
    read = Read(render(replace(REPORT, results=(Result("libraries.installed", "libraries", "T", found),))))
    assert sum("lib-77" in text for text in read.said["summary"]) == 1 and len(read.said["pre"]) == 1
    assert read.text.count("Fix:") == 1


def test_without_stages_and_passes_there_is_no_empty_table() -> None:
    report = replace(REPORT, stages=(), results=(Result("a.b", "a", "A", (fail("c", "m"),)),))
    assert "table" not in Read(render(report)).said


def test_repairs_are_numbered() -> None:
    read = Read(render_repairs(REPORT))
    assert read.said["summary"] == ["✗1. Title of libs.install (adds packages)"]
    assert "line 3 is odd" in read.said["p"] and "it could not be told" in read.said["p"], "what has no fix is told as well"
    optional = Read(render_repairs(REPORT, optional=True))
    assert optional.said["summary"][1] == "-2. Title of gpu.cloud"
    calm = replace(REPORT, results=(Result("a.b", "a", "A", (ok("all is well"), skip("no"))),), plan={})
    assert "✓ Nothing to repair (1 check passed)" in Read(render_repairs(calm)).text


HOSTILE = [
    "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "&lt;b&gt;", '" onclick="x', "' autofocus '", "]]>", "<!--",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07", "\u202egnp.exe", "a\nb\r\nc", "%0A::error::", "$$\\href{javascript:alert(1)}{x}$$",
    "{{7*7}}", "x" * 10_000, "</details></div>", "javascript:alert(1)",
]  # fmt: skip


def hostile() -> Iterator[Result]:
    for number in range(200):
        text = HOSTILE[number % len(HOSTILE)]
        kinds = (
            fail("a", text, subject=text, evidence={text: text}, fix=fix("libs.install", packages=(text,))),
            warn("b", text),
            ok(text),
            skip(text, blocked_by=text),
        )
        yield Result(f"x.y-{number}", "x", text, (kinds[number % 4],))


@pytest.mark.parametrize("verbose", [True, False])
def test_hostile_text_stays_text_and_nothing_of_it_is_lost(verbose: bool) -> None:
    evil = replace(prescription("libs.install", "rm <x> && 'y' \x1b[0m"), title="<i>", notes=("</pre><script>",), verify="<u>")
    results = tuple(hostile())
    plans = {plan_key(f.fix): evil for r in results for f in r.findings if f.fix}
    target = {"python": "<python>", "version": "<3>", "chosen_by": "<by>"}
    report = replace(REPORT, results=results, plan=plans, prescriptions=plans, target=target, place={"os": "<os>", "kind": "<k>"})
    for shown in (render(report, verbose), render_repairs(report)):
        read = Read(shown)
        assert not {"\x1b", "\u202e", "\x07", "\r"} & set(shown)
        assert "rm <x> && 'y' " in read.text and "</pre><script>" in read.text
    everything = Read(render(report, verbose)).text
    for text in HOSTILE[:7] + HOSTILE[9:10] + HOSTILE[10:]:
        assert stated(warn("b", harmless(text))) in everything
    started = time.perf_counter()
    render(report, verbose)
    assert time.perf_counter() - started < 0.5


def test_it_is_small() -> None:
    results = tuple(
        Result(f"a.b-{n}", "a", "A title of usual length", (ok("as it should be, with evidence"),)) for n in range(60)
    )
    assert len(render(replace(REPORT, results=results))) < 20_000


def test_mathjax_is_kept_away() -> None:
    assert render(REPORT).startswith('<div class="mlenv-doctor tex2jax_ignore mathjax_ignore">')
