"""Read which LLM keys are set, and what state `.env` is in. No value leaves this process."""

import os

from mlenv_checks.llm.probes.dotenv_file import find_below, find_dotenv, find_lookalikes, has_byte_order_mark, read_dotenv
from mlenv_checks.llm.probes.dotenv_lines import bad_line, load_lines, parse_lines, shell_variables
from mlenv_checks.llm.probes.endpoints import base_addresses, own_endpoints
from mlenv_checks.llm.probes.exposure import file_exposure
from mlenv_checks.llm.probes.key_values import KEY_VARIABLES, cloud_accounts, describe_key, is_secret
from mlenv_checks.llm.probes.misspelled_names import misspelled_names
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def read_keys(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read which keys the shell and `.env` set, and what is wrong with the file. Values are reduced to what is no secret."""
    path, asked = find_dotenv(question)
    wanted = [name for name in question.get("keys", ()) if name not in KEY_VARIABLES]
    names = list(KEY_VARIABLES) + wanted
    said: "dict[str, Any]" = {"file": path, "asked_file": asked, "looked_for": names}
    said["problem"], lines = load_lines(path)
    said.update(file_exposure(path) if path else {})
    shell, file = shell_variables(), {line["name"]: line for line in lines if line["name"]}
    seen = dict({name: line["value"] for name, line in file.items()}, **shell)
    said.update(_bad_lines(lines, [name for name in names if not seen.get(name)]))
    said["secret"] |= any(is_secret(name, line["value"]) for name, line in file.items())
    said["endpoints"], said["addresses"] = own_endpoints(seen), base_addresses(seen)
    said["accounts"], said["credentials"] = cloud_accounts(seen), _google_credentials(seen)
    said["mark"] = bool(path) and has_byte_order_mark(path)
    said["disabled"] = _is_dotenv_disabled()
    said["typos"] = misspelled_names(file, names, [name for name in names if seen.get(name)])
    said["keys"] = [_key(name, shell.get(name), lines, said["endpoints"]) for name in names if name in seen]
    said.update(_other_files(question["project"], names, path))
    return said


def _bad_lines(lines: "list[dict[str, Any]]", unset: "list[str]") -> "dict[str, Any]":
    """The lines that give no variable, those that hide a key first."""
    found = [bad for bad in (bad_line(line, unset) for line in lines) if bad]
    told = sorted(found, key=lambda bad: not bad["name"])[:20]
    return {"bad_lines": told, "secret": any(bad["name"] for bad in told)}


def _key(name: str, shell: "Secret | None", lines: "list[dict[str, Any]]", endpoints: "list[str]") -> "dict[str, Any]":
    """One key: what the shell and the file have for it. Of several lines the last counts, even where it is empty."""
    provider, llm = KEY_VARIABLES.get(name, ("", True))
    mine = [line for line in lines if line["name"] == name]
    last = mine[-1] if mine else None
    earlier = [line for line in mine[:-1] if line["value"] and line["value"] != mine[-1]["value"]]
    stem = name.rpartition("_API_")[0] or name.rpartition("_AUTH_")[0]
    return {
        "name": name,
        "provider": provider,
        "llm": llm,
        "shell": None if shell is None else describe_key(name, shell),
        "file": describe_key(name, last["value"]) if last else None,
        "line": last["number"] if last else 0,
        "earlier": earlier[-1]["number"] if earlier else 0,
        "earlier_good": any(is_secret(name, line["value"]) for line in earlier),
        "differ": last is not None and shell is not None and shell != last["value"],
        "base_url": bool(stem) and any(endpoint.startswith(stem + "_") for endpoint in endpoints),
    }


def _google_credentials(seen: "Mapping[str, Secret]") -> str:
    """The file that Google's libraries sign in with, where it is named and not there."""
    secret = seen.get("GOOGLE_APPLICATION_CREDENTIALS")
    lost = secret and secret.use(lambda path: not os.path.exists(path) and "\0" not in path)
    return "missing" if lost else "there" if secret else ""


def _is_dotenv_disabled() -> bool:
    """Whether python-dotenv is told to load nothing (from 1.2 on)."""
    return os.environ.get("PYTHON_DOTENV_DISABLED", "").casefold() in ("1", "true", "t", "yes", "y")


def _other_files(project: str, names: "list[str]", path: str) -> "dict[str, Any]":
    """Files that python-dotenv does not find from here: an example, those of other names, those in folders below."""
    said: "dict[str, Any]" = {"example": "", "misnamed": [], "below": []}
    if path:
        return said
    for name in find_lookalikes(project):
        known, real = _holds_key(os.path.join(project, name), names)
        if real and not any(word in name.lower() for word in ("example", "sample", "template", "dist")):
            said["misnamed"].append(name)
        elif known and not said["example"]:
            said["example"] = name
    below = [file for file in find_below(project) if _holds_key(file, names)[1]]
    said["below"] = [os.path.relpath(file, project) for file in below]
    return said


def _holds_key(path: str, names: "list[str]") -> "tuple[bool, bool]":
    """Whether a file names a variable for a key, and whether it has a value for one that can be a key."""
    text = read_dotenv(path)[1]
    known = text.use(lambda t: [name for name in names if name in t])
    if not known:
        return False, False
    lines = text.use(parse_lines)
    return True, any(line["name"] in known and is_secret(line["name"], line["value"]) for line in lines)
