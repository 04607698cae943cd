"""What a search would try, what it never does, and when it believes a cure: plain calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlenv_doctor.model import Command, Finding, Fix, Prescription, fail, fix_key, ok, plan_key, skip
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Wanted, WantedLibrary
from mlenv_doctor.repair.changes import UNREACHABLE, Change, last_line
from mlenv_doctor.repair.run import lasted
from mlenv_doctor.repair.search.candidates import Candidate, Installer, intruders, involved, other_versions, owners_of, printed
from mlenv_doctor.repair.search.clone import inside
from mlenv_doctor.repair.search.limits import constraints, forbidden, reason
from mlenv_doctor.repair.search.search import Answer
from mlenv_doctor.repair.search.targets import Seen, Target, fixes, no_longer_imports, still_wrong, targets
from mlenv_doctor.report.look import Look
from mlenv_doctor.report.search import search_text

from .test_plan import PYTHON, SCOPE, report, result

PIP = Installer("pip", PYTHON)
UV = Installer("uv", PYTHON)


def dist(name: str, version: str | None = "2.1.3", *requires: str) -> Distribution:
    return Distribution(name, version, "/p/.venv/lib/python3.11/site-packages", requires=requires)


LIBRARIES = Libraries(
    (dist("flask", "2.0.3", "werkzeug>=2", "not a (requirement"), dist("werkzeug", "3.0.1", "markupsafe"), dist("markupsafe"),
     dist("odd", "unreadable"), dist("none", None), dist("torch", "2.9.1+cpu"), dist("-e.evil", "1.0"))
)  # fmt: skip
OWNERS = {"flask": ["flask"], "werkzeug": ["werkzeug"], "evil": ["-e.evil"], "gone": ["gone"]}
TRACE = """Traceback (most recent call last):
  File "/p/.venv/lib/python3.11/site-packages/flask/__init__.py", line 7, in <module>
  File "/p/.venv/lib/python3.11/site-packages/evil/x.py", line 1, in <module>
  File "/p/.venv/lib/python3.11/site-packages/flask/app.py", line 28, in <module>
"""
FLASK = Imported(
    "flask", "error", reason="ImportError", detail=TRACE, message="cannot import name 'url_quote' from 'werkzeug.urls' (x)"
)


def titles(found: object) -> list[str]:
    return [candidate.title for candidate in found]  # type: ignore[attr-defined]


def test_who_lacks_something_comes_first_and_who_uses_it_next() -> None:
    assert involved(FLASK, LIBRARIES, OWNERS) == ["werkzeug", "flask"]
    assert involved(replace(FLASK, message="module 'werkzeug' has no attribute 'x'"), LIBRARIES, OWNERS) == ["werkzeug", "flask"]
    assert involved(replace(FLASK, message="No module named 'gone'"), LIBRARIES, OWNERS) == ["flask"], "it is not installed"
    assert involved(Imported("absent", "error"), LIBRARIES, OWNERS) == []


def test_the_failing_library_is_upgraded_before_the_other_is_downgraded() -> None:
    assert titles(other_versions(["werkzeug", "flask"], LIBRARIES, PIP)) == [
        "upgrade flask", "downgrade werkzeug below 3", "downgrade werkzeug below 3.0.1", "upgrade werkzeug",
        "downgrade flask below 2", "downgrade flask below 2.0.3", "downgrade markupsafe below 2",
    ]  # fmt: skip
    assert titles(other_versions(["flask"], LIBRARIES, PIP))[:2] == ["upgrade flask", "downgrade flask below 2"]
    assert titles(other_versions(["flask"], LIBRARIES, PIP))[-1] == "downgrade werkzeug below 3", "what it requires"
    (first, *_) = other_versions(["torch"], LIBRARIES, UV)
    assert first.commands == (("uv", "pip", "install", "--python", PYTHON, "torch>2.9.1"),) and first.packages == ["torch"]
    for name in ("odd", "none"):
        (only,) = other_versions([name], LIBRARIES, PIP)
        assert only.commands == ((PYTHON, "-m", "pip", "install", name),)


def test_only_one_that_nothing_needs_is_an_intruder() -> None:
    libraries = Libraries((dist("gamma"), dist("stub"), dist("user", "1.0", "gamma"), dist("third")))
    shared = {"gamma": ["gamma", "stub"], "many": ["gamma", "stub", "third"], "unknown": ["gamma", "absent"]}
    (found,) = intruders(["gamma"], libraries, shared, PIP, Wanted())
    assert found.title == "remove stub, which overwrites files of gamma" and found.exact
    assert found.commands == (
        (PYTHON, "-m", "pip", "uninstall", "--yes", "stub"),
        (PYTHON, "-m", "pip", "install", "--force-reinstall", "--no-deps", "gamma==2.1.3"),
    )
    assert not list(intruders(["gamma"], libraries, shared, PIP, Wanted((WantedLibrary("stub"),)))), "the project asks for it"
    assert not list(intruders(["user"], libraries, shared, PIP, Wanted())), "it has nothing to do with the failure"


def made(*argv: str, id: str = "x", who: str = "you", proven: bool = False) -> Prescription:
    return Prescription(id, "Install it", "replaces packages", who, (Command(argv, " ".join(argv)),), (), "", proven)


def test_of_what_is_printed_only_installers_of_this_environment_are_tried() -> None:
    install, force = (
        (PYTHON, "-m", "pip", "install", "--upgrade", "flask"),
        (PYTHON, "-m", "pip", "install", "--force-reinstall", "x"),
    )
    removes = ("uv", "pip", "uninstall", "--python", PYTHON, "flask")
    others = (("rm", "-r", "/p/x"), ("/usr/bin/python3", "-m", "pip", "install", "x"), ("conda", "install", "x"))
    found = list(printed([made(*argv) for argv in (install, force, removes, *others)], SCOPE))
    assert [(candidate.commands[0], candidate.exact) for candidate in found] == [(install, False), (force, True), (removes, True)]
    assert titles(found) == ["Install it (flask)", "Install it (x)", "Install it (flask)"]
    assert found[2].packages == ["flask"] and Candidate("", (("pip", "install", "=not"),)).packages == []


def test_a_command_moves_into_the_clone_whole_words_only() -> None:
    command = (PYTHON, "-m", "pip", "install", "--python", "/p/.venv", "/p/.venvs/x", "a/p/.venv/b")
    assert inside(command, [Path("/p/.venv")], Path("/c")) == (
        "/c/bin/python", "-m", "pip", "install", "--python", "/c", "/p/.venvs/x", "a/p/.venv/b",
    )  # fmt: skip


WANTED = Wanted((WantedLibrary("flask", "==2.0.3", source="requirements.txt"), WantedLibrary("gamma", source="the code")))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Change("torch", "2.9.1+cpu", "2.9.1"), "the build of torch"),
        (Change("torch", "2.9.1+cpu", ""), "removed"),
        (Change("torchvision", "0.24+cpu", "0.25"), "the build of torch"),
        (Change("torchvision", "0.24+cpu", "0.25+cpu"), ""),
        (Change("nvidia-cublas-cu12", "12.8", "12.9"), "the build of torch"),
        (Change("triton", "", "3.5"), "the build of torch"),
        (Change("torch", "2.9.1+cpu", "2.9.1+cpu"), ""),
        (Change("flask", "2.0.3", "3.0"), "requirements.txt asks for flask==2.0.3"),
        (Change("flask", "2.0.1", "3.0"), ""),
        (Change("gamma", "1.0", ""), "the code asks for gamma"),
        (Change("gamma", "odd", "2.0"), ""),
        (Change("numpy", "1.0", "2.0"), ""),
    ],
)
def test_what_no_candidate_may_change(change: Change, why: str) -> None:
    found = forbidden([change], WANTED, {"torch": "2.9.1+cpu"})
    assert why in found and bool(why) == bool(found)


def test_without_torch_there_is_no_build_of_it() -> None:
    assert forbidden([Change("triton", "", "3.5"), Change("torch", "", "2.9")], WANTED, {}) == ""


def test_an_installer_is_kept_within_the_limits(tmp_path: Path) -> None:
    file = constraints(tmp_path, WANTED, {"torch": "2.9.1+cpu", "numpy": "1"})
    assert file.read_text() == "flask==2.0.3\ntorch==2.9.1+cpu\n"
    assert "torch" not in constraints(tmp_path, WANTED, {"torch": "2.9, 2.8"}).read_text(), "listed twice"


def test_what_an_installer_says_in_plain_words() -> None:
    flask = Candidate("", ((PYTHON, "-m", "pip", "install", "flask>2.0.3"),))
    other = Candidate("", ((PYTHON, "-m", "pip", "install", "other"),))
    assert reason("", flask, WANTED) == "" and reason("ERROR: disk", flask, WANTED) == "disk"
    assert reason("ERROR: ResolutionImpossible: see", flask, WANTED) == "no version fits the project, which asks for flask==2.0.3"
    assert reason("your requirements are unsatisfiable", other, WANTED) == "no version fits what other libraries need"
    away = "WARNING: Retrying after connection broken by 'X'\nERROR: No matching distribution found for x\n"
    assert last_line(away) == f"{UNREACHABLE}: ERROR: No matching distribution found for x"
    assert lasted(300) == "5 minutes" and lasted(45) == "45 s"


def test_the_distributions_of_each_name(tmp_path: Path) -> None:
    site = tmp_path / "lib/python3.11/site-packages"
    for name in ("My_Lib-1.0.dist-info", "other-2.dist-info", "broken.dist-info"):
        (site / name).mkdir(parents=True)
        (site / name / "RECORD").write_text("shared/__init__.py,,\n_private.py,,\nshared/a/b.py,,\n")
    assert owners_of(tmp_path) == {"shared": ["my-lib", "other"]}


def seen(*findings: tuple[str, Finding], outcomes: dict[str, str], fixes: dict[str, Prescription] | None = None) -> Seen:
    """What was seen: findings by their checks, what the imports came to, and the fixes."""
    made = report(*(result(id, finding) for id, finding in findings))
    given = fixes if fixes is not None else {}
    made = replace(
        made,
        prescriptions={fix_key(Fix(id)): prescription for id, prescription in given.items()},
        plan={plan_key(Fix(id)): prescription for id, prescription in given.items()},
    )
    return Seen(
        made, {Imports: Imports(tuple(Imported(name, how, message="m") for name, how in outcomes.items())), Libraries: LIBRARIES}
    )


IMPORT = "libraries.import"
BROKEN = fail("import-error", "flask cannot be imported", subject="flask")


def test_targets_are_what_fails_first_and_then_what_fails_because_of_it() -> None:
    waits = skip("waits", subject="appdirs", blocked_by=f"{IMPORT}:flask")
    found = targets(seen((IMPORT, waits), (IMPORT, BROKEN), outcomes={"appdirs": "error", "flask": "error", "torch": "ok"}))
    assert [(target.name, target.finding.subject) for target in found] == [("flask", "flask"), ("appdirs", "flask")]
    assert targets(seen(outcomes={"flask": "error"})) == [], "nobody says so"


def test_what_an_administrator_has_to_do_is_not_searched_for() -> None:
    cure = Fix("system.library")
    broken = replace(BROKEN, fix=cure)
    assert not targets(seen((IMPORT, broken), outcomes={"flask": "error"}, fixes={cure.id: made("apt", who="admin")}))


def test_a_finding_without_a_proven_cure_is_a_target() -> None:
    cure = Fix("libs.align")
    pair = replace(fail("known-bad-pair", "flask does not work", subject="flask"), fix=cure)
    (found,) = targets(seen(("libraries.pairs", pair), outcomes={"flask": "ok"}, fixes={cure.id: made("x")}))
    assert not found.fails and found.check == "libraries.pairs"
    assert not targets(seen(("libraries.pairs", pair), outcomes={"flask": "ok"}, fixes={cure.id: made("x", proven=True)}))
    assert not targets(seen(("torch.build", pair), outcomes={"flask": "ok"}))
    assert not targets(seen(("libraries.pairs", replace(pair, subject="absent")), outcomes={}))
    (found,) = targets(Seen(seen(("libraries.pairs", pair), outcomes={}).report, {Libraries: LIBRARIES}))
    assert found.imported.outcome == "not-run"
    assert still_wrong(found, seen(("libraries.pairs", pair), outcomes={})) == "flask does not work"
    assert still_wrong(found, seen(("libraries.pairs", ok("fine")), outcomes={})) == ""


def test_the_ways_after_the_first_are_tried_as_well() -> None:
    first, second = Fix("a"), Fix("b")
    broken = replace(BROKEN, fix=first)
    look = seen(
        (IMPORT, broken),
        outcomes={"flask": "error"},
        fixes={
            first.id: replace(made("1"), otherwise=plan_key(second)),
            second.id: replace(made("2"), otherwise=plan_key(first)),
        },
    )
    target = Target(IMPORT, broken, FLASK)
    assert [cure.commands[0].text for cure in fixes(target, look.report)][:2] == ["1", "2"]
    assert fixes(replace(target, finding=BROKEN), look.report) == []


def test_only_an_import_that_works_is_a_cure() -> None:
    target = Target(IMPORT, BROKEN, FLASK)
    assert "still cannot be imported" in still_wrong(target, seen(outcomes={"flask": "hang"}))
    assert "not installed any more" in still_wrong(target, seen(outcomes={}))
    assert still_wrong(target, seen((IMPORT, BROKEN), outcomes={"flask": "ok"})) == BROKEN.message
    assert still_wrong(target, seen((IMPORT, ok("flask 3", subject="flask")), outcomes={"flask": "ok"})) == ""
    assert no_longer_imports(seen(outcomes={"a": "ok", "b": "error"}), seen(outcomes={"a": "ok"})) == ""
    assert no_longer_imports(seen(outcomes={"a": "ok"}), Seen(seen(outcomes={}).report, {})) == "a", "nothing is known any more"


def test_several_answers_and_what_has_none() -> None:
    target, other = Target(IMPORT, BROKEN, FLASK), Target(IMPORT, BROKEN, Imported("appdirs", "error"))
    empty = replace(made(), commands=())
    said = search_text(
        [(Answer(target), empty), (Answer(other, why="in the copy it works"), empty), (Answer(other, by="flask"), empty)],
        Path("/p/.venv"), Look(100, False, True),
    )  # fmt: skip
    assert "appdirs cannot be imported because of flask" in said and "No cure found: in the copy it works" in said
    assert "No cure found for 2 of 3 problems" in said and "The cure for flask also cures this" in said
