"""The probe of keys where there is no `.env`: other names, other folders, an account in place of a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from families.llm.test_probe_keys import no_keys_of_this_machine, read
from lab.ward import KEY

__all__ = ["no_keys_of_this_machine"]  # a fixture for all tests here, too


def test_files_in_folders_below(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/.env").write_text(f"OPENAI_API_KEY={KEY}\n")
    assert read(tmp_path).below == ("src/.env",)
    assert read(tmp_path, env={"HOME": str(tmp_path)}).below == ()
    assert read(tmp_path, "X=1\n").below == ()


@pytest.mark.parametrize(
    ("name", "misnamed"), [(".env.txt", True), (".env.bak", True), ("env", True), (".env.example", False), (".envrc", False)]
)
def test_files_of_other_names(tmp_path: Path, name: str, misnamed: bool) -> None:
    (tmp_path / name).write_text(f"OPENAI_API_KEY={KEY}\n")
    assert read(tmp_path).misnamed == ((name,) if misnamed else ())


@pytest.mark.parametrize(
    ("variables", "account"),
    [
        ("GOOGLE_GENAI_USE_VERTEXAI=True", True),
        ("GOOGLE_GENAI_USE_VERTEXAI=false", False),
        ("VERTEXAI_PROJECT=p", True),
        ("VERTEXAI_PROJECT=", False),
    ],
)
def test_an_account_instead_of_a_key(tmp_path: Path, variables: str, account: bool) -> None:
    assert bool(read(tmp_path, variables + "\n").accounts) is account
