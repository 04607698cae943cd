"""Which values in the files of containers are secrets. The value itself stays here."""

import re

from mlenv_checks.llm.probes.key_values import key_prefix

WORDS = ("KEY", "APIKEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS", "PAT")
PUBLIC = (
    "PUBLIC",
    "PUBLISHABLE",
    "GPG",
    "ID",
    "NAME",
    "PATH",
    "FILE",
    "DIR",
    "URL",
    "HEADER",
    "TYPE",
    "RING",
    "SIGNING",
    "MAX",
    "NUM",
)
VENDORS = (
    "OPENAI", "ANTHROPIC", "HF", "HUGGINGFACE", "HUGGING", "GITHUB", "GH", "GITLAB", "AWS", "AZURE", "GOOGLE", "GEMINI", "WANDB",
    "MISTRAL", "COHERE", "GROQ", "PINECONE", "LANGSMITH", "LANGCHAIN", "KAGGLE", "REPLICATE", "TOGETHER", "NGC", "PYPI", "TWINE",
    "API", "DEEPSEEK", "NVIDIA", "COMET", "NEPTUNE", "CLEARML", "DAGSHUB", "VOYAGE", "TAVILY", "SLACK", "STRIPE",
)  # fmt: skip
FAKE = re.compile(
    r"(?i)x{4}|example|your|fake|dummy|redacted|placeholder|sample|change|12345|abcdef|secret|password|admin|test|\.\.\.|\*\*|<"
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a key of a vendor or a secret of one's own."""
    parts = name.upper().split("_")
    return any(word in parts for word in WORDS) and not any(word in parts for word in PUBLIC)


def is_of_vendor(name: str) -> bool:
    """Whether the name says which service the key is for."""
    return is_secret_name(name) and any(part in VENDORS for part in name.upper().split("_"))


def is_secret_value(value: str) -> bool:
    """Whether a value is a key and no placeholder: of a vendor's shape, or long and drawn at random."""
    value = value.strip().strip("'\"")
    if "$" in value or "/" in value[:1] or FAKE.search(value[:300]):
        return False
    if key_prefix(value) and len(value) >= 20:
        return True
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return 16 <= len(value) <= 300 and not re.search(r"[\s:{}()]", value) and kinds >= 2 and len(set(value)) >= 10
