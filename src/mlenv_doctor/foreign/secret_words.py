"""Words that can be nothing but a secret: begun by a vendor's prefix, or with more chance in them than a name has."""

from __future__ import annotations

import re
from itertools import pairwise

from .patterns import pattern
from .secret_names import PLACE

MASK = "***"
SHORTEST = 20  # letters of a word that is judged by its looks alone
HEX = 32  # letters from which a hexadecimal word is a key, unless it is known to be a digest
RUN = pattern(r"[A-Za-z0-9_.+/=~$:-]{12,}")
TAIL = pattern(r"[A-Za-z0-9_.=~+/-]*")
PIECE = pattern(r"[A-Za-z0-9+/_-]+")
ALNUM = pattern(r"[A-Za-z0-9+/]+")
VENDOR = pattern(
    r"(?<![A-Za-z0-9])(?:(?:sk|rk|pk|gsk|xai|hf|pcsk|tgp|r8|lsv2|ls__|wandb|gh[opsur]|github_pat|gl(?:pat|dt|rt|ptt|cbt|soat|ft)|KGAT|npm|"
    r"pypi|nvapi|pplx|fw|tvly|jina|figd|ntn|secret|lin_api|PMAK|sbp|rpa|dckr_pat|do[opr]_v1|shp(?:at|ss|ca|pa)|rubygems|phc|phx|vercel|"
    r"GOCSPX|AGE-SECRET-KEY|atlasv1|hub|cohere|co|key|pa|tok|api|xox[abeoprs]|xapp|sq0(?:csp|atp))[-_]"
    r"|(?:SG|AQ|ya29|hv[sbr]|s)\.|ABSK|AIza|A[KS]IA|EAA[A-Z]|dapi|ATATT3|ATCTT3|ey[JK])"
)
AWS = pattern(r"(?<![A-Za-z0-9])A(?:KIA|SIA|ROA|IDA)[A-Z0-9]{16}(?![A-Za-z0-9])")  # of letters only, as some are
TELEGRAM = pattern(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{30,40}")
PADDED = pattern(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22,}={1,2}")  # base 64 that was filled up
DIGEST = pattern(
    r"(?i)(?:sha\d{0,3}|md5|blake2[bs]?|digest|commit|revision|rev|build|checksum|GPU|MIG|git version)[-:= '\"]{1,3}$"
    r"|\bgot[ ]{1,12}$|[@#]$|0x$"
)
ELSEWHERE = pattern(r"(?:\.{0,2}|~|[A-Za-z]:)[/\\]|[A-Za-z+]{1,20}://")  # how a path or an address begins
ODD = pattern(r"(?<![a-z])[a-z](?![a-z])|[A-Z]{2,}|(?<=[A-Za-z])[0-9]+(?=[A-Za-z])")  # what is rare in names of many words
WITH_DIGIT = pattern(r"[/\d]")  # letters of one kind alone were not made by chance, and the parts of a path may be
SYMBOL = pattern(r"_{1,2}(?:Z|R)[A-Z0-9]")  # a mangled name of C++ or Rust


def masked_words(text: str, vendors_only: bool = False) -> str:
    """The text without such words."""

    def run(found: re.Match[str]) -> str:
        word, before = found[0], found.string[max(0, found.start() - 16) : found.start()]
        word = AWS.sub(MASK, word)
        word = without_vendors(TELEGRAM.sub(MASK, word) if ":" in word else word)
        return word if vendors_only else _without_random(word, before)

    return RUN.sub(run, text)


def without_vendors(word: str) -> str:
    """The word up to a vendor's prefix, where what follows is made by chance."""
    kept, last, seen = [], 0, 0
    for found in VENDOR.finditer(word):
        if (
            found.start() >= seen
        ):  # a tail that is no key has none at its end either: to look again would take the square of its time
            tail = TAIL.match(word, found.end())
            seen = tail.end() if tail else found.end()
            if made_up(word[found.end() : seen]):
                kept += [word[last : found.start()], MASK]
                last = seen
    return "".join([*kept, word[last:]])


def made_up(tail: str) -> bool:
    """Whether somewhere in it is a run that nobody makes up: hf-transfer, sk-video and npm_config_registry are names."""
    return any(len(run) >= 20 or (len(run) >= 12 and _broken_by_digits(run)) for run in ALNUM.findall(tail))


def _broken_by_digits(run: str) -> bool:
    return bool(re.search(r"[A-Za-z][0-9]+[A-Za-z]", run))


def _without_random(word: str, before: str) -> str:
    """The word without its parts that look made by chance; a path, a digest and a symbol may look so."""
    if len(word) < SHORTEST or SYMBOL.match(word.lstrip(":.")) or DIGEST.search(before):
        return word
    if word.startswith("/") and "." not in word and not PLACE.match(word) and random(word.strip("/=")):
        return MASK  # one in 64 of what is written in base 64 begins as a path does
    if PADDED.fullmatch(word) and (word.endswith("==") or len(word) % 4 == 0) and _mixed(word):
        return MASK
    if ELSEWHERE.match(word) or before.endswith(("/", "\\", "://")):
        return word
    return PIECE.sub(_piece, word)


def _piece(found: re.Match[str]) -> str:
    piece, before = found[0], found.string[max(0, found.start() - 16) : found.start()]
    known = DIGEST.search(before) or SYMBOL.match(piece) or piece.startswith("/")
    return MASK if not known and random(piece) else piece


def random(word: str) -> bool:
    """Whether a word has more changes between its kinds of letters than a name has."""
    if len(word) < SHORTEST or ((word.islower() or word.isupper()) and not WITH_DIGIT.search(word)):
        return False
    longest = max(re.split("[_-]", word), key=len)
    if len(longest) >= SHORTEST:
        return _looks_random(longest)
    whole = re.sub("[_-]", "", word)
    return len(whole) >= 28 and len(longest) >= 12 and _mixed(longest) and _looks_random(whole)


def _mixed(word: str) -> bool:
    return any(map(str.isupper, word)) and any(map(str.islower, word)) and any(map(str.isdigit, word))


def _looks_random(word: str) -> bool:
    """By the kinds of its letters: chance changes between them at every second letter, a name at every third or fourth."""
    slashed, word = "/" in word, word.replace("/", "").replace("+", "")
    upper, lower, digit = (sum(map(kind, word)) for kind in (str.isupper, str.islower, str.isdigit))
    if re.fullmatch("[0-9a-f]+|[0-9A-F]+", word):
        return digit >= 3 and upper + lower >= 3 and (len(word) >= HEX or _changes(word) >= 0.3)
    if (upper >= 2 and lower >= 2) or slashed:  # parts of a path are parted by slashes, and those of base 64 have all kinds
        return (digit >= 2 or not slashed) and len(ODD.findall(word)) >= 3 and _changes(word) >= 0.4
    return digit >= 3 and upper + lower >= 3 and _changes(word) >= 0.25


def _changes(word: str) -> float:
    """How often the kind of letter changes: the share of its letters."""
    return sum(_kind(one) != _kind(other) for one, other in pairwise(word)) / len(word)


def _kind(letter: str) -> int:
    return 0 if letter.isupper() else 1 if letter.islower() else 2 if letter.isdigit() else 3
