"""The one request by which each provider says whether it takes a key: free, and it changes nothing."""

# By variable: method, the provider's own base, the path behind it, how the key is sent, and the variables with another base.
_REQ_SMITH = ("LANGSMITH_ENDPOINT",)
_REQ_GOOGLE = ("GET", "https://generativelanguage.googleapis.com", "/v1beta/models?pageSize=1", "x-goog-api-key")
_REQ_TABLE = {
    "OPENAI_API_KEY": ("GET", "https://api.openai.com/v1", "/models", "Bearer", ("OPENAI_BASE_URL",)),
    "AZURE_OPENAI_API_KEY": ("GET", "", "/openai/models?api-version=", "api-key", ("AZURE_OPENAI_ENDPOINT",)),
    "ANTHROPIC_API_KEY": ("GET", "https://api.anthropic.com", "/v1/models?limit=1", "x-api-key", ("ANTHROPIC_BASE_URL",)),
    "ANTHROPIC_AUTH_TOKEN": ("GET", "https://api.anthropic.com", "/v1/models?limit=1", "Bearer", ("ANTHROPIC_BASE_URL",)),
    "GOOGLE_API_KEY": (*_REQ_GOOGLE, ("GOOGLE_GEMINI_BASE_URL",)),
    "GEMINI_API_KEY": (*_REQ_GOOGLE, ("GOOGLE_GEMINI_BASE_URL",)),
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
    "LANGSMITH_API_KEY": ("GET", "https://api.smith.langchain.com", "/api/v1/sessions?limit=1", "x-api-key", _REQ_SMITH),
    "WANDB_API_KEY": ("POST", "https://api.wandb.ai", "/graphql", "Basic", ("WANDB_BASE_URL",)),
}  # fmt: skip
_REQ_BODIES = {"WANDB_API_KEY": b'{"query":"query{viewer{id}}"}'}
_REQ_PAIRS = (("GOOGLE_API_KEY", "GEMINI_API_KEY"), ("CO_API_KEY", "COHERE_API_KEY"), ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"))


def _req_of(name, seen):
    """The request for one key: method, address as a secret, headers as a secret, body, and whether the endpoint is one's own."""
    method, base, path, style, variables = _REQ_TABLE[name]
    own = next((seen[one] for one in variables if seen.get(one)), None)
    version = seen.get("OPENAI_API_VERSION")
    path += (
        version.use(lambda text: text)
        if version and path.endswith("api-version=")
        else "2024-10-21"
        if path.endswith("=")
        else ""
    )
    address = own.use(lambda text: _Secret(name, text.strip().rstrip("/") + path)) if own else _Secret(name, base + path)
    elsewhere = bool(own) and not any(_llm_is_at(own, domain) for domain in set(_LLM_ENDPOINTS.values()) | {"azure.com"})
    return method, address, _req_headers(name, style, seen), _REQ_BODIES.get(name), elsewhere


def _req_headers(name, style, seen):
    """The headers as the provider's own library sends them."""
    import base64

    def headers(key):
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
    return _Secret(name, found)


def _req_names(seen):
    """The keys to ask about: each that can be one; of two names for the same only the one that its library takes."""
    wrong = {one["name"] for one in _llm_addresses(seen) if one["problem"]}
    names = [name for name in _REQ_TABLE if seen.get(name) and seen[name].use(lambda text: _req_askable(name, text))]
    names = [name for name in names if not wrong & set(_REQ_TABLE[name][4])]
    names = [name for name in names if _REQ_TABLE[name][1] or any(seen.get(base) for base in _REQ_TABLE[name][4])]
    lost = {second for first, second in _REQ_PAIRS if first in names} | (
        {"ANTHROPIC_AUTH_TOKEN"} if "ANTHROPIC_API_KEY" in names else set()
    )
    return [name for name in names if name not in lost]


def _req_askable(name, text):
    """Whether a value can be sent; what is no key to the eye is told without asking."""
    told = _llm_told(name, text)
    harmless = told["flaw"] in ("", "truncated") or (name.startswith(("HF_", "HUGGING_FACE")) and told["flaw"] == "blank around")
    return not told["empty"] and not told["placeholder"] and harmless
