"""Blanks of a fix: exact in commands, harmless in notes, and refused where neither can be."""

from __future__ import annotations

import pytest

from mlenv_doctor.foreign.text import Foreign
from mlenv_doctor.repair import filling
from mlenv_doctor.repair.filling import Unfit, expand, note, title
from mlenv_doctor.running.quote import here, quoted


@pytest.mark.parametrize(
    ("template", "values", "words"),
    [
        ("{file}", {"file": "a b"}, ("a b",)),
        ("--x={file}", {"file": "-r"}, ("--x=-r",)),
        ("{*options}", {"options": ("--index-url", "https://x")}, ("--index-url", "https://x")),
        ("{*packages}", {"packages": ("a", "b==1")}, ("a", "b==1")),
        ("{packages} x", {"packages": ("a", "b")}, ("a b x",)),
        ("{*packages}", {"packages": ("x @ https://ada:hunter2@host/x.whl",)}, ("x @ https://***@host/x.whl",)),
        ("plain {{x}}", {}, ("plain {x}",)),
    ],
)
def test_words_are_exact(template: str, values: filling.Values, words: tuple[str, ...]) -> None:
    assert expand("a.b", template, values) == words


@pytest.mark.parametrize(
    ("template", "values", "says"),
    [
        ("{file}", {"file": Foreign("a\nb")}, "rename it"),
        ("{file}", {"file": "x" * 5000}, "too long"),
        ("{file}", {"file": "-rf"}, "begins with a dash"),
        ("{*packages}", {"packages": ("-e x",)}, "begins with a dash"),
        ("{*packages}", {"packages": "a"}, "needs a list"),
        ("{gone}", {}, "blank without a value"),
        ("{", {}, "blank without a value"),
        ("{file.x}", {"file": "a"}, "blank without a value"),
        ("{file}", {"file": 3}, "blank without a value"),
        ("{file:>q}", {"file": "a"}, "blank without a value"),
    ],
)
def test_what_is_no_word_is_refused(template: str, values: filling.Values, says: str) -> None:
    with pytest.raises(Unfit, match=says):
        expand("a.b", template, values)


def test_a_title_is_a_line() -> None:
    assert (
        title("a.b", "Rename {file}: {names}", {"file": Foreign("x\nFix: y"), "names": ("a", "b\x1b[2J")})
        == "Rename x Fix: y: a b"
    )


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{python} -m pip install x", {"python": "/a b/python"}, "'/a b/python' -m pip install x"),
        ('{python} -c "import {module}"', {"python": "/p/$(x)", "module": "numpy"}, "'/p/$(x)' -c \"import numpy\""),
        ('{python} -c "import {module}"', {"python": "/p", "module": "x; y('')"}, None),
        ("load_dotenv('{file}')", {"file": "a'b"}, None),
        ("It is the {name}.", {"name": "NVIDIA GeForce RTX 4090"}, "It is the NVIDIA GeForce RTX 4090."),
        ("Open {notebook}", {"notebook": "a;b.ipynb"}, "Open 'a;b.ipynb'"),
        ("Open {notebook}", {"notebook": "a\nb"}, None),
        ("`x {names}` and {names}", {"names": ("a", "b")}, "`x a b` and a b"),
    ],
)
def test_a_note_can_be_pasted(template: str, values: filling.Values, text: str | None) -> None:
    assert note("a.b", template, values, "sh") == text


@pytest.mark.parametrize(
    ("argv", "shell", "line"),
    [
        (("C:\\my env\\python.exe", "-m", "pip"), "cmd", '"C:\\my env\\python.exe" -m pip'),
        (("$(x)", "a"), "cmd", "'$(x)' a"),
        (("it's",), "powershell", "'it'\\''s'"),
        (("it's",), "sh", "'it'\\''s'"),
    ],
)
def test_a_stranger_s_shell_is_quoted_for_where_that_is_harmless(argv: tuple[str, ...], shell: str, line: str) -> None:
    assert quoted(argv, shell, "sh") == line


def test_the_reader_s_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert here() == "sh"
    monkeypatch.setattr("os.name", "nt")
    monkeypatch.setenv("PSModulePath", "x")
    powershell = here()
    monkeypatch.setenv("PROMPT", "x")
    cmd = here()
    monkeypatch.undo()
    assert (powershell, cmd) == ("powershell", "cmd")
