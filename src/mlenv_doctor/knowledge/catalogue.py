"""What a check or a cause means, in the words of the checks themselves."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import BadInput
from ..examine.checking import Check
from ..examine.registry import Plugin, causes, suggest


def explanation(name: str, plugins: Iterable[Plugin]) -> str:
    """The explanation of a check, a family or a cause. Raises BadInput."""
    plugins = tuple(plugins)
    checks = [check for plugin in plugins for check in plugin.checks]
    meanings = {cause: text for plugin in plugins for cause, text in plugin.causes.items()}
    by_cause = causes(checks)
    if name in by_cause:
        return _cause(name, meanings.get(name, ""), by_cause[name])
    found = [check for check in checks if name in (check.id, check.family)]
    if not found:
        known = {c.id for c in checks} | {c.family for c in checks} | set(by_cause)
        raise BadInput(f"there is no check, family or cause called {name!r}{suggest(name, known)}")
    return "\n".join(_check(check, meanings) for check in found)


def _check(check: Check[...], meanings: dict[str, str]) -> str:
    lines = [f"{check.id}: {check.title}", "", check.why, ""] if check.why else [f"{check.id}: {check.title}", ""]
    if check.causes:
        lines.append("It can find:")
        lines += [f"  {cause:26} {meanings.get(cause, '')}".rstrip() for cause in check.causes]
    return "\n".join([*lines, f"Look again with: mlenv-doctor check {check.id}", ""])


def _cause(name: str, meaning: str, checks: tuple[Check[...], ...]) -> str:
    lines = [f"{name}: {meaning}".rstrip(": "), ""]
    for check in checks:
        lines += [f"Found by {check.id} ({check.title}).", check.why, ""]
    return "\n".join([*lines, f"The repair for this machine: mlenv-doctor fix {checks[0].id}", ""])
