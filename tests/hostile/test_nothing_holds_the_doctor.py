"""Whatever a project, a library or a file does, the doctor ends in time and harms nothing on its way."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest

from .lair import Lair

AT_IMPORT = """
import glob, os, sys
found = [p for p in glob.glob(os.environ.get("TMPDIR", "/tmp") + "/mlenv-doctor-*/**", recursive=True) if os.path.isfile(p)]
found += [word for word in sys.argv if os.path.exists(word)]
found += [os.readlink("/proc/self/fd/" + n) for n in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + n)]
for path in dict.fromkeys(found):
    if not path.startswith(("/dev/", "/proc/")) and os.path.isfile(path) and {tmp!r} in path:
        try:
            os.unlink(path)
            {act}
        except OSError:
            pass
"""
ACTS = {
    "FIFO": "os.mkfifo(path)",
    "endless device": "os.symlink('/dev/zero', path)",
    "folder": "os.mkdir(path)",
    "link to itself": "os.symlink(path, path)",
    "terminal": "os.symlink('/dev/tty', path)",
    "huge file": "f = open(path, 'wb'); f.truncate(1 << 40); f.close()",
}


@pytest.mark.parametrize(
    "act", [pytest.param(a, marks=() if a in ("FIFO", "endless device") else pytest.mark.slow) for a in ACTS]
)
def test_what_a_library_puts_in_the_place_of_an_answer_holds_nobody(inhabited: Lair, act: str) -> None:
    inhabited.library("numpy", source=AT_IMPORT.format(tmp=str(inhabited.tmp), act=ACTS[act]))
    (inhabited.site / "sitecustomize.py").write_text(AT_IMPORT.format(tmp=str(inhabited.tmp), act=ACTS[act]))
    said = inhabited.ask("check", "--timeout", "8", timeout=40)
    assert said.code in (0, 1, 3) and "Traceback" not in said.err
    assert inhabited.left() == []


def test_a_file_of_the_user_is_not_cut_off_in_the_place_of_a_log(inhabited: Lair) -> None:
    precious = inhabited.root / "precious"
    precious.write_bytes(b"x" * (40 << 20))
    inhabited.library(
        "numpy",
        source=AT_IMPORT.format(tmp=str(inhabited.tmp), act=f"os.symlink({str(precious)!r}, path)")
        + "\nimport time; time.sleep(1)",
    )
    inhabited.ask("check", "libraries", "--require", "lib:numpy", timeout=40)
    assert precious.stat().st_size == 40 << 20


def test_an_answer_without_end_is_cut(inhabited: Lair) -> None:
    """Into every file that it inherits a library writes as much as the disk takes."""
    flood = """
import os
for number in range(3, 64):
    try:
        for _ in range(400): os.write(number, b'x' * (1 << 20))
    except OSError:
        pass
"""
    inhabited.library("numpy", source=flood)
    said = inhabited.ask("check", "libraries", "--require", "lib:numpy", "--timeout", "15", timeout=50)
    assert said.code in (0, 1, 3) and "Traceback" not in said.err


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_pipe_without_a_reader_is_no_place_for_a_report(lair: Lair, form: str) -> None:
    os.mkfifo(lair.project / "pipe")
    said = lair.ask("check", "python", "--quick", "--output", f"{form}:pipe", timeout=25)
    assert said.code == 2 and "pipe" in said.err


def test_a_pipe_with_a_reader_gets_all_of_it(lair: Lair) -> None:
    pipe = lair.project / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    said = lair.ask("check", "--output", "json:pipe", timeout=30)
    reader.join(10)
    assert said.code in (0, 1) and json.loads(got[0])["tool"]["name"] == "mlenv-doctor"


def test_a_reader_that_reads_nothing_holds_nobody(lair: Lair) -> None:
    lair.write("big.json", json.dumps({"x": "y" * 200_000}))
    pipe = lair.project / "pipe"
    os.mkfifo(pipe)
    idle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        said = lair.ask("check", "-v", "--output", "html:pipe", timeout=40)
        assert said.code in (0, 1, 2)
    finally:
        os.close(idle)


FILES = (
    "pyproject.toml", ".env", "requirements.txt", "a.ipynb", "environment.yml", "uv.lock", "poetry.lock", "mlflow.db", ".git", ".gitignore",
    "Dockerfile", ".dockerignore", "app.py", "setup.py", "setup.cfg", "Pipfile", ".python-version", ".env.example", "mlruns", ".venv/pyvenv.cfg",
)  # fmt: skip


def test_pipes_in_the_place_of_files_hold_nobody(lair: Lair) -> None:
    for name in FILES:
        (lair.project / name).parent.mkdir(exist_ok=True)
        os.mkfifo(lair.project / name)
    for name in (".netrc", ".mlflow", ".condarc", ".config"):
        os.mkfifo(lair.home / name)
    lair.environ["GITHUB_STEP_SUMMARY"] = str(lair.project / "app.py")
    for words in (("check", "--format", "github"), ("snapshot",)):
        said = lair.ask(*words, timeout=60)
        assert said.code in (0, 1, 3) and "Traceback" not in said.err


@pytest.mark.slow
def test_pipes_in_an_environment_hold_nobody(inhabited: Lair) -> None:
    for info in inhabited.site.glob("*.dist-info"):
        for name in ("METADATA", "RECORD", "INSTALLER", "direct_url.json", "entry_points.txt", "top_level.txt", "WHEEL"):
            (info / name).unlink(missing_ok=True)
            os.mkfifo(info / name)
    os.mkfifo(inhabited.site / "x.pth")
    os.mkfifo(inhabited.site / "y.py")
    said = inhabited.ask("check", "--timeout", "5", timeout=60)
    assert said.code in (0, 1, 3) and "Traceback" not in said.err


@pytest.mark.parametrize(
    "words", [("--from", "pipe"), ("--baseline", "pipe"), ("--symptom", "pipe"), ("--env-file", "pipe")], ids=" ".join
)
def test_pipes_as_options_hold_nobody(lair: Lair, words: tuple[str, str]) -> None:
    os.mkfifo(lair.project / "pipe")
    assert lair.ask("check", "llm", *words, timeout=25).code in (0, 1, 2, 3)


MEGA = 1 << 20
HEAVY = {
    ".env of one line": (".env", lambda: "A=" + "a" * MEGA),
    ".env of a key's beginnings": (".env", lambda: "A=" + "sk-" * (MEGA // 3)),
    ".env of many lines": (".env", lambda: "".join(f"KEY_{n}_TOKEN=v{n:08}xyz{n}\n" for n in range(20_000))),
    "pyproject of dots": ("pyproject.toml", lambda: "[tool.mlenv-doctor]\n" + "a." * 100_000 + "b = 1\n"),
    "pyproject of brackets": ("pyproject.toml", lambda: "[tool.mlenv-doctor]\nskip = " + "[" * 100_000),
    "pyproject of tables": ("pyproject.toml", lambda: "[tool.mlenv-doctor]\n" + "[" + "a." * 200_000 + "b]\n"),
    "requirements of one line": ("requirements.txt", lambda: "numpy" + "[a" * 300_000),
    "notebook of brackets": ("a.ipynb", lambda: "[" * MEGA),
    "code of brackets": ("app.py", lambda: "(" * 200_000),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in (".env of a key's beginnings", "pyproject of dots") else pytest.mark.slow) for n in HEAVY],
)
def test_no_file_of_the_project_takes_long(lair: Lair, name: str) -> None:
    file, text = HEAVY[name]
    lair.venv(libraries=())
    lair.write(file, text())
    said = lair.ask("check", "llm", "libraries", timeout=60)
    assert said.seconds < 15 and "Traceback" not in said.err


PUMPS = {
    "beginnings": "sk-", "colons": "a:", "at": "://a@", "query": "://a?", "escapes": "\x1b[", "names": "password", "blanks": " ",
    "words": "ab1 ", "bearer": "bearer ", "titles": "\x1b]", "key": "-----BEGIN PRIVATE KEY-----", "traceback": "  File \"a\", line 1\n",
}  # fmt: skip


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in ("beginnings",) else pytest.mark.slow) for n in PUMPS])
@pytest.mark.parametrize("option", ["--from", "--symptom", "--baseline"])
def test_no_file_that_is_given_takes_long(lair: Lair, name: str, option: str) -> None:
    text = PUMPS[name] * (1_900_000 // len(PUMPS[name]))
    if option == "--baseline":
        text = json.dumps(
            {"schema_version": "1.0", "tool": {"name": "mlenv-doctor"}, "results": [], "target": {"python": text}, "place": {}}
        )
    if option == "--from":
        text = f"Collecting environment information...\nPyTorch version: {text}\n"
    lair.write("given", text)
    said = lair.ask("check", "python", "--quick", option, "given", timeout=60)
    assert said.seconds < 15 and said.code in (0, 1, 2, 3) and "Traceback" not in said.err


@pytest.mark.parametrize("name", ["beginnings", "at", "names"])
def test_no_metadata_takes_long(inhabited: Lair, name: str) -> None:
    info = next(inhabited.site.glob("numpy-*.dist-info"))
    with (info / "METADATA").open("a") as file:
        file.write("Requires-Dist: " + PUMPS[name] * (300_000 // len(PUMPS[name])) + "\n")
    inhabited.library("pandas", source=f"raise ImportError({PUMPS[name]!r} * {300_000 // len(PUMPS[name])})")
    said = inhabited.ask("check", timeout=60)
    assert said.seconds < 20 and said.code in (0, 1, 3)


def many(number: int) -> str:
    """A snapshot of a machine with so many distributions."""
    names = [{"name": f"d{n}", "version": f"{n}.0", "folder": "/s", "info": f"/s/d{n}-{n}.0.dist-info", "requires": [f"d{n // 2}>=1", f"d{n // 3}"]} for n in range(number)]  # fmt: skip
    facts = {
        "libraries": {"distributions": names, "modules": [], "environment": []},
        "integrity": {"distributions": number, "flaws": [], "overlaps": []},
    }
    target = {"python": "/s/bin/python", "prefix": "/s", "chosen_by": "PATH"}
    return json.dumps(
        {
            "schema_version": "1.0",
            "kind": "mlenv-doctor snapshot",
            "tool": {"name": "mlenv-doctor", "version": "0"},
            "target": target,
            "project": "/p",
            "facts": facts,
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("words", [("check", "--from"), ("diff",)], ids=" ".join)
def test_twenty_thousand_distributions_are_judged_in_time(lair: Lair, words: tuple[str, ...]) -> None:
    file = lair.write("patient.json", many(20_000))
    more = (str(file), str(file)) if words == ("diff",) else (str(file),)
    said = lair.ask(*words, *more, timeout=60)
    assert said.seconds < 15 and said.code in (0, 1)


@pytest.mark.parametrize("budget", ["1", "2"])
def test_the_budget_holds_for_all_of_it(inhabited: Lair, budget: str) -> None:
    inhabited.library("numpy", source="import time; time.sleep(60)")
    started = time.monotonic()
    said = inhabited.ask("check", "--budget", budget, timeout=30)
    assert time.monotonic() - started < float(budget) + 3 and said.code in (0, 1, 3)
    assert "Traceback" not in said.err and inhabited.left() == []


@pytest.mark.slow
def test_folders_without_end_are_removed(inhabited: Lair) -> None:
    deep = """
import glob, os
for room in glob.glob(os.environ["TMPDIR"] + "/mlenv-doctor-*"):
    os.chdir(room)
    for _ in range(3000):
        os.mkdir("d"); os.chdir("d")
"""
    inhabited.library("numpy", source=deep)
    said = inhabited.ask("check", "libraries", "--require", "lib:numpy", timeout=60)
    assert said.code in (0, 1) and "Traceback" not in said.err and inhabited.left() == []


@pytest.mark.slow
def test_loud_libraries_do_not_fill_the_disk(inhabited: Lair) -> None:
    """Everything that a process may leave on the disk is bounded; this counts what lies in open files as well."""
    shout = "import os\nblock = b'x' * (1 << 20)\nfor _ in range(2000): os.write(1, block)\n"
    for name in ("numpy", "pandas"):
        inhabited.library(name, source=shout)
    most, done = [0], threading.Event()
    usage = os.statvfs(inhabited.tmp)

    def watch() -> None:
        while not done.is_set():
            now = os.statvfs(inhabited.tmp)
            most[0] = max(most[0], (usage.f_bfree - now.f_bfree) * now.f_frsize)
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = inhabited.ask("check", "libraries", "--require", "lib:numpy", "--require", "lib:pandas", "--timeout", "20", timeout=60)
    done.set()
    watcher.join()
    assert said.code in (0, 1) and most[0] < 700 << 20


def test_what_is_written_is_in_one_folder(lair: Lair) -> None:
    """The project and the home are as they were."""
    before = {path: path.stat().st_mtime_ns for top in (lair.project, lair.home) for path in top.rglob("*")}
    lair.ask("check", "--quick")
    after = {path: path.stat().st_mtime_ns for top in (lair.project, lair.home) for path in Path(top).rglob("*")}
    assert before == after
