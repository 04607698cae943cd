"""The report as JSON follows its schema, and the schema refuses what is no report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from mlenv_doctor import Location, fail, ok, unknown
from mlenv_doctor.model import Report, Result, Verdict
from mlenv_doctor.report import renderer, text
from mlenv_doctor.report.json import schema
from support.reports import LONG, PLAIN, REPORT


def test_json_follows_its_schema() -> None:
    document = json.loads(renderer("json")(REPORT, PLAIN))
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    jsonschema.validate(document, json.loads(schema()))
    found = document["results"][1]["findings"][0]
    assert found["fix"]["commands"][0]["text"] == LONG and found["cause"] == "not-installed"
    assert document["results"][3]["findings"][0]["location"] == {"file": "/p/.env", "line": 3}
    assert document["results"][2]["findings"][0]["fix"] is None
    assert document["summary"] == {"pass": 2, "warn": 1, "fail": 1, "skip": 2, "unknown": 1}


MINIMAL = replace(REPORT, results=(Result("a.b", "a", "T", (ok("m"),)),), stages=(), place={"os": "unknown", "kind": "unknown"})


@pytest.mark.parametrize(
    "report",
    [
        MINIMAL,
        replace(REPORT, results=(), stages=(), verdict=Verdict.UNKNOWN),
        *(replace(REPORT, target={**REPORT.target, "chosen_by": why}) for why in (*text.CHOSEN, text.REPORT)),
        replace(MINIMAL, results=(Result("a.b", "a", "T", (fail("c-d", "m", location=Location("/f")),)),)),
        replace(MINIMAL, results=(Result("plugin.x", "plugin", "T", (unknown("m"),), broken=True),)),
    ],
)
def test_every_report_follows_the_schema(report: Report) -> None:
    jsonschema.validate(json.loads(renderer("json")(report, PLAIN)), json.loads(schema()))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("verdict"),
        lambda d: d.update(schema_version="2.0"),
        lambda d: d["target"].update(chosen_by="luck"),
        lambda d: d["results"][0].update(findings=[]),
        lambda d: d["results"][1]["findings"][0].update(status="bad"),
        lambda d: d["results"][1]["findings"][0].update(cause=None),
        lambda d: d["results"][1]["findings"][0]["fix"].update(risk="all"),
        lambda d: d["results"][1]["findings"][0]["fix"]["commands"][0].update(argv=[]),
        lambda d: d["results"][3]["findings"][0]["location"].update(line=0),
        lambda d: d["summary"].pop("warn"),
    ],
)
def test_the_schema_refuses_what_is_no_report(spoil: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(renderer("json")(REPORT, PLAIN))
    spoil(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(schema()))


def test_a_newer_minor_version_may_say_more() -> None:
    document = json.loads(renderer("json")(REPORT, PLAIN))
    document |= {"schema_version": "1.9", "weather": "rain"}
    document["results"][0]["findings"][0]["colour"] = "blue"
    jsonschema.validate(document, json.loads(schema()))
