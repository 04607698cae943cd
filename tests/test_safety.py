"""What the doctor must never do: write, connect, leak, or leave something running. Proven from outside, with the real program."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.patient import require
from lab.ward import DOCTOR, Ward
from mlenv_doctor.report import FORMATS

WRITES = re.compile(
    r"\b(openat2?|open|creat|mkdir|mkdirat|rename\w*|unlink\w*|rmdir|symlink\w*|link\w*|truncate|f?chmod\w*|[fl]?chown\w*|mknod\w*"
    r"|utim\w+|futimesat|l?setxattr|l?removexattr|bind|mount)\("
)
WRITING_FLAGS = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")
PATHS = re.compile(r'(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')  # -y shows the folder that a path is relative to
CONNECT = re.compile(r"\b(?:connect|send\w+)\(.*?\{sa_family=AF_INET6?, (.*?)\}")  # a datagram needs no connection
HARMLESS = ("/dev/null", "/dev/tty", "/proc/self/")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    (tmp_path / "tmp").mkdir()
    made.environ["TMPDIR"] = str(tmp_path / "tmp")
    return made


def traced(ward: Ward, *args: str) -> list[str]:
    """The system calls of one run and all that it started."""
    require("strace")
    log = ward.root / "strace.log"
    command = [
        shutil.which("strace"),
        "-f",
        "-y",
        "-s",
        "300",
        "-e",
        "trace=%file,fchmod,fchown,connect,bind,sendto,sendmsg,sendmmsg",
        "-o",
        log,
        DOCTOR,
        "check",
        *args,
    ]
    visit = ward.run(*[str(word) for word in command])
    if "Operation not permitted" in visit.stderr:
        pytest.skip("strace may not trace here")
    assert visit.code in (0, 1), visit.stderr
    return log.read_text("utf-8", "replace").splitlines()


def written(lines: list[str], project: Path) -> Iterator[str]:
    """The full paths that were written to, made or removed, with success. Sockets of the internet protocols are no files."""
    for line in lines:
        call = WRITES.search(line)
        if not call or re.search(r"= -1 E", line) or (call[1].startswith("open") and not WRITING_FLAGS.search(line)):
            continue
        if "sa_family=AF_INET" not in line:
            before_result = line.rpartition(" = ")[0] or line  # of an open file, -y shows the path again behind the result
            yield from (os.path.normpath(os.path.join(folder or project, path)) for folder, path in PATHS.findall(before_result))


def test_check_writes_into_no_file_that_has_a_name(ward: Ward) -> None:
    """What it writes is in files that lie in the temporary folder without a name, and are gone with it."""
    before = sorted(str(p) for p in ward.root.rglob("*"))
    ward.doctor("check")  # in a fresh checkout, Python writes the bytecode of the doctor's own modules at the first run
    lines = traced(ward)
    temporary = f"{ward.root}/tmp"
    assert any("O_TMPFILE" in line and temporary in line for line in lines) or any(f'"{temporary}/' in line for line in lines)
    named = re.compile(rf"{re.escape(temporary)}(/tmp[a-z0-9_]{{8}})?")  # for a moment, where a disk knows no files without one
    assert {path for path in written(lines, ward.project) if not named.fullmatch(path) and not path.startswith(HARMLESS)} == set()
    after = sorted(str(p) for p in ward.root.rglob("*") if p.name != "strace.log")
    assert after == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm",
    [
        "open('left', 'w')",
        "os.close(os.open('left', os.O_CREAT | os.O_WRONLY)); os.unlink('left')",
        "os.mkdir('left')",
        "os.chmod('.', 0o755)",
        "os.utime('.')",
        "os.symlink('gone', 'left')",
    ],
)
def test_the_trace_sees_what_is_written(ward: Ward, harm: str) -> None:
    """Or the test above would prove nothing: this patient writes into its project while it is imported."""
    ward.library("pandas", source=f"import os; os.chdir({str(ward.project)!r}); {harm}")
    found = set(written(traced(ward), ward.project))
    assert found & {str(ward.project), f"{ward.project}/left"}


def addresses(lines: list[str]) -> set[str]:
    """The addresses of the internet protocols that a connection was tried to."""
    found = {match[1] for line in lines for match in CONNECT.finditer(line)}
    ports = {re.search(r"sin6?_port=htons\((\d+)\)", text)[1] + " " + re.search(r'"([^"]+)"', text)[1] for text in found}  # type: ignore[index]
    return {port for port in ports if not port.startswith("53 ")}  # asking a name server is not speaking to the host


def test_it_connects_to_nothing_but_port_5000_of_this_machine(ward: Ward) -> None:
    found = addresses(traced(ward))
    assert "5000 127.0.0.1" in found and found <= {"5000 127.0.0.1", "5000 ::1"}


def test_quick_connects_to_nothing_at_all(ward: Ward) -> None:
    assert addresses(traced(ward, "--quick")) == set()


def test_it_connects_to_the_server_that_is_configured_and_to_nothing_else(ward: Ward) -> None:
    ward.environ["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
    lines = traced(ward, "mlflow")
    assert addresses(lines) == {"9 127.0.0.1"}


CANARIES = {
    "OPENAI_API_KEY": "sk-proj-Zq4Xw7Lm2Rt9Kb6Vc8Np1Hd5Jf3",
    "ANTHROPIC_API_KEY": "sk-ant-api03-Ty6Gh2Bn9Mk4Lp7Ws1Xd8Cv5Fr3Qa",
    "HF_TOKEN": "hf_Uj8Kl3Mn6Bv1Cx4Zs9Aq2Wd7Ef5",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzz0001",
    "DB_PASSWORD": "correct-horse-9-battery",
    "MLFLOW_TRACKING_PASSWORD": "tr0ub4dor-and-3-more",
    "MY_SECRET": "Pl4in0ldS3cr3tV4lu3Xyz",
    "PGPASSWORD": "swordfish",
    "MYSQL_PWD": "zebra quilt oxymoron",
    "SLASHED_SECRET_KEY": "/K7MDENGbPxRfiCYzz0",
}
IN_FILE = {
    "FILE_PASSWORD": "pelican-river",
    "GROQ_API_KEY": "gsk_Fw3Ed9Rf5Tg1Yh7Uj2Ik8Ol4",
    "FILE_ONLY_TOKEN": "Nb6Vc2Xz8As4Df1Gh7Jk3Ql9",
}
IN_URLS = {
    "MLFLOW_TRACKING_URI": "http://someuser:M1fl0wP4ssw0rdX@127.0.0.1:9/path?token=Qu3ryS3cr3tT0k3n",
    "HTTPS_PROXY": "http://proxyuser:Pr0xyP4ssw0rdYy@127.0.0.1:9",
}
SECRETS = [*CANARIES.values(), *IN_FILE.values(), "M1fl0wP4ssw0rdX", "Qu3ryS3cr3tT0k3n", "Pr0xyP4ssw0rdYy"]


def pieces(secret: str, size: int = 8) -> set[str]:
    """All pieces of a secret's body: what follows the vendor's prefix, which is public."""
    body = re.sub(r"^(sk-proj-|sk-ant-api03-|hf_|gsk_)", "", secret)
    return {body[i : i + size] for i in range(len(body) - size + 1)}


@pytest.fixture
def poisoned(ward: Ward) -> Ward:
    """A ward in which secrets stand wherever they can stand, and libraries shout them out."""
    ward.environ |= CANARIES | IN_URLS
    lines = [
        f"{name}={value}"
        for name, value in {
            **IN_FILE,
            "FILE_PASSWORD": "pelican-river # of the test server",
            "OPENAI_API_KEY": CANARIES["OPENAI_API_KEY"] + "x",
        }.items()
    ]
    ward.write(".env", "\n".join([*lines, f"broken {CANARIES['MY_SECRET']}", f'$env:X="{CANARIES["MY_SECRET"]}"', ""]))
    shout = "import os\nraise RuntimeError('my environment is ' + repr(dict(os.environ)) + open('.env').read())"
    ward.library("pandas", source=shout)
    ward.library("matplotlib", source="import os; raise ValueError(os.environ['PGPASSWORD'])")
    ward.library(
        "joblib",
        source=f"import os; raise ValueError({'x' * 490!r} + ' ' + os.environ['OPENAI_API_KEY'] + os.environ['PGPASSWORD'])",
    )
    ward.library("seaborn", source="import os; print(dict(os.environ), open('.env').read()); os._exit(3)")
    noise = "import os, sys; sys.stderr.write(repr(dict(os.environ)) + '\\n')\ntry: print(open('.env').read())\nexcept OSError: pass\n"
    (ward.site / "sitecustomize.py").write_text(noise)
    ward.write(
        "requirements.txt",
        f"--index-url https://user:{CANARIES['MY_SECRET']}@host/simple\nnumpy\npandas\nseaborn\nmatplotlib\njoblib\n",
    )
    return ward


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "-v"],
        ["check", "--format", "json"],
        ["check", "--quick", "-v"],
        ["check", "--output", "json:out.json", "--output", "text:out.txt"],
        ["check", "--timeout", "0.05"],
        ["fix"],
        ["fix", "--llm", "--mlflow"],
        ["snapshot"],
        ["check", "--nonsense"],
        ["check", "--env-file", ".env", "--require", "key:MY_SECRET", "-v"],
    ],
    ids=" ".join,
)
def test_no_secret_is_ever_shown(poisoned: Ward, words: list[str]) -> None:
    visit = poisoned.doctor(*words)
    assert visit.code in (0, 1, 2) and "Traceback" not in visit.stderr
    said = visit.stdout + visit.stderr + "".join(path.read_text() for path in poisoned.project.glob("out.*"))
    for secret in SECRETS:
        assert not [piece for piece in pieces(secret) if piece in said], secret


def test_the_canaries_are_heard_by_the_patient(poisoned: Ward) -> None:
    """Or the test above would prove nothing."""
    said = poisoned.run(poisoned.python, "-c", "import pandas")
    assert all(secret in said.stderr for secret in (*CANARIES.values(), *IN_FILE.values()))


def test_nothing_survives(ward: Ward) -> None:
    nap = f"27.{os.getpid()}"
    ward.library("pandas", source=f"import subprocess; subprocess.Popen(['sleep', '{nap}'], start_new_session=True)")
    ward.library("numpy", source=f"import subprocess; subprocess.run(['sleep', '{nap}'])")
    visit = ward.check("--timeout", "3")
    assert visit.causes("fail") == {"numpy-broken"}
    left = [p for p in Path("/proc").glob("[0-9]*/cmdline") if nap.encode() in _read(p)]
    assert left == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_secret_of_a_folder_above_is_not_shown_either(ward: Ward) -> None:
    """python-dotenv looks there as well, and so may a library."""
    (ward.root / ".env").write_text("TEAM_PASSWORD=pelican-river\n")
    ward.library("pandas", source=f"raise RuntimeError('found ' + open({str(ward.root / '.env')!r}).read())")
    for words in (["check"], ["check", "-v"], ["check", "--format", "json"], ["snapshot"]):
        visit = ward.doctor(*words)
        assert "found" in visit.stdout or words == ["check"]  # or it was not heard at all
        assert "pelican" not in visit.stdout + visit.stderr


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("address", ["http://ada:{}@127.0.0.1:1/a?token={}", "ada:{}@127.0.0.1:5999", "postgres://ada:{}@db/x"])
def test_an_address_on_the_command_line_shows_no_password(tmp_path: Path, form: str, address: str) -> None:
    password = "cAn4ry-S3cret-77"
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    visit = ward.doctor("check", "mlflow", "-v", "--format", form, "--mlflow-uri", address.format(password, password))
    assert visit.code in (1, 2), visit
    assert not any(password[i : i + 6] in visit.stdout + visit.stderr for i in range(len(password) - 5))


def test_an_address_in_the_settings_of_the_project_shows_no_password(tmp_path: Path) -> None:
    password = "cAn4ry-S3cret-77"
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    ward.write("pyproject.toml", f'[tool.mlenv-doctor]\nmlflow-uri = "http://ada:{password}@127.0.0.1:1"\nwait = 1\n')
    visit = ward.check("mlflow")
    assert visit.causes("fail") == {"mlflow-refused"} and "pyproject.toml names" in visit.stdout
    assert password not in visit.stdout + visit.stderr + ward.doctor("snapshot").stdout
