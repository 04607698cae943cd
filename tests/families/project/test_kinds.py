"""Every kind of project, on the disk, with a real environment: what must be red is red, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlenv_doctor
from mlenv_doctor import Status

from .environments import environment, install, write
from .kinds import HEALTHY, SICK, Kind


def examined(kind: Kind, folder: Path, *families: str) -> mlenv_doctor.Report:
    """The project on the disk, examined quickly, or these families as a whole."""
    project = folder / "project"
    write(project, kind.files)
    python = environment(folder / "venv")
    install(python, kind.installed)
    return mlenv_doctor.check(*families, quick=not families, python=python, project=project)


def found(report: mlenv_doctor.Report, status: Status) -> list[tuple[str, str, str]]:
    return [
        (result.id, finding.cause, finding.message)
        for result in report.results
        for finding in result.findings
        if finding.status is status
    ]


def expect(said: list[tuple[str, str, str]], expected: tuple[tuple[str, str, str], ...]) -> None:
    assert [each[:2] for each in said] == [each[:2] for each in expected], said
    for (_, _, message), (_, _, words) in zip(said, expected, strict=True):
        assert words in message


def expect_sick(kind: Kind, folder: Path, *families: str) -> None:
    """What must be red or yellow is, and nothing else is."""
    report = examined(kind, folder, *families)
    red, yellow = found(report, Status.FAIL), found(report, Status.WARN)
    expect(red, kind.red)
    expect(yellow, kind.yellow) if kind.yellow else None
    assert report.verdict.value == (kind.verdict or ("not-ready" if kind.red else "ready"))
    commands = [command.text for fix in report.plan.values() for command in fix.commands]
    assert not kind.fix or any(kind.fix in command for command in commands), commands
    for words in kind.quiet:
        assert not any(words in message for _, _, message in (*red, *yellow)) and not any(
            words in command for command in commands
        )


def expect_healthy(kind: Kind, folder: Path, *families: str) -> None:
    """Nothing is red or yellow."""
    report = examined(kind, folder, *families)
    assert (found(report, Status.FAIL), found(report, Status.WARN)) == ([], [])
    assert report.ready


@pytest.mark.parametrize("kind", SICK, ids=lambda kind: kind.name)
def test_a_sick_project(kind: Kind, tmp_path: Path) -> None:
    expect_sick(kind, tmp_path)


@pytest.mark.parametrize("kind", HEALTHY, ids=lambda kind: kind.name)
def test_a_healthy_project(kind: Kind, tmp_path: Path) -> None:
    expect_healthy(kind, tmp_path)


TOOL = """[project]
name = "NAME"
version = "1"
dependencies = ["click"]
"""
ASIDE = {"tests/test_a.py": "import openai\nimport torch\nimport mlflow\n", "examples/x.py": "import pandas\n"}


@pytest.mark.parametrize("name", ["tool", "mlenv-doctor"])
def test_a_project_without_machine_learning_never_hears_of_the_cheat_sheet(name: str, tmp_path: Path) -> None:
    files = {"pyproject.toml": TOOL.replace("NAME", name), "src/a/__init__.py": "import click\n\ndef f():\n    import torch\n"}
    report = examined(Kind("", {**files, **ASIDE}, ("click", "openai", "mlflow")), tmp_path)
    assert (found(report, Status.FAIL), found(report, Status.WARN), report.stages) == ([], [], ())
    assert report.ready


def test_what_the_tool_itself_lacks_is_red_and_nothing_of_the_cheat_sheet(tmp_path: Path) -> None:
    files = {"pyproject.toml": TOOL.replace("NAME", "mlenv-doctor"), "src/a/__init__.py": "import click\n"}
    report = examined(Kind("", files), tmp_path)
    expect(found(report, Status.FAIL), (("libraries.installed", "not-installed", "click is not installed"),))
    assert report.stages == ()
