"""Read which LLM keys are set, and what state `.env` is in. No value leaves this process."""


def read_keys(question):
    path, asked = _llm_find(question)
    wanted = [name for name in question.get("keys", ()) if name not in _LLM_VARIABLES]
    names = list(_LLM_VARIABLES) + wanted
    said = {"file": path, "asked_file": asked, "looked_for": names}
    said["problem"], lines = _llm_loaded(path)
    said.update(_llm_state(path) if path else {})
    shell, file = _llm_shell(), {line["name"]: line for line in lines if line["name"]}
    seen = dict({name: line["value"] for name, line in file.items()}, **shell)
    said.update(_llm_of_lines(lines, [name for name in names if not seen.get(name)]))
    said["secret"] |= any(_llm_is_secret(name, line["value"]) for name, line in file.items())
    said["endpoints"], said["addresses"] = _llm_own_endpoints(seen), _llm_addresses(seen)
    said["accounts"], said["credentials"] = _llm_accounts(seen), _llm_credentials(seen)
    said["mark"] = bool(path) and _llm_marked(path)
    said["disabled"] = _llm_is_disabled()
    said["typos"] = _llm_typos(file, names, [name for name in names if seen.get(name)])
    said["keys"] = [_llm_key(name, shell.get(name), lines, said["endpoints"]) for name in names if name in seen]
    said.update(_llm_elsewhere(question["project"], names, path))
    return said


def _llm_of_lines(lines, unset):
    bad = [bad for bad in (_llm_bad(line, unset) for line in lines) if bad]
    told = sorted(bad, key=lambda bad: not bad["name"])[:20]
    return {"bad_lines": told, "secret": any(bad["name"] for bad in told)}


def _llm_key(name, shell, lines, endpoints):
    """One key: what the shell and the file have for it. Of several lines the last counts, even where it is empty."""
    provider, llm = _LLM_VARIABLES.get(name, ("", True))
    mine = [line for line in lines if line["name"] == name]
    last = mine[-1] if mine else None
    earlier = [line for line in mine[:-1] if line["value"] and line["value"] != last["value"]]
    stem = name.rpartition("_API_")[0] or name.rpartition("_AUTH_")[0]
    return {
        "name": name,
        "provider": provider,
        "llm": llm,
        "shell": None if shell is None else _llm_value(name, shell),
        "file": _llm_value(name, last["value"]) if last else None,
        "line": last["number"] if last else 0,
        "earlier": earlier[-1]["number"] if earlier else 0,
        "earlier_good": any(_llm_is_secret(name, line["value"]) for line in earlier),
        "differ": bool(last) and shell is not None and shell != last["value"],
        "base_url": bool(stem) and any(endpoint.startswith(stem + "_") for endpoint in endpoints),
    }


def _llm_credentials(seen):
    """The file that Google's libraries sign in with, where it is named and not there."""
    secret = seen.get("GOOGLE_APPLICATION_CREDENTIALS")
    lost = secret and secret.use(lambda path: not os.path.exists(path) and "\0" not in path)
    return "missing" if lost else "there" if secret else ""


def _llm_is_disabled():
    """Whether python-dotenv is told to load nothing (from 1.2 on)."""
    return os.environ.get("PYTHON_DOTENV_DISABLED", "").casefold() in ("1", "true", "t", "yes", "y")


def _llm_elsewhere(project, names, path):
    """Files that python-dotenv does not find from here: an example, those of other names, those in folders below."""
    said = {"example": "", "misnamed": [], "below": []}
    if path:
        return said
    for name in _llm_lookalikes(project):
        known, real = _llm_holds(os.path.join(project, name), names)
        if real and not any(word in name.lower() for word in ("example", "sample", "template", "dist")):
            said["misnamed"].append(name)
        elif known and not said["example"]:
            said["example"] = name
    below = [file for file in _llm_below(project) if _llm_holds(file, names)[1]]
    said["below"] = [os.path.relpath(file, project) for file in below]
    return said


def _llm_holds(path, names):
    """Whether a file names a variable for a key, and whether it has a value for one that can be a key."""
    text = _llm_text(path)[1]
    known = [name for name in names if text.use(lambda t: name in t)]
    if not known:
        return False, False
    lines = text.use(_llm_lines)
    return True, any(line["name"] in known and _llm_is_secret(line["name"], line["value"]) for line in lines)
