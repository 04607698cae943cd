"""The report in the output of a notebook's cell: compact HTML that takes its colours from the notebook around it."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterable, Iterator

from ..foreign.clean import harmless
from ..model import Finding, Prescription, Report, Result, Status
from .guide import findings_of, repairs, said_of
from .lines import LOUD, evidence_of
from .look import GLYPHS
from .problems import Problem, problems, tally
from .text import VERDICTS, blocked, heading, next_step, sentence, summed_up, where, who

ALL = sys.maxsize  # findings of a problem that are shown: a cell can be folded

# All colours are mixed from that of the text around: it is dark in a light notebook and light in a dark one, and no notebook
# says in the same way which it is. Where a style sheet is not let in (an untrusted notebook, GitHub) the plain elements remain.
STYLE = """
div.mlenv-doctor {font-size: 13px; line-height: 1.45; max-width: 62em; overflow-wrap: anywhere;
  --fail: #c62828; --warn: #9a6700; --pass: #1a7f37; --skip: #777; --unknown: #8250df; --line: #8884; --tint: #8881}
@supports (color: color-mix(in srgb, red, blue)) {div.mlenv-doctor {
  --fail: color-mix(in srgb, currentColor 35%, #f02020); --warn: color-mix(in srgb, currentColor 40%, #d08700);
  --pass: color-mix(in srgb, currentColor 40%, #18a040); --unknown: color-mix(in srgb, currentColor 40%, #9a50f0);
  --skip: color-mix(in srgb, currentColor 65%, transparent); --line: color-mix(in srgb, currentColor 22%, transparent);
  --tint: color-mix(in srgb, currentColor 6%, transparent)}}
div.mlenv-doctor p {margin: 0 0 .3em}
div.mlenv-doctor .small {color: var(--skip); font-size: 12px; font-weight: 400}
div.mlenv-doctor .verdict {font-size: 15px; font-weight: 600}
div.mlenv-doctor details {border-left: 3px solid var(--line); margin: .5em 0; padding: .1em 0 .1em .8em}
div.mlenv-doctor summary {cursor: pointer; font-weight: 600}
div.mlenv-doctor summary b {display: inline-block; width: 1.2em}
div.mlenv-doctor summary code {font-weight: 400; font-size: 11px; color: var(--skip); background: none; padding: 0}
div.mlenv-doctor .said {white-space: pre-wrap; margin: .2em 0}
div.mlenv-doctor pre {white-space: normal; background: var(--tint); border: 1px solid var(--line); border-radius: 4px;
  margin: .25em 0; padding: .35em .6em; font-size: 12px; color: inherit; user-select: all}
div.mlenv-doctor pre code {display: block; white-space: pre-wrap; word-break: normal; padding: 0 0 0 1.5em;
  text-indent: -1.5em; background: none; color: inherit; font-size: inherit}
div.mlenv-doctor table {border-collapse: collapse; margin: .3em 0; font-size: 12px}
div.mlenv-doctor td, div.mlenv-doctor tr {text-align: left !important; vertical-align: top; padding: .1em .8em .1em 0; border: 0;
  background: none !important; white-space: normal}
div.mlenv-doctor td:first-child {white-space: nowrap}
div.mlenv-doctor b.fail, div.mlenv-doctor span.fail {color: var(--fail)}
div.mlenv-doctor b.warn {color: var(--warn)}
div.mlenv-doctor b.pass, div.mlenv-doctor span.pass {color: var(--pass)}
div.mlenv-doctor b.unknown, div.mlenv-doctor span.unknown {color: var(--unknown)}
div.mlenv-doctor details.fail {border-color: var(--fail)}
div.mlenv-doctor details.warn {border-color: var(--warn)}
div.mlenv-doctor details.unknown {border-color: var(--unknown)}
"""


def render(report: Report, verbose: bool = False) -> str:
    """The whole output. What failed stands open, the rest opens with a click; with `verbose` all stands open."""
    return page(
        [verdict(report), about(report), *loud(report, verbose), quiet(report, verbose), stages(report), following(report)]
    )


def render_repairs(report: Report, optional: bool = False) -> str:
    """The fixes in the order in which they help. With `optional`, also what could be done though nothing is wrong."""
    planned = list(repairs(report, optional))
    parts = [
        block(status_of(found), f"{number}. {heading(made)}", "", sentences(found, results, made) + steps(made), opened=True)
        for number, (made, results) in enumerate(planned, 1)
        if (found := list(findings_of(report, results, made, optional)))
    ]
    without = [finding for result in report.results for finding in result.findings if finding.status in LOUD and not finding.fix]
    parts += [p(finding.message, f"said {finding.status.value}") for finding in without]
    if not parts:
        parts = [p(f"{GLYPHS['pass']} Nothing to repair{said_of(report.results)}", "verdict pass")]
    return page([about(report), *parts])


def page(parts: Iterable[str]) -> str:
    """The frame. The classes keep MathJax away: a message with two dollar signs is no formula."""
    return f'<div class="mlenv-doctor tex2jax_ignore mathjax_ignore"><style>{STYLE}</style>{"".join(parts)}</div>'


def text(said: str) -> str:
    """Text as HTML."""
    return html.escape(harmless(said))


def p(said: str, kind: str) -> str:
    """A paragraph."""
    return f'<p class="{kind}">{text(said)}</p>'


def verdict(report: Report) -> str:
    """What it comes to."""
    status, word = VERDICTS[report.verdict]
    return (
        f'<p class="verdict"><span class="{status}">{GLYPHS[status]} {word}</span> '
        f'<span class="small">{text(tally(report))} in {report.duration_s:.1f} s</span></p>'
    )


def about(report: Report) -> str:
    """Who was examined."""
    place = report.place
    here = where(place.get("os", ""), place.get("distro", ""), place.get("kind", ""))
    return p(f"{who(report.target)}; {here}; mlenv-doctor {report.version}", "small")


def loud(report: Report, verbose: bool) -> Iterator[str]:
    """The problems, failures first, each with its fix. Failures stand open."""
    for problem in problems(report):
        title, *rest = summed_up(problem, verbose, ALL)
        body = "".join(p(said, "said") for said in rest) if not verbose else proof(problem)
        if problem.fix:
            body += f'<p class="said"><b>Fix:</b> {text(heading(problem.fix))}</p>' + steps(problem.fix)
        yield block(problem.status, title, problem.check.id, body, opened=verbose or problem.status is Status.FAIL)


def proof(problem: Problem) -> str:
    """Every finding of a problem but the one that heads it, each with its cause and evidence."""
    first, *rest = problem.findings
    lines = [table((("cause", first.cause), *evidence_of(first)) if first.cause else evidence_of(first))]
    for finding in rest:
        lines += [p(sentence(finding), "said"), table(evidence_of(finding))]
    return "".join(lines)


def block(status: Status, title: str, id: str, body: str, *, opened: bool) -> str:
    """One matter, that can be folded."""
    name = f" <code>{text(id)}</code>" if id else ""
    return (
        f'<details class="{status.value}"{" open" if opened else ""}><summary>'
        f'<b class="{status.value}">{GLYPHS[status.value]}</b>{text(title)}{name}</summary>{body}</details>'
    )


def sentences(found: list[Finding], results: list[Result], made: Prescription) -> str:
    """What the findings say that one repair cures, in a few lines."""
    return "".join(p(said, "said") for said in summed_up(Problem(status_of(found), results[0], tuple(found), made), False, ALL))


def steps(made: Prescription) -> str:
    """The commands, each whole on its line, what else is to be known, and how to see that it worked.

    One click selects them all. The line breaks count only where the style sheet is not let in.
    """
    commands = "\n".join(f"<code>{text(command.text)}</code>" for command in made.commands)
    return (
        (f"<pre>{commands}</pre>" if commands else "")
        + "".join(p(note, "said") for note in made.notes)
        + p(f"Then: {made.verify}", "small")
    )


def quiet(report: Report, verbose: bool) -> str:
    """What passed and what was not needed: a table that opens with a click."""
    rows = [row for result in report.results for row in _rows(result)]
    if not rows:
        return ""
    seen = report.summary()
    counted = f"{seen['pass']} passed, {seen['skip']} skipped"
    opened = " open" if verbose else ""
    return f"<details{opened}><summary>{text(counted)}</summary>{table(rows)}</details>"


def _rows(result: Result) -> Iterator[tuple[str, str]]:
    for finding in result.findings:
        if finding.status not in LOUD:
            yield f"{GLYPHS[finding.status.value]} {result.id}", finding.message + blocked(finding)


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Names and what belongs to them."""
    return "<table>" + "".join(f"<tr><td>{text(name)}</td><td>{text(value)}</td></tr>" for name, value in rows) + "</table>"


def stages(report: Report) -> str:
    """The stages of the roadmap."""
    rows = [
        (f"{GLYPHS['pass' if s.ready else 'fail']} {s.name}", "ready" if s.ready else f"needs {', '.join(s.missing)}")
        for s in report.stages
    ]
    return table(rows) if rows else ""


def following(report: Report) -> str:
    """What to do next, where something failed."""
    said, command = next_step(report, problems(report))
    if command:
        return f'<p class="said"><b>Next:</b></p><pre><code>{text(command)}</code></pre>'
    return p(f"Next: {said}", "said") if said else ""


def status_of(found: Iterable[Finding]) -> Status:
    """The gravest status."""
    order = (*LOUD, Status.SKIP, Status.PASS)
    return min((finding.status for finding in found), key=order.index)
