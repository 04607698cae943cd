"""Whatever the checks say in these tests stands in sentences.txt, word by word: a changed word is seen and read before it is kept.

MLENV_DOCTOR_WRITE_SENTENCES=1 python3 scripts/test.py -p no:xdist tests/families     writes the file
MLENV_DOCTOR_WRITE_SENTENCES=more ... tests/families/torch                                      adds what some tests say
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlenv_doctor import Finding
from mlenv_doctor.examine.checking import Check

FILE = Path(__file__).with_name("sentences.txt")
WRITING = os.environ.get("MLENV_DOCTOR_WRITE_SENTENCES", "")
KNOWN = set() if WRITING not in ("", "more") or not FILE.exists() else set(FILE.read_text("utf-8").splitlines())


def sentence(id: str, finding: Finding) -> str:
    """All of a finding in one line."""
    fix = f"{finding.fix.id} {json.dumps(dict(finding.fix.values))}" if finding.fix else ""
    place = f"{finding.location.file}:{finding.location.line}" if finding.location else ""
    evidence = json.dumps(dict(finding.evidence)) if finding.evidence else ""
    said = [id, finding.status.value, finding.cause, finding.subject, finding.message, evidence, fix, place]
    return " | ".join([*said, finding.blocked_by or ""]).replace("\n", "\\n").rstrip(" |")


@pytest.fixture(autouse=True)
def heard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Listens to every check that a test calls, and compares afterwards. What a test of a probe makes up is not compared."""
    said: list[str] = []
    if request.path.name.startswith("test_probe_"):
        yield said
        return
    call = Check.__call__

    def listen(self: Check[...], *args: Any, **kwargs: Any) -> Any:
        found = call(self, *args, **kwargs)
        findings = [found] if isinstance(found, Finding) else list(found)
        said.extend(sentence(self.id, finding) for finding in findings)
        return found if isinstance(found, Finding) else iter(findings)

    monkeypatch.setattr(Check, "__call__", listen)
    yield said
    if WRITING:
        KNOWN.update(said)
        FILE.write_text("\n".join(sorted(KNOWN)) + "\n", "utf-8")
    else:
        assert set(said) <= KNOWN, "\n".join(sorted(set(said) - KNOWN))
