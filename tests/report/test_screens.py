"""What four typical machines show, at three widths, in colour, in ASCII and in a pipe: each screen was read before it was kept.

MLENV_DOCTOR_WRITE_GOLDEN=1 python3 scripts/test.py tests/test_screens.py     writes the screens anew

The machines are snapshots, so that the screens are the same everywhere.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import struct
import subprocess
import termios
from collections.abc import Mapping
from dataclasses import replace
from fcntl import ioctl
from functools import cache
from pathlib import Path

import pytest

from lab.ward import DOCTOR
from mlenv_doctor.examine.examination import Order, examine
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.model import Report
from mlenv_doctor.patient.settings import Settings
from mlenv_doctor.report import guide, text
from mlenv_doctor.report.look import Look

GOLDEN = Path(__file__).parent / "screens"
WRITING = bool(os.environ.get("MLENV_DOCTOR_WRITE_GOLDEN"))
MACHINES = ("healthy", "broken", "bare", "ci")
LOOKS = {
    "pipe": Look(0, False, False),
    "40": Look(40, False, False),
    "80": Look(80, False, False),
    "200": Look(200, False, False),
    "80-color": Look(80, True, False),
    "80-ascii": Look(80, False, True),
    "80-verbose": Look(80, False, False, True),
}


def timeless(shown: str) -> str:
    """A screen without what differs from run to run, and from release to release."""
    return re.sub(r" in \d+\.\d s", " in 1.0 s", re.sub(r"(mlenv-doctor) \d+\.\d+\.\d+", r"\1 0", shown))


def machine(name: str) -> Path:
    return GOLDEN / f"machines/{name}.json"


@cache
def report(name: str) -> Report:
    order = Order(Path("/home/ada/churn"), Settings(), saved=machine(name))
    return replace(examine(order, find_plugins()), version="0", duration_s=1.0)


def golden(name: str, look: str, said: str) -> str:
    """The screen that was kept."""
    file = GOLDEN / f"{name}-{look}.txt"
    if WRITING:
        file.write_text(said, "utf-8")
    return file.read_text("utf-8")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", MACHINES)
def test_a_screen(name: str, look: str) -> None:
    said = text.render(report(name), LOOKS[look])
    assert said == golden(name, look, said)


@pytest.mark.parametrize("look", ["40", "80", "80-color", "80-ascii"])
@pytest.mark.parametrize("name", ["broken", "bare"])
def test_the_guidance(name: str, look: str) -> None:
    said = guide.render(report(name), LOOKS[look])
    assert said == golden(f"fix-{name}", look, said)


def test_each_screen_is_one_of_these() -> None:
    kept = {file.stem for file in GOLDEN.glob("*.txt")}
    guides = {f"fix-{name}-{look}" for name in ("broken", "bare") for look in ("40", "80", "80-color", "80-ascii")}
    assert kept == {f"{name}-{look}" for name in MACHINES for look in LOOKS} | guides


def commands(name: str) -> list[str]:
    return [command.text for prescription in report(name).plan.values() for command in prescription.commands]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", MACHINES)
def test_lines_keep_to_the_width_but_for_commands(name: str, look: str) -> None:
    width = LOOKS[look].width
    for line in (GOLDEN / f"{name}-{look}.txt").read_text("utf-8").splitlines():
        bare = re.sub(r"\x1b\[[0-9;]*m", "", line)
        unbreakable = max(map(len, bare.split()), default=0) > width - 13
        assert not width or len(bare) <= width or bare.strip() in commands(name) or "Then: " in bare or unbreakable, line
        assert bare == bare.rstrip() and "\t" not in line


@pytest.mark.parametrize("name", MACHINES)
def test_colour_adds_nothing_but_colour(name: str) -> None:
    colored = (GOLDEN / f"{name}-80-color.txt").read_text("utf-8")
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == (GOLDEN / f"{name}-80.txt").read_text("utf-8")
    assert set(re.findall(r"\x1b\[[^m]*m", colored)) <= {
        f"\x1b[{code}m" for code in ("0", "1", "2", "1;31", "31", "32", "33", "35", "36")
    }


def on_terminal(*args: str, width: int, environ: Mapping[str, str] = {}) -> str:  # never written to
    """What a terminal of this width gets to see."""
    ours, its = pty.openpty()
    ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    env = {"PATH": os.defpath, "HOME": "/nowhere", "LANG": "C.UTF-8", "TERM": "xterm-256color", **environ}
    with subprocess.Popen([DOCTOR, *args], stdin=its, stdout=its, stderr=its, env=env, cwd="/", start_new_session=True):
        os.close(its)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    return timeless(shown.decode("utf-8").replace("\r\n", "\n"))


def in_pipe(*args: str, environ: Mapping[str, str], encoding: str = "utf-8") -> str:
    env = {"PATH": os.defpath, "HOME": "/nowhere", "LANG": "C.UTF-8", **environ}
    done = subprocess.run([DOCTOR, *args], env=env, cwd="/", capture_output=True)
    assert done.stderr == b""
    return timeless(done.stdout.decode(encoding))


CIRCUMSTANCES: dict[str, tuple[int, dict[str, str], tuple[str, ...], str]] = {
    "as it is": (80, {}, (), "80-color"),
    "40 columns, NO_COLOR": (40, {"NO_COLOR": "1"}, (), "40"),
    "200 columns": (200, {}, ("--color", "never"), "200"),
    "TERM=dumb": (80, {"TERM": "dumb"}, (), "80"),
    "TERM=screen-256color, as in tmux": (80, {"TERM": "screen-256color", "TMUX": "/tmp/x"}, (), "80-color"),
    "--ascii": (80, {"NO_COLOR": "1"}, ("--ascii",), "80-ascii"),
    "cp1252": (80, {"NO_COLOR": "1", "PYTHONIOENCODING": "cp1252"}, (), "80-ascii"),
    "latin-1": (80, {"NO_COLOR": "1", "PYTHONIOENCODING": "latin-1"}, (), "80-ascii"),
    "the C locale": (80, {"NO_COLOR": "1", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, (), "80-ascii"),
}


@pytest.mark.parametrize("name", CIRCUMSTANCES)
def test_a_terminal_shows_it(name: str) -> None:
    width, environ, options, look = CIRCUMSTANCES[name]
    shown = on_terminal("check", "--from", str(machine("broken")), *options, width=width, environ=environ)
    assert shown == (GOLDEN / f"broken-{look}.txt").read_text("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "ascii"])
def test_a_pipe_gets_it_unwrapped(encoding: str) -> None:
    shown = in_pipe("check", "--from", str(machine("broken")), environ={"PYTHONIOENCODING": encoding}, encoding=encoding)
    kept = (GOLDEN / "broken-pipe.txt").read_text("utf-8")
    assert shown == (kept if encoding == "utf-8" else text.render(report("broken"), Look(0, False, True)))


@pytest.mark.skipif(not shutil.which("tmux"), reason="no tmux here")
def test_tmux_shows_it(tmp_path: Path) -> None:
    socket = str(tmp_path / "socket")
    done = f"{DOCTOR} check --from {machine('bare')}; sleep 20"
    start = ["tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "120", done]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm-256color", "SHELL": "/bin/sh"}
    try:
        subprocess.run(start, env=env, check=True, cwd="/")
        shown = ""
        for _ in range(50):
            shown = subprocess.run(["tmux", "-S", socket, "capture-pane", "-pJ"], env=env, capture_output=True, text=True).stdout
            if re.search(r" in \d+\.\d s", shown):
                break
            subprocess.run(["sleep", "0.2"])
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], env=env)
    kept = (GOLDEN / "bare-80.txt").read_text("utf-8")
    assert [line.rstrip() for line in timeless(shown).strip().splitlines()] == kept.strip().splitlines()
