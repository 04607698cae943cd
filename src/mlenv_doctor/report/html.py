"""The report as one page for a browser: whole in itself, without a network, also on paper and on a phone."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from html import escape
from itertools import groupby

from ..clean import harmless
from ..model import Finding, Prescription, Report, Result, Status, plan_key
from .look import GLYPHS, Look
from .text import CHOSEN, LOUD, REPORT, VERDICTS, heading, where

WORST = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS, Status.SKIP)
NAMES = {"fail": "Failed", "warn": "Warning", "unknown": "Unknown", "pass": "Passed", "skip": "Skipped"}
TITLES = {"gpu": "GPU", "llm": "LLM", "mlflow": "MLflow", "wsl": "WSL", "amd": "AMD"}


def render(report: Report, look: Look) -> str:
    """The whole page. Everything that comes from the machine is escaped; the policy forbids scripts but ours, and any network."""
    style, script = asset("html.css"), asset("html.js")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    shown: set[str] = set()
    loud = [result for result in report.results if worst(result) in LOUD]
    loud.sort(key=lambda result: WORST.index(worst(result)))
    quiet = [result for result in report.results if worst(result) not in LOUD]
    body = [*_head(report), *_filter(report)]
    if loud:
        body += ['<section class="family"><h2>What needs attention</h2>', *_checks(report, loud, shown), "</section>"]
    for family, results in groupby(quiet, key=lambda result: result.family):
        body += [f'<section class="family"><h2>{_text(TITLES.get(family, family.capitalize()))}</h2>']
        body += [*_checks(report, list(results), shown), "</section>"]
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>mlenv-doctor: {VERDICTS[report.verdict][1]}</title>",
        f"<style>{style}</style>\n</head>\n<body>",
        *body,
        "</main>",
        f'<footer class="wide"><p>mlenv-doctor {_text(report.version)}, {report.duration_s:g} s</p></footer>',
        f"<script>{script}</script>\n</body>\n</html>\n",
    ])  # fmt: skip


def worst(result: Result) -> Status:
    """The status that a check is shown by."""
    seen = {finding.status for finding in result.findings}
    return next((status for status in WORST if status in seen), Status.SKIP)


def _text(text: str) -> str:
    """A text that is nothing but text."""
    return escape(harmless(text))


def _mark(status: str) -> str:
    """The sign and the name of a status: never its colour alone."""
    return f'<span class="mark"><span aria-hidden="true">{GLYPHS[status]}</span> {NAMES[status]}</span>'


def _head(report: Report) -> Iterable[str]:
    """The verdict and a picture of the machine: its Python, its system, its GPUs and the stages it is ready for."""
    status, verdict = VERDICTS[report.verdict]
    yield '<header class="wide">\n<h1>mlenv-doctor</h1>'
    yield f'<p class="verdict {status}"><span aria-hidden="true">{GLYPHS[status]}</span> {verdict}</p>'
    yield f'<p class="soft">{_counts(report)}</p>\n<div class="machine">'
    target, place = report.target, report.place
    chosen = (
        "as the pasted report says" if target["chosen_by"] == REPORT else CHOSEN.get(target["chosen_by"], target["chosen_by"])
    )
    yield _box(("Python", target.get("version") or "unknown"), ("Where", target.get("python", "")), ("Chosen because", chosen))
    yield _box(
        ("System", where(place.get("os", ""), place.get("distro", ""), place.get("kind", ""))), ("Graphics", _cards(report))
    )
    yield "</div>"
    if report.stages:
        yield '<h2>Stages</h2>\n<ul class="stages">'
        for stage in report.stages:
            state = "pass" if stage.ready else "fail"
            said = "ready" if stage.ready else f"lacks {', '.join(stage.missing)}"
            yield f'<li class="{state}"><b>{_text(stage.name)}</b>: {_text(said)}</li>'
        yield "</ul>"
    yield '</header>\n<main class="wide">'


def _counts(report: Report) -> str:
    return (
        ", ".join(f"{number} {NAMES[status].lower()}" for status, number in report.summary().items() if number) or "nothing seen"
    )


def _box(*pairs: tuple[str, str]) -> str:
    """A part of the machine."""
    items = "".join(f'<dt>{name}</dt><dd dir="auto">{_text(value)}</dd>' for name, value in pairs if value)
    return f"<div><dl>{items}</dl></div>"


def _cards(report: Report) -> str:
    """What the checks of the family gpu say of the cards."""
    found = [f for r in report.results if r.family == "gpu" for f in r.findings if f.status is not Status.SKIP]
    return "; ".join(dict.fromkeys(finding.message for finding in found[:4])) or "no GPU was looked at"


def _filter(report: Report) -> Iterable[str]:
    """Boxes that hide checks, at first what was skipped; without scripts there are none, and all is shown."""
    yield '<fieldset class="filter" hidden><legend>Show</legend>'
    there = {worst(result) for result in report.results}
    for status in (status for status in WORST if status in there):
        number = sum(worst(result) is status for result in report.results)
        box = f'<input type="checkbox" value="{status.value}"{" checked" * (status is not Status.SKIP)}>'
        yield f"<label>{box} {NAMES[status.value]} ({number})</label>"
    yield "</fieldset>"


def _checks(report: Report, results: list[Result], shown: set[str]) -> Iterable[str]:
    for result in results:
        status = worst(result).value
        yield f'<article class="check {status}" data-status="{status}">'
        yield f"<h3>{_mark(status)} {_text(result.title)} <code>{_text(result.id)}</code></h3>"
        findings = sorted(result.findings, key=lambda finding: WORST.index(finding.status))
        for finding in findings:
            yield from _finding(finding, finding.status.value != status)
        for finding in findings:
            prescription = report.planned(finding) if finding.status in LOUD else None
            if prescription and finding.fix and plan_key(finding.fix) not in shown:
                shown.add(plan_key(finding.fix))
                yield from _fix(prescription)
        yield "</article>"


def _finding(finding: Finding, differs: bool) -> Iterable[str]:
    """A finding; its own status is named where the check is shown by a worse one."""
    label = _mark(finding.status.value) + " " if differs else ""
    cause = f" <code>{_text(finding.cause)}</code>" if finding.cause else ""
    yield f'<div class="finding {finding.status.value}"><p dir="auto">{label}{_text(finding.message)}{cause}</p>'
    if finding.location:
        yield f'<p class="soft">{_text(f"{finding.location.file}:{finding.location.line or 1}")}</p>'
    if finding.evidence:
        pairs = "".join(f'<dt>{_text(k)}</dt><dd dir="auto">{_text(v)}</dd>' for k, v in finding.evidence.items())
        yield f'<details class="evidence"><summary>Evidence</summary><dl>{pairs}</dl></details>'
    yield "</div>"


def _fix(prescription: Prescription) -> Iterable[str]:
    yield f'<div class="fix"><h4>Fix: {_text(heading(prescription))}</h4>'
    for command in prescription.commands:
        button = '<button type="button" hidden>Copy</button>'
        yield f'<div class="command"><pre tabindex="0"><code>{_text(command.text)}</code></pre>{button}</div>'
    yield from (f'<p dir="auto">{_text(note)}</p>' for note in prescription.notes)
    yield f'<p class="soft">Then: <code>{_text(prescription.verify)}</code></p></div>'


@cache
def asset(name: str) -> str:
    """A file beside this one, also out of a zip file."""
    assert __spec__ is not None and __spec__.loader is not None
    data: bytes = __spec__.loader.get_data(os.path.join(os.path.dirname(__file__), name))  # type: ignore[attr-defined]  # of all loaders
    return data.decode("utf-8").replace("\r\n", "\n").strip()


def _hash(text: str) -> str:
    """How a policy names an inline text: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
