"""Markdown, read by GitHub's own parser: nothing breaks out, nobody is called, nothing is lost."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings

from mlenv_doctor import fail, ok
from mlenv_doctor.model import Report, Result, Status
from mlenv_doctor.report import markdown, renderer
from mlenv_doctor.report.lines import LOUD, one_line, plain, told
from mlenv_doctor.report.look import Look
from support.hostile import NASTY, REPORTS, hostile
from support.reports import LONG, PLAIN, REPORT

render = renderer("markdown")
EXPECTED = {"h3", "p", "strong", "br", "ul", "li", "code", "pre", "details", "summary"}
CALLS = re.compile(r"@\w|#\d|![\d\w]|~\d|%\d|:\w+:|\bGH-\d|\$\w|\[\w+:")


class Page(HTMLParser):
    """What a reader sees: the tags, the texts between them, and of those in code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.open: list[str] = []
        self.nodes: list[str] = []
        self.code: list[str] = []
        self.seen = ""
        html = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags[tag] += 1
        if tag == "br":
            self.seen += "\n"
            self.nodes.append("")
        else:
            self.open.append(tag)
            self.nodes.append("")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.nodes.append("")

    def handle_comment(self, data: str) -> None:
        self.nodes.append("")

    def handle_data(self, data: str) -> None:
        self.seen += data
        if "code" in self.open:
            self.code.append(data)
        else:
            self.nodes[-1] += data


def squeezed(text: str) -> str:
    """Blanks mean nothing on a page."""
    return " ".join(plain(text).split())


def test_the_page() -> None:
    text = render(REPORT, PLAIN)
    page = Page(text)
    assert text.startswith(
        "### mlenv-doctor 1.2.3\n\n**Not ready: 1 problem, 1 warning, 1 not verified (1 check passed)**\n\nPython 3.12.1 at `/p/.venv/bin/python`: "
    )
    assert "- **FAIL** `libraries.installed` `not-installed`\\\n  numpy is not installed\n" in text
    assert (
        f"**Fix:** Title of libs.install (adds packages)\n\n```sh\n{LONG}\n```\n\nA note.\n\nThen: `mlenv-doctor check libs.install`\n"
        in text
    )
    assert "- **WARN** `llm.dotenv` `dotenv-unparsable` in `/p/.env:3`\\\n  line 3 is odd" in text
    assert (
        "<details><summary>2 passed</summary>\n\n- `python.starts` CPython 3.12.1\n- `libraries.installed` pandas 3\n\n</details>"
        in text
    )
    assert "- `torch.card` no torch (see `libraries.installed:torch`)" in text
    assert "- Ready for llm\n- Not ready for foundations: needs numpy\n" in text
    assert page.tags["details"] == 2 and page.code.count(f"{LONG}\n") == 1


def test_a_fix_stands_once_behind_the_last_that_asks_for_it() -> None:
    twice = replace(REPORT.results[1], findings=(REPORT.results[1].findings[0],) * 2)
    assert render(replace(REPORT, results=(twice,)), PLAIN).count("**Fix:**") == 1


def test_a_pasted_report_has_no_path() -> None:
    pasted = replace(REPORT, target={"python": "python", "version": "", "chosen_by": "the report"}, stages=())
    assert "\nPython as a pasted report says\\\nLinux (debian), container\n" in render(pasted, PLAIN)


def test_ascii_is_ascii() -> None:
    odd = replace(REPORT, results=(Result("a.b", "a", "T", (fail("c", "naïve ✓"),)),))
    assert render(odd, Look(ascii=True)).isascii() and "naïve ✓" in Page(render(odd, Look(ascii=True))).seen


@pytest.mark.parametrize("text", NASTY)
def test_words_stay_words(text: str) -> None:
    page = Page(f"- before\\\n  {markdown.words(text)} after\n")
    assert set(page.tags) <= {"ul", "li", "br"} and squeezed(f"before\n{text} after") == squeezed(page.seen)
    assert not [node for node in page.nodes if CALLS.search(node)]


@pytest.mark.parametrize("text", [*NASTY, " ", "`", "``a`", " a ", "a\\"])
def test_code_stays_code(text: str) -> None:
    page = Page(f"see {markdown.code(text)} there")
    assert page.tags == {"p": 1, "code": 1} and "".join(page.code) == one_line(text)
    fenced = Page(f"before\n{markdown.fenced(text)}after")
    assert fenced.tags == {"p": 2, "pre": 1, "code": 1} and "".join(fenced.code) == plain(text) + "\n"


def test_what_is_too_long_for_an_issue_is_left_out_and_counted() -> None:
    text = render(hostile(), PLAIN)
    assert len(text.encode()) <= 65_000 and set(Page(text).tags) <= EXPECTED
    assert re.search(
        r"\n\d+ findings left out because an issue has a size limit; `mlenv-doctor check` shows everything\.\n$", text
    )
    small = replace(REPORT, results=(Result("a.b", "a", "T", (ok("x" * 70_000),)), *REPORT.results))
    assert render(small, PLAIN).endswith(
        "\n3 findings left out because an issue has a size limit; `mlenv-doctor check` shows everything.\n"
    )
    one = replace(REPORT, results=(Result("a.b", "a", "T", (ok("x" * 70_000),)),))
    assert "\n1 finding left out because" in render(one, PLAIN)


def test_all_of_a_large_report_is_told_where_there_is_room() -> None:
    report = hostile()
    page = Page(markdown.page(report, 1 << 20))
    seen = squeezed(page.seen)
    assert set(page.tags) <= EXPECTED and page.tags["details"] == 2
    assert all(squeezed(finding.message) in seen for _, finding in told(report))


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_is_injected_and_nothing_lost(report: Report) -> None:
    page = Page(markdown.page(report, 1 << 20))
    seen = squeezed(page.seen)
    assert set(page.tags) <= EXPECTED and not [node for node in page.nodes if CALLS.search(node)]
    assert page.tags["details"] == sum(bool(list(told(report, status))) for status in (Status.PASS, Status.SKIP))
    assert page.tags["pre"] == len({id(report.planned(f)) for _, f in told(report, *LOUD)})
    for result, finding in told(report):
        assert squeezed(finding.message) in seen and result.id in page.code
