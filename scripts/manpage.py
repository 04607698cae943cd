"""Write the man page, docs/mlenv-doctor.1, from the texts that `--help` shows.

    .cache/test-venv/bin/python scripts/manpage.py

A test says when the page is out of date. It is part of the wheel as share/man/man1/mlenv-doctor.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from mlenv_doctor.cli.app import cli
from mlenv_doctor.cli.help import examples, grouped

PAGE = Path(__file__).parents[1] / "docs/mlenv-doctor.1"
EXIT_CODES = {
    "0": "ready; warnings are allowed",
    "1": "not ready",
    "2": "usage or configuration",
    "3": "no verdict: nothing could be checked, or the doctor itself failed",
    "130": "interrupted",
}
FILES = {
    "pyproject.toml": "[tool.mlenv-doctor] holds the settings of a project, named like the options",
    ".env": "the keys of a project; their values are never shown",
}


def escaped(text: str) -> str:
    """A text that roff prints as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def term(name: str, meaning: str) -> str:
    """A name in bold, and what it means indented below."""
    return f".TP\n\\fB{escaped(name)}\\fR\n{escaped(' '.join(meaning.split()))}\n"


def paragraphs(text: str | None) -> str:
    """What a docstring says."""
    return "".join(f".PP\n{escaped(' '.join(part.split()))}\n" for part in (text or "").split("\n\n"))


def section(path: str, command: click.Command, context: click.Context) -> str:
    """A command: how it is called, what it does, its options in groups, its examples."""
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.SH "{escaped(path.upper())}"\n\\fB{escaped(f"mlenv-doctor {path}")}\\fR {escaped(usage)}\n',
        paragraphs(command.help),
    ]
    for heading, params in grouped(command, context):
        lines.append(f'.SS "{heading}"\n')
        lines += [term(*record) for param in params if (record := param.get_help_record(context))]
    return "".join(lines) + shown_examples(f"mlenv-doctor {path}", '.SS "Examples"\n')


def shown_examples(path: str, heading: str) -> str:
    """The examples of a command."""
    return heading + "".join(term(line, meaning) for line, meaning in examples(path))


def sections(group: click.Group, context: click.Context, before: str = "") -> Iterator[str]:
    """Every command of a group, and those of the groups within."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        path = f"{before}{name}"
        inner = click.Context(command, parent=context, info_name=name)
        yield section(path, command, inner)
        if isinstance(command, click.Group):
            yield from sections(command, inner, f"{path} ")


def page() -> str:
    """The whole page."""
    context = click.Context(cli, info_name="mlenv-doctor", help_option_names=["-h", "--help"])
    first = (cli.help or "").partition("\n\n")[0]
    return "".join(
        (
            '.TH MLENV\\-DOCTOR 1 "" "mlenv\\-doctor" "User Commands"\n.nh\n.ad l\n',  # no hyphens inside options and paths
            f'.SH "NAME"\nmlenv\\-doctor \\- {escaped(" ".join(first.split()).rstrip(".").lower())}\n',
            '.SH "SYNOPSIS"\n\\fBmlenv\\-doctor\\fR [COMMAND] [OPTIONS] [ARGUMENTS]\n',
            f'.SH "DESCRIPTION"\n{paragraphs(cli.help)}',
            *sections(cli, context),
            shown_examples("mlenv-doctor", '.SH "EXAMPLES"\n'),
            '.SH "EXIT STATUS"\n',
            *(term(code, meaning) for code, meaning in EXIT_CODES.items()),
            '.SH "FILES"\n',
            *(term(name, meaning) for name, meaning in FILES.items()),
        )
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE}: written")
