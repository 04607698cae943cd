"""What a provider's answer says of a key. Its own words never leave here: some repeat the key."""

import json

WORDS_OF_REGION = (
    "unsupported_country",
    "country, region",
    "location is not supported",
    "not available in your",
    "request not allowed",
)
WORDS_OF_CREDIT = (
    "insufficient_quota",
    "credit balance",
    "insufficient balance",
    "billing",
    "exceeded your current quota",
    "payment",
    "no credit",
)
WORDS_OF_SCOPE = (
    "missing scopes", "insufficient permissions", "permission", "scope", "api_key_service_blocked", "service_disabled",
    "has not been used", "referer", "ip_address", "not allowed to", "restricted", "not authorized to",
)  # fmt: skip
WORDS_OF_BAD_KEY = (
    "api_key_invalid", "api key not valid", "api key expired", "invalid api key", "incorrect api key", "invalid_api_key",
    "no connected db", "organization has been disabled", "api key not found", "unauthorized", "invalid x-api-key",
)  # fmt: skip


def verdict(name: str, status: int, data: bytes, own: bool) -> str:
    """One word for an answer: accepted, rejected, restricted, no-credit, rate-limited, region, no-such-path, no-api, trouble."""
    text = data[:20000].decode("utf-8", "replace").lower()
    if status in (200, 201):
        return _verdict_of_success(name, data)
    if status in (301, 302, 303, 307, 308):
        return "redirect"
    says = [
        word
        for word, signs in (
            ("bad", WORDS_OF_BAD_KEY),
            ("region", WORDS_OF_REGION),
            ("no-credit", WORDS_OF_CREDIT),
            ("restricted", WORDS_OF_SCOPE),
        )
        if any(s in text for s in signs)
    ]
    if status == 429:
        return "no-credit" if "no-credit" in says else "rate-limited"
    if status == 402:
        return "no-credit"
    if status in (400, 401, 403) and "<html" in text[:2000]:
        return "no-api"  # a firewall, a login page
    if status == 401:
        return "restricted" if "restricted" in says and "bad" not in says else "rejected"
    if status == 403:
        return next(
            (word for word in ("region", "no-credit") if word in says),
            "rejected" if "bad" in says and "restricted" not in says else "restricted",
        )
    if status == 400:
        return next(({"bad": "rejected"}.get(word, word) for word in ("bad", "region", "no-credit") if word in says), "trouble")
    if status == 404:
        return "rejected" if name.startswith("ANTHROPIC") and not own else "no-such-path"
    return "trouble"


def _verdict_of_success(name: str, data: bytes) -> str:
    """Whether an answer that is called good is one of the API: a page of a hotel's network is not."""
    try:
        said = json.loads(data.decode("utf-8"))
    except ValueError:
        return "no-api"
    if isinstance(said, list):
        return "accepted" if name.startswith(("LANGSMITH", "TOGETHER")) else "no-api"
    if not isinstance(said, dict) or not said:
        return "no-api"
    if name.startswith("DEEPSEEK"):
        return "no-credit" if said.get("is_available") is False else "accepted"
    if name.startswith("CO"):
        return "rejected" if said.get("valid") is False else "accepted"
    if name.startswith("WANDB"):
        return "accepted" if (said.get("data") or {}).get("viewer") else "rejected"
    if name.startswith("OPENROUTER"):
        left = (said.get("data") or {}).get("limit_remaining")
        return "no-credit" if isinstance(left, (int, float)) and left <= 0 else "accepted"
    lists = ("data", "models", "object", "indexes", "name", "id", "username", "api_key_id", "redacted_api_key")
    return "accepted" if any(key in said for key in lists) else "no-api"
