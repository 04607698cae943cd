"""Find keys that stand in sources and notebooks: by the shapes that vendors give them, file and line, never the value."""

from mlenv_checks.llm.probes.code_files import python_code
from mlenv_checks.llm.probes.key_values import key_vendor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Pattern
    from typing import Any

# Shapes that belong to one vendor (public lists of gitleaks and trufflehog, 2026): the prefix, and how its body goes on.
SHAPES = (
    ("sk-ant-", r"[a-z]+\d*-[A-Za-z0-9_-]{60,}"), ("sk-or-v1-", r"[0-9a-f]{48,}"), ("sk-proj-", r"[A-Za-z0-9_-]{40,}"),
    ("sk-svcacct-", r"[A-Za-z0-9_-]{40,}"), ("sk-admin-", r"[A-Za-z0-9_-]{40,}"),
    ("sk-", r"[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("gsk_", r"[A-Za-z0-9]{45,}"), ("xai-", r"[A-Za-z0-9]{60,}"), ("hf_", r"[A-Za-z0-9]{32,40}"), ("AIza", r"[A-Za-z0-9_-]{35}"),
    ("AQ.", r"[A-Za-z0-9_-]{35,}"), ("pcsk_", r"[A-Za-z0-9]{4,8}_[A-Za-z0-9]{40,}"),
    ("lsv2_", r"(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    ("r8_", r"[A-Za-z0-9]{37}"), ("tgp_v1_", r"[A-Za-z0-9_-]{30,}"), ("ABSK", r"[A-Za-z0-9+/]{60,}={0,2}"),
    ("wandb_v1_", r"[A-Za-z0-9_]{40,}"), ("pplx-", r"[A-Za-z0-9]{40,}"), ("nvapi-", r"[A-Za-z0-9_-]{50,}"),
)  # fmt: skip
FAKE_WORDS = r"(?i)x{5}|example|your|fake|dummy|redacted|placeholder|sample|12345|abcdef|\.\.\.|\*\*\*|00000"
ALLOWED_MARKS = ("pragma: allowlist secret", "gitleaks:allow", "nosec", "noqa: S105", "noqa: S106", "trufflehog:ignore")


def key_pattern() -> "Pattern[str]":
    """One pattern for all; in a notebook, the letter before a key may be that of `\\n`."""
    import re

    shapes = "|".join("(?:%s)%s" % (re.escape(prefix), body) for prefix, body in SHAPES)
    return re.compile(r"(?:(?<![A-Za-z0-9_+/-])|(?<=\\n)|(?<=\\t))(%s)(?![A-Za-z0-9_-])" % shapes)


def find_keys(pattern: "Pattern[str]", path: str, text: str) -> "list[dict[str, Any]]":
    """The keys in one file, at most five: in which line, whose, and whether a notebook's output shows them."""
    if not any(prefix in text for prefix, _ in SHAPES):
        return []
    found, code = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(('"image/', "'image/")) or any(word in line for word in ALLOWED_MARKS):
            continue
        for match in pattern.finditer(line):
            if not _is_fake(match.group(1)):
                code = python_code(path, text) if code is None else code
                output = path.endswith(".ipynb") and match.group(1) not in code
                found.append({"file": path, "line": number, "vendor": key_vendor(match.group(1)) or "OpenAI", "output": output})
                break
        if len(found) == 5:
            break
    return found


def _is_fake(key: str) -> bool:
    """Whether nobody could use a key: it repeats itself, counts up, or says so. A real one is of letters drawn at random."""
    import re

    body = key[len(next(prefix for prefix, _ in SHAPES if key.startswith(prefix))) :]
    repeats = max(len(re.findall(re.escape(body[at : at + 3]), body)) for at in range(len(body) - 2))
    return len(set(body)) < (8 if re.match(r"[0-9a-f_]+$", body) else 12) or repeats > 3 or bool(re.search(FAKE_WORDS, body))
