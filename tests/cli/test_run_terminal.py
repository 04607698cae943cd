"""`mlenv-doctor run` at a real terminal: what the command sees of it, keys, sizes, stopping, and how it is left behind."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.ward import DOCTOR

PYTHON = sys.executable
WAIT = 30


class Screen:
    """A terminal with a command of the doctor's at it, as a person has it."""

    def __init__(self, *command: str, size: tuple[int, int] = (33, 101)) -> None:
        self.pid, self.master = pty.fork()
        if not self.pid:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
                os.execv(command[0], command)
            finally:
                os._exit(99)
        self.seen = b""

    def until(self, words: bytes) -> bytes:
        """Read until these words are on the screen."""
        deadline = time.monotonic() + WAIT
        while words not in self.seen:
            assert select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0], self.seen
            self.seen += self._read() or pytest.fail(f"the end came before {words!r}: {self.seen!r}")
        before, _, self.seen = self.seen.partition(words)
        return before

    def _read(self) -> bytes:
        try:
            return os.read(self.master, 65536)
        except OSError:
            return b""

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self) -> int:
        """The exit code; all that was still printed is in `seen`."""
        while data := self._read():
            self.seen += data
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        os.close(self.master)
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            return


@pytest.fixture
def screens() -> Iterator[list[Screen]]:
    made: list[Screen] = []
    yield made
    for screen in made:
        screen.close()


def run(screens: list[Screen], *command: str) -> Screen:
    screens.append(Screen(str(DOCTOR), "run", "--", *command))
    return screens[-1]


def python(screens: list[Screen], script: str) -> Screen:
    return run(screens, PYTHON, "-c", script)


def test_the_command_sees_the_terminal_and_its_size(screens: list[Screen]) -> None:
    screen = python(
        screens, "import os; print([os.isatty(n) for n in (0, 1, 2)], os.get_terminal_size(), os.open('/dev/tty', os.O_RDWR) > 2)"
    )
    screen.until(b"[True, True, True] os.terminal_size(columns=101, lines=33) True\r\n")
    assert screen.end() == 0 and screen.seen == b""


def test_a_new_size_reaches_the_command(screens: list[Screen]) -> None:
    screen = python(
        screens,
        "import os, signal, time\n"
        "signal.signal(signal.SIGWINCH, lambda *_: print('now', *os.get_terminal_size(), flush=True))\n"
        "print('ready', flush=True)\nfor _ in range(600): time.sleep(.1)",
    )
    screen.until(b"ready\r\n")
    screen.resize(50, 140)
    screen.until(b"now 140 50")
    screen.type(b"\x03")
    assert screen.end() == 130


def test_what_is_typed_arrives_and_is_echoed_once(screens: list[Screen]) -> None:
    screen = python(screens, "print('hello', input('name? '))")
    screen.until(b"name? ")
    screen.type(b"Ada\r")
    assert screen.until(b"hello Ada\r\n") == b"Ada\r\n"
    assert screen.end() == 0


def test_a_program_that_reads_single_keys_works(screens: list[Screen]) -> None:
    screen = python(
        screens, "import sys, tty; tty.setraw(1); print('ready', flush=True); print(repr(sys.stdin.buffer.raw.read(1)))"
    )
    screen.until(b"ready")
    screen.type(b"\x03")
    screen.until(b"b'\\x03'")
    assert screen.end() == 0


def test_a_curses_program_works(screens: list[Screen]) -> None:
    script = "import curses\ndef main(s):\n  s.addstr(0, 0, 'window %d %d' % s.getmaxyx()); s.refresh(); return s.getch()\nk = curses.wrapper(main); print('key', k)"
    screen = run(screens, "env", "-u", "LINES", "-u", "COLUMNS", "TERM=xterm", PYTHON, "-c", script)
    screen.until(b"window 33 101")
    screen.type(b"q")
    screen.until(b"key 113")
    assert screen.end() == 0


def test_ctrl_c_interrupts_the_command_and_nothing_is_added(screens: list[Screen]) -> None:
    screen = python(
        screens,
        "import time\ntry: print('ready', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: print('tidied up'); raise SystemExit(4)",
    )
    screen.until(b"ready\r\n")
    screen.type(b"\x03")
    screen.until(b"tidied up\r\n")
    assert screen.end() == 4


def test_the_terminal_is_left_as_it_was(screens: list[Screen], tmp_path: Path) -> None:
    script = 'stty -a > before; "$0" run -- stty raw -echo; stty -a > after; cmp before after && echo same'
    screens.append(Screen("/bin/sh", "-c", f"cd {tmp_path}; {script}", str(DOCTOR)))
    screens[-1].until(b"same")
    assert screens[-1].end() == 0


def test_streams_that_go_elsewhere_do_while_the_others_stay_at_the_terminal(screens: list[Screen], tmp_path: Path) -> None:
    script = "import os, sys; print([os.isatty(n) for n in (0, 1, 2)]); print('err', file=sys.stderr); print(input(), flush=True)"
    screens.append(Screen("/bin/sh", "-c", f'"$0" run -- {PYTHON} -c "{script}" > {tmp_path}/out', str(DOCTOR)))
    screens[-1].until(b"err\r\n")
    screens[-1].type(b"typed\r")
    assert screens[-1].end() == 0
    assert (tmp_path / "out").read_text() == "[True, False, True]\ntyped\n"


def test_stderr_in_a_file_is_explained_there(screens: list[Screen], tmp_path: Path) -> None:
    screens.append(
        Screen(
            "/bin/sh",
            "-c",
            f'"$0" run -- {PYTHON} -c "import os; print(os.isatty(1)); import peft" 2> {tmp_path}/err',
            str(DOCTOR),
        )
    )
    screens[-1].until(b"True\r\n")
    assert screens[-1].end() == 1 and screens[-1].seen == b""
    assert "✗ peft is not installed" in (tmp_path / "err").read_text()


def test_a_failure_at_the_terminal_is_explained_below_it(screens: list[Screen]) -> None:
    screen = python(screens, "import peft")
    screen.until(b"No module named 'peft'\r\n")
    assert screen.end() == 1 and "✗ peft is not installed".encode() in screen.seen


SHELL = ["/bin/bash", "--norc", "--noprofile", "-i"]


@pytest.fixture
def shell(screens: list[Screen]) -> Screen:
    screens.append(Screen("/usr/bin/env", "PS1=$ ", "HISTFILE=", f"D={DOCTOR}", f"P={PYTHON}", *SHELL))
    screens[-1].until(b"$ ")
    return screens[-1]


SLEEPER = "import time; print('rea' + 'dy', flush=True); print('got ' + input(), flush=True)"


def test_ctrl_z_stops_the_job_and_fg_continues_it(shell: Screen) -> None:
    shell.type(f'$D run -- $P -c "{SLEEPER}"\r'.encode())
    shell.until(b"ready\r\n")
    shell.type(b"\x1a")
    shell.until(b"Stopped")
    shell.type(b"echo still $((40+2))\r")
    shell.until(b"still 42")
    shell.type(b"fg\r")
    shell.until(b"run --")
    time.sleep(0.5)
    shell.type(b"words\r")
    shell.until(b"got words")
    shell.until(b"$ ")
    shell.type(b"echo code $?\r")
    shell.until(b"code 0")


def test_a_job_in_the_background_works_there(shell: Screen) -> None:
    shell.type(b"$D run -- $P -c \"print('hel' + 'lo')\" & wait; echo co''de $?\r")
    shell.until(b"hello")
    shell.until(b"code 0")


def test_a_pipe_between_two_of_them_and_a_pager(shell: Screen) -> None:
    shell.type(b"$D run -- seq 1 3 | $D run -- tail -1; echo co''de ${PIPESTATUS[*]}\r")
    shell.until(b"\r3\r\n")
    shell.until(b"code 0 0")


def test_the_command_goes_when_the_terminal_does(screens: list[Screen], tmp_path: Path) -> None:
    screen = python(
        screens,
        f"import os, time; open(r'{tmp_path}/pid', 'w').write(str(os.getpid())); print('ready', flush=True); time.sleep(60)",
    )
    screen.until(b"ready")
    os.close(screen.master)
    screen.master = os.open(os.devnull, os.O_RDWR)
    pid, deadline = int((tmp_path / "pid").read_text()), time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not os.path.exists(f"/proc/{pid}")


def test_a_signal_to_the_doctor_goes_to_the_command(screens: list[Screen]) -> None:
    screen = python(
        screens,
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('heard', flush=True), sys.exit(6))); print('ready', flush=True); time.sleep(60)",
    )
    screen.until(b"ready")
    os.kill(screen.pid, signal.SIGTERM)
    screen.until(b"heard")
    assert screen.end() == 6


def test_big_output_passes_whole_through_a_terminal(screens: list[Screen]) -> None:
    screen = python(screens, "for n in range(20000): print('line', n)")
    assert screen.end() == 0
    assert screen.seen == b"".join(b"line %d\r\n" % n for n in range(20000))


def test_what_stays_in_the_background_is_not_hung_up(screens: list[Screen], tmp_path: Path) -> None:
    screens.append(
        Screen(
            "/bin/sh", "-c", f'"$0" run -- sh -c "(sleep 1; echo late; touch {tmp_path}/done) & echo early"; sleep 3', str(DOCTOR)
        )
    )
    screens[-1].until(b"early\r\n")
    screens[-1].until(b"late")
    assert (tmp_path / "done").exists() or time.sleep(1) or (tmp_path / "done").exists()


def test_it_works_under_no_session_at_all() -> None:
    done = subprocess.run(
        [DOCTOR, "run", "--", "echo", "x"], stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, timeout=WAIT
    )
    assert done.stdout == b"x\n" and done.returncode == 0
