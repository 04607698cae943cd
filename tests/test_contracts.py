"""What holds for every check: its id, its words, its causes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mlenv_checks
from mlenv_doctor.examine.checking import Check
from mlenv_doctor.examine.registry import find_plugins
from support.builtin import CAUSES

CHECKS = [check for plugin in find_plugins() for check in plugin.checks]
HERE = Path(mlenv_checks.__file__).parent


# a title is a short noun phrase with a capital, unless it begins with a name that is written otherwise
TITLE = re.compile(r"(?:[A-Z]|(?:64-bit|pip|vLLM|bitsandbytes|python-dotenv|\.env) ).*[^.]")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_documented(check: Check[...]) -> None:
    assert TITLE.fullmatch(check.title) and len(check.title) <= 40
    assert check.why and check.why.rstrip().endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_its_causes_have_a_meaning(check: Check[...]) -> None:
    assert not set(check.causes) - CAUSES.keys()


def test_every_meaning_belongs_to_a_cause() -> None:
    assert CAUSES.keys() == {cause for check in CHECKS for cause in check.causes}


def test_every_owner_is_a_check_that_takes_the_missing_fact() -> None:
    owners = {kind.owner for check in CHECKS for kind in check.needs.values() if kind.owner}
    by_id = {check.id: check for check in CHECKS}
    for owner in owners:
        assert by_id[owner].takes_missing, owner


def test_every_cause_in_the_code_is_declared() -> None:
    """In a module with checks by one of these, in one that serves them by any."""
    everywhere = {cause for check in CHECKS for cause in check.causes}
    for file in HERE.glob("*/*.py"):
        here = {
            cause
            for check in CHECKS
            if check.function.__module__ == f"mlenv_checks.{file.parent.name}.{file.stem}"
            for cause in check.causes
        }
        declared = here or everywhere
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("fail" | "warn"), args=[ast.Constant(str(cause)), *_]):
                    assert cause in declared, f"{file.name}:{node.lineno}"


def test_messages_end_without_a_full_stop() -> None:
    for file in HERE.glob("*/*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("fail" | "warn" | "ok" | "skip" | "unknown"), args=[*_, ast.Constant(str(message))]):
                    assert not message.endswith("."), f"{file.name}:{node.lineno}"


def test_families_stand_together() -> None:
    families = [check.family for check in CHECKS]
    assert [f for n, f in enumerate(families) if n == 0 or families[n - 1] != f] == list(dict.fromkeys(families))
