"""What the doctor may do by itself, what a step would change, and what is said of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mlenv_doctor.model import (
    Command,
    Fix,
    Prescription,
    Report,
    Result,
    Status,
    Verdict,
    fail,
    ok,
    plan_key,
    skip,
    unknown,
    warn,
)
from mlenv_doctor.patient.target import Target
from mlenv_doctor.repair import edits
from mlenv_doctor.repair.changes import Change, Preview, difference, installed, last_line, preview, unannounced
from mlenv_doctor.repair.commands import (
    OUTSIDE,
    QUESTION,
    UNKNOWN,
    Scope,
    driver_problem,
    for_a_shell,
    installs,
    leaves_links_alone,
)
from mlenv_doctor.repair.mend import Choice
from mlenv_doctor.repair.place import NotOurs, is_environment, scope_of
from mlenv_doctor.repair.run import as_in_the_shell
from mlenv_doctor.repair.running import running_in
from mlenv_doctor.repair.steps import steps
from mlenv_doctor.repair.verify import importable, lost, modules, uncured, worse
from mlenv_doctor.report.repairs import changed, size

from . import clinic
from .tree import wheel

SCOPE = Scope(Path("/p/.venv"), Path("/p"), Path("/p/.venv"))
PYTHON = "/p/.venv/bin/python"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ((PYTHON, "-m", "pip", "install", "numpy"), ""),
        ((PYTHON, "-m", "pip", "uninstall", "--yes", "numpy"), ""),
        ((PYTHON, "-m", "ensurepip", "--upgrade"), ""),
        (("/usr/bin/python3", "-m", "pip", "install", "numpy"), OUTSIDE),
        (("python3", "-m", "pip", "install", "numpy"), OUTSIDE),
        (("/p/.venvs/bin/python", "-m", "pip", "install", "numpy"), OUTSIDE),
        (("/usr/bin/python3", "-m", "venv", "/p/.venv"), ""),
        (("/usr/bin/python3", "-m", "venv", "/p/.venv.new"), ""),
        (("/usr/bin/python3", "-m", "venv", "/q/.venv"), OUTSIDE),
        ((PYTHON, "-m", "pip", "config", "unset", "x"), UNKNOWN),
        ((PYTHON, "-m", "mlflow", "ui"), UNKNOWN),
        ((PYTHON, "--version"), UNKNOWN),
        (("uv", "pip", "install", "--python", PYTHON, "numpy"), ""),
        (("uv", "pip", "install", "--python", "/usr/bin/python3", "numpy"), OUTSIDE),
        (("uv", "pip", "install", "--system", "numpy"), OUTSIDE),
        (("uv", "venv", "--seed", "/p/.venv"), ""),
        (("uv", "venv", "/elsewhere"), OUTSIDE),
        (("uv", "sync", "--project", "/p"), ""),
        (("uv", "self", "update"), UNKNOWN),
        (("rm", "-r", "/p/.venv/lib/~umpy"), ""),
        (("rm", "-r", "/p/../etc"), OUTSIDE),
        (("rm", "-r", "/etc"), OUTSIDE),
        (("rm", "-r", "~/.cache"), OUTSIDE),
        (("rm", "-r", "mlruns"), UNKNOWN),
        (("mv", "/p/torch.py", "/p/my_torch.py"), ""),
        (("chmod", "600", "/p/.env"), ""),
        (("sudo", "chown", "-R", "/p/.venv"), UNKNOWN),
        (("git", "-C", "/p", "rm", "--cached", ".env"), UNKNOWN),
        (("apt-get", "install", "x"), UNKNOWN),
        ((PYTHON, "-c", "import os; os.rename('a', 'b')"), UNKNOWN),
        ((PYTHON, "-c", "open(sys.argv[1])", "/p/.gitignore"), ""),
        ((PYTHON, "-c", "open(sys.argv[1])", "/root/.bashrc"), OUTSIDE),
        ((PYTHON, "-c", "import getpass", "/p/.env"), QUESTION),
        ((PYTHON, "-m", "pip", "install", "--target=/usr/lib", "x"), OUTSIDE),
    ],
)
def test_what_the_doctor_runs_by_itself(argv: tuple[str, ...], why: str) -> None:
    assert driver_problem(argv, SCOPE) == why


def test_a_link_that_leads_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "shared.env").write_text("A=1")
    (tmp_path / "p/.env").symlink_to(tmp_path / "shared.env")
    assert driver_problem(("chmod", "600", str(tmp_path / "p/.env")), Scope(tmp_path / "p/.venv", tmp_path / "p")) == OUTSIDE


@pytest.mark.parametrize(
    "argv",
    [
        ("source", "/p/.venv/bin/activate"), ("export", "A=1"), ("unset", "A"), ("conda", "activate", "ml"),
        ("/p/.venv/Scripts/Activate.ps1",), ("Remove-Item", "Env:A"), ("$env:A=1",), ("ulimit", "-n", "9"),
    ],
)  # fmt: skip
def test_what_only_a_shell_can_do(argv: tuple[str, ...]) -> None:
    assert for_a_shell(argv)


def test_what_is_not_for_a_shell() -> None:
    assert not for_a_shell(("Remove-Item", "-Recurse", "x")) and not for_a_shell((PYTHON, "-m", "pip"))


def test_installers_and_what_writes_into_files() -> None:
    assert installs((PYTHON, "-m", "pip", "install", "x")) and installs(("uv", "sync")) and not installs(("rm", "pip"))
    assert leaves_links_alone((PYTHON, "-m", "pip")) and leaves_links_alone((PYTHON, "-c", "os.replace(a, b)", "/p"))
    assert not leaves_links_alone((PYTHON, "-c", "open(f, 'w')", "/p")) and not leaves_links_alone(("cp", "/a", "/b"))


def report(*results: Result) -> Report:
    plan = {
        plan_key(f.fix): Prescription(f.fix.id, f.fix.id, "replaces packages", "you", (Command((PYTHON, "-m", "pip", "install", f.fix.id), ""),), (), "")
        for r in results for f in r.findings if f.fix
    }  # fmt: skip
    return Report("1", {}, {}, Verdict.READY, (), results, {}, plan, 0.1)


def result(id: str, *findings: object) -> Result:
    return Result(id, id.partition(".")[0], id, findings)  # type: ignore[arg-type]


def test_failures_come_first_and_one_fix_is_one_step() -> None:
    seen = report(
        result("a.one", warn("old", "old", fix=Fix("x"))),
        result("b.two", fail("gone", "gone", subject="n", fix=Fix("y")), fail("gone", "gone", subject="m", fix=Fix("y"))),
    )
    found = steps(seen, SCOPE, (Status.FAIL, Status.WARN))
    assert [(step.prescription.id, len(step.findings)) for step in found] == [("y", 2), ("x", 1)]
    assert [step.prescription.id for step in steps(seen, SCOPE, (Status.FAIL,), done=[found[0].key])] == []


@pytest.mark.parametrize(
    ("made", "left"),
    [
        (Prescription("x", "x", "nothing", "you", (Command((PYTHON, "-m", "pip"), ""),), (), ""), "it only shows something"),
        (
            Prescription("x", "x", "changes the system", "you", (Command((PYTHON, "-m", "pip"), ""),), (), ""),
            "it changes the system",
        ),
        (Prescription("x", "x", "adds packages", "admin", (), (), ""), "an administrator has to do it"),
        (Prescription("x", "x", "adds packages", "you", (), ("note",), ""), "no command does it"),
        (
            Prescription("x", "x", "adds packages", "you", (Command(("export", "A=1"), ""),), (), ""),
            "only your shell can do this",
        ),
    ],
)
def test_what_is_left_to_people(made: Prescription, left: str) -> None:
    finding = fail("c", "m", fix=Fix("x"))
    seen = Report("1", {}, {}, Verdict.READY, (), (result("a.b", finding),), {}, {plan_key(Fix("x")): made}, 0.1)
    (step,) = steps(seen, SCOPE, (Status.FAIL,))
    assert step.left == left and not step.run


def test_cured_means_gone_and_not_only_unknown() -> None:
    bad = fail("c", "m", subject="n")
    assert uncured([("a.b", bad)], report(result("a.b", bad))) == [bad]
    assert uncured([("a.b", bad)], report(result("a.b", ok("fine", subject="n")))) == []
    assert uncured([("a.b", bad)], report(result("a.b", unknown("timed out", subject="n"))))
    assert uncured([("a.b", bad)], report(result("a.b", unknown("timed out"))))
    assert uncured([("a.b", bad)], report(result("a.b", fail("c", "m", subject="other")))) == []


@pytest.mark.parametrize(
    ("before", "harm"),
    [
        (ok("fine", subject="n"), True),
        (warn("c", "m", subject="n"), True),
        (ok("fine"), True),
        (skip("blocked", subject="n"), False),
        (skip("blocked"), False),
        (unknown("late", subject="n"), False),
        (fail("other", "m", subject="n"), False),
        (ok("fine", subject="else"), True),
    ],
)
def test_what_turned_red(before: object, harm: bool) -> None:
    after = fail("c", "m", subject="n")
    assert bool(worse(report(result("a.b", before)), report(result("a.b", after)))) is harm


def test_a_check_that_was_not_there_before_does_no_harm() -> None:
    assert worse(report(), report(result("a.b", fail("c", "m")))) == []


def test_packages_by_their_names(tmp_path: Path) -> None:
    site = tmp_path / "lib/python3.11/site-packages"
    for name in ("Foo_Bar-1.0.dist-info", "beta-1.0.dist-info", "beta-2.0.dist-info", "old-3.egg-info", "no_metadata"):
        (site / name).mkdir(parents=True)
    assert installed(tmp_path) == {"foo-bar": "1.0", "beta": "1.0, 2.0", "old": "3"}
    assert installed(tmp_path / "nowhere") == {}


def test_differences_and_what_was_not_announced() -> None:
    changes = difference({"a": "1", "b": "1", "c": "1"}, {"a": "2", "c": "1", "d": "1"})
    assert changes == (Change("a", "1", "2"), Change("b", "1", ""), Change("d", "", "1"))
    assert unannounced(Preview(changes), changes) == []
    assert unannounced(Preview(changes[:1]), changes) == [changes[1], changes[2]]
    assert unannounced(Preview((Change("a", "1", "3"),)), changes[:1]) == [changes[0]]
    assert changed(changes) == "a 1 -> 2, b 1 (removed), d 1 (new)"
    assert changed((Change("a", "1", "1"),)) == "a 1 (installed again)"
    assert changed(tuple(Change(str(n), "", "1") for n in range(20))).endswith(" and 8 more")
    assert [size(n) for n in (12, 1500, 12_300_000, 2 * 10**9)] == ["12 bytes", "1.5 kB", "12.3 MB", "2.0 GB"]


def test_the_last_error_is_what_is_said() -> None:
    assert (
        last_line("a\nERROR: No matching\nhint\n") == "ERROR: No matching"
        and last_line("a\n\nb\n") == "b"
        and last_line("") == ""
    )


def test_the_installers_say_what_they_would_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ward = clinic.project(tmp_path)
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_DISABLE_PIP_VERSION_CHECK"):
        monkeypatch.setenv(name, ward.environ[name])
    environment, python = ward.project / ".venv", str(ward.project / ".venv/bin/python")
    asked = preview([[python, "-m", "pip", "install", "beta==1.0", "worse"]], environment, ward.project)
    assert asked.changes == (Change("beta", "2.0", "1.0"), Change("worse", "", "2.0")) and not asked.problem
    again = preview([[python, "-m", "pip", "install", "--force-reinstall", "--no-deps", "beta==2.0"]], environment, ward.project)
    assert again.changes == (Change("beta", "2.0", "2.0"),)
    part = [[python, "-m", "pip", "uninstall", "--yes", "beta"], [python, "-m", "pip", "install", "--no-deps", "beta==2.0"]]
    assert preview(part, environment, ward.project).changes == ()
    assert preview(part[:1], environment, ward.project).changes == (Change("beta", "2.0", ""),)
    assert preview([[python, "-m", "pip", "install", "nonsense"]], environment, ward.project).problem.startswith("ERROR: ")
    assert preview([["/nowhere/python", "-m", "pip", "install", "x"]], environment, ward.project) == Preview()
    assert modules(environment, asked.changes) == ["alpha", "beta"]
    assert importable(python, ["alpha", "nonsense"]) == {"alpha"}
    image = tmp_path / "image"
    shutil.copytree(environment, image, symlinks=True)
    (clinic.site(ward) / "beta/__init__.py").write_text("raise ImportError")
    assert lost(python, ["alpha", "beta", "gamma", "nonsense"], image) == ["alpha", "beta"]
    assert lost(python, ["beta"], tmp_path / "nowhere") == []


def test_uv_says_what_it_would_do(tmp_path: Path) -> None:
    from lab.real import UV

    ward = clinic.project(tmp_path)
    python = str(ward.project / ".venv/bin/python")
    argv = [str(UV), "pip", "install", "--python", python, "--offline", "--no-index", "--find-links", str(clinic.index())]
    found = preview([[*argv, "beta==1.0", "worse"]], ward.project / ".venv", ward.project)
    assert found.changes == (Change("beta", "2.0", "1.0"), Change("worse", "", "2.0")), found.problem
    assert "nonsense" in preview([[*argv, "nonsense"]], ward.project / ".venv", ward.project).problem


def test_what_becomes_of_files_is_said_and_no_value_is_shown(tmp_path: Path) -> None:
    file, secret = tmp_path / ".gitignore", tmp_path / ".env"
    file.write_bytes(b"a\n")
    secret.write_text("KEY=hidden\n")
    secret.chmod(0o644)
    append = ("python3", "-c", "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + chr(10))")
    assert edits.preview([(*append, str(file), "b")], [file], tmp_path) == (".gitignore:", "@@ -1 +1,2 @@", " a", "+b")
    said = edits.preview([("chmod", "600", str(secret)), (*append, str(secret), "OTHER=hidden")], [secret], tmp_path)
    assert said == (".env: mode 644 -> 600", ".env:", "@@ -1 +1,2 @@", " KEY=...", "+OTHER=...")
    new = tmp_path / "new.py"
    assert edits.preview([("mv", str(file), str(new))], [file, new], tmp_path) == (".gitignore: deleted or moved", "new.py: new")
    assert file.read_bytes() == b"a\n" and not new.exists()
    assert edits.preview([("false", str(file))], [file], tmp_path) == edits.preview([], [tmp_path], tmp_path) == ()


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (b"a\r\nb\r\n", b"a\r\nb\r\nc\n", b"a\r\nb\r\nc\r\n"),
        (b"a\r\nb\n", b"a\r\nb\nc\n", b"a\r\nb\nc\n"),
        (b"a\n", b"a\nb\n", b"a\nb\n"),
    ],
)
def test_line_ends_stay_as_they_were(tmp_path: Path, before: bytes, after: bytes, kept: bytes) -> None:
    (tmp_path / "before").write_bytes(before)
    (tmp_path / "now").write_bytes(after)
    (tmp_path / "now").chmod(0o640)
    edits.keep_line_ends(tmp_path / "now", tmp_path / "before")
    assert (tmp_path / "now").read_bytes() == kept and (tmp_path / "now").stat().st_mode & 0o777 == 0o640


def test_what_the_users_shell_will_be_is_looked_at_and_ours_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONE", "1")
    monkeypatch.setenv("PATH", "/usr/bin")
    before = dict(os.environ)
    lines = (("export", "A=1"), ("unset", "GONE"), ("source", "/p/.venv/bin/activate"), ("conda", "activate", "ml"))
    with as_in_the_shell([Command(argv, "") for argv in lines]):
        assert (os.environ["A"], os.environ.get("GONE"), os.environ["VIRTUAL_ENV"]) == ("1", None, "/p/.venv")
        assert os.environ["PATH"] == "/p/.venv/bin:/usr/bin"
    assert dict(os.environ) == before


def made(path: Path) -> Path:
    (path / "bin").mkdir(parents=True)
    (path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return path


def test_which_environment_may_be_changed(tmp_path: Path) -> None:
    project, other = tmp_path / "p", tmp_path / "q"
    ours, theirs, loose = made(project / ".venv"), made(other / ".venv"), made(tmp_path / "envs/ml")
    (other / "pyproject.toml").write_text("")
    assert scope_of(Target("", str(ours), "project"), project).environment == ours
    assert scope_of(Target("", str(loose), "VIRTUAL_ENV"), project).environment == loose
    assert scope_of(Target("", str(theirs), "--python"), project).environment == theirs
    with pytest.raises(NotOurs, match="belongs to another project"):
        scope_of(Target("", str(theirs), "VIRTUAL_ENV"), project)
    assert scope_of(Target("", "/usr", "PATH"), project).environment == project / ".venv"
    base = tmp_path / "conda"
    (base / "conda-meta").mkdir(parents=True)
    (base / "condabin").mkdir()
    with pytest.raises(NotOurs, match="base environment of conda"):
        scope_of(Target("", str(base), "CONDA_PREFIX"), project)
    assert not is_environment(Path("/usr"))


def test_an_environment_behind_a_link_is_the_one_it_leads_to(tmp_path: Path) -> None:
    real = made(tmp_path / "envs/ml")
    (tmp_path / "p").mkdir()
    (tmp_path / "p/.venv").symlink_to(real)
    scope = scope_of(Target("", str(tmp_path / "p/.venv"), "project"), tmp_path / "p")
    assert scope.environment == real and scope.in_environment(str(tmp_path / "p/.venv/bin/python"))


def test_a_choice_narrows_the_verdict() -> None:
    seen = report(result("a.one", fail("c", "m")), result("b.two", ok("fine")))
    assert Choice(("b",)).verdict(seen) is Verdict.READY and Choice(("a.one",)).verdict(seen) is Verdict.NOT_READY
    assert Choice().statuses == (Status.FAIL,) and Choice(("a",)).statuses == (Status.FAIL, Status.WARN)


def test_who_is_at_work_in_an_environment(tmp_path: Path) -> None:
    python = clinic.project(tmp_path).project / ".venv/bin/python"
    process = subprocess.Popen([python, "-c", "import time; time.sleep(30)", "ipykernel_launcher"])
    try:
        assert [(found.pid, found.what) for found in running_in(python.parent.parent)] == [(process.pid, "a notebook kernel")]
    finally:
        process.kill()
        process.wait()
    assert running_in(tmp_path / "elsewhere") == ()


def test_a_wheel_of_ours_is_one(tmp_path: Path) -> None:
    assert wheel(tmp_path, "alpha", "1.0").name == "alpha-1.0-py3-none-any.whl"
