"""action.yml: inputs are never obeyed by a shell, and what came of it is handed on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab.ward import Ward
from support.scripts import load
from support.workflows import ROOT, Ran, run_action

ACTION = ROOT / "action.yml"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (("", "", "", ""), []),
        (("llm", "", "", ""), ["--profile=llm"]),
        (("llm, mlops\ncore-ml", "", "", ""), ["--profile=llm", "--profile=mlops", "--profile=core-ml"]),
        (("", "gpu\n\n  lib:torch>=2.6,<3 \nkey:A", "", ""), ["--require=gpu", "--require=lib:torch>=2.6,<3", "--require=key:A"]),
        (("", "", " my env/bin/python ", ""), ["--python=my env/bin/python"]),
        (("", "", "", "--strict --skip 'a b'\n--quick"), ["--strict", "--skip", "a b", "--quick"]),
        (("--help", "--help", "--help", ""), ["--profile=--help", "--require=--help", "--python=--help"]),
        (("", "", "", "$(id) `id` ; * # x"), ["$(id)", "`id`", ";", "*", "#", "x"]),
    ],
)
def test_what_the_inputs_come_to(inputs: tuple[str, str, str, str], words: list[str]) -> None:
    assert load("action").arguments(*inputs) == words


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    made.environ["PATH"] += f":{Path(os.__file__).parents[2]}/bin:{os.defpath}"
    (tmp_path / "temp").mkdir()
    made.environ["RUNNER_TEMP"] = str(tmp_path / "temp")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "SSL_", "REQUESTS_")) or "proxy" in name.lower()
    }
    made.environ = {**kept, **made.environ}
    return made


def act(ward: Ward, **inputs: str) -> Ran:
    return run_action(ACTION, inputs, ward.project, ward.environ)


@pytest.mark.slow
def test_it_examines_and_hands_on_what_came_of_it(ward: Ward) -> None:
    ran = act(ward, profile="core-ml", require="lib:numpy>=2\nlib:pandas", python=".venv", args="--skip mlflow --skip network")
    assert ran.code == 0, ran.said
    assert ran.outputs["verdict"] == "ready"
    report = json.loads(Path(ran.outputs["report-json"]).read_text())
    assert report["verdict"] == "ready" and report["target"]["chosen_by"] == "--python"
    assert Path(ran.outputs["report-text"]).read_text("utf-8").startswith("mlenv-doctor ") and "mlenv-doctor: Ready: " in ran.said
    again = act(ward, require="lib:nothing-of-this-name")
    assert again.code == 1 and again.outputs["verdict"] == "not-ready" and "::error " in again.said
    assert again.outputs["report-json"] != ran.outputs["report-json"] and Path(ran.outputs["report-json"]).exists()
    assert {path.name for path in ward.project.iterdir()} == {".venv"}


@pytest.mark.slow
def test_without_inputs_it_looks_at_the_active_environment(ward: Ward) -> None:
    ran = act(ward)
    assert (
        ran.outputs["verdict"] in ("ready", "not-ready") and "python (the active" in Path(ran.outputs["report-text"]).read_text()
    )


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "x\ny; touch pwned",
    "${{ inputs.args }}",
    "%0A::set-output",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["profile", "require", "python", "args"])
def test_no_input_is_obeyed(ward: Ward, name: str) -> None:
    for hostile in HOSTILE:
        ran = act(ward, **{name: hostile})
        assert ran.code == 2 and "Traceback" not in ran.said, ran.said
        assert ran.outputs == {"verdict": "unknown", "report-json": "", "report-text": ""} or "cannot be read" in ran.said
    assert not list(ward.root.rglob("pwned"))


@pytest.mark.slow
def test_an_open_quote_is_said(ward: Ward) -> None:
    ran = act(ward, args="--skip 'gpu")
    assert ran.code == 2 and ran.said == "mlenv-doctor: the input `args` cannot be read: No closing quotation\n"


def test_an_old_python_first_on_path_is_passed_over_or_told(ward: Ward) -> None:
    old = ward.root / "old"
    for name in ("python3", "python"):
        ward.script(old / name, f"#!/bin/sh\necho {name} is old >&2\nexit 1\n")
    ward.script(old / "python3.13", '#!/bin/sh\n[ "$2" = -c ] || echo "asked: $*"\n')
    ward.environ["PATH"] = f"{old}:/usr/bin:/bin"
    assert act(ward).said == f"asked: -I {ROOT}/scripts/action.py\n"
    (old / "python3.13").unlink()
    for minor in range(10, 15):
        ward.script(old / f"python3.{minor}", "#!/bin/sh\nexit 1\n")
    ran = act(ward)
    assert ran.code == 1 and ran.said == "python3 is old\n"
