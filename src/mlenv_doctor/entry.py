"""The way in and out: start, end with the right exit code, and without a traceback whatever happens."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from .cli import cli
from .shell import restore

USAGE, FAILED, INTERRUPTED = 2, 3, 130


def main() -> None:
    """Run, and end without a traceback whatever happens."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:  # nohup
            signal.signal(getattr(signal, name), _interrupt)
    gc.disable()  # nothing that one short run makes is worth collecting
    leave(_run())


def leave(code: int) -> NoReturn:
    """End at once: everything is tidied up by now, and taking the interpreter apart would take a tenth of the whole run."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run() -> int:
    """Run the command and return the exit code."""
    try:
        restore()
        cli.main(standalone_mode=False)
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except click.ClickException as why:
        return complain(f"{why.format_message()}", why.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return complain("interrupted", INTERRUPTED)
    except Exception as why:
        return complain(*_understood(why))


def _understood(why: Exception) -> tuple[str, int]:
    """One sentence and an exit code for an exception. Only texts that we wrote ourselves are shown: others may hold secrets."""
    from .errors import BadInput

    if isinstance(why, BadInput):
        return str(why), USAGE
    if isinstance(why, OSError):
        return f"the doctor cannot work here: {why.strerror or why}", FAILED
    where = why.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "unknown"
    return f"the doctor itself failed ({type(why).__name__} in {place}); please report this", FAILED


def complain(message: str, code: int) -> int:
    """Say one sentence on stderr, if there is one. A monitor reads the other stream, and takes what went wrong for UNKNOWN."""
    monitored = "--nagios" in sys.argv[1:]
    with suppress(OSError, ValueError):
        if monitored:
            from .report.nagios import STATES, first_line

            click.echo(first_line(STATES[FAILED], message))
        else:
            click.echo(f"mlenv-doctor: {message}", err=True)
    return FAILED if monitored else code
