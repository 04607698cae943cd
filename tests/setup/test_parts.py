"""The parts of a setup by themselves: which Python, what is asked for, pip from its wheel, the files of the project."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.real import UV
from mlenv_doctor.cli.setup import activation
from mlenv_doctor.errors import BadInput
from mlenv_doctor.knowledge.setting_up import First
from mlenv_doctor.patient import Declared, Place, Project, Wanted, WantedLibrary
from mlenv_doctor.patient.wanted import Wishes
from mlenv_doctor.repair.run import Failed
from mlenv_doctor.setup import files, pip_wheel, planning
from mlenv_doctor.setup.asked import asked
from mlenv_doctor.setup.folder import notebooks
from mlenv_doctor.setup.pythons import Chosen, NoPython, Wish, choose, installed
from mlenv_doctor.setup.steps import Setup, steps
from support.servers import by_path, peer, reply

HERE = "{}.{}".format(*sys.version_info[:2])
WHEEL = Path(__import__("ensurepip").__file__).parent / "_bundled"


def environ(tmp_path: Path) -> dict[str, str]:
    """A home without anything, and one Python on PATH."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    if not (tmp_path / "bin/python3").is_symlink():
        (tmp_path / "bin/python3").symlink_to(Path(sys.executable).resolve())
    return {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}


def test_an_installed_python_that_fits_is_taken(tmp_path: Path) -> None:
    around = environ(tmp_path)
    for wish in (Wish(), Wish(HERE), Wish(allowed=f">={HERE}"), Wish(allowed="nonsense"), Wish(str(tmp_path / "bin/python3"))):
        found = choose(wish, tmp_path / "p", None, around)
        assert found.text.startswith(HERE) and not found.brought and found.ensurepip
    with pytest.raises(NoPython, match=r"a Python <3,<3.16 is not installed here; install it, or uv"):
        choose(Wish(allowed="<3"), tmp_path / "p", None, around)


def test_uv_brings_one_that_is_not_installed(tmp_path: Path) -> None:
    around = environ(tmp_path)
    assert choose(Wish("3.14"), tmp_path / "p", str(UV), around) == Chosen("3.14", (3, 14), brought=True)
    assert choose(Wish(allowed=">=3.14"), tmp_path / "p", str(UV), around).python == "3.15"
    for uv in (str(UV), "/nowhere/uv"):
        with pytest.raises(NoPython, match=r"Python 3\.99"):
            choose(Wish("3.99"), tmp_path / "p", uv, around)


def test_no_python_of_the_project_is_started_and_none_without_venv(tmp_path: Path) -> None:
    inside = tmp_path / "p/bin"
    inside.mkdir(parents=True)
    (inside / "python3").write_text("#!/bin/sh\ntouch started\n")
    (inside / "python3").chmod(0o755)
    assert str(inside / "python3") not in installed(tmp_path / "p", {"HOME": str(tmp_path), "PATH": str(inside)})
    bad = tmp_path / "bad"
    bad.mkdir()
    for name, text in (("python3", "nonsense"), ("python3.12", '["/x", [3, 12, 1], true, false, false]')):
        (bad / name).write_text(f"#!/bin/sh\necho '{text}'\n")
        (bad / name).chmod(0o755)
    assert choose(Wish(HERE), tmp_path / "p", None, {"HOME": str(tmp_path), "PATH": str(bad)}).text.startswith(HERE), "our own"


def library(name: str, **more: object) -> WantedLibrary:
    return WantedLibrary(name, **more)  # type: ignore[arg-type]


KNOWN = (library("numpy", stage="foundations"), library("openai", stage="llm", required=False))


def test_what_is_asked_for(tmp_path: Path) -> None:
    lists = (Declared("numpy>1", "requirements.txt", 1), Declared("x", "more.txt", 1), Declared("-e y", "pyproject.toml", 2))
    own = Wanted((library("numpy", line=1, source="requirements.txt"), library("lightgbm", specifier=">4", extras=("a",))))
    (tmp_path / "uv.lock").write_text("")
    found = asked(tmp_path, Project(requirements=lists), own, Wishes(), KNOWN, None)
    assert found.words == ("-r", str(tmp_path / "requirements.txt"), "lightgbm[a]>4") and found.lock
    assert found.what == "what requirements.txt and more.txt and pyproject.toml asks for and the libraries of the roadmap"
    found = asked(tmp_path, Project(), Wanted((library("a", address="https://x/a.whl"),)), Wishes(("llm",)), KNOWN, None)
    assert found.words == ("a @ https://x/a.whl", "openai") and found.what == "the libraries of the stage llm"
    assert found.holds("openai") and not found.holds("mlflow") and not found.lock
    assert asked(tmp_path, Project(requirements=lists[1:2]), own, Wishes(), KNOWN, None).words[:2] == (
        "-r",
        str(tmp_path / "more.txt"),
    )


def test_the_steps_of_a_python_without_ensurepip_and_of_a_lock(tmp_path: Path) -> None:
    from mlenv_doctor.setup.asked import Asked

    first = First(("torch",), ("--index-url", "https://x/cpu"), "the build for the processor")
    bare = Setup(tmp_path, Chosen("/usr/bin/python3", (3, 11, 2), ensurepip=False), Asked(("numpy",), "x", ("mlflow",), first))
    found = steps(bare)
    assert found[0].commands == (("/usr/bin/python3", "-m", "venv", "--without-pip", str(tmp_path / ".venv")),)
    assert "no ensurepip" in found[1].title and found[2].commands[0][-3:] == ("torch", "--index-url", "https://x/cpu")
    assert not any(step.done() for step in found) and [s.title for s in found][-2:] == [
        "Make the folder mlruns for MLflow",
        "Add /.venv/, mlruns/, mlflow.db to .gitignore",
    ]
    locked = Setup(tmp_path, Chosen("3.14", (3, 14), brought=True), Asked(("numpy",), "x", (), first, lock=True), "/u/uv")
    found = steps(locked)
    assert "(fetched by uv)" in found[0].title and found[1].commands[0][:2] == ("/u/uv", "sync") and len(found) == 2


def test_the_files_of_a_project(tmp_path: Path) -> None:
    files.write_env(tmp_path)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert all(line.startswith("#") for line in (tmp_path / ".env").read_text().splitlines())
    with pytest.raises(FileExistsError):
        files.write_env(tmp_path)
    (tmp_path / ".gitignore").write_bytes(b"data\n.venv")
    files.add_ignores(tmp_path, ["/.venv/", ".env"])
    assert (tmp_path / ".gitignore").read_bytes() == b"data\n.venv\n.env\n"


def test_notebooks_are_found_one_level_below(tmp_path: Path) -> None:
    assert not notebooks(tmp_path / "none") and not notebooks(tmp_path)
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb/a.ipynb").write_text("{}")
    assert notebooks(tmp_path)


@pytest.mark.parametrize("kind", ["colab", "kaggle"])
def test_a_cloud_notebook_needs_no_setup(kind: str) -> None:
    with pytest.raises(BadInput, match="needs no setup: its Python is the environment"):
        planning.refuse_ready_made(Place(kind=kind))
    planning.refuse_ready_made(Place())


def test_a_file_names_the_python(tmp_path: Path) -> None:
    (tmp_path / ".python-version").write_text("3.12\n")
    assert planning.wish("", tmp_path, Project(requires_python=">=3.11"), None).asked == "3.12"
    assert planning.wish("3.13", tmp_path, Project(), None).asked == "3.13"
    (tmp_path / ".python-version").write_text("my-env\n")
    assert planning.wish("", tmp_path, Project(), None).asked == ""


def test_how_it_is_activated(tmp_path: Path) -> None:
    assert activation(tmp_path, "sh") == ("source", str(tmp_path / "bin/activate"))
    assert activation(tmp_path, "powershell")[0].endswith("Activate.ps1") and activation(tmp_path, "cmd")[0].endswith(".bat")


def test_pip_from_its_wheel(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    pip_wheel.bring(tmp_path / "v/bin/python", tmp_path)
    assert subprocess.run([tmp_path / "v/bin/python", "-m", "pip", "--version"], capture_output=True).returncode == 0


def test_pip_from_an_index(tmp_path: Path) -> None:
    """The newest that fits, its checksum compared; never one that was taken back, needs another Python, or is no release."""
    (wheel,) = WHEEL.glob("pip-*.whl")
    data, name = wheel.read_bytes(), wheel.name
    told = hashlib.sha256(data).hexdigest()

    def page(sum: str) -> bytes:
        links = [
            f'<a href="../files/{name}#sha256={sum}">x</a>',
            '<a href="../files/pip-99.0-py3-none-any.whl" data-requires-python="&gt;=9">x</a>',
            '<a href="../files/pip-98.0-py3-none-any.whl" data-yanked="bad">x</a>',
            '<a href="../files/pip-97.0b1-py3-none-any.whl">x</a>',
            '<a href="../files/pip-96.0.tar.gz">x</a> <a class="other">x</a>',
            '<a href="../files/pip-95.0-py3-none-any.whl" data-requires-python="?">x</a>',
        ]
        return reply(200, "\n".join(links))

    for sum, works in ((told, True), ("0" * 64, False)):
        with peer(by_path({"/s/pip/": page(sum), "/s/files/": reply(200, data)})) as server:
            around = {"PIP_INDEX_URL": f"{server.uri}/s", "HOME": str(tmp_path)}
            if works:
                assert pip_wheel.fetched(tmp_path, around).read_bytes() == data
            else:
                with pytest.raises(Failed, match="is damaged: its checksum is another one"):
                    pip_wheel.fetched(tmp_path, around)
    with peer(by_path({"/s/pip/": reply(200, "nothing")})) as server, pytest.raises(Failed, match="has no wheel of pip"):
        pip_wheel.fetched(tmp_path, {"PIP_INDEX_URL": f"{server.uri}/s", "HOME": str(tmp_path)})
    with pytest.raises(Failed, match=r"cannot be fetched from http://127\.0\.0\.1/s/pip/: "):
        pip_wheel.fetched(tmp_path, {"PIP_INDEX_URL": "http://user:secret@127.0.0.1:9/s", "HOME": str(tmp_path)})
    with pytest.raises(Failed, match="PIP_NO_INDEX forbids"):
        pip_wheel.fetched(tmp_path, {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "none")})
    shutil.copy(wheel, tmp_path)
    assert pip_wheel.fetched(tmp_path, {"PIP_FIND_LINKS": str(tmp_path)}) == tmp_path / name


def test_which_index_pip_would_use(tmp_path: Path) -> None:
    assert pip_wheel.index({"PIP_INDEX_URL": "https://a/s"}) == "https://a/s"
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://b/s\n")
    assert pip_wheel.index({"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "HOME": "/nowhere"}) == "https://b/s"
    (tmp_path / "pip.conf").write_text("nonsense")
    assert pip_wheel.index({"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "HOME": "/nowhere"}).startswith("https://")
