"""Read where else the secrets of `.env` are: in copies beside it, in the history of git, and in images that are built here."""


def read_key_copies(question):
    path, _ = _llm_find(question)
    folder = os.path.dirname(path) if path else question["project"]
    holds = _cop_secret(path) if path else False
    return {
        "file": path,
        "copies": [_cop_state(folder, name) for name in _llm_lookalikes(folder) if _cop_secret(os.path.join(folder, name))],
        "in_history": bool(path) and _cop_in_history(path),
        "image": _cop_image(question["project"], path) if holds else "",
    }


def _cop_secret(path):
    """Whether a file holds anything that is worth keeping to oneself, however it is encoded."""
    text = _llm_text(path)[1]
    if not text:
        return bool(_cop_odd(path))
    return any(line["name"] and _llm_is_secret(line["name"], line["value"]) for line in text.use(_llm_lines))


def _cop_odd(path):
    """A file in another encoding, such as a copy from before it was repaired: does it show the prefix of a vendor?"""
    if not _llm_text(path)[0].startswith(("utf-16", "not utf-8")):
        return False
    with open(path, "rb") as file:
        data = file.read(_LLM_LARGEST).replace(b"\0", b"")
    return any(prefix.encode() in data for prefix, _ in _LLM_PREFIXES) or any(name.encode() in data for name in _LLM_VARIABLES)


def _cop_state(folder, name):
    return dict(_llm_state(os.path.join(folder, name)), name=name)


def _cop_in_history(path):
    """Whether a commit, on whatever branch, has this file: whoever has the repository has its keys, even where it is deleted now."""
    tracked, _ = _llm_git(path)
    return tracked is False and bool(_cop_log(os.path.dirname(path), os.path.basename(path)))


def _cop_log(folder, name):
    """The first commit that git names; empty for none, or where it takes too long. Nothing that the repository names is started."""
    import subprocess

    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    environment = {key: value for key, value in os.environ.items() if key not in elsewhere}
    command = ["git", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-C", folder, "log", "--all", "--format=%h", "-n1"]
    try:
        said = subprocess.run(
            [*command, "--", name],
            timeout=4,
            env=dict(environment, GIT_OPTIONAL_LOCKS="0", GIT_NO_LAZY_FETCH="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.decode("ascii", "replace").strip()


def _cop_image(project, path):
    """The Dockerfile that copies a whole folder with `.env` in it into an image; empty where none does, or it is left out."""
    import re

    if os.path.dirname(path) != project:
        return ""
    for name in ("Dockerfile", "Containerfile"):
        text = _cop_lines(os.path.join(project, name))
        whole = any(re.match(r"(?i)\s*(copy|add)\s+(--\S+\s+)*\.?/?\s+\S+\s*$", line) and "--from=" not in line for line in text)
        if whole and not _cop_left_out(project, name, os.path.basename(path)):
            return name
    return ""


def _cop_left_out(project, dockerfile, name):
    """Whether the ignore file leaves a file of the top folder out; the last pattern that fits wins.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    import fnmatch

    own = os.path.join(project, dockerfile + ".dockerignore")
    others = [own, os.path.join(project, ".containerignore"), os.path.join(project, ".dockerignore")]
    ignore = next((path for path in others if os.path.isfile(path)), "")
    out = False
    for line in _cop_lines(ignore) if ignore else []:
        pattern = line.strip().lstrip("!").strip("/")
        pattern = pattern[3:] if pattern.startswith("**/") else pattern[2:] if pattern.startswith("./") else pattern
        if pattern and not line.startswith("#") and fnmatch.fnmatchcase(name, pattern):
            out = not line.strip().startswith("!")
    return out


def _cop_lines(path):
    """The lines of a small regular file."""
    if not os.path.isfile(path) or os.path.getsize(path) > 1 << 18:
        return []
    with open(path, "rb") as file:
        return file.read().decode("utf-8-sig", "replace").replace("\\\n", " ").splitlines()
