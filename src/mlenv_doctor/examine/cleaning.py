"""Take the secrets of an examination out of what it says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from ..foreign.clean import Cleaner
from ..model import Finding, Result
from .order import Order, secrets


def cleaner(order: Order) -> Callable[[str], str]:
    """What takes the secrets of this examination out of a line."""
    return Cleaner(secrets(order), public=f"{order.project} {sys.executable}").line


def without_a_secret(command: str, order: Order) -> str:
    """A command as it is; empty where it would repeat a secret, such as one that the command line held."""
    return command if cleaner(order)(command) == command else ""


def without_secrets(results: tuple[Result, ...], order: Order) -> tuple[Result, ...]:
    """The results without what can be nothing but a secret: a name may hold one that the command line or a file put there."""
    clean = cleaner(order)
    return tuple(replace(result, findings=tuple(_cleaned(finding, clean) for finding in result.findings)) for result in results)


def _cleaned(finding: Finding, clean: Callable[[str], str]) -> Finding:
    message, subject, brief = clean(finding.message), clean(finding.subject), clean(finding.brief)
    evidence = {name: clean(value) for name, value in finding.evidence.items()}
    same = (message, subject, brief, evidence) == (finding.message, finding.subject, finding.brief, finding.evidence)
    return finding if same else replace(finding, message=message, subject=subject, brief=brief, evidence=evidence)
