"""Do the addresses lead to an endpoint, and is what signs in there?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, check, fail, fix, ok, skip, warn

from .facts import Address, Keys

PROBLEMS = {
    "empty": "is empty, which removes the provider's default address",
    "quote": "begins or ends with a quotation mark or another stray character",
    "no scheme": "does not begin with http:// or https://",
    "no host": "names no host",
    "whole path": "contains a request path, which the library adds again",
    "version twice": "ends with /v1, which the library adds itself",
    "no version": "has no /v1 at the end",
}
SDKS = ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL")  # what these do with a bad one was seen; others may mend it


@check("llm.address", causes=("base-url-empty", "base-url-wrong"))
def addresses_lead_somewhere(keys: Keys) -> Iterator[Finding]:
    """Endpoint addresses.

    Libraries report a wrong one as "Connection error" or as "404", and name neither the address nor the variable.
    """
    for address in keys.addresses:
        if address.problem:
            yield _wrong(address, keys)
    if not any(address.problem for address in keys.addresses):
        yield (
            ok(", ".join(address.name for address in keys.addresses)) if keys.addresses else skip("no endpoint address is set")
        )


def _wrong(address: Address, keys: Keys) -> Finding:
    """One address. Where no key is set for it nothing is asked there, and other libraries than the two may mend it."""
    stem = address.name.partition("_")[0]
    if address.problem == "empty" and address.name not in SDKS:
        return skip(f"{address.name} is empty and not used", subject=address.name)
    used = any(key.name.startswith(stem) and key.usable for key in keys.keys)
    cause = "base-url-empty" if address.problem == "empty" else "base-url-wrong"
    say = fail if used and address.name in SDKS else warn
    repair = fix("llm.address", name=address.name)
    return say(cause, f"{address.name} {PROBLEMS[address.problem]}", subject=address.name, fix=repair)


@check("llm.account", causes=("credentials-file-missing",))
def credentials_are_there(keys: Keys) -> Finding:
    """Google credentials file.

    They look nowhere else when GOOGLE_APPLICATION_CREDENTIALS names one.
    """
    if keys.credentials == "missing":
        message = "GOOGLE_APPLICATION_CREDENTIALS names a file that does not exist"
        say = fail if "Google Cloud" in keys.accounts else warn
        return say("credentials-file-missing", message, fix=fix("llm.google-login"))
    if keys.credentials or keys.accounts:
        return ok(f"an account of {' and '.join(keys.accounts)} signs in" if keys.accounts else "the credentials file exists")
    return skip("no cloud account is used")
