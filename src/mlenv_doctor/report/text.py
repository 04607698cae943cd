"""The report for a reader at a terminal: the problems first, then what is fine in a few lines, at the end what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..model import Finding, Prescription, Report, Result, Status, Verdict
from ..stage import StageState
from .lines import LOUD, evidence_of
from .look import Look
from .page import Page
from .problems import MOST, Problem, headline, place, problems, stated, tally

HEADINGS = {Status.FAIL: "Problems", Status.WARN: "Warnings", Status.UNKNOWN: "Not verified"}
FAMILIES = {"gpu": "GPU", "llm": "LLM keys", "mlflow": "MLflow", "torch": "PyTorch", "symptom": "Error text"}
VERDICTS = {
    Verdict.READY: ("pass", "Ready"),
    Verdict.NOT_READY: ("fail", "Not ready"),
    Verdict.UNKNOWN: ("unknown", "No verdict"),
}
REPORT = "the report"  # the Python is that of a text which somebody pasted
CHOSEN = {
    "--python": "chosen with --python",
    "VIRTUAL_ENV": "the active virtual environment",
    "CONDA_PREFIX": "the active conda environment",
    "project": "this project's virtual environment",
    "PATH": "the first on PATH",
    "self": "the one that runs mlenv-doctor",
    "kernel": "this notebook's kernel",
    "caller": "the one that runs this program",
}
NEEDS = 3  # of more missing things than this a stage names the first ones


def render(report: Report, look: Look) -> str:
    """The whole screen."""
    page = Page(look)
    head(page, report)
    found = problems(report)
    for status, title in HEADINGS.items():
        these = [problem for problem in found if problem.status is status]
        if these:
            page.line(title, style="bold")
        for problem in these:
            tell(page, problem)
            page.line()
    quiet(page, report)
    foot(page, report, found)
    return page.text()


def head(page: Page, report: Report) -> None:
    """Which Python was examined, why that one, and on what system."""
    target, at = report.target, report.place
    page.line(f"mlenv-doctor {report.version}", style="bold")
    page.line(who(target))
    page.line(where(at.get("os", ""), at.get("distro", ""), at.get("kind", "")))
    page.line()


def who(target: Mapping[str, str]) -> str:
    """Such as "Python 3.12.4 at /p/.venv/bin/python (the active virtual environment)"."""
    version = f"Python {target['version']}" if target.get("version") else "Python"
    if target["chosen_by"] == REPORT:
        return f"{version}, from a pasted report (only what it says was checked)"
    return f"{version} at {target['python']} ({CHOSEN.get(target['chosen_by'], target['chosen_by'])})"


def where(system: str, distro: str, kind: str) -> str:
    """Such as "Linux (debian), container"."""
    name = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}.get(system, system)
    return name + (f" ({distro})" if distro not in ("", "other") else "") + (f", {kind}" if kind not in ("", "machine") else "")


def named(family: str) -> str:
    """A family as a reader knows it."""
    return FAMILIES.get(family, family.capitalize())


def tell(page: Page, problem: Problem) -> None:
    """A problem: its headline, what else belongs to it, and its fix."""
    first, *rest = summed_up(problem, page.look.verbose)
    page.headline(problem.status.value, first, problem.check.id)
    if page.look.verbose:
        proof(page, problem.findings[0])
        for finding in problem.findings[1:]:
            page.line(sentence(finding), indent=2, hang=2)
            proof(page, finding)
    else:
        for said in rest:
            page.line(said, indent=2, hang=2)
    if problem.fix:
        page.line(f"Fix: {heading(problem.fix)}", indent=2, hang=5)
        steps(page, problem.fix)


def summed_up(problem: Problem, verbose: bool, most: int = MOST) -> Iterator[str]:
    """The headline of a problem, and what else belongs to it; without `verbose` at most so many sentences more."""
    first, rest = headline(problem, verbose)
    at = place(problem.findings[0]) if first == stated(problem.findings[0]) else ""
    yield first + (f" ({at})" if at else "")
    shown = rest if verbose or len(rest) <= most else rest[: most - 1]
    yield from map(sentence, shown)
    if len(shown) < len(rest):
        yield f"and {len(rest) - len(shown)} more (-v shows all)"


def proof(page: Page, finding: Finding) -> None:
    """The name of the cause, and the evidence."""
    for name, value in (("cause", finding.cause), *evidence_of(finding)):
        if value:
            page.line(f"{name}: {value}", style="dim", indent=4, hang=2)


def sentence(finding: Finding) -> str:
    """A finding with its place."""
    at = place(finding)
    return finding.message + (f" ({at})" if at else "")


def heading(prescription: Prescription) -> str:
    """What a fix does, what it risks, and who must act."""
    who = {"you": "", "admin": "needs admin rights", "provider": "your provider must do it"}[prescription.who]
    risk = "" if prescription.risk == "nothing" else prescription.risk
    said = "; ".join(filter(None, (risk, who)))
    return prescription.title + (f" ({said})" if said else "")


def steps(page: Page, prescription: Prescription) -> None:
    """The commands, alone on their lines, and what else is to be known."""
    for command in prescription.commands:
        page.command(command.text)
    for note in prescription.notes:
        page.line(note, indent=4, hang=2)
    if page.look.verbose:
        page.then(prescription.verify)


def quiet(page: Page, report: Report) -> None:
    """What is fine, in a line per family without problems; with -v all that passed or was skipped, in a line per finding.

    Where nothing passed and nothing is wrong, why nothing was checked.
    """
    findings = [(result, finding) for result in report.results for finding in result.findings]
    if page.look.verbose:
        for result, finding in findings:
            if finding.status not in LOUD:
                page.status(finding.status.value, f"{result.id:24} ", finding.message + blocked(finding), hang=27)
    elif all(finding.status is Status.SKIP for _, finding in findings):
        for message in skipped(report.results):
            page.status("skip", message)
    else:
        fine(page, report)
    page.line()


def fine(page: Page, report: Report) -> None:
    """A line for each family that passed and has something to tell; the rest together in one."""
    silent = []
    for family in dict.fromkeys(result.family for result in report.results):
        results = [result for result in report.results if result.family == family]
        if not passed(results):
            continue
        if said := brief(results, page.look.ascii):
            page.status("pass", f"{named(family):10} ", said, hang=13)
        else:
            silent.append(named(family))
    if silent:
        page.status("pass", "No problems: ", ", ".join(silent), hang=13)


def passed(results: Iterable[Result]) -> bool:
    """Whether something of a family passed and nothing is wrong with it."""
    seen = {finding.status for result in results for finding in result.findings}
    return Status.PASS in seen and not seen & set(LOUD)


def brief(results: Iterable[Result], ascii: bool = False) -> str:
    """What a family found, such as "RTX 3060 · driver 550.54"."""
    briefs = dict.fromkeys(finding.brief for result in results for finding in result.findings if finding.brief)
    return (", " if ascii else " · ").join(briefs)


def skipped(results: Iterable[Result]) -> Iterator[str]:
    """Why nothing was checked, each reason once."""
    messages = (finding.message + blocked(finding) for result in results for finding in result.findings)
    return iter(dict.fromkeys(messages))


def blocked(finding: Finding) -> str:
    """Which finding says more."""
    return f" (see {finding.blocked_by})" if finding.blocked_by else ""


def foot(page: Page, report: Report, found: list[Problem]) -> None:
    """The stages of the roadmap, the verdict, and what to do next."""
    ready = [stage.name + " (works)" * stage.works for stage in report.stages if stage.ready]
    if ready:
        page.line(f"{'Ready for':14} {', '.join(ready)}", hang=15)
    for stage in report.stages:
        if not stage.ready:
            page.line(f"{'Not ready for':14} {stage.name}: needs {lacking(stage, page.look.verbose)}", hang=15)
    if report.stages:
        page.line()
    status, word = VERDICTS[report.verdict]
    page.status(status, word, f": {tally(report)} in {report.duration_s:.1f} s")
    said, command = next_step(report, found)
    if command:
        page.then(command, indent=0, word="Next")
    elif said:
        page.line(f"Next: {said}", hang=2)


def lacking(stage: StageState, everything: bool) -> str:
    """What a stage needs and has not."""
    more = len(stage.missing) - NEEDS
    if more < 2 or everything:
        return ", ".join(stage.missing)
    return f"{', '.join(stage.missing[:NEEDS])} and {more} more"


def next_step(report: Report, found: list[Problem]) -> tuple[str, str]:
    """What to do next where something failed: a sentence, or a command of ours. Nothing where nothing failed."""
    wrong = [problem for problem in found if problem.status is Status.FAIL or (report.strict and problem.status is Status.WARN)]
    if not wrong or report.repairs:
        return "", report.repairs if wrong else ""
    fix = next((problem.fix for problem in wrong if problem.fix), None)
    if fix and fix.commands:
        return "run the commands above, from top to bottom, then check again", ""
    if fix:
        return f"{heading(fix)}, then check again", ""
    return "correct what is described above, then check again", ""
