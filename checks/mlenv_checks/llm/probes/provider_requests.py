"""The one request by which each provider says whether it takes a key: free, and it changes nothing."""

import os
from functools import partial

from mlenv_checks.llm.probes.endpoints import base_addresses, is_at_domain
from mlenv_checks.llm.probes.key_values import ENDPOINT_VARIABLES, describe_text
from mlenv_checks.llm.probes.secret import Secret

# By variable: method, the provider's own base, the path behind it, how the key is sent, and the variables with another base.
LANGSMITH_BASE = ("LANGSMITH_ENDPOINT",)
GOOGLE_REQUEST = ("GET", "https://generativelanguage.googleapis.com", "/v1beta/models?pageSize=1", "x-goog-api-key")
REQUESTS = {
    "OPENAI_API_KEY": ("GET", "https://api.openai.com/v1", "/models", "Bearer", ("OPENAI_BASE_URL",)),
    "AZURE_OPENAI_API_KEY": ("GET", "", "/openai/models?api-version=", "api-key", ("AZURE_OPENAI_ENDPOINT",)),
    "ANTHROPIC_API_KEY": ("GET", "https://api.anthropic.com", "/v1/models?limit=1", "x-api-key", ("ANTHROPIC_BASE_URL",)),
    "ANTHROPIC_AUTH_TOKEN": ("GET", "https://api.anthropic.com", "/v1/models?limit=1", "Bearer", ("ANTHROPIC_BASE_URL",)),
    "GOOGLE_API_KEY": (*GOOGLE_REQUEST, ("GOOGLE_GEMINI_BASE_URL",)),
    "GEMINI_API_KEY": (*GOOGLE_REQUEST, ("GOOGLE_GEMINI_BASE_URL",)),
    "MISTRAL_API_KEY": ("GET", "https://api.mistral.ai", "/v1/models", "Bearer", ("MISTRAL_BASE_URL",)),
    "CO_API_KEY": ("POST", "https://api.cohere.com", "/v1/check-api-key", "Bearer", ("CO_API_URL",)),
    "COHERE_API_KEY": ("POST", "https://api.cohere.com", "/v1/check-api-key", "Bearer", ("CO_API_URL",)),
    "GROQ_API_KEY": ("GET", "https://api.groq.com", "/openai/v1/models", "Bearer", ("GROQ_BASE_URL",)),
    "TOGETHER_API_KEY": ("GET", "https://api.together.xyz/v1", "/models", "Bearer", ("TOGETHER_BASE_URL",)),
    "OPENROUTER_API_KEY": ("GET", "https://openrouter.ai/api/v1", "/key", "Bearer", ("OPENROUTER_BASE_URL",)),
    "DEEPSEEK_API_KEY": ("GET", "https://api.deepseek.com", "/user/balance", "Bearer", ("DEEPSEEK_BASE_URL",)),
    "XAI_API_KEY": ("GET", "https://api.x.ai/v1", "/api-key", "Bearer", ("XAI_BASE_URL",)),
    "FIREWORKS_API_KEY": ("GET", "https://api.fireworks.ai/inference/v1", "/models", "Bearer", ()),
    "CEREBRAS_API_KEY": ("GET", "https://api.cerebras.ai", "/v1/models", "Bearer", ("CEREBRAS_BASE_URL",)),
    "REPLICATE_API_TOKEN": ("GET", "https://api.replicate.com", "/v1/account", "Bearer", ()),
    "HF_TOKEN": ("GET", "https://huggingface.co", "/api/whoami-v2", "Bearer", ("HF_ENDPOINT",)),
    "HUGGING_FACE_HUB_TOKEN": ("GET", "https://huggingface.co", "/api/whoami-v2", "Bearer", ("HF_ENDPOINT",)),
    "PINECONE_API_KEY": ("GET", "https://api.pinecone.io", "/indexes", "Api-Key", ("PINECONE_CONTROLLER_HOST",)),
    "LANGSMITH_API_KEY": ("GET", "https://api.smith.langchain.com", "/api/v1/sessions?limit=1", "x-api-key", LANGSMITH_BASE),
    "WANDB_API_KEY": ("POST", "https://api.wandb.ai", "/graphql", "Basic", ("WANDB_BASE_URL",)),
}  # fmt: skip
BODIES = {"WANDB_API_KEY": b'{"query":"query{viewer{id}}"}'}
NAMES_OF_ONE_KEY = (
    ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    ("CO_API_KEY", "COHERE_API_KEY"),
    ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
)


def request_for(name: str, seen: "dict[str, Secret]") -> "tuple[str, Secret, Secret, bytes | None, bool]":
    """The request for one key: method, address as a secret, headers as a secret, body, and whether the endpoint is one's own."""
    method, base, path, style, variables = REQUESTS[name]
    own = next((seen[one] for one in variables if seen.get(one)), None)
    version = seen.get("OPENAI_API_VERSION")
    path += (
        version.use(lambda text: text)
        if version and path.endswith("api-version=")
        else "2024-10-21"
        if path.endswith("=")
        else ""
    )
    address = own.use(lambda text: Secret(name, text.strip().rstrip("/") + path)) if own else Secret(name, base + path)
    elsewhere = own is not None and not any(
        is_at_domain(own, domain) for domain in set(ENDPOINT_VARIABLES.values()) | {"azure.com"}
    )
    return method, address, _headers(name, style, seen), BODIES.get(name), elsewhere


def _headers(name: str, style: str, seen: "dict[str, Secret]") -> "Secret":
    """The headers as the provider's own library sends them."""
    import base64

    def headers(key: str) -> "dict[str, str]":
        """The headers with the key in them."""
        key = key.strip() if name.startswith(("HF_", "HUGGING_FACE")) else key  # as huggingface_hub does
        if style == "Bearer":
            said = {"Authorization": "Bearer " + key}
        elif style == "Basic":
            said = {"Authorization": "Basic " + base64.b64encode(b"api:" + key.encode()).decode("ascii")}
        else:
            said = {style: key}
        said.update({"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "mlenv-doctor"})
        return said

    found = seen[name].use(headers)
    if name.startswith("ANTHROPIC"):
        found["anthropic-version"] = "2023-06-01"
    if name == "OPENAI_API_KEY":
        for variable, header in (("OPENAI_ORG_ID", "OpenAI-Organization"), ("OPENAI_PROJECT_ID", "OpenAI-Project")):
            if seen.get(variable):
                found[header] = seen[variable].use(lambda text: text)
    return Secret(name, found)


def names_to_ask(seen: "dict[str, Secret]") -> "list[str]":
    """The keys to ask about: each that can be one; of two names for the same only the one that its library takes."""
    wrong = {one["name"] for one in base_addresses(seen) if one["problem"]}
    names = [name for name in REQUESTS if seen.get(name) and seen[name].use(partial(_can_be_sent, name))]
    names = [name for name in names if not wrong & set(REQUESTS[name][4])]
    names = [name for name in names if REQUESTS[name][1] or any(seen.get(base) for base in REQUESTS[name][4])]
    lost = {second for first, second in NAMES_OF_ONE_KEY if first in names} | (
        {"ANTHROPIC_AUTH_TOKEN"} if "ANTHROPIC_API_KEY" in names else set()
    )
    return [name for name in names if name not in lost]


def same_source(name: str, seen: "dict[str, Secret]") -> bool:
    """Whether a key may go to its address: one that the user set does not go where a project's `.env` sends it."""
    address = next((one for one in REQUESTS[name][4] if seen.get(one)), "")
    return not address or address in os.environ or name not in os.environ


def _can_be_sent(name: str, text: str) -> bool:
    """Whether a value can be sent; what is no key to the eye is told without asking."""
    told = describe_text(name, text)
    harmless = told["flaw"] in ("", "truncated") or (name.startswith(("HF_", "HUGGING_FACE")) and told["flaw"] == "blank around")
    return not told["empty"] and not told["placeholder"] and harmless
