"""The report as one page for a browser: whole in itself, without a network, also on paper and on a phone."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.machinery import ModuleSpec

from ..foreign.clean import harmless
from ..model import Finding, Prescription, Report, Status
from .lines import count, evidence_of
from .look import GLYPHS, Look
from .problems import MOST, Problem, headline, problems, stated, tally
from .text import HEADINGS, VERDICTS, blocked, brief, heading, lacking, named, next_step, where, who

NAMES = {"fail": "Failed", "warn": "Warning", "unknown": "Not verified", "pass": "Passed", "skip": "Skipped"}


def render(report: Report, look: Look) -> str:
    """The whole page. Everything that comes from the machine is escaped; the policy forbids scripts but ours, and any network."""
    style, script = asset("html.css"), asset("html.js")
    allowed = f"style-src {content_hash(style)}; script-src {content_hash(script)}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>mlenv-doctor: {VERDICTS[report.verdict][1]}</title>",
        f"<style>{style}</style>\n</head>\n<body>",
        *_head(report),
        *_problems(report),
        *_fine(report),
        *_skipped(report),
        *_stages(report),
        *_next(report),
        "</main>",
        f'<footer class="wide"><p>mlenv-doctor {_text(report.version)}, {report.duration_s:g} s</p></footer>',
        f"<script>{script}</script>\n</body>\n</html>\n",
    ])  # fmt: skip


def _text(text: str) -> str:
    """A text that is nothing but text."""
    return escape(harmless(text))


def _mark(status: str) -> str:
    """The sign and the name of a status: never its colour alone."""
    return f'<span class="mark"><span aria-hidden="true">{GLYPHS[status]}</span> {NAMES[status]}</span>'


def _head(report: Report) -> Iterable[str]:
    """The verdict, the counts, and the machine in a line."""
    status, verdict = VERDICTS[report.verdict]
    yield '<header class="wide">\n<h1>mlenv-doctor</h1>'
    yield f'<p class="verdict {status}"><span aria-hidden="true">{GLYPHS[status]}</span> {verdict}</p>'
    yield f"<p>{_text(tally(report))}</p>"
    at = report.place
    machine = (who(report.target), where(at.get("os", ""), at.get("distro", ""), at.get("kind", "")))
    yield f'<p class="soft">{_text(" · ".join(filter(None, machine)))}</p>'
    yield '</header>\n<main class="wide">'


def _problems(report: Report) -> Iterable[str]:
    """The problems, failures first."""
    found = problems(report)
    for status, title in HEADINGS.items():
        these = [problem for problem in found if problem.status is status]
        if these:
            yield f"<section><h2>{title}</h2>"
            for problem in these:
                yield from _problem(problem)
            yield "</section>"


def _problem(problem: Problem) -> Iterable[str]:
    """One problem: its headline, what belongs to it, its fix. A long list is folded."""
    title, rest = headline(problem)
    status = problem.status.value
    yield f'<article class="check {status}">'
    head = f'<h3 dir="auto">{_mark(status)} {_text(title)}</h3>'
    head += f'<p class="soft">{_text(problem.check.title)} <code>{_text(problem.check.id)}</code></p>'
    first, *others = problem.findings
    if title == stated(first):
        yield f'<div class="finding">{head}{_proof(first)}</div>'
    else:
        yield head
        others = list(problem.findings)
    listed = "".join(f'<div class="finding"><p dir="auto">{_text(f.message)}</p>{_proof(f)}</div>' for f in others)
    folded = len(others) > MOST or (others and len(rest) < len(problem.findings) - 1)
    yield f"<details><summary>All {len(others)}, one by one</summary>{listed}</details>" if folded else listed
    if problem.fix:
        yield from _fix(problem.fix)
    yield "</article>"


def _proof(finding: Finding) -> str:
    """Where it is, its cause, and its evidence."""
    place = f" in {_text(f'{finding.location.file}:{finding.location.line or 1}')}" if finding.location else ""
    cause = f"<code>{_text(finding.cause)}</code>" if finding.cause else ""
    known = f'<p class="soft">{cause}{place}</p>' if cause or place else ""
    if not finding.evidence:
        return known
    pairs = "".join(f'<dt>{_text(k)}</dt><dd dir="auto">{_text(v)}</dd>' for k, v in evidence_of(finding))
    return f'{known}<details class="evidence"><summary>Evidence</summary><dl>{pairs}</dl></details>'


def _fix(prescription: Prescription) -> Iterable[str]:
    yield f'<div class="fix"><h4>Fix: {_text(heading(prescription))}</h4>'
    yield from (_command(command.text) for command in prescription.commands)
    yield from (f'<p dir="auto">{_text(note)}</p>' for note in prescription.notes)
    yield f'<p class="soft">Then: <code>{_text(prescription.verify)}</code></p></div>'


def _command(text: str) -> str:
    """A command, with a button that copies it."""
    button = '<button type="button" hidden>Copy</button>'
    return f'<div class="command"><pre tabindex="0"><code>{_text(text)}</code></pre>{button}</div>'


def _fine(report: Report) -> Iterable[str]:
    """What passed: a line for each family, its checks folded."""
    families = dict.fromkeys(result.family for result in report.results)
    found = {family: list(_findings(report, family, Status.PASS)) for family in families}
    if any(found.values()):
        yield '<section><h2>What passed</h2><div class="families">'
        for family, checks in found.items():
            if checks:
                results = [result for result in report.results if result.family == family]
                said = brief(results) or count(len(checks), "check")
                title = f"{_mark('pass')} <b>{_text(named(family))}</b> {_text(said)}"
                yield f"<details><summary>{title}</summary><ul>{''.join(checks)}</ul></details>"
        yield "</div></section>"


def _skipped(report: Report) -> Iterable[str]:
    """What was skipped, folded."""
    found = [
        item for family in dict.fromkeys(r.family for r in report.results) for item in _findings(report, family, Status.SKIP)
    ]
    if found:
        yield f"<details><summary>{_mark('skip')} {len(found)} not needed here</summary><ul>{''.join(found)}</ul></details>"


def _findings(report: Report, family: str, status: Status) -> Iterable[str]:
    """The findings of a family that ended so, an item each."""
    for result in report.results:
        for finding in result.findings:
            if result.family == family and finding.status is status:
                said = f"{_text(result.title)}: {_text(finding.message + blocked(finding))}"
                yield f'<li dir="auto">{said} <code>{_text(result.id)}</code></li>'


def _stages(report: Report) -> Iterable[str]:
    """The stages of the roadmap, side by side."""
    if report.stages:
        yield '<section><h2>Stages</h2>\n<ul class="stages">'
        for stage in report.stages:
            state = "pass" if stage.ready else "fail"
            said = "ready" if stage.ready else f"needs {lacking(stage, False)}"
            mark = f'<span aria-hidden="true">{GLYPHS[state]}</span>'
            yield f'<li class="{state}"><b>{mark} {_text(stage.name)}</b><br>{_text(said)}</li>'
        yield "</ul></section>"


def _next(report: Report) -> Iterable[str]:
    """What to do next, where something failed."""
    said, command = next_step(report, problems(report))
    if said or command:
        yield "<section><h2>What to do next</h2>"
        yield _command(command) if command else f'<p dir="auto">{_text(said[:1].upper() + said[1:])}.</p>'
        yield "</section>"


@cache
def asset(name: str) -> str:
    """A file beside this one."""
    return own_asset(__spec__, name)


def own_asset(spec: ModuleSpec | None, name: str) -> str:
    """A file beside a module, also out of a zip file."""
    assert spec is not None and spec.loader is not None and spec.origin is not None
    data: bytes = spec.loader.get_data(os.path.join(os.path.dirname(spec.origin), name))  # type: ignore[attr-defined]  # of all loaders
    return data.decode("utf-8").replace("\r\n", "\n").strip()


def content_hash(text: str) -> str:
    """How a policy names an inline text: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
