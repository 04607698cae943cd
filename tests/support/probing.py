"""Read one fact for real: through the collector, in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from mlenv_doctor.examine.collect import Collector, Task, merge
from mlenv_doctor.facts import Fact, Missing
from mlenv_doctor.foreign.clean import Cleaner

F = TypeVar("F", bound=Fact)


def probe(
    kind: type[F],
    *,
    python: str | Path = sys.executable,
    cwd: str | Path = "/",
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    **question: Any,
) -> F | Missing:
    """The fact as its probe reads it. `env` is laid over this process's environment; `question` over the usual one."""
    asked = {
        "project": str(cwd),
        "target": str(python),
        "prefix": str(Path(python).parent.parent),
        "chosen_by": "--python",
        "names": [],
        "env_file": None,
        "mlflow_uri": None,
        "mlflow_uri_from": "--mlflow-uri",
        "wait": 0,
        "quick": False,
        **question,
    }
    with mock.patch.dict(os.environ, env or {}):
        collector = Collector((str(python),), asked, Cleaner(), time.monotonic() + 60, timeout)
        outcomes = collector.run([Task((kind,), kind.section, kind.timeout)], lambda outcome: ())
    return merge(outcomes)[kind]  # type: ignore[return-value]


def as_user(uid: int, groups: Sequence[int], read: Callable[[], Any]) -> Any:
    """What a function returns to another user. It is called before as root: the libraries of Python may be closed to others."""
    read()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setgid(uid)
            os.setuid(uid)
            os.write(writer, json.dumps(read()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said)
