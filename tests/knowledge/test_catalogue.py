"""What `explain` says, in the words of the checks themselves."""

from __future__ import annotations

import pytest

from mlenv_doctor.api import Finding, check, ok
from mlenv_doctor.errors import BadInput
from mlenv_doctor.examine.registry import Plugin, find_plugins
from mlenv_doctor.knowledge.catalogue import explanation
from mlenv_doctor.patient import Python


@check("tea.is-hot", causes=("tea-cold", "tea-gone"))
def hot(python: Python) -> Finding:
    """The tea is hot.

    Cold tea helps nobody.
    """
    return ok("hot")


@check("tea.is-sweet", causes=("tea-cold",))
def sweet(python: Python) -> Finding:
    """The tea is sweet."""
    return ok("sweet")


TEA = [Plugin("tea", (hot, sweet), causes={"tea-cold": "it stood too long"})]


def test_a_check_is_explained_with_all_that_it_can_find() -> None:
    assert explanation("tea.is-hot", TEA) == (
        "tea.is-hot: The tea is hot\n\nCold tea helps nobody.\n\nIt can find:\n"
        f"  {'tea-cold':26} it stood too long\n  tea-gone\n"
        "Look again with: mlenv-doctor check tea.is-hot\n"
    )


def test_a_family_is_all_its_checks() -> None:
    said = explanation("tea", TEA)
    assert "tea.is-hot: The tea is hot\n" in said and "tea.is-sweet: The tea is sweet\n" in said


def test_a_cause_names_the_checks_that_find_it() -> None:
    said = explanation("tea-cold", TEA)
    assert said.startswith("tea-cold: it stood too long\n")
    assert said.index("Found by tea.is-hot (The tea is hot).") < said.index("Found by tea.is-sweet (The tea is sweet).")
    assert explanation("tea-gone", TEA).startswith("tea-gone\n")


@pytest.mark.parametrize(("name", "says"), [("tea-colt", "did you mean 'tea-cold'"), ("tee", "did you mean 'tea'"), ("", "list")])
def test_an_unknown_name_is_refused(name: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        explanation(name, TEA)


PLUGINS = find_plugins()
NAMES = sorted({name for plugin in PLUGINS for c in plugin.checks for name in (c.id, c.family, *c.causes)})


@pytest.mark.parametrize("name", NAMES)
def test_everything_there_is_can_be_explained(name: str) -> None:
    said = explanation(name, PLUGINS)
    assert said.startswith(name) and said.endswith("\n") and "mlenv-doctor" in said
    assert not [line for line in said.splitlines() if len(line) > 200]
