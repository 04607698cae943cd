"""The mark of a demonstration, so that nobody takes its report for that of a real machine."""

from __future__ import annotations

import json
from html import escape

FORMATS = ("text", "short", "json", "markdown", "html")
STYLE = "margin:0;padding:.6em 1em;background:#fd0;color:#000;font-weight:bold"


def marked(form: str, shown: str, name: str, note: str) -> str:
    """A rendered report that says at its beginning, or in its field `demonstration`, that it is none of this machine."""
    if form == "json":
        return json.dumps({**json.loads(shown), "demonstration": name}, indent=1) + "\n"
    if form == "markdown":
        return f"> **{note}**\n\n{shown}"
    if form == "html":
        head, body, rest = shown.partition("<body>")
        return f'{head}{body}\n<p role="note" style="{STYLE}">{escape(note)}</p>{rest}'
    return f"{note}\n{shown}"
