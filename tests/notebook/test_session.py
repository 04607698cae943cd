"""`mlenv_doctor.check()` in a program: options as on the command line, one sentence for bad input, and nothing left behind."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import mlenv_doctor
from mlenv_doctor import BadInput
from mlenv_doctor.cli.app import command
from mlenv_doctor.errors import Failed
from mlenv_doctor.model import Result, Verdict, fail
from mlenv_doctor.notebook import magic
from mlenv_doctor.notebook.session import MOST, Report, beginning
from mlenv_doctor.repair import cells
from support.reports import REPORT


def test_it_examines_the_python_that_asks(tmp_path: Path) -> None:
    report = mlenv_doctor.check("python", quick=True, project=tmp_path)
    assert isinstance(report, Report) and report.target["python"] == sys.executable
    assert report.ready and report.verdict is Verdict.READY
    assert repr(report).startswith("mlenv-doctor ") and "the one that runs this program" in repr(report)
    assert repr(report).splitlines()[-1].startswith("✓ Ready") and "\x1b" not in repr(report)
    assert {result.family for result in report.results} == {"python"}


def test_another_python_can_be_named(tmp_path: Path) -> None:
    report = mlenv_doctor.check("python", quick=True, python=Path(sys.base_prefix, "bin/python3"), project=str(tmp_path))
    assert report.target["chosen_by"] == "--python" and report.target["python"].startswith(sys.base_prefix)


def test_the_options_are_those_of_the_command_line() -> None:
    """All but those that a program does otherwise: what is shown where, and reports of others."""
    from inspect import signature

    options = {option.name for option in command("check").params} - set(magic.NOT_HERE)
    assert options <= signature(mlenv_doctor.check).parameters.keys() == options | {"project"}


def test_options_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mlenv-doctor]\nskip = ['python.build']\n")
    for more in ({"require": "key:MY_OWN_KEY"}, {"require": ["key:MY_OWN_KEY", "key:OTHER_KEY"]}):
        report = mlenv_doctor.check("llm", "python.build", quick=True, project=tmp_path, skip=(), timeout=20, budget=60, **more)  # type: ignore[arg-type]  # a table of options
        found = [f.message for result in report.results for f in result.findings]
        assert "turned off with --skip or in the configuration" in found and any("MY_OWN_KEY" in text for text in found)
        assert report.verdict is Verdict.NOT_READY and not report.ready


def test_words_of_an_error_are_explained(tmp_path: Path) -> None:
    report = mlenv_doctor.check("symptom", quick=True, project=tmp_path, symptom="ModuleNotFoundError: No module named 'cv2'")
    assert "opencv" in repr(report)
    assert mlenv_doctor.check("symptom", quick=True, project=tmp_path, symptom="ModuleNotFoundError: No module named 'cv2'").plan


BAD: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (("gpuu",), {}, "there is no check or family called 'gpuu'; did you mean 'gpu'?"),
    ((3,), {}, "names must be a word or a list of words, such as 'gpu', not 3"),
    ((), {"require": 3}, "require must be a word or a list of words"),
    ((), {"require": ["gpu", None]}, "not None"),
    ((), {"require": "tpu"}, "require tpu: possible are"),
    ((), {"profile": "wizard"}, "there is no such profile"),
    ((), {"timeout": "soon"}, "timeout must be a number of seconds above 0, at most a week, not 'soon'"),
    ((), {"budget": True}, "budget must be a number of seconds"),
    ((), {"budget": -1}, "budget must be a number of seconds"),
    ((), {"budget": float("nan")}, "budget must be a number of seconds"),
    ((), {"python": "/bin/cat"}, "this is not a Python interpreter"),
    ((), {"python": "~no"}, "python ~no: there is no such file or command"),
    ((), {"project": "/nowhere"}, "project /nowhere: the folder does not exist"),
    ((), {"project": None}, "project must be a folder, not None"),
    ((), {"symptom": "-"}, "here is no standard input"),
    ((), {"symptom": " "}, "the text is empty"),
]


@pytest.mark.parametrize(("names", "options", "says"), BAD, ids=[says for _, _, says in BAD])
def test_bad_input_is_one_sentence(names: tuple[Any, ...], options: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        mlenv_doctor.check(*names, quick=True, **{"project": tmp_path, **options})
    assert type(caught.value) is BadInput and "\n" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value._render_traceback_() == [f"BadInput: {caught.value}"]


def test_a_word_of_the_configuration_is_blamed_on_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mlenv-doctor]\nrequire = ['tpu']\n")
    with pytest.raises(BadInput, match=r"pyproject.toml: tool.mlenv-doctor.require: --require tpu"):
        mlenv_doctor.check(project=tmp_path)


def test_a_folder_that_is_gone_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(BadInput, match="the folder that this runs in is gone"):
        mlenv_doctor.check(quick=True)


def test_a_program_that_does_not_know_its_python_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)
    with pytest.raises(BadInput, match="name one"):
        mlenv_doctor.check(quick=True)


def test_where_nothing_can_be_written_it_says_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(Failed, match="the doctor cannot work here: no folder for temporary files") as caught:
        mlenv_doctor.check(quick=True, project=tmp_path)
    assert isinstance(caught.value, RuntimeError)


def state() -> dict[str, object]:
    """What an examination must leave as it was."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    root = logging.getLogger()
    mask = os.umask(0o022)
    os.umask(mask)
    return {
        "environ": dict(os.environ), "cwd": os.getcwd(), "signals": handlers, "path": list(sys.path), "umask": mask,
        "logging": (root.level, list(root.handlers)), "streams": (sys.stdout, sys.stderr, sys.stdin), "hook": sys.excepthook,
        "threads": {thread.name for thread in threading.enumerate() if not thread.daemon},
    }  # fmt: skip


def test_it_leaves_the_process_as_it_was(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = state()
    mlenv_doctor.check(project=tmp_path, skip="libraries", budget=60)
    with pytest.raises(BadInput):
        mlenv_doctor.check("nonsense", project=tmp_path)
    assert state() == before
    assert capfd.readouterr() == ("", ""), "it shows nothing by itself"


def test_it_works_in_a_thread(tmp_path: Path) -> None:
    found: list[Report] = []
    thread = threading.Thread(target=lambda: found.append(mlenv_doctor.check("python", quick=True, project=tmp_path)))
    thread.start()
    thread.join(30)
    assert found and found[0].ready


def test_the_import_is_light() -> None:
    code = "import sys, mlenv_doctor; print([m for m in sys.modules if m.startswith(('mlenv_', 'click', 'rich', 'IPython'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "['mlenv_doctor']"


def test_the_text_is_never_endless() -> None:
    result = Result("a.b", "a", "A", tuple(fail(f"cause-{n}", f"fault number {n}") for n in range(3000)))
    many = Report(**{**vars(REPORT), "results": (result,)})
    lines = repr(many).splitlines()
    assert len(lines) == MOST and "are left out" in lines[-3] and lines[-2].startswith("✗ Not ready: 3000 problems")
    assert lines[-1].startswith("Next: ")
    assert beginning("a\nb\n") == "a\nb"


def test_an_old_way_to_declare_a_check_is_refused() -> None:
    with pytest.raises(TypeError, match="causes"):
        mlenv_doctor.check("family.thing", causes=("a",))  # type: ignore[call-arg]


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_in_ipython_fixes_are_lines_of_ipython(shell: InteractiveShell, tmp_path: Path) -> None:
    asked = {"quick": True, "require": "lib:no-such-library", "project": tmp_path}
    assert (cells.session(), cells.has_magic()) == ("ipython", False)
    assert 'Then: mlenv_doctor.check("libraries.installed")' in repr(mlenv_doctor.check("libraries", verbose=True, **asked))
    mlenv_doctor.load_ipython_extension(shell)
    assert cells.has_magic()
    assert "Then: %mlenv check libraries.installed" in repr(mlenv_doctor.check("libraries", verbose=True, **asked))
    mlenv_doctor.unload_ipython_extension(shell)
    assert not cells.has_magic()


def test_magic_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from IPython.core.error import UsageError

    monkeypatch.chdir(tmp_path)
    assert isinstance(magic.mlenv("python --quick -v"), Report)
    repairs = magic.mlenv("fix --libs --quick --require lib:no-such-library")
    assert "no-such-library" in repr(repairs) and "no-such-library" in repairs._repr_html_()  # type: ignore[union-attr]
    assert magic.mlenv("check --help") is None and "--quick" in capsys.readouterr().out
    for line in ("fix --color never", "check --budget soon", "gpuu", 'check "'):
        with pytest.raises(UsageError):
            magic.mlenv(line)


def test_magic_plans_and_undoes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from IPython.core.error import UsageError

    monkeypatch.chdir(tmp_path)
    assert magic.mlenv("fix --dry-run libraries --quick --require lib:no-such-library") is None
    assert "Plan for" in capsys.readouterr().out
    with pytest.raises(UsageError, match="nothing was repaired"):
        magic.mlenv("undo --list")


def test_a_line_is_split_as_people_write_it() -> None:
    line = r"""check --python C:\env\python.exe --symptom 'No module named "cv2"' # a\ b"""
    assert magic.split(line, windows=True) == [
        "check", "--python", r"C:\env\python.exe", "--symptom", 'No module named "cv2"', "#", "a\\", "b"
    ]  # fmt: skip
    assert magic.split(line, windows=False)[-2:] == ["#", "a b"]


def test_a_report_is_a_report() -> None:
    """It is frozen and can be rendered in every format."""
    from mlenv_doctor.report.json import document

    report = Report(**vars(REPORT), verbose=True)
    assert json.dumps(document(report)) == json.dumps(document(REPORT))
    assert replace(report, verbose=False)._repr_html_() != report._repr_html_()
