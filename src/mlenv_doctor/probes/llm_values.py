"""What may be said of a value that could be a key: whose it is, whether it is one at all. The value itself stays here."""

# The variables that hold keys, by provider, and whether those are for language models. Names: the providers' own SDKs, 2026-11.
_LLM_VARIABLES = {
    "OPENAI_API_KEY": ("OpenAI", True), "ANTHROPIC_API_KEY": ("Anthropic", True), "ANTHROPIC_AUTH_TOKEN": ("Anthropic", True),
    "AZURE_OPENAI_API_KEY": ("Azure OpenAI", True), "GOOGLE_API_KEY": ("Google", True), "GEMINI_API_KEY": ("Google", True),
    "MISTRAL_API_KEY": ("Mistral", True), "CO_API_KEY": ("Cohere", True), "COHERE_API_KEY": ("Cohere", True),
    "GROQ_API_KEY": ("Groq", True), "TOGETHER_API_KEY": ("Together", True), "OPENROUTER_API_KEY": ("OpenRouter", True),
    "DEEPSEEK_API_KEY": ("DeepSeek", True), "XAI_API_KEY": ("xAI", True), "AWS_BEARER_TOKEN_BEDROCK": ("Bedrock", True),
    "PERPLEXITY_API_KEY": ("Perplexity", True), "FIREWORKS_API_KEY": ("Fireworks", True), "CEREBRAS_API_KEY": ("Cerebras", True),
    "NVIDIA_API_KEY": ("NVIDIA", True), "DASHSCOPE_API_KEY": ("DashScope", True), "REPLICATE_API_TOKEN": ("Replicate", True),
    "OPENAI_ADMIN_KEY": ("OpenAI", False), "PINECONE_API_KEY": ("Pinecone", False), "LANGSMITH_API_KEY": ("LangSmith", False),
    "HF_TOKEN": ("Hugging Face", False), "HUGGING_FACE_HUB_TOKEN": ("Hugging Face", False),
    "WANDB_API_KEY": ("Weights & Biases", False),
}  # fmt: skip
# Prefixes that belong to one vendor alone, the longest first (public scanners of secrets list them: gitleaks, trufflehog).
_LLM_PREFIXES = (
    ("sk-svcacct-", "OpenAI"), ("sk-admin-", "OpenAI"), ("sk-proj-", "OpenAI"), ("sk-ant-", "Anthropic"),
    ("sk-or-v1-", "OpenRouter"), ("gsk_", "Groq"), ("xai-", "xAI"), ("hf_", "Hugging Face"), ("AIza", "Google"),
    ("AQ.", "Google"), ("pcsk_", "Pinecone"), ("lsv2_", "LangSmith"), ("r8_", "Replicate"), ("tgp_v1_", "Together"),
    ("ABSK", "Bedrock"), ("wandb_v1_", "Weights & Biases"), ("pplx-", "Perplexity"), ("nvapi-", "NVIDIA"),
)  # fmt: skip
# Variables with the address of an endpoint, and the domain of the vendor itself. Any other address is one of the user's own.
_LLM_ENDPOINTS = {
    "OPENAI_BASE_URL": "openai.com", "OPENAI_API_BASE": "openai.com", "AZURE_OPENAI_ENDPOINT": "azure.com",
    "ANTHROPIC_BASE_URL": "anthropic.com", "MISTRAL_BASE_URL": "mistral.ai", "GROQ_BASE_URL": "groq.com",
    "DEEPSEEK_BASE_URL": "deepseek.com", "DEEPSEEK_API_BASE": "deepseek.com", "XAI_BASE_URL": "x.ai", "CO_API_URL": "cohere.com",
    "OPENROUTER_BASE_URL": "openrouter.ai", "GOOGLE_GEMINI_BASE_URL": "googleapis.com", "OLLAMA_HOST": "ollama.com",
    "OLLAMA_BASE_URL": "ollama.com", "OLLAMA_API_BASE": "ollama.com",
}  # fmt: skip
# Words in the names of variables that hold secrets, and words in the names of those that only speak of one.
_LLM_SECRET = {"KEY", "APIKEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS"}
_LLM_NO_SECRET = {"PUBLIC", "PUBLISHABLE", "ID", "NAME", "PATH", "FILE", "DIR", "URL", "HEADER", "FIELD", "TYPE"}


def _llm_value(name, value):
    """A value reduced to what is no secret."""
    value = value.strip()
    return {
        "empty": not value,
        "placeholder": _llm_is_placeholder(name, value),
        "vendor": _llm_vendor(value),
        "length": "short" if len(value) < 16 else "long" if len(value) > 300 else "usual",
    }


def _llm_vendor(value):
    return next((vendor for prefix, vendor in _LLM_PREFIXES if value.startswith(prefix)), "")


def _llm_is_placeholder(name, value):
    """Whether a value only shows where a key should go, or is a key as a web page shows it again: with its middle hidden."""
    import re

    words = r"your[-_ ]|[-_ ]here$|change[-_ ]?me|replace[-_ ]?(me|with)|placeholder|insert[-_ ]|^todo$"
    words += r"|^(my[-_])?(api[-_]?)?key$|\.{3}|\u2026|[\u2022\u25cf]{3}"
    marks = r"^[<\[{].*[>\]}]$|^[#$]|^%\w+%$|^(sk-)?[xX*.\-_]{3,}$|[xX*]{8,}"
    return bool(value) and (value == name or bool(re.search(words, value, re.I) or re.search(marks, value)))


def _llm_is_secret(name, value):
    """Whether the value of a variable is worth keeping to oneself: by its name, and because it is more than a word."""
    value = (value or "").strip()
    if len(value) < 8 or _llm_is_placeholder(name, value):
        return False
    if name in _LLM_VARIABLES or _llm_vendor(value):
        return True
    words = set(name.upper().replace("-", "_").split("_"))
    random = len(value) > 15 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and " " not in value
    return random and bool(words & _LLM_SECRET) and not words & _LLM_NO_SECRET


def _llm_own_endpoints(values):
    """The variables that send requests to an endpoint of one's own, which has keys of its own, or none."""
    return [name for name, domain in _LLM_ENDPOINTS.items() if values.get(name) and not _llm_is_at(values[name], domain)]


def _llm_is_at(address, domain):
    address = address.strip().lower()
    host = (address.partition("://")[2] or address).partition("/")[0].rpartition("@")[2].partition(":")[0]
    return host == domain or host.endswith("." + domain)
