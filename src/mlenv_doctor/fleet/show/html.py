"""The fleet as one page for a browser: a cell for each node, its difference on hover, and the groups below. Whole in itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from ... import __version__
from ...foreign.clean import harmless
from ...report.html import asset, content_hash, own_asset
from ...report.look import GLYPHS, Look
from ..fold import Group
from . import Shown
from .text import verdict
from .told import VERDICTS, by_owner, causes, mark, names_of, nodes, summary

NAMES = {"fail": "Not ready", "warn": "Different", "unknown": "Silent or no verdict", "pass": "As the norm"}
LONGEST_TITLE = 200  # characters on hover
MOST_GROUPS, MOST_DIFFERS, MOST_CAUSES = 100, 20, 20
Cell = tuple[str, str, str, str]  # name, status, number of its group, what differs


def render(shown: Shown, look: Look) -> str:
    """The whole page. Everything that comes from nodes is escaped; the policy forbids scripts but ours, and any network."""
    style = f"{asset('html.css')}\n{own_asset(__spec__, 'fleet.css')}"
    script = own_asset(__spec__, "fleet.js")
    allowed = f"style-src {content_hash(style)}; script-src {content_hash(script)}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    status, sentence = verdict(shown)
    cells = sorted(_cells(shown))
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>mlenv-doctor fleet: {_text(sentence)}</title>",
        f"<style>{style}</style>\n</head>\n<body>",
        '<header class="wide">\n<h1>mlenv-doctor fleet</h1>',
        f'<p class="verdict {status}"><span aria-hidden="true">{GLYPHS[status]}</span> {_text(sentence)}</p>\n</header>',
        '<main class="wide">',
        *_filter(cells),
        '<ul class="cells">',
        *map(_cell, cells),
        "</ul>",
        '<section class="groups"><h2>Groups</h2>',
        *_groups(shown),
        f'</section>\n</main>\n<footer class="wide"><p>mlenv-doctor {_text(__version__)}</p></footer>',
        f"<script>{script}</script>\n</body>\n</html>\n",
    ])  # fmt: skip


def _text(text: str) -> str:
    """A text that is nothing but text."""
    return escape(harmless(text).replace("\n", " "))


def _cells(shown: Shown) -> Iterator[Cell]:
    fleet = shown.fleet
    for number, group in enumerate(fleet.groups):
        about = "as the norm" if group.norm else summary(group)
        yield from ((name, mark(group), str(number), about) for name in group.names)
    for number, silent in enumerate(fleet.silent):
        yield from ((name, "unknown", f"s{number}", f"no answer: {silent.why}") for name in silent.names)


def _cell(cell: Cell) -> str:
    name, status, group, about = cell
    title = _text(f"{name}: {about}"[:LONGEST_TITLE])
    return f'<li class="cell {status}" data-status="{status}" data-group="{group}" title="{title}">{GLYPHS[status]}</li>'


def _filter(cells: Iterable[Cell]) -> Iterable[str]:
    """Boxes that hide cells, and a field for a name; without scripts there are none, and all is shown."""
    found = [status for _, status, _, _ in cells]
    yield '<fieldset class="filter" hidden><legend>Show</legend>'
    for status, name in NAMES.items():
        if status in found:
            box = f'<input type="checkbox" value="{status}" checked>'
            sign = f'<span class="mark {status}" aria-hidden="true">{GLYPHS[status]}</span>'
            yield f"<label>{box} {sign} {name} ({found.count(status)})</label>"
    yield '<label>Name <input type="search" size="12" autocomplete="off"></label></fieldset>'
    yield '<p class="soft chosen" aria-live="polite" hidden></p>'


def _groups(shown: Shown) -> Iterator[str]:
    fleet = shown.fleet
    for number, group in enumerate(fleet.groups[:MOST_GROUPS]):
        yield from _group(str(number), group)
    if len(fleet.groups) > MOST_GROUPS:
        yield f"<p>and {len(fleet.groups) - MOST_GROUPS} more groups: their differences are told by their cells</p>"
    for number, silent in enumerate(fleet.silent):
        yield from _card(f"s{number}", "unknown", silent.names, "no answer")
        yield f'<p dir="auto">{_text(silent.why)}</p></article>'


def _group(number: str, group: Group) -> Iterator[str]:
    about = f"the norm, {VERDICTS[group.node.verdict]}" if group.norm else VERDICTS[group.node.verdict]
    yield from _card(number, mark(group), group.names, about)
    if group.norm:
        figures = "".join(f'<dt>{_text(k)}</dt><dd dir="auto">{_text(v)}</dd>' for k, v in group.node.machine.items() if v)
        yield f"<dl>{figures}<dt>Libraries</dt><dd>{len(group.node.libraries)}</dd></dl>"
    for label, text in by_owner(group.differs, MOST_DIFFERS):
        yield f'<p dir="auto"><b>{label}</b> {_text(text)}</p>'
    found = group.node.found if group.norm else group.new
    for status, text in causes(found)[:MOST_CAUSES]:
        yield f'<p class="{status}" dir="auto"><span class="mark">{GLYPHS[status]}</span> {_text(text)}</p>'
    if group.gone:
        yield f"<p>without the norm's {_text(', '.join(dict.fromkeys(one.cause or one.check for one in group.gone)))}</p>"
    yield "</article>"


def _card(number: str, status: str, names: tuple[str, ...], about: str) -> Iterator[str]:
    sign = f'<span class="mark"><span aria-hidden="true">{GLYPHS[status]}</span></span>'
    yield f'<article class="check {status}" data-status="{status}" data-group="{number}">'
    yield f'<h3>{sign} <code>{_text(names_of(names, 300))}</code></h3><p class="soft">{nodes(len(names))}, {_text(about)}</p>'
