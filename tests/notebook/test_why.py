"""`%mlenv why` in a real kernel: the last exception, explained with the kernel's own Python."""

from __future__ import annotations

import sys
from pathlib import Path

from mlenv_doctor.notebook.why import words_of
from support.kernels import executed


def test_the_last_exception_is_explained(tmp_path: Path) -> None:
    key = "unmistakable4711secret"
    _, none_yet, failed, why, odd, _, secret, options, _, own = executed(
        "%load_ext mlenv_doctor",
        "%mlenv why",
        "import peft",
        "%mlenv why",
        "%mlenv why --quick",
        "raise RuntimeError('a strange key: ' + __import__('os').environ['MY_API_KEY'])",
        "%mlenv why",
        "%mlenv why now",
        "raise RuntimeError('gugus')",
        "%mlenv why",
        folder=tmp_path,
        environ={"MY_API_KEY": key},
    )
    assert none_yet.errors.startswith("UsageError: no exception has been raised") and not none_yet.traceback
    assert failed.error.startswith("ModuleNotFoundError")
    assert why.plain.startswith("✗ peft is not installed") and f"{sys.executable} -m pip install peft" in why.plain
    assert "peft is not installed" in why.html and why.html.startswith("<pre")
    assert "takes no options" in odd.errors and "takes no options" in options.errors
    assert "a strange key: ***" in secret.plain and key not in secret.plain + secret.html
    assert own.plain.startswith("! The line ") and " of the program raises RuntimeError: gugus" in own.plain
    assert "user-code-none" in own.plain and "pip install" not in own.plain


class Odd(Exception):
    """Cannot even be printed."""

    def __str__(self) -> str:
        raise ValueError


def test_an_exception_that_cannot_be_printed_is_named() -> None:
    assert "Odd" in words_of(Odd())


def test_the_whole_chain_is_read() -> None:
    try:
        try:
            raise ImportError("the first one")
        except ImportError as first:
            raise RuntimeError("the last one") from first
    except RuntimeError as error:
        text = words_of(error)
    assert "ImportError: the first one" in text and text.rstrip().endswith("RuntimeError: the last one")
    assert __file__ in text
