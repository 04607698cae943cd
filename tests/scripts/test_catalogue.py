"""The catalogue is written from the checks, and what checks/README.md shows does work."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from mlenv_doctor.examine.registry import find_plugins, load
from mlenv_doctor.patient import Python
from mlenv_doctor.repair import CheatSheet
from support import scripts

catalogue = scripts.load("catalogue")
PAGE = (scripts.SCRIPTS.parent / "checks/README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_check_and_cause_is_in_it() -> None:
    text = catalogue.catalogue()
    builtin = next(plugin for plugin in find_plugins() if plugin.name == "builtin")
    for check in builtin.checks:
        assert f"| `{check.id}` | {check.title} |" in text
        assert all(f"| `{cause}` |" in text for cause in check.causes)


@pytest.mark.parametrize(
    ("page", "filled"),
    [
        ("a\nBEGIN\nold\nEND\nz\n", "a\nBEGIN\n\nnew\nEND\nz\n"),
        ("a\nBEGIN\nEND\nz\n", "a\nBEGIN\n\nnew\nEND\nz\n"),
    ],
    ids=["stale", "empty"],
)
def test_only_what_is_between_the_markers_changes(page: str, filled: str) -> None:
    def marked(text: str) -> str:
        return text.replace("BEGIN", catalogue.BEGIN).replace("END", catalogue.END)

    assert catalogue.filled(marked(page), "new") == marked(filled)
    assert catalogue.filled(marked(filled), "new") == marked(filled)


def test_the_example_is_a_plugin_and_its_test_passes() -> None:
    module = ModuleType("our_checks")
    exec(EXAMPLES[0], vars(module))
    exec(EXAMPLES[1], {**vars(module), "Python": Python})
    plugin = load("cluster", module)
    assert [check.id for check in plugin.checks] == ["cluster.python"]
    finding = plugin.checks[0](Python(version="3.11.2"))
    assert finding.fix and finding.fix.id in CheatSheet([plugin.cheatsheet]).entries
    assert finding.cause in plugin.causes


def test_the_example_has_about_20_lines() -> None:
    code = EXAMPLES[0].partition("CAUSES")[0]
    assert len(code.splitlines()) <= 20
