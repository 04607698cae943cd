"""Real notebooks, executed in a real kernel: what a learner sees who asks the doctor from a cell."""

from __future__ import annotations

import json
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from lab.real import real
from lab.ward import Ward
from mlenv_doctor.model import Command
from mlenv_doctor.repair.cells import cell
from mlenv_doctor.running.quote import quote
from support.kernels import executed

CHECKOUT = Path(__file__).parents[2]


def test_the_function_in_a_notebook(tmp_path: Path) -> None:
    asked = "mlenv_doctor.check('python', 'venv', 'libraries', quick=True, require='lib:no-such-library')"
    _, report, again, wrong, after, kept = executed(
        "import mlenv_doctor",
        asked,
        f"report = {asked}; print(type(report).__name__, report.ready, report.target['chosen_by'])",
        "mlenv_doctor.check('gpuu')",
        "import asyncio; asyncio.get_running_loop().is_running() and str(mlenv_doctor.check('python', quick=True))",
        "import os, sys; print(os.getcwd(), os.environ.get('PYTHONDONTWRITEBYTECODE'))",
        folder=tmp_path,
    )
    assert report.displayed == 1 and report.data.keys() == {"text/plain", "text/html"}
    assert f"at {sys.executable} (this notebook's kernel)" in " ".join(report.plain.split()) and "✗ Not ready" in report.plain
    assert "%pip install" in report.plain and "no-such-library" in report.plain
    assert 'Then: mlenv_doctor.check("libraries.installed")' in unescape(report.html)
    assert report.html.startswith('<div class="mlenv-doctor') and "%pip install" in report.html
    assert again.printed == "Report False kernel\n"
    assert wrong.error == "BadInput: there is no check or family called 'gpuu'; did you mean 'gpu'?"
    assert wrong.traceback == wrong.error, "one sentence, no traceback"
    assert after.plain and kept.printed == f"{tmp_path} None\n"


def test_the_magic_in_a_notebook(tmp_path: Path) -> None:
    said = executed(
        "%load_ext mlenv_doctor",
        "%mlenv check python libraries --quick --require lib:no-such-library",
        "%mlenv fix --libs --quick --require lib:no-such-library",
        "%mlenv chekc",
        "%mlenv check --budget soon",
        "%mlenv check 'a",
        "%mlenv fix --help",
        "report = %mlenv python --quick",
        "report.ready",
        "%unload_ext mlenv_doctor",
        "%mlenv",
        folder=tmp_path,
    )
    _, report, repairs, mistyped, late, quoted, helped, kept, ready, _, gone = said
    assert "Then: %mlenv check libraries.installed" in unescape(report.html)
    assert "\nNext: %mlenv fix --apply --yes --require lib:no-such-library" in report.plain
    assert repairs.plain.startswith("mlenv-doctor") and "1. " in repairs.plain and "%pip install" in repairs.html
    assert mistyped.errors.startswith("UsageError: there is no check or family called 'chekc'") and not mistyped.traceback
    assert late.errors.count("\n") == 1 and "'soon' is not a number of seconds" in late.errors
    assert quoted.errors.startswith("UsageError: No closing quotation")
    assert helped.printed.startswith("Usage: %mlenv fix") and "--gpu" in helped.printed and "--color" not in helped.printed
    assert not kept.displayed and ready.plain == "True"
    assert "not found" in gone.errors


PLACES = {
    "colab": ({"COLAB_RELEASE_TAG": "release-colab"}, "Runtime > Change runtime type > T4 GPU"),
    "kaggle": ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "Settings > Accelerator > GPU T4 x2"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_notebook_service_is_spoken_to_in_its_words(place: str, tmp_path: Path) -> None:
    environ, words = PLACES[place]
    asked = "import mlenv_doctor; mlenv_doctor.check('gpu', 'libraries', require=['gpu', 'lib:no-such-library'], skip='torch', quick=True)"
    (report,) = executed(asked, folder=tmp_path, environ=environ)
    installing = report.plain.partition("Fix: Install the missing libraries")[2]
    assert "%pip install" in installing and "In a notebook cell" not in installing
    assert words in report.plain and words.replace(">", "&gt;") in report.html


def test_a_library_that_was_replaced_asks_for_a_restart(tmp_path: Path) -> None:
    """Only the files change: what is in memory does not."""
    asked = "import mlenv_doctor; mlenv_doctor.check('libraries', quick=True, require=['lib:packaging<2'])"
    plain, colab = (executed(asked, folder=tmp_path, environ=env)[0] for env in ({}, PLACES["colab"][0]))
    assert "%pip install" in plain.plain and "Kernel > Restart Kernel" in plain.plain
    assert "Runtime > Restart session" in colab.plain and "Kernel >" not in colab.plain


def installed_beside(folder: Path) -> Path:
    """A folder as `pip install --target` leaves it."""
    info = folder / "drive/no_such_library-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: no-such-library\nVersion: 1.0\n")
    (info / "RECORD").write_text("no_such_library.py,,\n")
    (folder / "drive/no_such_library.py").write_text("")
    return folder / "drive"


def test_what_the_session_added_to_its_path_is_there(tmp_path: Path) -> None:
    """As people do on Colab, with libraries that they keep on their drive."""
    drive = installed_beside(tmp_path)
    asked = "r = mlenv_doctor.check('libraries.installed', 'libraries.import', require='lib:no-such-library')"
    show = "print([f.message for x in r.results for f in x.findings if f.subject == 'no-such-library'])"
    _, before, after = executed(
        "import mlenv_doctor, sys", f"{asked}; {show}", f"sys.path.append({str(drive)!r}); {asked}; {show}", folder=tmp_path
    )
    assert "is not installed" in before.printed
    assert "no-such-library 1.0" in after.printed and "is not installed" not in after.printed


NASTY = ["a b", "$HOME", "{x}", "{{x}}", "'", '"', "`id`", "!x", "a;b", "#", "\\", "*", "?", "a?", "%s", "$$", "é", "~",
         "{'a'}", "x}", "{", "tab\t", "-x=$1", "{sys.argv}", "{x!r}", "{x:3}", "end?", " ", "", "=", "a=b"]  # fmt: skip
PATIENT = {"python": "/nowhere/python", "shell": "sh", "session": "notebook", "root": "no", "place": "machine"}


def line_for(*words: str) -> str:
    argv = (sys.executable, "-c", "import json, sys; print(json.dumps(sys.argv[1:]))", *words)
    line = cell(Command(argv, quote(argv, "sh")), PATIENT)
    assert line
    return line


def test_commands_in_cells_get_their_arguments_byte_for_byte(tmp_path: Path) -> None:
    groups = [[word] for word in NASTY]
    groups += [[word for word in NASTY if "$" not in word], [word for word in NASTY if not set(word) & set("{}'")]]
    _, *answers = executed("import sys; x, y = 5, 'Y'", *(line_for(*words) for words in groups), folder=tmp_path)
    assert [json.loads(answer.printed) for answer in answers] == groups


@pytest.mark.slow
def test_the_printed_cells_repair_the_kernel(tmp_path: Path) -> None:
    """Broken; the printed lines in the next cell; green, as the line for looking again says: with a real pip and index."""
    ward = Ward(tmp_path)
    real("ipykernel", str(CHECKOUT))(ward)
    asked = "mlenv_doctor.check('libraries', quick=True, require='lib:iniconfig')"
    start: dict[str, Any] = {"folder": ward.project, "environ": ward.environ, "python": ward.python}
    _, broken = executed("import mlenv_doctor", asked, **start)
    assert "iniconfig is not installed" in broken.plain
    lines = [line.strip() for line in broken.plain.splitlines() if line.strip().startswith("%pip")]
    assert lines == ["%pip install iniconfig"]
    again = unescape(broken.html).partition("Then: ")[2].partition("<")[0]
    assert again == 'mlenv_doctor.check("libraries.installed")'
    again = again.replace(")", ", quick=True, require='lib:iniconfig')")
    _, installing, healed = executed("import mlenv_doctor", lines[0], again, **start)
    assert "Successfully installed iniconfig" in installing.printed
    assert "✓ Ready" in healed.plain and f"{ward.python} (this notebook's kernel)" in " ".join(healed.plain.split())


@pytest.mark.slow
def test_a_library_that_is_in_memory_still_is_told(tmp_path: Path) -> None:
    """After `%pip install` the files are new and the kernel is old: the kernel that asks is among those that are looked at."""
    ward = Ward(tmp_path)
    real("ipykernel", "markupsafe==2.1.5", str(CHECKOUT))(ward)
    asked = "import mlenv_doctor; mlenv_doctor.check('jupyter')"
    before, _, after = executed(
        f"import markupsafe._speedups; {asked}", "%pip install markupsafe==3.0.2", asked,
        folder=ward.project, environ=ward.environ, python=ward.python,
    )  # fmt: skip
    assert "jupyter.memory" not in before.plain
    assert "jupyter.memory" in after.plain and "Kernel > Restart Kernel" in after.html.replace("&gt;", ">")
