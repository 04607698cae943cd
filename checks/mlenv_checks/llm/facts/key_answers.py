"""What the providers say of the keys; only with --online."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class KeyAnswer:
    """What came of asking one provider whether it takes a key.

    answer: "accepted", "rejected", "restricted" (good, but not for this request), "no-credit", "rate-limited", "region",
            "no-key-checked" (it answers without a key as well), "no-such-path", "no-api" (a page, not an answer of an API),
            "redirect", "trouble" (an error of theirs), or "unreachable".
    detail: the number of the answer, or why there was none, in words of our own.
    own:    whether the endpoint is not the provider's.
    """

    name: str
    provider: str = ""
    answer: str = ""
    detail: str = ""
    own: bool = False


@dataclass(frozen=True)
class KeyAnswers(Fact):
    """One free request for each key that is set, all at once, with one deadline; read-only."""

    section: ClassVar[str] = "key_answers"
    probe: ClassVar[str] = "mlenv_checks.llm.probes.provider_answers"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 12.0
    owner: ClassVar[str] = "llm.accepted"
    quick: ClassVar[bool] = False
    online: ClassVar[bool] = True

    answers: tuple[KeyAnswer, ...] = ()
