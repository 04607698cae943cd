"""Read where else the secrets of `.env` are: in copies beside it, in the history of git, and in images that are built here."""


def read_key_copies(question):
    path, _ = _llm_find(question)
    folder = os.path.dirname(path) if path else question["project"]
    holds = _cop_secret(path) if path else False
    image = _cop_image(question["project"], path) if holds else ""
    return {
        "file": path,
        "copies": [_cop_state(folder, name) for name in _llm_lookalikes(folder) if _cop_secret(os.path.join(folder, name))],
        "folder": folder,
        "in_history": _cop_in_history(path) if holds else [],
        "image": image,
        "ignore": image and _cop_ignore(question["project"], image),
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
    """The keys of the file that a commit has, too, on whatever branch, though git does not track the file now."""
    tracked, _ = _llm_git(path)
    if tracked is not False:
        return []
    folder, name = os.path.split(path)
    commits = _cop_git(folder, "log", "--all", "--format=%H", "-n50", "--", name).use(bytes.split)
    lines = _llm_text(path)[1].use(_llm_lines) if commits else []
    mine = {line["name"]: line["value"] for line in lines if line["name"] and _llm_is_secret(line["name"], line["value"])}
    found = set()
    for commit in commits:
        old = _cop_git(folder, "show", "%s:./%s" % (commit.decode("ascii"), name))
        found |= {
            key for key in set(mine) - found if mine[key].use(lambda value: old.use(lambda data: value.strip().encode() in data))
        }
    return sorted(found)[:5]


def _cop_git(folder, *words):
    """What git prints about the repository around a folder; nothing where it takes too long. Nothing named there is started."""
    import subprocess

    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    environment = {key: value for key, value in os.environ.items() if key not in elsewhere}
    quiet = ["-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "diff.external="]
    try:
        said = subprocess.run(
            ["git", *quiet, "--no-pager", "-C", folder, *words],
            timeout=4,
            env=dict(environment, GIT_OPTIONAL_LOCKS="0", GIT_NO_LAZY_FETCH="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return _Secret("git", b"")
    return _Secret("git", said.stdout[:_LLM_LARGEST])


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


def _cop_ignore(project, dockerfile):
    """The ignore file that counts for a Dockerfile; the usual one where there is none."""
    names = (
        dockerfile + ".dockerignore",
        ".containerignore" if dockerfile == "Containerfile" else ".dockerignore",
        ".dockerignore",
    )
    return next((name for name in names if os.path.isfile(os.path.join(project, name))), ".dockerignore")


def _cop_left_out(project, dockerfile, name):
    """Whether the ignore file leaves a file of the top folder out; the last pattern that fits wins.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    import fnmatch

    out = False
    for line in _cop_lines(os.path.join(project, _cop_ignore(project, dockerfile))):
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
