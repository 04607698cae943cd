"""Which installed libraries are known to clash: plain calls, facts built by hand."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from mlenv_checks.pairs import bad_pairs, libraries_known_to_clash, meeting
from mlenv_doctor import Finding
from mlenv_doctor.facts import Distribution, Libraries, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr")
WANTED = Wanted((WantedLibrary("openai"), WantedLibrary("langchain-openai")))


def dist(name: str, version: str | None, *requires: str) -> Distribution:
    return Distribution(name, version, "/v/lib/site-packages", requires=requires)


def said(finding: Finding) -> tuple[str, str]:
    return finding.status.value, finding.cause or finding.blocked_by or ""


@pytest.mark.parametrize(
    "openai, httpx, expected",
    [
        ("1.40.0", "0.28.1", ("fail", "known-bad-pair")),
        ("1.55.2", "0.29.0", ("fail", "known-bad-pair")),
        ("1.55.3", "0.28.1", ("pass", "")),
        ("1.40.0", "0.27.2", ("pass", "")),
        ("0.28.1", "0.28.1", ("pass", "")),
        ("3.54.0", "0.28.1", ("pass", "")),
        (None, "0.28.1", ("pass", "")),
        ("1.40.0", None, ("pass", "")),
    ],
)
def test_openai_and_httpx(openai: str | None, httpx: str | None, expected: tuple[str, str]) -> None:
    libraries = Libraries((dist("openai", openai, "httpx>=0.23,<1"), dist("httpx", httpx)))
    [finding] = libraries_known_to_clash(WANTED, libraries, PYTHON)
    assert said(finding) == expected
    assert bool(finding.fix) is bool(finding.cause)


def test_both_ways_out_are_named() -> None:
    libraries = Libraries((dist("openai", "1.40.0"), dist("httpx", "0.28.1")))
    [finding] = libraries_known_to_clash(WANTED, libraries, PYTHON)
    assert "openai 1.40.0 does not work with httpx 0.28.1" in finding.message
    assert finding.fix and finding.fix.values == {"packages": ("openai>=1.55.3",), "asked": ("httpx<0.28",)}


def test_one_of_the_two_alone_is_no_pair() -> None:
    assert meeting(Libraries((dist("openai", "1.40.0"),))) == meeting(Libraries((dist("httpx", "0.28.1"),))) == []


@pytest.mark.parametrize("asking, status", [("langchain-openai", "fail"), ("stranger", "warn")])
def test_what_nothing_wanted_needs_is_a_warning(asking: str, status: str) -> None:
    libraries = Libraries((dist(asking, "1.0", "anthropic"), dist("anthropic", "0.39.0"), dist("httpx", "0.28.1")))
    [finding] = libraries_known_to_clash(WANTED, libraries, PYTHON)
    assert said(finding) == (status, "known-bad-pair")


def test_what_the_metadata_forbids_is_said_there() -> None:
    libraries = Libraries((dist("openai", "1.40.0", "httpx<0.28"), dist("httpx", "0.28.1")))
    [finding] = libraries_known_to_clash(WANTED, libraries, PYTHON)
    assert said(finding) == ("skip", "libraries.dependencies:httpx")


@pytest.mark.parametrize("pair", bad_pairs(), ids=lambda pair: f"{pair.owner}-{pair.other}")
def test_the_table_is_sound(pair: object) -> None:
    row = vars(pair)
    name, remedy = row["remedy"].partition(">")[0], row["remedy"].removeprefix(row["owner"])
    assert name == row["owner"] and SpecifierSet(row["owner_versions"]) and SpecifierSet(row["other_versions"])
    assert not SpecifierSet(row["owner_versions"]).contains(SpecifierSet(remedy).__iter__().__next__().version)
    assert row["source"].startswith("https://") and not row["reason"].endswith(".")
