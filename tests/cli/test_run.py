"""`mlenv-doctor run` without a terminal: streams, bytes, exit codes, signals, and what is said where a command fails."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.ward import DOCTOR, KEY, Ward
from mlenv_doctor.running.ended import Tail

RUN = [str(DOCTOR), "run", "--"]
PYTHON = sys.executable
Done = subprocess.CompletedProcess[bytes]


def call(*command: str, given: bytes = b"", cwd: Path | None = None, env: dict[str, str] | None = None) -> Done:
    return subprocess.run([*RUN, *command], input=given, capture_output=True, timeout=120, cwd=cwd, env=env)


def said(done: Done) -> str:
    return done.stderr.decode()


def test_nothing_is_added_where_it_succeeds() -> None:
    done = call("sh", "-c", "echo out; echo err >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\n", b"err\n")


@pytest.mark.parametrize("code", [1, 3, 127, 255])
def test_the_exit_code_is_that_of_the_command(code: int) -> None:
    done = call("sh", "-c", f"exit {code}")
    assert done.returncode == code and done.stdout == b""
    assert f"ended with exit code {code} and printed nothing" in said(done)


def test_the_command_has_the_path_that_was_given(tmp_path: Path) -> None:
    """The doctor itself looks into no relative folder of PATH; what it runs for somebody does."""
    tool = tmp_path / "bin/hello"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho hello\n")
    tool.chmod(0o755)
    done = call("sh", "-c", "hello", cwd=tmp_path, env={**os.environ, "PATH": f"bin:{os.environ['PATH']}"})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hello\n", b"")


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM", "SIGINT", "SIGPIPE"])
def test_a_signal_that_ends_the_command_is_128_more(name: str) -> None:
    number = signal.Signals[name]
    assert call("sh", "-c", f"kill -{int(number)} $$").returncode == 128 + number


def test_every_byte_and_both_streams_pass_untouched() -> None:
    data = random.Random(1).randbytes(3_000_000)
    done = call(
        PYTHON,
        "-c",
        "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d); sys.stderr.buffer.write(d[::-1])",
        given=data,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, data, data[::-1])


def test_streams_that_are_one_keep_their_order() -> None:
    script = "import os\nfor n in range(2000): os.write(1 + n % 2, b'%d\\n' % n)"
    done = subprocess.run([*RUN, PYTHON, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    assert done.stdout.split() == [b"%d" % n for n in range(2000)]


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    with open(tmp_path / "log", "ab") as log:
        log.write(b"before\n")
        log.flush()
        subprocess.run([*RUN, "echo", "after"], stdout=log, timeout=60)
    assert (tmp_path / "log").read_bytes() == b"before\nafter\n"


def test_a_command_ends_when_nobody_reads_on() -> None:
    started = time.monotonic()
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(RUN)} yes | head -1; echo ${{PIPESTATUS[0]}}"], capture_output=True, timeout=60
    )
    assert done.stdout == b"y\n141\n" and done.stderr == b"" and time.monotonic() - started < 30


def test_what_a_command_leaves_behind_is_not_waited_for_and_prints_on(tmp_path: Path) -> None:
    with open(tmp_path / "log", "wb") as log:
        started = time.monotonic()
        done = subprocess.run([*RUN, "sh", "-c", "(sleep 3; echo late) & echo early"], stdout=log, stderr=log, timeout=60)
        assert done.returncode == 0 and time.monotonic() - started < 2.5
    assert (tmp_path / "log").read_bytes() == b"early\n"
    deadline = time.monotonic() + 20
    while b"late" not in (tmp_path / "log").read_bytes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (tmp_path / "log").read_bytes() == b"early\nlate\n"


def test_the_environment_of_the_command_is_untouched() -> None:
    assert call("env").stdout == subprocess.run(["env"], capture_output=True).stdout


def test_words_and_options_of_the_command_are_its_own() -> None:
    assert call("echo", "--help", "--", "-x").stdout == b"--help -- -x\n"
    done = subprocess.run([str(DOCTOR), "run", "echo", "-n", "--python", "x"], capture_output=True, timeout=60)
    assert done.stdout == b"--python x"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGUSR1"])
def test_a_signal_goes_to_the_command(name: str) -> None:
    script = (
        "import signal, sys, time\n"
        f"signal.signal(signal.{name}, lambda *_: (print('heard', flush=True), sys.exit(0)))\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([*RUN, PYTHON, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout and child.stdout.readline() == b"ready\n"
        child.send_signal(signal.Signals[name])
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (0, b"heard\n", b"")


def test_when_the_command_stops_so_does_the_doctor_and_both_go_on() -> None:
    script = "import os, signal; print('a', flush=True); os.kill(os.getpid(), signal.SIGSTOP); print('b')"
    with subprocess.Popen([*RUN, PYTHON, "-c", script], stdout=subprocess.PIPE) as child:
        _, state = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(state)
        child.send_signal(signal.SIGCONT)
        assert child.communicate(timeout=60)[0] == b"a\nb\n" and child.returncode == 0


def test_a_script_without_a_first_line_is_read_by_the_shell(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("echo shell $1\n")
    (tmp_path / "s").chmod(0o755)
    assert call(str(tmp_path / "s"), "x").stdout == b"shell x\n"


MEASURED = "import os, sys; p = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]); w = os.wait4(p, 0); print(w[1], w[2].ru_maxrss, file=sys.stderr)"


def test_much_output_is_not_held(tmp_path: Path) -> None:
    script = "import sys; [sys.stdout.buffer.write(b'x' * 1_000_000) for _ in range(150)]"
    with open(tmp_path / "out", "wb") as out:
        done = subprocess.run(
            [PYTHON, "-S", "-c", MEASURED, *RUN, PYTHON, "-c", script], stdout=out, stderr=subprocess.PIPE, timeout=60
        )
    state, kilobytes = map(int, done.stderr.split())
    assert state == 0 and (tmp_path / "out").stat().st_size == 150_000_000
    assert kilobytes < 40_000


def test_nothing_heavy_is_loaded_for_a_command_that_succeeds() -> None:
    done = call(PYTHON, "-c", "", env={**os.environ, "PYTHONVERBOSE": "1"})
    loaded = done.stderr.decode("utf-8", "replace")
    assert "import 'mlenv_doctor.running.command'" in loaded
    assert not any(
        f"import '{name}" in loaded
        for name in ("rich", "mlenv_checks", "packaging", "yaml", "mlenv_doctor.examine.engine", "mlenv_doctor.knowledge")
    )


@pytest.mark.parametrize("sizes", [[3], [10], [7, 2, 9, 10, 1], [10] * 5, [1] * 25, [10, 10], []])
def test_a_tail_is_the_end_of_all_that_came(sizes: list[int]) -> None:
    tail, all_of_it = Tail(10), b""
    for number, size in enumerate(sizes):
        room = tail.room()
        taken = min(size, len(room))
        room[:taken] = bytes([number]) * taken
        tail.took(taken)
        all_of_it += bytes([number]) * taken
    assert tail.kept == all_of_it[-10:]


def test_the_end_is_kept_where_the_system_moves_the_bytes(ward: Ward) -> None:
    script = "import sys; w = sys.stderr.buffer.write; [w(b'%9d\\n' % n * 6400) for n in range(500)]; import peft"
    done = at(ward, str(ward.python), "-c", script)
    printed, _, explained = done.stderr.partition(b"Traceback")
    assert printed == b"".join(b"%9d\n" % n * 6400 for n in range(500)) and b"peft is not installed" in explained


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv(libraries=("numpy",))
    return made


def at(ward: Ward, *command: str) -> Done:
    return call(*command, cwd=ward.project, env=ward.environ)


def test_a_traceback_is_explained_with_the_python_that_ran(ward: Ward) -> None:
    (ward.project / "train.py").write_text("import peft\n")
    del ward.environ["VIRTUAL_ENV"]
    done = at(ward, ".venv/bin/python", "train.py")
    assert done.returncode == 1 and done.stdout == b""
    assert said(done).startswith("Traceback") and "✗ peft is not installed" in said(done)
    assert f"{ward.project}/.venv/bin/python -m pip install peft" in said(done)


def test_the_last_error_counts_not_an_earlier_one_that_was_handled(ward: Ward) -> None:
    script = "import traceback\ntry:\n  import flash_attn\nexcept ImportError: traceback.print_exc()\nimport peft"
    done = at(ward, str(ward.python), "-c", script)
    assert "✗ peft is not installed" in said(done) and "✗ flash" not in said(done)


def test_an_error_on_standard_output_is_explained(ward: Ward) -> None:
    done = at(ward, "sh", "-c", f"{ward.python} -c 'import peft' 2>&1; exit 5")
    assert done.returncode == 5 and "peft is not installed" in said(done)


def test_what_a_program_prints_to_standard_output_is_no_error(ward: Ward) -> None:
    done = at(ward, "sh", "-c", "echo 'No space left on device'; exit 1")
    assert "nothing that it printed says why" in said(done)


def test_a_killed_command_is_explained(ward: Ward) -> None:
    done = at(ward, "sh", "-c", "kill -9 $$")
    assert done.returncode == 137 and "memory" in said(done) and "memory-low" in said(done)


def test_a_crash_is_explained(ward: Ward) -> None:
    done = at(ward, "sh", "-c", "kill -11 $$")
    assert done.returncode == 139 and "import-crash" in said(done)


@pytest.mark.parametrize("name", ["INT", "PIPE"])
def test_nothing_is_said_where_somebody_stopped_it(ward: Ward, name: str) -> None:
    assert at(ward, "sh", "-c", f"kill -{name} $$").stderr == b""


def test_a_command_that_was_ended_on_purpose_is_not_blamed(ward: Ward) -> None:
    done = at(ward, "sh", "-c", "kill -TERM $$")
    assert done.returncode == 143 and said(done) == "\n? The command was ended by SIGTERM (exit code 143)\n"


def executable(path: Path, text: str, mode: int = 0o755) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_command_that_is_not_found(ward: Ward) -> None:
    done = at(ward, "no-such-command-at-all")
    assert done.returncode == 127 and said(done) == "\n✗ Command not found: no-such-command-at-all\n"
    assert "did you mean uname?" in said(at(ward, "unname"))


def test_a_command_of_an_environment_that_is_not_active(ward: Ward) -> None:
    executable(ward.prefix / "bin/torchrun", "#!/bin/sh\n")
    ward.environ["PATH"] = str(ward.bin)
    done = at(ward, "torchrun", "train.py")
    assert done.returncode == 127
    assert "torchrun is installed in .venv, which is not active" in said(done) and ".venv/bin/torchrun train.py" in said(done)


def test_a_script_whose_python_is_gone(ward: Ward) -> None:
    script = executable(ward.project / "tool", "#!/nowhere/venv/bin/python\n")
    done = at(ward, "./tool")
    assert done.returncode == 127 and "/nowhere/venv/bin/python" in said(done)
    assert script.name in said(done)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("./tool", 126, "chmod +x"),
        (".", 126, ". is a folder, not a program"),
        ("./train.py", 126, "python ./train.py"),
        ("train.py", 127, "python train.py"),
        ("./none", 127, "./none does not exist"),
        ("", 127, "The command is empty"),
    ],
)
def test_what_is_no_program(ward: Ward, words: str, code: int, says: str) -> None:
    executable(ward.project / "tool", "#!/bin/sh\n", 0o644)
    executable(ward.project / "train.py", "pass\n", 0o644)
    done = at(ward, words)
    assert done.returncode == code and says in said(done)


def test_a_missing_command_is_one_sentence() -> None:
    for words in ([], ["--"]):
        done = subprocess.run([str(DOCTOR), "run", *words], capture_output=True, timeout=60)
        assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and b"a command is missing" in done.stderr


def test_a_secret_is_not_repeated(ward: Ward) -> None:
    ward.environ["OPENAI_API_KEY"] = "unmistakable4711secret"
    script = 'raise RuntimeError(f\'strange {__import__("os").environ["OPENAI_API_KEY"]}\')'
    done = at(ward, str(ward.python), "-c", script)
    printed, _, explained = said(done).partition("\n\n")
    assert "unmistakable4711secret" in printed, "the command's own output is untouched"
    assert "strange ***" in explained and "unmistakable4711secret" not in explained and KEY not in explained


def test_nothing_is_written(ward: Ward) -> None:
    before = sorted(ward.project.rglob("*")) + sorted(ward.home.rglob("*"))
    at(ward, str(ward.python), "-c", "import peft")
    assert sorted(ward.project.rglob("*")) + sorted(ward.home.rglob("*")) == before


def test_an_error_of_the_settings_does_not_change_the_exit_code(ward: Ward) -> None:
    (ward.project / "pyproject.toml").write_text("[tool.mlenv-doctor]\ntimeout = 'soon'\n")
    done = at(ward, "sh", "-c", "exit 7")
    assert done.returncode == 7 and said(done).count("\n") == 1
