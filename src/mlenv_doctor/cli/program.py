"""The way out: run the command, end with the right exit code, and without a traceback whatever happens."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from ..examine.limit import OutOfTime
from ..examine.shield import interruptible
from .app import cli

USAGE, FAILED, INTERRUPTED = 2, 3, 130


def run() -> None:
    """Run, and end without a traceback whatever happens."""
    interruptible()
    leave(_run())


def leave(code: int) -> NoReturn:
    """End at once: everything is tidied up by now, and taking the interpreter apart would take a tenth of the whole run."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _run() -> int:
    """Run the command and return the exit code."""
    try:
        cli.main(standalone_mode=False)
        return unwritten()
    except SystemExit as end:
        return unwritten() or (end.code if isinstance(end.code, int) else FAILED)
    except click.ClickException as why:
        return complain(f"{why.format_message()}", why.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return complain("interrupted", INTERRUPTED)
    except OutOfTime:
        return complain("this took longer than its time budget; --budget SECONDS gives it more", FAILED)
    except Exception as why:
        return complain(*understood(why))


def understood(why: Exception) -> tuple[str, int]:
    """One sentence and an exit code for an exception. Only texts that we wrote ourselves are shown: others may hold secrets."""
    from ..errors import BadInput

    if isinstance(why, BadInput):
        return str(why), USAGE
    if isinstance(why, OSError):
        return f"the doctor cannot work here: {why.strerror or why}", FAILED
    where = why.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "unknown"
    return f"the doctor itself failed ({type(why).__name__} in {place}); report this", FAILED


def unwritten() -> int:
    """The exit code where what was asked for could not be written: a full disk must not look like an empty answer."""
    from ..running.printing import emit, lost

    if not lost:
        emit("")
    return complain(f"the output could not be written: {lost[0]}", FAILED) if lost else 0


def complain(message: str, code: int) -> int:
    """Say one sentence on stderr, if there is one. A monitor reads the other stream, and takes what went wrong for UNKNOWN.

    It may repeat the command line, a file's name or a setting: it passes the same nets and the same door as a finding.
    """
    message = spoken(message)
    monitored = "--nagios" in sys.argv[1:]
    with suppress(OSError, ValueError):
        if monitored:
            from ..report.nagios import STATES, first_line

            click.echo(first_line(STATES[FAILED], message))
        else:
            click.echo(f"mlenv-doctor: {message}", err=True)
    return FAILED if monitored else code


def spoken(message: str) -> str:
    """A complaint as it may be shown: each of its lines short and harmless, and no secret in it."""
    from ..foreign.clean import Cleaner, secrets_of_environment
    from ..foreign.text import line

    return line(Cleaner(secrets_of_environment())(message))
