"""Write the catalogue of checks and causes in docs/checks.md from the checks themselves.

    python3 scripts/catalogue.py            write it
    python3 scripts/catalogue.py --check    only say whether it is fresh (exit code 1: it is stale)

Must parse on Python 2.7: an old Python is told so in one sentence.
"""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate

BEGIN = "<!-- The catalogue: written by scripts/catalogue.py -->"
END = "<!-- The end of the catalogue -->"


def work(arguments):
    """Write the catalogue, or compare it."""
    if set(arguments) - {"--check"}:
        raise workshop.Trouble("catalogue.py takes no other argument than --check")
    workshop.settle("doctor-venv")
    page = workshop.CHECKOUT / "docs" / "checks.md"
    old = page.read_text("utf-8")
    new = filled(old, catalogue())
    if "--check" not in arguments:
        page.write_text(new, "utf-8")
    elif new != old:
        print("docs/checks.md is stale: run python3 scripts/catalogue.py")
        return 1
    return 0


def filled(page, text):
    """The page with the text between its markers."""
    head, _, rest = page.partition(BEGIN)
    return head + BEGIN + "\n\n" + text + "\n" + END + rest.partition(END)[2]


def catalogue():
    """All built-in checks by family, and all causes that they can name, with what each means."""
    from mlenv_doctor.examine.registry import find_plugins

    builtin = next(plugin for plugin in find_plugins() if plugin.name == "builtin")
    lines = []
    for family in dict.fromkeys(check.family for check in builtin.checks):
        lines += ["## " + family, "", "| check | verified | causes |", "|---|---|---|"]
        lines += [row(check) for check in builtin.checks if check.family == family] + [""]
    named = sorted({cause for check in builtin.checks for cause in check.causes})
    lines += ["## Causes", "", "| cause | meaning |", "|---|---|"]
    lines += ["| `%s` | %s |" % (cause, cell(builtin.causes.get(cause, ""))) for cause in named]
    return "\n".join(lines) + "\n"


def row(check):
    return "| `%s` | %s | %s |" % (check.id, cell(check.title), ", ".join("`%s`" % cause for cause in check.causes))


def cell(text):
    """A text that fits into a table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
