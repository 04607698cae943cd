"""What can be known about the keys of language models, without the keys."""

from .key_answers import KeyAnswer, KeyAnswers
from .key_copies import KeyCopies, KeyCopy
from .key_uses import CodeLine, Hardcoded, KeyNeed, KeyUses
from .keys import Address, BadLine, Key, Keys, Typo, Value

__all__ = [
    "Address",
    "BadLine",
    "CodeLine",
    "Hardcoded",
    "Key",
    "KeyAnswer",
    "KeyAnswers",
    "KeyCopies",
    "KeyCopy",
    "KeyNeed",
    "KeyUses",
    "Keys",
    "Typo",
    "Value",
]
