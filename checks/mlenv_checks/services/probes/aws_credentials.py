"""Where boto3 would find a login of AWS: variables, and the files in ~/.aws. Names of profiles are read, values are not kept.

https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html
"""

import configparser
import hashlib
import json
import os
import re
import time

from mlenv_doctor.probekit import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LARGEST = 1 << 20
SIGNS_IN = (
    "aws_access_key_id",
    "credential_process",
    "role_arn",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "login_session",
)
FILES = (("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), ("AWS_CONFIG_FILE", "~/.aws/config"))
LEGACY = ("~/.boto", "/etc/boto.cfg")


def state(known: "Mapping[str, str]") -> "dict[str, str]":
    """What is wrong: "" where a login is found, "none", "unreadable", "no-profile", "expired"; with the file or profile."""
    if known.get("AWS_ACCESS_KEY_ID") or known.get("AWS_WEB_IDENTITY_TOKEN_FILE") or known.get("AWS_BEARER_TOKEN_BEDROCK"):
        return {"state": ""}
    profile = known.get("AWS_PROFILE") or known.get("AWS_DEFAULT_PROFILE") or ""
    sections = {}  # type: dict[str, dict[str, str]]
    for name, usual in FILES:
        found, problem = _sections(os.path.expanduser(known.get(name) or usual))
        if problem:
            return {"state": "unreadable", "what": "the file that %s names" % name if known.get(name) else usual, "why": problem}
        for section, values in found.items():
            sections.setdefault(section, {}).update(values)
    mine = sections.get("profile " + (profile or "default"), {})
    if profile and "profile " + profile not in sections:
        return {"state": "no-profile", "what": profile if re.match(r"[\w.@:+ -]{1,64}$", profile) else ""}
    if _login_is_over(mine, sections):
        return {"state": "expired", "what": profile}
    legacy = any(os.path.exists(os.path.expanduser(path)) for path in LEGACY)
    return {"state": "" if legacy or any(mine.get(word) for word in SIGNS_IN) else "none"}


def _sections(path: str) -> "tuple[dict[str, dict[str, str]], str]":
    """The sections of a file, those of profiles named alike in both files; and why it cannot be read."""
    if not os.path.lexists(path):
        return {}, ""
    parser = configparser.RawConfigParser(strict=False, default_section="\0")
    try:
        with open_file(path) as file:
            parser.read_string(file.read(LARGEST).decode("utf-8", "replace"))
    except PermissionError:
        return {}, "permission denied"
    except OSError:
        return {}, "not a readable file"
    except configparser.Error:
        return {}, "not in the format of AWS"
    return {_named(name): dict(parser.items(name)) for name in parser.sections()}, ""


def _named(section: str) -> str:
    """`[profile x]` of one file is `[x]` of the other; sections of logins keep their names."""
    words = section.split(None, 1)
    kept = words[:1] in (["profile"], ["sso-session"], ["services"]) and len(words) == 2
    return " ".join(words) if kept else "profile " + section


def _login_is_over(mine: "dict[str, str]", sections: "dict[str, dict[str, str]]") -> bool:
    """Whether a login by `aws sso login` has ended and cannot be renewed by itself."""
    session = mine.get("sso_session", "")
    start = session or mine.get("sso_start_url", "")
    if not start or mine.get("aws_access_key_id"):
        return False
    cache = os.path.expanduser("~/.aws/sso/cache/%s.json" % hashlib.sha1(start.encode("utf-8")).hexdigest())
    try:
        with open_file(cache) as file:
            said = json.loads(file.read(LARGEST).decode("utf-8", "replace"))
    except OSError:
        return not os.path.lexists(cache)
    except (ValueError, RecursionError):
        return False
    renewed = isinstance(said, dict) and said.get("refreshToken") and _lasts(said.get("registrationExpiresAt"))
    return isinstance(said, dict) and not renewed and not _lasts(said.get("expiresAt"))


def _lasts(text: "Any") -> bool:
    """Whether a time in UTC, such as 2026-01-31T12:00:00Z, is in the future. A text that is not a time counts as one that is."""
    match = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text) if isinstance(text, str) else None
    return not match or match.group() > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
