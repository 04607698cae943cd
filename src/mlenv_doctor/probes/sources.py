"""Read where libraries that were installed for development have their code, and whether it is still there."""

import re


def read_sources(question):
    found = []
    for folder in _src_folders():
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            found += _src_of(folder, name)
    return {"editables": found}


def _src_folders():
    """The folders on the path, each once: in a venv of Fedora lib64 is a link to lib."""
    seen = {}
    for entry in sys.path:
        if entry and os.path.isdir(entry):
            seen.setdefault(os.path.realpath(entry), entry)
    return list(seen.values())


def _src_of(folder, name):
    """What one entry of site-packages says of code that lies elsewhere."""
    path = os.path.join(folder, name)
    if name.endswith(".dist-info") and not name.startswith("~"):
        return _src_editable(_src_normal(name[:-10].rpartition("-")[0]), path)
    if name.endswith(".egg-link"):
        return [_src_said(_src_normal(name[:-9]), line, path) for line in _src_lines(path)[:1]]
    return []


def _src_editable(name, info):
    """An editable install: the folder it was made from, or the one within it that Python is sent to, if that is gone."""
    file = os.path.join(info, "direct_url.json")
    found = [_src_said(name, path, file) for path in _src_direct(file)]
    if found and found[0]["there"]:
        sent = [_src_said(name, path, pth) for pth in _src_pths(info) for path in _src_lines(pth) if os.path.isabs(path)]
        found = sent[:1] if sent and not any(said["there"] for said in sent) else found
    return found


def _src_pths(info):
    """The .pth files that a distribution brings."""
    names = [line.split(",")[0] for line in _src_lines(os.path.join(info, "RECORD"))]
    return [os.path.join(os.path.dirname(info), name) for name in names if name.endswith(".pth") and "/" not in name]


def _src_said(name, path, file):
    return {"name": name, "path": path, "file": file, "there": _src_there(path)}


def _src_there(path):
    """Whether something lies there. What may not be looked at is not called gone."""
    try:
        os.stat(path)
    except (OSError, ValueError) as why:
        return getattr(why, "errno", None) not in (2, 20)
    return True


def _src_direct(file):
    """The folder in direct_url.json (PEP 610) of an editable install; none where it is no folder of this machine."""
    try:
        said = json.loads("\n".join(_src_lines(file)))
        url, editable = said["url"], said["dir_info"]["editable"]
    except (ValueError, KeyError, TypeError):
        return []
    if editable is not True or not isinstance(url, str):
        return []
    from urllib.parse import urlparse
    from urllib.request import url2pathname

    parts = urlparse(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):  # a share of another machine may be asleep
        return []
    return [url2pathname(parts.path)]


def _src_lines(path):
    """The lines of a small file that are not empty; none where it cannot be read."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > 1 << 16:
            return []
        with open(path, "rb") as file:
            text = file.read(1 << 16).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _src_normal(name):
    """As in PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()
