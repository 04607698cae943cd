"""`check --demo`: ten stored machines, each with its one fault, marked as a demonstration, with nothing of a real machine."""

from __future__ import annotations

import getpass
import json
import os
import re
import subprocess
import sys
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import html5lib
import jsonschema
import pytest

from lab.visit import Visit
from lab.ward import DOCTOR, KEY, Ward
from mlenv_doctor.documents import demo
from mlenv_doctor.documents.snapshot_schema import text as snapshot_schema
from mlenv_doctor.errors import BadInput
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.fleet.program import contents, packed
from mlenv_doctor.report.json import schema
from mlenv_doctor.report.lines import LOUD

ROOT = Path(__file__).parents[2]
MACHINES = {
    "cpu-only-torch": (1, "cpu-only-torch"),
    "moved-venv": (1, "venv-moved"),
    "lost-gpu": (1, "gpu-lost"),
    "mac": (0, "mps-unavailable"),
    "colab": (0, "place-without-accelerator"),
    "placeholder-key": (1, "key-placeholder"),
    "broken-numpy": (1, "numpy-broken"),
    "mlflow-down": (1, "mlflow-refused"),
    "missing-imports": (1, "import-not-installed"),
    "healthy": (0, ""),
}
MARK = "Demonstration, not this machine: "
SENTINEL = "qzx7-this-very-machine"


def shown(ward: Ward, *words: str) -> Visit:
    return ward.doctor("check", "--demo", *words)


def a_machine(root: Path) -> Ward:
    """A machine that has something to tell: settings, keys, code, a broken environment."""
    ward = Ward(root / SENTINEL)
    ward.venv(libraries=())
    ward.write("pyproject.toml", f'[tool.mlenv-doctor]\nskip = ["torch", "gpu"]\nrequire = ["lib:{SENTINEL}"]\nstrict = true\n')
    ward.write(".env", f"OPENAI_API_KEY={KEY}\nMLFLOW_TRACKING_URI=http://{SENTINEL}:1\n")
    ward.write("app.py", f"import {SENTINEL.replace('-', '_')}\n")
    ward.environ |= {"USER": SENTINEL, "CUDA_VISIBLE_DEVICES": "", "MLFLOW_TRACKING_URI": f"http://{SENTINEL}:2"}
    return ward


def timeless(text: str) -> str:
    return re.sub(r'("duration_s": |in |, )\d+\.\d+(?=,| s)', r"\1 0", text)


def test_they_are_ten() -> None:
    assert list(demo.titles()) == list(MACHINES) and len(MACHINES) == 10


@pytest.mark.parametrize("name", MACHINES)
def test_each_shows_its_cause_and_nothing_else(tmp_path: Path, name: str) -> None:
    code, cause = MACHINES[name]
    visit = shown(Ward(tmp_path), name, "--format", "json")
    assert visit.stderr == "" and visit.code == code
    assert visit.causes(*(status.value for status in LOUD)) == ({cause} if cause else set())
    assert visit.report["demonstration"] == name
    jsonschema.validate(visit.report, json.loads(schema()))


@pytest.mark.parametrize("name", MACHINES)
def test_the_screen_begins_and_ends_as_a_demonstration(tmp_path: Path, name: str) -> None:
    visit = shown(a_machine(tmp_path), name)
    first, *_, last = visit.stdout.splitlines()
    assert first == f"{MARK}{demo.titles()[name]}" and len(first) <= 80
    assert last == "End of the demonstration. To check this machine: mlenv-doctor check"
    assert visit.code == MACHINES[name][0], "the settings of this folder do not matter"


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "short"])
def test_nothing_of_this_machine_is_in_it(tmp_path: Path, form: str) -> None:
    """It is the same wherever it is shown, and names nothing of the place."""
    ward, other = a_machine(tmp_path), Ward(tmp_path / "other")
    for name in MACHINES if form == "json" else ("lost-gpu", "healthy"):
        visit = shown(ward, name, "--format", form)
        assert timeless(visit.stdout) == timeless(shown(other, name, "--format", form).stdout)
        assert not any(mine in visit.stdout for mine in (SENTINEL, str(tmp_path), KEY, str(ROOT)))


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_of_the_machine_that_recorded_it_is_in_it(name: str) -> None:
    text = demo.snapshot(name)
    roots = set(re.findall(r'"(/[^/"\\ :]+(?:/[^/"\\ :]+)?)', text))
    allowed = re.compile(r"/(home/ada|usr|bin|lib|lib64|dev|sys|proc|etc|run|var/tmp|tmp|opt/bin)(/|$)|/content$|/$")
    assert {root for root in roots if not allowed.match(root)} == set()
    for mine in (KEY, str(Path.home()) + "/", sys.prefix, sys.base_prefix, str(ROOT), "/tmp/", "pytest-of"):
        assert mine not in text, mine
    assert getpass.getuser() not in json.loads(text)["target"]["python"]
    find_plugins()
    jsonschema.validate(json.loads(text), json.loads(snapshot_schema()))


def test_without_a_name_they_are_listed(tmp_path: Path) -> None:
    visit = shown(Ward(tmp_path))
    assert visit.code == 0 and visit.stderr == ""
    assert [line.split()[0] for line in visit.stdout.splitlines() if line.startswith("  ")] == list(MACHINES)
    assert all(len(line) <= 80 for line in visit.stdout.splitlines())
    next_step = visit.stdout.splitlines()[-1].removeprefix("Next: mlenv-doctor ")
    assert Ward(tmp_path).doctor(*next_step.split()).code == 1


def test_an_unknown_name_is_one_sentence(tmp_path: Path) -> None:
    visit = shown(Ward(tmp_path), "nope")
    assert visit.code == 2 and visit.stdout == "" and visit.stderr.count("\n") == 1
    assert "--demo nope: unknown demonstration; choose from cpu-only-torch, " in visit.stderr
    with pytest.raises(BadInput):
        demo.snapshot("\x1b[31m")


REFUSED = [["--deep"], ["--quick"], ["--online"], ["--python", "x"], ["--from", "x.json"], ["--symptom", "x"], ["--recursive"],
           ["--baseline", "x.json"], ["--format", "sarif"], ["--format", "github"], ["--output", "junit:x.xml"], ["--mlflow-uri", "x"]]  # fmt: skip


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_needs_a_machine_is_refused(tmp_path: Path, words: list[str]) -> None:
    ward = Ward(tmp_path)
    (ward.project / "x.json").write_text(shown(ward, "healthy", "--format", "json").stdout)
    visit = shown(ward, "mac", *words)
    assert visit.code == 2 and visit.stdout == "" and visit.stderr.count("\n") == 1, visit
    assert sorted(path.name for path in ward.project.iterdir()) == ["x.json"]


def test_a_monitor_hears_unknown(tmp_path: Path) -> None:
    assert shown(Ward(tmp_path), "healthy", "--nagios").code == 3, "as all that a monitor asked wrongly"


def test_what_is_asked_of_a_demonstration_counts(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    assert shown(ward, "mac", "--strict").code == 1
    assert shown(ward, "mac", "--skip", "torch").code == 0
    assert shown(ward, "healthy", "--require", "lib:numpy>=99").code == 1
    assert {r["family"] for r in shown(ward, "lost-gpu", "--format", "json", "gpu").report["results"]} == {"gpu"}


def test_pages_and_files_are_marked_too(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    shown(ward, "lost-gpu", "--output", "html:page.html", "--output", "markdown:issue.md", "--output", "short:lines.txt")
    page = (ward.project / "page.html").read_text("utf-8")
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert document.find("body")[0].text == f"{MARK}{demo.titles()['lost-gpu']}"
    assert (ward.project / "issue.md").read_text("utf-8").startswith(f"> **{MARK}")
    assert (ward.project / "lines.txt").read_text("utf-8").startswith(MARK)


def test_no_file_is_left(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.environ["TMPDIR"] = str(tmp_path / "t")
    (tmp_path / "t").mkdir()
    shown(ward, "healthy")
    assert os.listdir(tmp_path / "t") == [] and os.listdir(ward.project) == []


@cache
def one_file() -> bytes:
    return packed(contents())


def test_the_one_file_has_them_and_stays_small(tmp_path: Path) -> None:
    assert len(one_file()) < 2_000_000
    assert zipfile.ZipFile(BytesIO(one_file())).getinfo("mlenv_doctor/documents/demo.json.gz").file_size < 20_000
    file = tmp_path / "d.pyz"
    file.write_bytes(one_file())
    done = subprocess.run([sys.executable, file, "check", "--demo", "colab"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith(MARK), done.stderr
    assert DOCTOR.exists()
