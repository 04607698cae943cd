"""Where programs write unless they are told otherwise."""

import os


def downloads_folder() -> "tuple[str, str]":
    """Where pip, uv, huggingface_hub and torch keep downloads, and the variable that says so."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")  # stays "~" where neither HOME nor the system names a home
    return (named, "XDG_CACHE_HOME") if os.path.isabs(named) else (os.path.join(home, ".cache"), "")


def temporary_folder() -> str:
    """Where temporary files would go, without the test writes of tempfile.gettempdir()."""
    named = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    return next((folder for folder in [*named, "/tmp"] if folder and os.path.isdir(folder)), ".")
