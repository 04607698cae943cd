"""What may be said of a value that could be a key: whose it is, whether it is one at all. The value itself stays here."""

from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# The variables that hold keys, by provider, and whether those are for language models. Names: the providers' own SDKs, 2026-11.
KEY_VARIABLES = {
    "OPENAI_API_KEY": ("OpenAI", True), "ANTHROPIC_API_KEY": ("Anthropic", True), "ANTHROPIC_AUTH_TOKEN": ("Anthropic", True),
    "AZURE_OPENAI_API_KEY": ("Azure OpenAI", True), "GOOGLE_API_KEY": ("Google", True), "GEMINI_API_KEY": ("Google", True),
    "MISTRAL_API_KEY": ("Mistral", True), "CO_API_KEY": ("Cohere", True), "COHERE_API_KEY": ("Cohere", True),
    "GROQ_API_KEY": ("Groq", True), "TOGETHER_API_KEY": ("Together", True), "OPENROUTER_API_KEY": ("OpenRouter", True),
    "DEEPSEEK_API_KEY": ("DeepSeek", True), "XAI_API_KEY": ("xAI", True), "AWS_BEARER_TOKEN_BEDROCK": ("Bedrock", True),
    "PERPLEXITY_API_KEY": ("Perplexity", True), "FIREWORKS_API_KEY": ("Fireworks", True), "CEREBRAS_API_KEY": ("Cerebras", True),
    "NVIDIA_API_KEY": ("NVIDIA", True), "DASHSCOPE_API_KEY": ("DashScope", True), "REPLICATE_API_TOKEN": ("Replicate", True),
    "OPENAI_ADMIN_KEY": ("OpenAI", False), "PINECONE_API_KEY": ("Pinecone", False), "LANGSMITH_API_KEY": ("LangSmith", False),
    "HF_TOKEN": ("Hugging Face", False), "HUGGING_FACE_HUB_TOKEN": ("Hugging Face", False),
    "WANDB_API_KEY": ("Weights & Biases", False), "AZURE_OPENAI_AD_TOKEN": ("Azure OpenAI", True),
    "LANGCHAIN_API_KEY": ("LangSmith", False), "KAGGLE_KEY": ("Kaggle", False), "KAGGLE_API_TOKEN": ("Kaggle", False),
    "VOYAGE_API_KEY": ("Voyage", False), "TAVILY_API_KEY": ("Tavily", False),
}  # fmt: skip
# Prefixes that belong to one vendor alone, the longest first (public scanners of secrets list them: gitleaks, trufflehog).
KEY_PREFIXES = (
    ("sk-svcacct-", "OpenAI"), ("sk-admin-", "OpenAI"), ("sk-proj-", "OpenAI"), ("sk-ant-", "Anthropic"),
    ("sk-or-v1-", "OpenRouter"), ("gsk_", "Groq"), ("xai-", "xAI"), ("hf_", "Hugging Face"), ("AIza", "Google"),
    ("AQ.", "Google"), ("pcsk_", "Pinecone"), ("lsv2_", "LangSmith"), ("r8_", "Replicate"), ("tgp_v1_", "Together"),
    ("ABSK", "Bedrock"), ("wandb_v1_", "Weights & Biases"), ("pplx-", "Perplexity"), ("nvapi-", "NVIDIA"), ("KGAT_", "Kaggle"),
    ("tvly-", "Tavily"), ("csk-", "Cerebras"), ("fw_", "Fireworks"),
)  # fmt: skip
# The fewest characters that a key with one of these prefixes can have: far below today's (164, 108, 73, 56, 84, 37, 39, 40).
FEWEST_CHARACTERS = {"sk-proj-": 48, "sk-ant-": 80, "sk-or-v1-": 60, "gsk_": 45, "xai-": 60, "hf_": 30, "AIza": 35, "r8_": 32}
# Variables with the address of an endpoint, and the domain of the vendor itself. Any other address is one of the user's own.
ENDPOINT_VARIABLES = {
    "OPENAI_BASE_URL": "openai.com", "OPENAI_API_BASE": "openai.com", "AZURE_OPENAI_ENDPOINT": "azure.com",
    "ANTHROPIC_BASE_URL": "anthropic.com", "MISTRAL_BASE_URL": "mistral.ai", "GROQ_BASE_URL": "groq.com",
    "DEEPSEEK_BASE_URL": "deepseek.com", "DEEPSEEK_API_BASE": "deepseek.com", "XAI_BASE_URL": "x.ai", "CO_API_URL": "cohere.com",
    "OPENROUTER_BASE_URL": "openrouter.ai", "GOOGLE_GEMINI_BASE_URL": "googleapis.com", "OLLAMA_HOST": "ollama.com",
    "OLLAMA_BASE_URL": "ollama.com", "OLLAMA_API_BASE": "ollama.com", "LITELLM_API_BASE": "litellm.ai",
}  # fmt: skip
# Words in the names of variables that hold secrets, and words in the names of those that only speak of one.
SECRET_WORDS = {"KEY", "APIKEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS"}
PUBLIC_WORDS = {"PUBLIC", "PUBLISHABLE", "ID", "NAME", "PATH", "FILE", "DIR", "URL", "HEADER", "FIELD", "TYPE"}


# What takes the place of a key: an account of a cloud. Any of the variables named together has to be set, to anything or to this.
CLOUD_ACCOUNTS = (
    ("GOOGLE_GENAI_USE_VERTEXAI", "true", "Google Cloud"), ("GOOGLE_GENAI_USE_VERTEXAI", "1", "Google Cloud"),
    ("VERTEXAI_PROJECT", "", "Google Cloud"), ("VERTEX_PROJECT", "", "Google Cloud"),
    ("ANTHROPIC_VERTEX_PROJECT_ID", "", "Google Cloud"),
    ("CLAUDE_CODE_USE_VERTEX", "1", "Google Cloud"), ("CLAUDE_CODE_USE_BEDROCK", "1", "AWS"),
)  # fmt: skip


def key_prefix(value: str) -> str:
    """The vendor's prefix of a key; empty where it has none that is known."""
    return next((prefix for prefix, _ in KEY_PREFIXES if value.strip().startswith(prefix)), "")


def key_vendor(value: str) -> str:
    """The vendor that a key's prefix belongs to; empty where it has none that is known."""
    return dict(KEY_PREFIXES).get(key_prefix(value), "")


def describe_key(name: str, secret: "Secret") -> "dict[str, Any]":
    """A value reduced to what is no secret."""
    return secret.use(lambda value: describe_text(name, value))


def describe_text(name: str, value: str) -> "dict[str, Any]":
    """What may be told of a value: whether it is empty, a placeholder, whose it is, and what is wrong with it."""
    bare = value.strip()
    placeholder = is_placeholder(name, bare)
    return {
        "empty": not bare,
        "placeholder": placeholder,
        "vendor": key_vendor(bare),
        "length": "short" if len(bare) < 16 else "long" if len(bare) > 300 else "usual",
        "flaw": "" if placeholder or not bare or name not in KEY_VARIABLES else _flaw(value),
        "variable": bool(placeholder and bare.startswith("$") and bare[1:].isidentifier()),
    }


def _flaw(value: str) -> str:
    """What no key has in it, for keys are of letters, digits and a few signs: each of these makes another value of it."""
    import re

    bare = value.strip()
    if any(sign in value for sign in "\r\n"):
        return "line end"
    if any(ord(sign) > 127 for sign in bare):
        return "invisible" if any(sign in bare for sign in "\u200b\u200c\u200d\u2060\ufeff\xa0\xad") else "not ascii"
    if value != bare:
        return "blank around"
    if bare[0] in "'\"`" or bare[-1] in "'\"`":
        return "quote"
    if bare[-1] in ";,:" or " #" in bare or "#" in bare:
        return "comment"
    if len(bare.split()) > 1:
        return "blank inside"
    begins_later = any(prefix in bare[1:] for prefix, _ in KEY_PREFIXES if len(prefix) > 5)
    padded = bare.endswith("=") and len(bare) < 16  # as base64 is filled up; of so few letters it is a name without its value
    if begins_later or padded or not re.match(r"[A-Za-z0-9][A-Za-z0-9_.+/:~|-]*={0,2}$", bare):
        return "more"
    return "truncated" if len(bare) < FEWEST_CHARACTERS.get(key_prefix(bare), 0) else ""


def is_placeholder(name: str, value: str) -> bool:
    """Whether a value only shows where a key should go, or is a key as a web page shows it again: with its middle hidden."""
    import re

    value = value.strip("'\"` ;,=:")
    words = r"your[-_ ]|[-_ ]here$|change[-_ ]?me|replace[-_ ]?(me|with)|placeholder|insert[-_ ]|^todo$"
    words += r"|^(my[-_])?(api[-_]?)?key$|\.{3}|\u2026|[\u2022\u25cf]{3}"
    marks = r"^[<\[{].*[>\]}]$|^[#$]|^%\w+%$|^(sk-)?[xX*.\-_]{3,}$|[xX*]{8,}"
    return bool(value) and (value == name or bool(re.search(words, value, re.I) or re.search(marks, value)))


def is_secret(name: str, secret: "Secret") -> bool:
    """Whether the value of a variable is worth keeping to oneself: by its name, and because it is more than a word."""
    return secret.use(lambda value: _is_worth_keeping(name, value.strip()))


def _is_worth_keeping(name: str, value: str) -> bool:
    """Whether a value looks like a secret, by its variable's name, its vendor's prefix or its letters."""
    if len(value) < 8 or is_placeholder(name, value):
        return False
    if name in KEY_VARIABLES or key_vendor(value):
        return True
    words = set(name.upper().replace("-", "_").split("_"))
    random = len(value) > 15 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and " " not in value
    return random and bool(words & SECRET_WORDS) and not words & PUBLIC_WORDS


def cloud_accounts(seen: "Mapping[str, Secret]") -> "list[str]":
    """The clouds whose account signs a program in, by variables that say so."""

    def says(name: str, wanted: str) -> bool:
        return name in seen and seen[name].use(lambda value: bool(value) and (not wanted or value.lower() == wanted))

    return sorted({cloud for name, wanted, cloud in CLOUD_ACCOUNTS if says(name, wanted)})
