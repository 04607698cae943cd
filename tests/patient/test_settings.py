"""The project's settings, and the options laid over them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlenv_doctor.patient.settings import BadSettings, Settings, origin, overlaid, read_settings


def settings(folder: Path, text: str) -> Settings:
    (folder / "pyproject.toml").write_text(text)
    return read_settings(folder)


def test_without_a_file_or_a_table_all_is_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()
    assert settings(tmp_path, "[project]\nname='x'\n") == Settings()
    assert settings(tmp_path, "# mlenv-doctor\n[project\n") == Settings()
    assert settings(tmp_path, "# mlenv-doctor\ntool = 3\n") == Settings()
    assert settings(tmp_path, "# mlenv-doctor\na = " + "[" * 5000) == Settings()
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.mlenv-doctor]\nstrict=true\n#" + b" " * (1 << 20))
    assert read_settings(tmp_path) == Settings()


def test_all_keys_are_read(tmp_path: Path) -> None:
    text = "[tool.mlenv-doctor]\nprofile='llm'\nrequire=['gpu']\nskip=['system']\nstrict=true\ntimeout=3\nbudget=9.5\nenv-file='.env.dev'\n"
    assert settings(tmp_path, text) == Settings(("llm",), ("gpu",), ("system",), True, 3.0, 9.5, ".env.dev")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("stricd=true", "unknown key tool.mlenv-doctor.stricd"),
        ("strict=1", "true or false"),
        ("timeout='9'", "number of seconds"),
        ("timeout=true", "number of seconds"),
        ("budget=0", "number of seconds"),
        ("budget=inf", "at most a week"),
        ("budget=nan", "number of seconds"),
        ("timeout=1" + "0" * 400, "at most a week"),
        ("env-file=3", "must be a text"),
        ("skip={a=1}", "list of words"),
        ("[[tool.mlenv-doctor]]", "not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(BadSettings, match=says) as caught:
        settings(tmp_path, f"[tool.mlenv-doctor]\n{line}\n")
    assert str(tmp_path / "pyproject.toml") in str(caught.value)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert read_settings(tmp_path) == Settings()


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.mlenv-doctor]\nenv-file='\xff'\n")
    with pytest.raises(BadSettings, match="not valid TOML"):
        read_settings(tmp_path)


def test_options_add_to_lists_and_replace_values() -> None:
    base = Settings(("llm",), ("gpu",), (), False, 3.0, None, "a")
    over = overlaid(base, profile=("mlops",), require=(), skip=("gpu",), strict=True, timeout=None, budget=5.0, env_file="b")
    assert over == Settings(("llm", "mlops"), ("gpu",), ("gpu",), True, 3.0, 5.0, "b")


@pytest.mark.parametrize(
    ("complaint", "key"),
    [
        ("--profile wizard: there is no such profile", "profile"),
        ("--require tpu: possible are gpu", "require"),
        ("there is no check or family called 'gpuu'", "skip"),
        ("--profile other: there is no such profile", ""),
        ("there is no check or family called 'wizard'", ""),
    ],
)
def test_it_is_known_where_a_word_stands(complaint: str, key: str) -> None:
    own = Settings(("wizard",), ("tpu", "gpu"), ("gpuu",))
    assert origin(own, Path("/p"), complaint) == (f"/p/pyproject.toml: tool.mlenv-doctor.{key}: " if key else "")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="must be a table"):
        settings(tmp_path, "[tool]\nmlenv-doctor = 3\n")
