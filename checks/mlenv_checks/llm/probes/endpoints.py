"""Which variables send requests elsewhere, and what is wrong with the addresses in them. No address is told."""

from functools import partial

from mlenv_checks.llm.probes.key_values import ENDPOINT_VARIABLES
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PATH_SUFFIXES = ("/chat/completions", "/completions", "/responses", "/embeddings", "/models", "/v1/messages", "/messages")


def own_endpoints(values: "Mapping[str, Secret]") -> "list[str]":
    """The variables that send requests to an endpoint of one's own, which has keys of its own, or none."""
    return [name for name, domain in ENDPOINT_VARIABLES.items() if values.get(name) and not is_at_domain(values[name], domain)]


def is_at_domain(secret: "Secret", domain: str) -> bool:
    """Whether an address belongs to a domain or to one below it."""
    host = secret.use(_host)
    return host == domain or host.endswith("." + domain)


def _host(address: str) -> str:
    """The host in an address, with or without a scheme."""
    address = address.strip().strip("'\"").lower()
    return (address.partition("://")[2] or address).partition("/")[0].rpartition("@")[2].partition(":")[0]


def base_addresses(seen: "Mapping[str, Secret]") -> "list[dict[str, str]]":
    """The base addresses that are set, each with what is wrong with it."""
    found = []
    for name in ENDPOINT_VARIABLES:
        if name in seen and not name.startswith("OLLAMA"):  # that one is understood with and without scheme, and empty
            problem = seen[name].use(partial(_address_problem, name))
            found.append({"name": name, "problem": problem})
    return found


def _address_problem(name: str, text: str) -> str:
    """What is wrong with a base address; empty where nothing is."""
    bare = text.strip()
    if not bare:
        return "empty"
    if bare[0] in "'\"`" or bare[-1] in "'\"`;,":
        return "quote"
    if not bare.lower().startswith(("http://", "https://")):
        return "no scheme"
    if not _host(bare):
        return "no host"
    path = bare.partition("://")[2].partition("?")[0].rstrip("/")
    path = path[path.find("/") :] if "/" in path else ""
    if path.endswith(PATH_SUFFIXES):
        return "whole path"
    if name == "ANTHROPIC_BASE_URL" and path.endswith("/v1"):
        return "version twice"
    return "no version" if name.startswith("OPENAI_") and not path and _host(bare) == "api.openai.com" else ""
