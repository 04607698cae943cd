"""What somebody pasted: a report of another tool about an environment, and the words of an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from ..facts import Fact
from ..records import dataclass


@dataclass(frozen=True)
class Pasted(Fact):
    """A pasted report, where it says what no other fact holds. Its silence says nothing.

    kind:      whose report it is: "torch.utils.collect_env", "vLLM", "transformers"; "a description" where people wrote it.
    reports:   how many the text holds; the first is judged.
    toolkit:   the local CUDA toolkit (nvcc), such as "12.1.105". It is not what torch uses.
    vllm:      the version of vLLM, where it says so.
    variables: the environment variables that matter to what is judged; addresses in them without user and password.
    names:     the names of all environment variables that it tells.
    told:      the names of those of which it says in words that they are set in the shell and in `.env`.
    kernel:    the Python of a notebook's kernel. shell: that of the command line. path: where Python looks for modules.
    conda:     whether its Python is conda's. rosetta: whether it is one for Intel on a Mac with a processor of Apple's own.
    """

    section: ClassVar[str] = "pasted"
    probe: ClassVar[str] = ""
    where: ClassVar[str] = "here"

    kind: str = ""
    reports: int = 1
    toolkit: str = ""
    vllm: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    kernel: str = ""
    shell: str = ""
    path: str = ""
    conda: bool = False
    rosetta: bool = False


@dataclass(frozen=True)
class Said(Fact):
    """The words of an error: given with --symptom, and the warnings and errors that stand in a pasted report.

    text: without control characters and without what looks like a secret. asked: the user gave it, and wants an answer.
    """

    section: ClassVar[str] = "said"
    probe: ClassVar[str] = ""
    where: ClassVar[str] = "here"

    text: str = ""
    asked: bool = False
