"""Measure the reading of pasted reports against a collection of real ones whose cause is known.

usage: python scripts/corpus.py CASES.jsonl [--without-symptom] [--misses]

Each line of CASES.jsonl is an object with environment_text (a report), symptom (the words of the error), cause ("none" where the
environment is healthy) and decidable_from_env. Recall counts the decidable broken cases whose cause is among the failures;
false alarms are healthy cases with any failure. corpus_words.tsv has what collections call a cause. The collection itself is
not part of this project: its texts belong to others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

WORDS = Path(__file__).with_name("corpus_words.tsv")
ENOUGH_RECALL, ENDURABLE_ALARMS = 0.85, 0.03


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", type=Path, help="the collection, one JSON object a line")
    parser.add_argument("--without-symptom", action="store_true", help="judge the report alone, without the words of the error")
    parser.add_argument("--misses", action="store_true", help="name what was missed and what was a false alarm")
    asked = parser.parse_args()
    if not asked.cases.is_file():
        print(f"{asked.cases}: there is no such collection; nothing was measured")
        return 2
    cases = [json.loads(line) for line in asked.cases.read_text("utf-8").splitlines() if line.strip()]
    return measured(cases, synonyms(), symptoms=not asked.without_symptom, misses=asked.misses)


def measured(cases: list[dict[str, Any]], others: Mapping[str, set[str]], *, symptoms: bool, misses: bool) -> int:
    """Measure, say what came out, and end with 0 where it is good enough."""
    broken = [case for case in cases if case["cause"] != "none" and case["decidable_from_env"]]
    healthy = [case for case in cases if case["cause"] == "none"]
    verdicts = {case["id"]: failures(case, symptoms=symptoms) for case in (*broken, *healthy)}
    hits = [case for case in broken if ({case["cause"]} | others.get(case["cause"], set())) & verdicts[case["id"]]]
    alarms = [case for case in healthy if verdicts[case["id"]]]
    silent = [case for case in broken if not verdicts[case["id"]]]
    recall, alarming = len(hits) / max(1, len(broken)), len(alarms) / max(1, len(healthy))
    print(f"recall       {len(hits)}/{len(broken)} = {recall:.1%} (asked for: {ENOUGH_RECALL:.0%}); nothing said: {len(silent)}")
    print(f"false alarms {len(alarms)}/{len(healthy)} = {alarming:.1%} (at most: {ENDURABLE_ALARMS:.0%})")
    if misses:
        for case in (*(case for case in broken if case not in hits), *alarms):
            print(f"{case['cause']:32} {case['id']:44} said: {', '.join(sorted(verdicts[case['id']])) or 'nothing'}")
    return int(recall < ENOUGH_RECALL or alarming > ENDURABLE_ALARMS)


def failures(case: Mapping[str, Any], *, symptoms: bool) -> set[str]:
    """The causes of all failures that are found in one case."""
    from mlenv_doctor.examine.examination import examine
    from mlenv_doctor.examine.order import Order
    from mlenv_doctor.examine.registry import find_plugins
    from mlenv_doctor.model import Status
    from mlenv_doctor.patient.settings import Settings

    with TemporaryDirectory() as folder:
        report = Path(folder, "report.txt")
        report.write_text(f"{case['environment_text']}\nOS:\n", "utf-8")  # some hold single facts, in words and without a label
        order = Order(Path(folder), Settings(), saved=report, symptom=case["symptom"] if symptoms else None)
        found = (finding for result in examine(order, find_plugins()).results for finding in result.findings)
        return {finding.cause for finding in found if finding.status is Status.FAIL}


def synonyms() -> dict[str, set[str]]:
    """What collections call a cause, and what it is called here."""
    lines = (line for line in WORDS.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {theirs: set(ours.split()) for theirs, _, ours in (line.partition("\t") for line in lines)}


if __name__ == "__main__":
    sys.exit(main())
