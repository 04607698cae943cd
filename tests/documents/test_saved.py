"""A saved report comes back as it was; a file that is none is refused in one sentence, whatever it holds."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlenv_checks.system.facts import System
from mlenv_doctor.cli.diff import judging
from mlenv_doctor.documents.compare import compare
from mlenv_doctor.documents.diff import side
from mlenv_doctor.documents.saved import LARGEST, saved_report
from mlenv_doctor.documents.snapshot import to_document
from mlenv_doctor.errors import BadInput
from mlenv_doctor.model import Status
from mlenv_doctor.patient import Python
from mlenv_doctor.patient.target import Target
from mlenv_doctor.report import renderer
from support.reports import PLAIN, REPORT

TEXT = renderer("json")(REPORT, PLAIN)
DOCUMENT = json.loads(TEXT)
SNAPSHOT = to_document({Python: Python(version="3.12.1"), System: System()}, Target("/p/python", "/p", "PATH"), "/project", "1")


def written(folder: Path, data: str | bytes) -> Path:
    file = folder / "report.json"
    file.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    return file


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    found = saved_report(written(tmp_path, TEXT), "--baseline x")
    assert (found.version, found.target, found.place) == (REPORT.version, REPORT.target, REPORT.place)
    same = compare(found.results, REPORT.results)
    assert not same.new and not same.gone and len(same.same) == 2
    assert [[f.status for f in r.findings] for r in found.results] == [[f.status for f in r.findings] for r in REPORT.results]
    assert found.results[-1].findings[0].blocked_by == "libraries.installed:torch"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"], ids=["plain", "with a mark", "of Windows PowerShell"])
def test_however_the_shell_saved_it(tmp_path: Path, encoding: str) -> None:
    assert saved_report(written(tmp_path, TEXT.encode(encoding)), "x").version == "1.2.3"


def test_a_newer_minor_version_may_say_more(tmp_path: Path) -> None:
    document = copy.deepcopy(DOCUMENT) | {"schema_version": "1.9", "weather": "rain"}
    document["results"][0]["findings"][0]["colour"] = "blue"
    assert saved_report(written(tmp_path, json.dumps(document)), "x").results


def test_no_secret_and_no_terminal_sequence_comes_back(tmp_path: Path) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["results"][1]["findings"][0] |= {"subject": "\x1b[31mred", "message": "sk-proj-Zq4Xw7Lm2Rt9Kb6Vc8Np1Hd5Jf3"}
    finding = saved_report(written(tmp_path, json.dumps(document)), "x").results[1].findings[0]
    assert (finding.subject, finding.message) == ("red", "***")


BAD: list[tuple[str | bytes, str]] = [
    ("", "this is not JSON"),
    ("{", "this is not JSON"),
    (b"\xff\xfe\x00", "this is not JSON"),
    (b"\x80\x81", "this is not JSON"),
    ("[" * 100_000, "this is not JSON"),
    ("1" * 5000, "this is not JSON"),
    ("null", "not a report of mlenv-doctor"),
    ("NaN", "not a report of mlenv-doctor"),
    ('"text"', "not a report of mlenv-doctor"),
    ("[]", "not a report of mlenv-doctor"),
    ('{"tool": "mlenv-doctor", "results": []}', "not a report of mlenv-doctor"),
    ('{"tool": {"name": "somebody-else"}, "results": []}', "not a report of mlenv-doctor"),
    ('{"tool": {"name": "mlenv-doctor"}}', "not a report of mlenv-doctor"),
    (json.dumps(SNAPSHOT), "not a report of mlenv-doctor"),
    ('{"tool": {"name": "mlenv-doctor"}, "results": []}', "its schema is 'None'"),
    (json.dumps(DOCUMENT | {"schema_version": "2.0"}), "its schema is '2.0', this version reads 1.x"),
    (json.dumps(DOCUMENT | {"schema_version": "9" * 5000}), "its schema is '999"),
    (json.dumps(DOCUMENT | {"target": None}), "damaged (TypeError"),
    (json.dumps(DOCUMENT | {"place": {"os": 3}}), "damaged (TypeError: 3 is not text)"),
    (json.dumps(DOCUMENT | {"results": {}}), "damaged (TypeError: {} is not a list)"),
    (json.dumps(DOCUMENT | {"results": [3]}), "damaged (TypeError"),
    (json.dumps(DOCUMENT | {"results": [{}]}), "damaged (KeyError: 'findings')"),
    (
        json.dumps(DOCUMENT | {"results": [{"findings": [{"status": "bad"}]}]}),
        "damaged (ValueError: 'bad' is not a valid Status)",
    ),
]


@pytest.mark.parametrize(("data", "says"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_what_is_no_report_is_refused_in_one_sentence(tmp_path: Path, data: str | bytes, says: str) -> None:
    with pytest.raises(BadInput) as why:
        saved_report(written(tmp_path, data), "--baseline x")
    assert str(why.value).startswith("--baseline x: ") and says in str(why.value)
    assert "\n" not in str(why.value) and len(str(why.value)) < 300


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    for path, says in [
        (tmp_path, "not a regular file"),
        (large, "of at most 50 MB"),
        (tmp_path / "no", "cannot be read: No such"),
    ]:
        with pytest.raises(BadInput, match=says):
            saved_report(path, "x")
    with pytest.raises(BadInput, match="not a regular file"):
        saved_report(Path("/dev/zero"), "x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def damaged(document: Any, data: st.DataObject) -> Any:
    """The document with one node, anywhere in it, replaced or taken out."""
    node, parent, key = document, document, None
    while isinstance(node, dict | list) and node and (key is None or data.draw(st.integers(0, 3))):
        parent, key = node, data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        node = parent[key]
    if data.draw(st.booleans()):
        parent[key] = data.draw(JSON)
    else:
        del parent[key]
    return document


@pytest.mark.parametrize("document", [DOCUMENT, SNAPSHOT], ids=["report", "snapshot"])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_refused_or_harmless(tmp_path: Path, document: dict[str, Any], data: st.DataObject) -> None:
    spoilt = damaged(copy.deepcopy(document), data)
    try:
        found = side(written(tmp_path, json.dumps(spoilt)), judging(()))
        assert all(isinstance(finding.status, Status) for result in found.results for finding in result.findings)
    except BadInput as why:
        assert "\n" not in str(why) and str(why).startswith(str(tmp_path)), why
