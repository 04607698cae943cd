"""Where the libraries of Google Cloud would find a login: the file that a variable names, else that of gcloud.

https://cloud.google.com/docs/authentication/application-default-credentials
"""

import json
import os

from mlenv_doctor.probekit import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 1 << 20
NAME = "GOOGLE_APPLICATION_CREDENTIALS"
TYPES = (
    "authorized_user", "service_account", "external_account", "external_account_authorized_user", "impersonated_service_account",
    "gdch_service_account",
)  # fmt: skip


def state(known: "Mapping[str, str]") -> "dict[str, str]":
    """What is wrong: "" where a login is found, "none", "missing", "unreadable", "wrong-type"; with the variable or file."""
    if any(name.endswith("_EMULATOR_HOST") for name in known) or known.get("GOOGLE_API_KEY"):
        return {"state": ""}
    named = known.get(NAME)
    if named:
        return _file(os.path.expanduser(named), "the file that %s names" % NAME)
    folder = known.get("CLOUDSDK_CONFIG") or os.path.join(os.path.expanduser("~"), ".config", "gcloud")
    if os.name == "nt" and not known.get("CLOUDSDK_CONFIG"):
        folder = os.path.join(known.get("APPDATA", ""), "gcloud")
    path = os.path.join(folder, "application_default_credentials.json")
    return _file(path, "gcloud's application_default_credentials.json") if os.path.lexists(path) else {"state": "none"}


def _file(path: str, what: str) -> "dict[str, str]":
    """What is wrong with a file of credentials."""
    if not os.path.lexists(path):
        return {"state": "missing", "what": what}
    try:
        with open_file(path) as file:
            said = json.loads(file.read(LARGEST).decode("utf-8", "replace"))
    except PermissionError:
        return {"state": "unreadable", "what": what, "why": "permission denied"}
    except OSError:
        return {"state": "unreadable", "what": what, "why": "not a readable file"}
    except (ValueError, RecursionError):
        return {"state": "unreadable", "what": what, "why": "not valid JSON"}
    known = isinstance(said, dict) and said.get("type") in TYPES
    return {"state": ""} if known else {"state": "wrong-type", "what": what}
