"""A project that calls no language model never hears about keys."""

from __future__ import annotations

from mlenv_checks.llm.checks import key_is_set
from mlenv_checks.llm.facts import Keys
from mlenv_doctor import Missing
from mlenv_doctor.patient import Wanted

QUICK = Missing("key_uses", "not-asked", "not checked with --quick")


def fix_of(*used: str) -> tuple[str, str]:
    found = next(iter(key_is_set(Keys(), Wanted(whole=False, used=used), QUICK)))  # type: ignore[call-overload]
    return found.status.value, str(found.fix.values["name"]) if found.fix else ""


def test_only_users_of_a_provider_need_a_key() -> None:
    assert fix_of("numpy") == ("skip", "")
    assert fix_of("openai") == ("warn", "OPENAI_API_KEY")
    assert fix_of("anthropic") == ("warn", "ANTHROPIC_API_KEY")
    assert fix_of("anthropic", "openai") == ("warn", "OPENAI_API_KEY")
