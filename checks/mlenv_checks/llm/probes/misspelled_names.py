"""Which names of variables are slips of those that SDKs read."""

from mlenv_checks.llm.probes.key_values import is_placeholder
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ALIASES = {
    "OPENAI_KEY": "OPENAI_API_KEY", "OPENAI_TOKEN": "OPENAI_API_KEY", "OPENAI_API_TOKEN": "OPENAI_API_KEY",
    "OPEN_AI_KEY": "OPENAI_API_KEY",
    "OPENAI_SECRET_KEY": "OPENAI_API_KEY", "ANTHROPIC_KEY": "ANTHROPIC_API_KEY", "CLAUDE_API_KEY": "ANTHROPIC_API_KEY",
    "CLAUDE_KEY": "ANTHROPIC_API_KEY", "ANTHROPIC_TOKEN": "ANTHROPIC_API_KEY", "GEMINI_KEY": "GEMINI_API_KEY",
    "GROQ_KEY": "GROQ_API_KEY",
}  # fmt: skip
LATIN_LOOKALIKES = dict(zip(  # letters of other alphabets that look like Latin ones
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0399\u039f\u0391", "ABEKMHOPCTXIIOA"
))  # fmt: skip


def misspelled_names(values: "Mapping[str, dict[str, Any]]", names: "list[str]", set_ones: "list[str]") -> "list[dict[str, Any]]":
    """Variables of the file that no SDK reads and that are nearly named as one it does read, which is not set."""
    found = []
    for name, line in values.items():
        meant = "" if name in names else meant_name(name, [one for one in names if one not in set_ones])
        if meant and line["value"] and not _holds_placeholder(name, line["value"]):
            found.append({"name": _shown_name(name), "meant": meant, "line": line["number"]})
    return found[:10]


def _holds_placeholder(name: str, secret: "Secret") -> bool:
    """Whether the value only shows where a key should go."""
    return secret.use(lambda value: is_placeholder(name, value.strip()))


def meant_name(name: str, names: "list[str]") -> str:
    """The name that was meant, or an empty text. One that only ends as it does (MY_OPENAI_API_KEY) is a name of one's own."""
    import re

    if len(name) > 60 or not re.match(r"^\ufeff?[\w-]+$", name):
        return ""
    plain = (
        "".join(LATIN_LOOKALIKES.get(sign, sign) for sign in name.strip("\ufeff\u200b"))
        .upper()
        .replace("-", "_")
        .replace(" ", "_")
    )
    if ALIASES.get(plain) in names:
        return ALIASES[plain]
    bare = plain.replace("_", "")
    return next((one for one in names if plain == one or bare == one.replace("_", "") or _is_one_slip(plain, one)), "")


def _is_one_slip(one: str, other: str) -> bool:
    """Whether a single letter was left out, doubled, changed, or two were swapped: in a name that is long enough to tell."""
    if abs(len(one) - len(other)) > 1 or len(other) < 10 or one == other:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    tails = (one[at + 1 :] == other[at + 1 :], one[at + 1 :] == other[at:], one[at:] == other[at + 1 :])
    swapped = one[at + 2 :] == other[at + 2 :] and one[at : at + 2] == other[at : at + 2][::-1]
    return any(tails) or swapped


def _shown_name(name: str) -> str:
    """A name as it may be shown: letters of other alphabets are told by a question mark."""
    return "".join(sign if (sign.isalnum() and ord(sign) < 128) or sign in "_- " else "?" for sign in name)
