"""Which installed libraries are known to clash: plain calls, facts built by hand."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mlenv_checks.libraries.incompatible_pairs import Pair, bad_pairs, libraries_known_to_clash, meeting
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr")
WANTED = Wanted(tuple(WantedLibrary(name) for name in ("openai", "langchain-openai", "bottleneck", "xgboost", "passlib")))


def dist(name: str, version: str | None, *requires: str, installer: str = "pip") -> Distribution:
    return Distribution(name, version, "/v/lib/site-packages", installer=installer, requires=requires)


def look(libraries: Libraries, *imported: Imported) -> list[Finding]:
    imports = Imports(imported) if imported else Missing("imports", "not-asked", "")
    return list(libraries_known_to_clash(WANTED, libraries, imports, PYTHON))


def said(finding: Finding) -> tuple[str, str]:
    return finding.status.value, finding.cause or finding.blocked_by or ""


@pytest.mark.parametrize(
    "openai, httpx, expected",
    [
        ("1.0.0", "0.28.0", ("fail", "known-bad-pair")),
        ("1.40.0", "0.28.1", ("fail", "known-bad-pair")),
        ("1.55.2", "0.29.0", ("fail", "known-bad-pair")),
        ("1.55.3", "0.28.1", ("pass", "")),
        ("1.40.0", "0.27.2", ("pass", "")),
        ("0.28.1", "0.28.1", ("pass", "")),
        ("3.54.0", "0.28.1", ("pass", "")),
        (None, "0.28.1", ("pass", "")),
        ("1.40.0", None, ("pass", "")),
        ("of my own", "0.28.1", ("pass", "")),
    ],
)
def test_openai_and_httpx(openai: str | None, httpx: str | None, expected: tuple[str, str]) -> None:
    [finding] = look(Libraries((dist("openai", openai, "httpx>=0.23,<1"), dist("httpx", httpx))))
    assert said(finding) == expected
    assert bool(finding.fix) is bool(finding.cause)


def test_both_ways_out_are_named() -> None:
    [finding] = look(Libraries((dist("openai", "1.40.0"), dist("httpx", "0.28.1"))))
    assert "openai 1.40.0 does not work with httpx 0.28.1" in finding.message
    assert finding.fix and finding.fix.values == {"packages": ("openai>=1.55.3,<2",), "asked": ("httpx<0.28",)}


def test_the_only_way_out_may_be_an_older_one() -> None:
    [finding] = look(Libraries((dist("passlib", "1.7.4"), dist("bcrypt", "5.0.0"))))
    assert finding.fix and (finding.fix.id, finding.fix.values) == ("libs.satisfy", {"packages": ("bcrypt<5",)})


def test_one_of_the_two_alone_is_no_pair() -> None:
    assert meeting(Libraries((dist("openai", "1.40.0"),))) == meeting(Libraries((dist("httpx", "0.28.1"),))) == []


@pytest.mark.parametrize("asking, status", [("langchain-openai", "fail"), ("stranger", "warn")])
def test_what_nothing_wanted_needs_is_a_warning(asking: str, status: str) -> None:
    [finding] = look(Libraries((dist(asking, "1.0", "anthropic"), dist("anthropic", "0.39.0"), dist("httpx", "0.28.1"))))
    assert said(finding) == (status, "known-bad-pair")


def test_what_only_fails_in_part_is_a_warning() -> None:
    [finding] = look(Libraries((dist("xgboost", "2.1.1"), dist("scikit-learn", "1.6.1"))), Imported("xgboost", "ok"))
    assert said(finding) == ("warn", "known-bad-pair")


def test_what_the_metadata_forbids_is_said_there() -> None:
    [finding] = look(Libraries((dist("openai", "1.40.0", "httpx<0.28"), dist("httpx", "0.28.1"))))
    assert said(finding) == ("skip", "libraries.dependencies:httpx")


@pytest.mark.parametrize(
    "outcome, expected",
    [
        (None, ("fail", "numpy2-abi")),
        ("error", ("skip", "libraries.import:bottleneck")),
        ("crash", ("skip", "libraries.import:bottleneck")),
        ("not-run", ("fail", "numpy2-abi")),
        ("ok", ("pass", "")),
    ],
)
def test_what_an_import_shows_counts_more_than_the_table(outcome: str | None, expected: tuple[str, str]) -> None:
    libraries = Libraries((dist("bottleneck", "1.3.8"), dist("numpy", "2.2.6")))
    [finding] = look(libraries, *([Imported("bottleneck", outcome)] if outcome else []))
    assert said(finding) == expected


@pytest.mark.parametrize("installer, status", [("pip", "fail"), ("uv", "fail"), ("conda", "pass"), ("", "pass")])
def test_conda_and_the_systems_build_anew(installer: str, status: str) -> None:
    [finding] = look(Libraries((dist("bottleneck", "1.3.8", installer=installer), dist("numpy", "2.2.6"))))
    assert finding.status.value == status


@pytest.mark.parametrize("pair", bad_pairs(), ids=lambda pair: f"{pair.owner}-{pair.other}")
def test_the_table_is_sound(pair: Pair) -> None:
    bad = {pair.owner: SpecifierSet(pair.owner_versions), pair.other: SpecifierSet(pair.other_versions)}
    for way in filter(None, (pair.remedy, pair.instead)):
        asked = Requirement(way)
        bound = next(spec.version for spec in asked.specifier if spec.operator in (">=", "<"))
        assert not all(spec.contains(bound) for spec in (asked.specifier, bad[asked.name])), "the way out is bad itself"
    assert pair.shows in ("import", "use", "part") and pair.source.startswith("https://")
    assert not pair.reason.endswith(".")
