"""Take secrets out of texts by their shapes: the net for those that nobody has told us.

Pure functions of a text. Every pattern is linear: what it repeats without a limit it either matches to the end, or it cannot
begin within itself; what has to be decided about a match is decided by a function. A test feeds each its own worst case.
"""

from __future__ import annotations

import re

from .patterns import pattern
from .secret_names import harmless_value, is_secret_name, needs_random_value, number_is_harmless
from .secret_words import MASK, masked_words, random

LONGEST_VALUE = 4096  # of what is judged: a longer one in a secret's name is hidden
ENOUGH = 64  # letters that tell whether chance made them

PEM = pattern(r"-----BEGIN [A-Z0-9 ]{0,40}(?:KEY|SECRET|MESSAGE)[A-Z0-9 ]{0,20}-----")
PEM_BODY = pattern(r"(?:\\{1,8}[nr]|[A-Za-z0-9+/=\s:,])*(?:-----END [A-Z0-9 ]{0,60}-----)?")
ADDRESS = pattern(r"://[^\s\"'<>`|]*")
HOOKS = pattern(r"(?i)(hooks\.slack\.com/services/|/api/webhooks/|/bot(?=\d{6,12}:))[^\s\"']*")
DIGESTS = pattern(r"(?:sha\d+|md5|egg|subdirectory)=[\w.-]*")
BARE_ADDRESS = pattern(r"(?<![\w.%+:/@-])([\w.%+-]*):([^\s/@\"':]+)@(?=[\w.-])")
NAMED = pattern(r"(?<![\w.$-])(?:\$env:)?([A-Za-z_][\w.-]*)((?:\\{0,4}[\"'`\]]){0,3}[ \t]{0,8}(?::=|=>|[:=])[ \t]{0,8})(?=\S)")
QUOTED = pattern(r"[bruf]?(\\{0,4}[\"'`])")
BARE = pattern(r"[^\s,;&\"'`]+")
REST = pattern(r"[^\n\"'`]+")
FLAG = pattern(r"(?<![\w-])--?([A-Za-z][\w-]*)[ \t]{1,4}(?=[^\s-])")
SPOKEN = pattern(
    r"(?i)(?<![\w-])(?:password|passwd|passphrase|pwd|secret|token|api.?key)[ \t]{1,4}"
    r"(?:(?:is|was)[ \t]{1,4}[\"'`]?|[\"'`])([^\s\"'`]{3,})"
)
NETRC = pattern(r"(?i)(?<!\w)login\s{1,20}\S+\s{1,20}(?:account\s{1,20}\S+\s{1,20})?password\s{1,20}(\S+)")
ALONE = pattern(r"(?im)^[ \t]{0,40}password[ \t]{1,20}(\S+)[ \t]*$")
LOGIN = pattern(r"(?i)(?<![\w-])(bearer|basic|token|negotiate)[ \t]{1,4}([^\s\"'`,;]{6,})")
SCHEME = pattern(r"(?i)(?:bearer|basic|token|digest|negotiate|apikey)[ \t]{1,4}(?=[^\s\"'`])")
SENT = pattern(r"[^\s\"'`]+")
HEADERS = {"authorization": SENT, "proxy-authorization": SENT, "cookie": REST, "set-cookie": REST}
Runs = dict[re.Pattern[str], tuple[int, int]]  # where the run of letters lies that a pattern found last


def without_shapes(text: str) -> str:
    """The second net, for what foreign programs said."""
    if not text:
        return text
    for known in (NETRC, ALONE, SPOKEN):
        text = known.sub(_without_group, text)
    if "-----BEGIN" in text:
        text = _without_pem(text)
    text = without_addresses(_without_named(text))
    text = LOGIN.sub(_without_bearer, BARE_ADDRESS.sub(_without_login, text))
    return masked_words(_without_flags(text))


def without_credentials(text: str) -> str:
    """The part of it that is true of names and paths as well: addresses, and words that a vendor's prefix begins."""
    return masked_words(without_addresses(text), vendors_only=True)


def without_addresses(text: str) -> str:
    """The text without the users, passwords and queries of its addresses."""
    if "://" not in text:
        return text
    return HOOKS.sub(rf"\1{MASK}", ADDRESS.sub(lambda found: "://" + _address(found[0][3:]), text))


def _address(rest: str) -> str:
    """What may be shown of an address, from behind its `://`."""
    rest, hash_, fragment = rest.partition("#")
    rest, mark, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    port = authority.rpartition(":")[2]
    if "@" in authority:
        user, _, host = authority.rpartition("@")
        authority = host if not user else authority if user == "git" else f"{MASK}@{host}"
    elif "@" in rest + query + fragment and ":" in authority and not port.isdigit() and "]" not in port:
        whole = rest + mark + query + hash_ + fragment  # a password with a sign in it that cuts an address
        return f"{MASK}@{whole.rpartition('@')[2].partition('?')[0]}"
    path = "/".join(MASK if "." not in part and random(part) and not part.islower() else part for part in path.split("/"))
    return (
        authority
        + slash
        + path
        + (f"?{MASK}" if query else mark)
        + hash_
        + (MASK if "=" in fragment and not DIGESTS.match(fragment) else fragment)
    )


def _without_login(found: re.Match[str]) -> str:
    """`user:password@host` without a scheme. The name and the digest of an image look like it."""
    return found[0] if found[2].isdigit() and len(found[2]) < 5 else f"{MASK}@"


def _without_pem(text: str) -> str:
    """The text without the bodies of keys, whether their lines are written as lines or as escapes."""
    kept, last = [], 0
    for begin in PEM.finditer(text):
        if begin.start() >= last:
            body = PEM_BODY.match(text, begin.end())
            kept += [text[last : begin.start()], MASK]
            last = body.end() if body else begin.end()
    return "".join([*kept, text[last:]])


def _without_bearer(found: re.Match[str]) -> str:
    """A login as it is sent. "Basic" and "token" are also words: what follows must not look like one."""
    kind, value = found[1].lower(), found[2]
    plain = value.isalpha() and (value.islower() or value.istitle())
    if (plain and (kind != "bearer" or len(value) < 20)) or (kind == "token" and not any(map(str.isdigit, value))):
        return found[0]
    return f"{found[1]} {MASK}"


def _without_group(found: re.Match[str]) -> str:
    """A match without its last group, unless that is an everyday word."""
    start, end = (place - found.start() for place in found.span(1))
    return found[0] if harmless_value(found[1]) else found[0][:start] + MASK + found[0][end:]


def _without_flags(text: str) -> str:
    """The text without values of options such as --password."""
    kept, last = [], 0
    for found in FLAG.finditer(text):
        value = BARE.match(text, found.end())
        if found.start() >= last and value and is_secret_name(found[1]) and not _harmless(found[1], value[0]):
            kept += [text[last : found.end()], MASK]
            last = value.end()
    return "".join([*kept, text[last:]])


def _without_named(text: str) -> str:
    """The text without what is assigned to a name of a secret, in whatever syntax."""
    kept: list[str] = []
    last, runs = 0, Runs()
    for found in NAMED.finditer(text):
        if not is_secret_name(found[1]):
            continue
        start, end = _value(text, found, runs)
        if end <= last or _harmless(found[1], text[start : min(end, start + LONGEST_VALUE + 1)]):
            continue
        if found.start() >= last:
            kept += [text[last:start], MASK]
        last = end  # a name within what is hidden may have its value behind that
    return "".join([*kept, text[last:]])


def _value(text: str, found: re.Match[str], runs: Runs) -> tuple[int, int]:
    """Where a value is: within its quotes; else to the end of its word, or of the line that its name begins."""
    start = found.end()
    if opened := QUOTED.match(text, start):
        return opened.end(), _closing(text, opened.end(), opened[1])
    whole = HEADERS.get(found[1].lower()) or (REST if _begins_line(text, found.start()) else BARE)
    scheme = SCHEME.match(text, start) if whole is SENT else None
    return start, _end_of_run(whole, text, scheme.end() if scheme else start, runs)


def _end_of_run(whole: re.Pattern[str], text: str, start: int, runs: Runs) -> int:
    """Where a run of letters ends. It ends there for all that begin within it, and is gone over only once."""
    begin, end = runs.get(whole, (0, 0))
    if not begin <= start < end:
        run = whole.match(text, start)
        begin, end = runs[whole] = start, run.end() if run else start
    return end


def _begins_line(text: str, start: int) -> bool:
    """Whether only blanks, or a word of a shell, stand before it on its line."""
    before = text[max(0, start - 40) : start].rpartition("\n")
    told = before[2] if before[1] or start <= 40 else "…"
    return told.strip() in ("", "export", "set", "$env:")


def _closing(text: str, start: int, mark: str) -> int:
    """Where a quoted text ends; at the end of its line, if it does not."""
    end = text.find(mark, start, start + LONGEST_VALUE)
    while end > start and text[end - 1] == "\\":
        end = text.find(mark, end + 1, start + LONGEST_VALUE)
    if end < 0:
        line = text.find("\n", start, start + LONGEST_VALUE)
        return line if line >= 0 else min(len(text), start + LONGEST_VALUE)
    return end


def _harmless(name: str, value: str) -> bool:
    """Whether a value of a secret's name is none: a placeholder, a type, a number of tokens, a variable, a path."""
    if len(value) <= LONGEST_VALUE and (not value.strip() or harmless_value(value)):
        return True
    if number_is_harmless(name) and value.isdigit() and len(value) <= 6:
        return True
    return needs_random_value(name) and not random(value[:ENOUGH].strip("=+/"))
