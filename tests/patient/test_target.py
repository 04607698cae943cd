"""Which Python is examined, and why that one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlenv_doctor.patient.target import NoPython, Target, choose, is_tool_environment, venvs_of


def environment(folder: Path, *extra: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "bin/python3").symlink_to("python")
    for name in extra:
        (folder / name).write_text("{}")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def test_the_order(tmp_path: Path, project: Path) -> None:
    asked, active, conda, found = (environment(tmp_path / name) for name in ("asked", "active", "conda", "found"))
    own = environment(project / ".venv")
    environ = {"VIRTUAL_ENV": str(active), "CONDA_PREFIX": str(conda), "PATH": f"/nowhere:relative:{found}/bin"}
    python = str(asked / "bin/python")
    assert choose(project, python, environ) == Target(python, str(asked), "--python")
    expected = [(active, "VIRTUAL_ENV", "VIRTUAL_ENV"), (conda, "CONDA_PREFIX", "CONDA_PREFIX"), (own, "project", "")]
    for folder, why, variable in expected:
        assert choose(project, None, environ) == Target(str(folder / "bin/python"), str(folder), why)
        environ.pop(variable, None)
    assert choose(tmp_path, None, environ) == Target(str(found / "bin/python3"), str(found), "PATH")
    assert choose(tmp_path, None, {"PATH": "/nowhere"}) == Target(sys.executable, sys.prefix, "self")


def test_a_folder_or_a_command_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = environment(tmp_path / "e")
    monkeypatch.setenv("PATH", str(folder / "bin"))
    assert choose(tmp_path, str(folder), {}).python == str(folder / "bin/python")
    assert choose(tmp_path, "python3", {}).python == str(folder / "bin/python3")


@pytest.mark.parametrize("name", ["missing", "empty-folder", "file"])
def test_what_is_no_python_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(NoPython, match=f"--python .*{name}"):
        choose(tmp_path, str(tmp_path / name), {})


def test_a_dead_interpreter_is_judged_not_skipped(tmp_path: Path, project: Path) -> None:
    folder = environment(project / "ml_env")
    (folder / "bin/python").unlink()
    (folder / "bin/python").symlink_to("/nowhere/python3")
    assert choose(project, None, {"PATH": ""}) == Target(str(folder / "bin/python"), str(folder), "project")
    assert choose(project, str(folder / "bin/python"), {}).chosen_by == "--python"
    (folder / "bin/python").unlink()
    (folder / "bin/python3").unlink()
    assert choose(project, None, {"PATH": ""}).python == str(folder / "bin/python")


def test_an_environment_that_is_gone_is_passed_over(project: Path) -> None:
    assert choose(project, None, {"VIRTUAL_ENV": "/nowhere/venv", "PATH": ""}).chosen_by == "self"


@pytest.mark.parametrize("sign", ["pipx_metadata.json", "uv-receipt.toml", "mlenv-doctor-own"])
def test_the_doctors_own_environment_is_never_the_patient(tmp_path: Path, sign: str) -> None:
    tool, user = environment(tmp_path / "tool", sign), environment(tmp_path / "user")
    assert is_tool_environment(tool) and not is_tool_environment(user)
    path = f"{tool}/bin:{user}/bin"
    assert choose(tmp_path, None, {"PATH": path}).prefix == str(user)


def test_a_stub_without_content_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "python3").touch(0o755)
    assert choose(tmp_path, None, {"PATH": str(tmp_path)}).chosen_by == "self"


def test_the_environment_of_a_repository_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    below = tmp_path / "notebooks" / "deep"
    below.mkdir(parents=True)
    own = environment(tmp_path / "venv")
    assert list(venvs_of(below)) == [own]


def test_without_a_repository_parents_are_none_of_our_business(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    (tmp_path / "other").mkdir()
    assert list(venvs_of(tmp_path / "other")) == []


def test_a_home_is_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = environment(tmp_path / "e")
    assert choose(tmp_path, "~/e/bin/python", {}).python == str(folder / "bin/python")
    assert choose(tmp_path, "~/e", {}).prefix == str(folder)
    with pytest.raises(NoPython, match="no such file or command"):
        choose(tmp_path, "~nobody-of-this-name/python", {})


def test_without_a_home_it_looks_all_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # so it is for a user without HOME and without an entry
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    own = environment(project / ".venv")
    assert choose(project, None, {"PATH": ""}).prefix == str(own)


def test_an_environment_that_may_not_be_looked_into_is_judged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = environment(project / ".venv") / "pyvenv.cfg"
    stat = Path.stat

    def refuse(self: Path, **how: bool) -> object:
        if self == locked:
            raise PermissionError(13, "Permission denied")
        return stat(self, **how)

    monkeypatch.setattr(Path, "stat", refuse)
    assert choose(project, None, {"PATH": ""}).chosen_by == "project"
