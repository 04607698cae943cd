"""`mlenv-doctor check --recursive`: a folder and the projects below it, each with its own environment, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..model import EXIT_CODES, Report, Status, Verdict
from .asking import examined, plugins

if TYPE_CHECKING:
    from ..examine.order import Order
    from ..report.look import Look

HERE = "."
ORDER = (Verdict.NOT_READY, Verdict.UNKNOWN, Verdict.READY)


def examine_all(order: Callable[[str], Order], look: Look) -> int:
    """Examine this folder and each project below it, print a row for each, and return the exit code of the worst.

    order: what is asked of the project in a folder.
    """
    from ..examine.examination import projects_below
    from ..running.printing import emit

    plugins()  # the facts of the families are known once they are loaded
    folders = projects_below(order(HERE))
    found = [(folder, _report(order, folder)) for folder in (HERE, *folders)]
    if folders and _has_nothing(found[0][1]):
        found = found[1:]
    emit("".join(f"{row}\n" for row in _rows(found, look)))
    verdicts = {report.verdict for _, report in found if isinstance(report, Report)}
    return EXIT_CODES[next((verdict for verdict in ORDER if verdict in verdicts), Verdict.UNKNOWN)]


def _report(order: Callable[[str], Order], folder: str) -> Report | BadInput:
    """The report of one project; or why it cannot be examined."""
    try:
        return examined(order(folder))
    except BadInput as why:
        return why


def _has_nothing(report: Report | BadInput) -> bool:
    """Whether a folder only holds other projects."""
    return isinstance(report, Report) and report.verdict is Verdict.UNKNOWN


def _rows(found: list[tuple[str, Report | BadInput]], look: Look) -> Iterator[str]:
    """A row for each project: its folder, whether it is ready, its Python, and what comes first of what is wrong."""
    width = min(40, max(len(folder) for folder, _ in found))
    for folder, report in found:
        state, words = _state(report)
        yield f"{folder:{width}}  {state:9}  {words}"[: look.width if look.width > 60 else None].rstrip()
    ready = sum(isinstance(report, Report) and report.verdict is Verdict.READY for _, report in found)
    yield f"{ready} of {len(found)} projects ready; run mlenv-doctor in a folder to see all of it"


def _state(report: Report | BadInput) -> tuple[str, str]:
    if isinstance(report, BadInput):
        return "unknown", str(report)
    wrong = [finding.message for result in report.results for finding in result.findings if finding.status is Status.FAIL]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    state = {Verdict.READY: "ready", Verdict.NOT_READY: "not ready", Verdict.UNKNOWN: "unknown"}[report.verdict]
    return state, (wrong[0] + more if wrong else f"{report.target.get('python', '')} {report.target.get('version', '')}".strip())
