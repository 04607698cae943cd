"""Hosts of a Dask cluster: `Client.run` on one worker of each.

https://distributed.dask.org/en/stable/api.html#distributed.Client.run
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from typing import Any

from ...errors import Failed
from ..asking import SPARE, Asked, arguments, function, missing, need
from ..documents import clean
from ..fold import Fold

CONNECT = 10  # seconds
AT_ONCE = 64  # requests to the scheduler


def collect(fold: Fold, address: str, asked: Asked) -> None:
    """Ask one worker of each host. Raises BadInput where Dask is missing, and Failed where no cluster answers."""
    need("dask")
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as why:
        raise Failed(f"no Dask scheduler at {address}: {clean(why)}") from None
    try:
        workers = one_per_host(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise Failed(f"the Dask cluster {address} has no worker")
        gather(client, fold, workers, asked)
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT)


def one_per_host(workers: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The address of one worker by the name of its host, always the same one."""
    return {str(workers[address].get("host") or address): address for address in sorted(workers, reverse=True)}


def gather(client: Any, fold: Fold, workers: dict[str, str], asked: Asked) -> None:
    """Take the answers as they come, until the deadline. A worker that hangs holds nobody but itself."""
    answer = function()
    words: tuple[Any, ...] = arguments(asked)
    pool = ThreadPoolExecutor(min(AT_ONCE, len(workers)))
    tasks = {pool.submit(client.run, answer, *words, workers=[address]): (host, address) for host, address in workers.items()}
    with suppress(Late):
        for task in as_completed(tasks, timeout=min(asked.deadline, asked.timeout + SPARE + CONNECT)):
            host, address = tasks[task]
            try:
                fold.add(host, str(task.result()[address]).encode("utf-8", "replace"))
            except Exception as why:  # whatever the worker raised, or the connection to it
                fold.silence(host, f"crashed: {type(why).__name__}: {clean(why)}")
    pool.shutdown(wait=False, cancel_futures=True)
    missing(fold, workers, {}, f"timed out after {asked.timeout:g} s")
