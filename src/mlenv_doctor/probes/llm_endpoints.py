"""Which variables send requests elsewhere, and what is wrong with the addresses in them. No address is told."""

_LLM_SUFFIXES = ("/chat/completions", "/completions", "/responses", "/embeddings", "/models", "/v1/messages", "/messages")


def _llm_own_endpoints(values):
    """The variables that send requests to an endpoint of one's own, which has keys of its own, or none."""
    return [name for name, domain in _LLM_ENDPOINTS.items() if values.get(name) and not _llm_is_at(values[name], domain)]


def _llm_is_at(secret, domain):
    host = secret.use(_llm_host)
    return host == domain or host.endswith("." + domain)


def _llm_host(address):
    address = address.strip().strip("'\"").lower()
    return (address.partition("://")[2] or address).partition("/")[0].rpartition("@")[2].partition(":")[0]


def _llm_addresses(seen):
    """The base addresses that are set, each with what is wrong with it."""
    found = []
    for name in _LLM_ENDPOINTS:
        if name in seen and not name.startswith("OLLAMA"):  # that one is understood with and without scheme, and empty
            problem = seen[name].use(lambda text: _llm_address_problem(name, text))
            found.append({"name": name, "problem": problem})
    return found


def _llm_address_problem(name, text):
    bare = text.strip()
    if not bare:
        return "empty"
    if bare[0] in "'\"`" or bare[-1] in "'\"`;,":
        return "quote"
    if not bare.lower().startswith(("http://", "https://")):
        return "no scheme"
    if not _llm_host(bare):
        return "no host"
    path = bare.partition("://")[2].partition("?")[0].rstrip("/")
    path = path[path.find("/") :] if "/" in path else ""
    if path.endswith(_LLM_SUFFIXES):
        return "whole path"
    if name == "ANTHROPIC_BASE_URL" and path.endswith("/v1"):
        return "version twice"
    return "no version" if name.startswith("OPENAI_") and not path and _llm_host(bare) == "api.openai.com" else ""
