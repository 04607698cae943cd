"""Do the providers take the keys?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Wanted

from .checks import unmet
from .facts import KeyAnswer, KeyAnswers, Keys, KeyUses

GOOD = ("accepted", "no-key-checked", "rate-limited", "restricted")
WORDS = {
    "rejected": ("key-rejected", "{provider} rejects {name} ({detail})"),
    "restricted": (
        "key-restricted",
        "{provider} accepts {name}, but the key lacks permission ({detail})",
    ),
    "no-credit": ("key-no-credit", "{provider} accepts {name}, but the account has no credit or quota left ({detail})"),
    "region": (
        "region-not-served",
        "{provider} is not available in this machine's country ({detail})",
    ),
    "no-api": (
        "key-unverifiable",
        "the address for {name} is not {provider}'s API ({detail}): a login page, a firewall or another server",
    ),
    "redirect": (
        "key-unverifiable",
        "the address for {name} redirects to another one ({detail}); the key was not sent there",
    ),
}
MILD = ("restricted", "no-api", "redirect")  # programs may well work: with less, or by other paths than the one that was asked


@check(
    "llm.accepted",
    causes=("key-rejected", "key-restricted", "key-no-credit", "key-unverifiable", "region-not-served"),
)
def keys_are_accepted(
    key_answers: KeyAnswers | Missing, keys: Keys | Missing, wanted: Wanted, key_uses: KeyUses | Missing
) -> Iterator[Finding]:
    """API keys accepted by providers.

    One free request for each key, with --online. A key that is taken may still be without credit: that shows when it is used.
    """
    if isinstance(key_answers, Missing):
        asked = key_answers.kind != Why.NOT_ASKED
        yield (
            unknown(f"no provider was contacted: the probe {key_answers.reason}")
            if asked
            else skip(f"the keys: {key_answers.reason}")
        )
        return
    needed = {name for need in _needs(keys, key_uses) for name in need} | set(wanted.keys)
    none_good = not any(answer.answer in (*GOOD, "unreachable", "trouble") for answer in key_answers.answers)
    for answer in key_answers.answers:
        yield _told(answer, none_good or answer.name in needed, keys)
    if not key_answers.answers:
        yield skip("no key to check with a provider")


def _needs(keys: Keys | Missing, uses: KeyUses | Missing) -> Iterator[tuple[str, ...]]:
    """The names of the keys that the code needs in any case."""
    if isinstance(uses, KeyUses) and isinstance(keys, Keys):
        yield from (need.any_of for need in uses.needs if not need.nested and need not in unmet(keys, uses))


def _told(answer: KeyAnswer, matters: bool, keys: Keys | Missing) -> Finding:
    """What one provider said."""
    name, provider = answer.name, "your own endpoint" if answer.own else answer.provider
    if answer.answer in WORDS:
        cause, words = WORDS[answer.answer]
        message = words.format(name=name, provider=provider, detail=answer.detail)
        say = fail if matters and answer.answer not in MILD else warn
        file = keys.file if isinstance(keys, Keys) and keys.file else ".env"
        return say(cause, message, subject=name, fix=_cure(answer.answer, name, file))
    if answer.answer == "accepted":
        return ok(f"{provider} accepts {name}", subject=name, brief=f"{provider} accepts {name}")
    if answer.answer == "rate-limited":
        return ok(f"{provider} accepts {name} (rate limited right now)", subject=name)
    if answer.answer == "no-key-checked":
        return ok(f"the endpoint for {name} works without a key", subject=name)
    if answer.answer == "no-such-path":
        return unknown(f"{provider} has no way to check {name} ({answer.detail})", subject=name)
    return unknown(f"{provider} could not be reached about {name}: {answer.detail}", subject=name)


def _cure(answer: str, name: str, file: str) -> Fix:
    """What is to be done where a provider does not simply take a key."""
    cures = {
        "rejected": fix("llm.new-key", name=name, file=file),
        "restricted": fix("llm.permissions", name=name),
        "no-credit": fix("llm.credit", name=name),
        "region": fix("llm.region"),
    }
    return cures.get(answer) or fix("llm.endpoint", name=name)
