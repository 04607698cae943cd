"""Where DefaultAzureCredential would find a login: variables, and what `az login`, `azd auth login` or PowerShell left.

https://learn.microsoft.com/en-us/python/api/azure-identity/azure.identity.defaultazurecredential
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_USERNAME", "AZURE_FEDERATED_TOKEN_FILE")
LEFT = (
    "{azure}/msal_token_cache.json",
    "{azure}/msal_token_cache.bin",
    "{azure}/accessTokens.json",
    "{azure}/service_principal_entries.json",
    "{azure}/service_principal_entries.bin",
    "~/.azd/auth",
    "~/.Azure/AzureRmContext.json",
    "~/.IdentityService",
    "~/.local/.IdentityService",
)


def state(known: "Mapping[str, str]") -> "dict[str, str]":
    """What is wrong: "" where a login is found, "none", or "missing" with the variable that names no file."""
    path = known.get("AZURE_CLIENT_CERTIFICATE_PATH")
    if path and not known.get("AZURE_CLIENT_SECRET") and not os.path.exists(os.path.expanduser(path)):
        return {"state": "missing", "what": "the file that AZURE_CLIENT_CERTIFICATE_PATH names"}
    azure = known.get("AZURE_CONFIG_DIR") or "~/.azure"
    left = any(os.path.exists(os.path.expanduser(each.format(azure=azure))) for each in LEFT)
    return {"state": "" if left or any(known.get(name) for name in VARIABLES) else "none"}
