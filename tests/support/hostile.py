"""Reports that nobody would call friendly: text that tries to break out of every format, and much of it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from mlenv_doctor import Finding, Location, Status
from mlenv_doctor.model import Fix, Report, Result, Verdict, fix_key, plan_key
from mlenv_doctor.report.lines import plain
from support.reports import REPORT, prescription

ALPHABET = (
    "\x00\x07\x1b\r\n\t \"%&'()*+,-./:;<=>?@[\\]^_`{|}~#!$aZ0ÿé你🙂\u200b\u2028\u202e\u2066\ufeff\ud800\udcff\ufffe\uffff\x85\x9b"
)
NASTY = (
    "\x1b]0;title\x07\x1b[2Jred",
    "\u202egnitaripsnoc\u2066",
    "::error file=x::owned\n::set-output name=x::y\n##[error]owned %0A::warning::owned%25",
    "</failure></testcase><testcase name='owned'/>]]><!-- & &amp; &#0; <![CDATA[",
    "<script>owned()</script><img src=x onerror=owned()><!-- -->",
    "</details>\n\n# owned\n- @owned #1 owned/owned#2 GH-3 !4 ~5 %6 :bomb: [owned](javascript:owned) ![o](x)\n/close",
    "```\nowned\n```\n````sh\n~~~\nowned",
    "1. owned",
    "- owned",
    "    owned = 1",
    "$(owned) `owned` | owned='1';;; | https://owned.example/x www.owned.example owned@owned.example",
    "{0} {1} [owned](1) [[ATTACHMENT|/etc/passwd]] \\ \\\\",
    "half a character \ud800 and \udcff, and none \ufffe",
    "a word without end " + "x" * 10_000,
    "two\r\nlines\u2028and\x85more",
    '"quoted", \'quoted\'; {"json": [1]}, key=value',
)


def finding(number: int, text: str, status: Status) -> Finding:
    """One that is hostile in every part."""
    return Finding(
        status,
        text,
        f"cause-{number}" if status in (Status.FAIL, Status.WARN) else "",
        f"subject {text[:60]}",
        {"evidence": text, text[:40]: "evidence"},
        Fix("libs.install", {"packages": (text[:20],)}),
        Location(f"/p/{text[:50]}", number % 7) if number % 3 else None,
        f"python.starts:{text[:20]}" if status is Status.SKIP else None,
    )


def hostile(amount: int = 200) -> Report:
    """So many findings of every status, each of them hostile, and as hostile a fix."""
    statuses = tuple(Status)
    findings = [finding(n, f"{n}: {NASTY[n % len(NASTY)]}", statuses[n % len(statuses)]) for n in range(amount)]
    return report_of(
        *(
            Result(f"family{n % 9}.check-{n}", f"family{n % 9}", f"Title {NASTY[n % 3]}", (f,), why=NASTY[n % 5])
            for n, f in enumerate(findings)
        )
    )


def report_of(*results: Result) -> Report:
    """These results as a report, with fixes made out."""
    nasty = prescription("libs.install", "pip install 'a`b' | cat\n```\n</details>", risk="adds packages", who="admin")
    fixes = [f.fix for r in results for f in r.findings if f.fix]
    return replace(
        REPORT,
        results=results,
        project="/p",
        verdict=Verdict.NOT_READY,
        prescriptions={fix_key(fix): nasty for fix in fixes},
        plan={plan_key(fix): nasty for fix in fixes},
    )


TEXTS = st.one_of(st.sampled_from(NASTY), st.text(ALPHABET, min_size=1, max_size=60), st.text(min_size=1, max_size=20)).filter(
    lambda text: plain(text).strip()
)
FINDINGS = st.builds(finding, st.integers(0, 99), TEXTS, st.sampled_from(Status))
RESULTS = st.builds(
    lambda n, title, findings, broken, why: Result(
        f"family{n % 3}.check-{n}", f"family{n % 3}", title, tuple(findings), broken, why
    ),
    st.integers(0, 9),
    TEXTS,
    st.lists(FINDINGS, min_size=1, max_size=3),
    st.booleans(),
    st.one_of(st.just(""), TEXTS),
)
REPORTS = st.lists(RESULTS, max_size=12, unique_by=lambda result: result.id).map(lambda results: report_of(*results))
