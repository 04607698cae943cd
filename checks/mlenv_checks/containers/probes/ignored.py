"""Does a .dockerignore keep a file out of the image? https://docs.docker.com/build/concepts/context/#dockerignore-files"""

import re

MOST_LINES, LONGEST = 2000, 200


def is_ignored(path: str, text: str) -> bool:
    """Whether the last pattern that fits leaves out a path, which is relative to the context."""
    out = False
    for line in text.split("\n")[:MOST_LINES]:
        line = line.strip()
        if line and not line.startswith("#") and len(line) <= LONGEST:
            back = line.startswith("!")
            pattern = line.lstrip("!").strip().strip("/")
            pattern = pattern[2:] if pattern.startswith("./") else pattern
            if _fits(path, pattern):
                out = not back
    return out


def _fits(path: str, pattern: str) -> bool:
    """Whether a pattern fits a path or a folder above it. Part by part: no pattern can make this slow."""
    return pattern == "." or (bool(pattern) and _parts_fit(path.split("/"), [part for part in pattern.split("/") if part]))


def _parts_fit(path: "list[str]", pattern: "list[str]") -> bool:
    """Whether the pattern leads to the path or to a folder above it; `**` stands for any number of parts."""
    ends = {0}  # how many parts of the path the pattern can have taken so far
    for part in pattern:
        if part == "**":
            ends = set(range(min(ends), len(path) + 1)) if ends else ends
        else:
            ends = {end + 1 for end in ends if end < len(path) and _part_fits(path[end], part)}
    return bool(ends)


def _part_fits(name: str, pattern: str) -> bool:
    """One part with *, ? and [...], by the usual walk with one step back: its time grows with the lengths' product at most."""
    pieces = re.findall(r"\[\^?[^\]]*\]|\\.|.", pattern)
    at = here = 0
    star, back = -1, 0
    while at < len(name):
        if here < len(pieces) and pieces[here] == "*":
            star, back, here = here, at, here + 1
        elif here < len(pieces) and _letter_fits(name[at], pieces[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            back, at, here = back + 1, back + 1, star + 1
        else:
            return False
    return all(piece == "*" for piece in pieces[here:])


def _letter_fits(letter: str, piece: str) -> bool:
    if piece == "?":
        return True
    if piece.startswith("[") and len(piece) > 2:
        try:
            return bool(re.match(piece.replace("\\", "\\\\"), letter))
        except re.error:
            return False
    return letter == piece[-1]
