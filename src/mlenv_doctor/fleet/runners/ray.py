"""Nodes of a Ray cluster: one task for each that is alive, pinned to it.

https://docs.ray.io/en/latest/ray-core/scheduling/index.html#nodeaffinityschedulingstrategy
"""

from __future__ import annotations

import logging
import socket
import time
from typing import Any

from ...errors import Failed
from ..asking import SPARE, Asked, arguments, function, missing, need
from ..documents import clean
from ..fold import Fold

CONNECT = 10  # seconds


def collect(fold: Fold, address: str | None, asked: Asked) -> None:
    """Ask every node that is alive. Raises BadInput where Ray is missing, and Failed where no cluster answers."""
    need("ray")
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On

    join(ray, address)
    try:
        alive = {node["NodeID"]: node for node in ray.nodes() if node.get("Alive")}
        names = called(alive)
        if not names:
            raise Failed(f"the Ray cluster {address or 'found here'} has no node that is alive")
        data, *rest = arguments(asked)
        sent = ray.put(data)
        ask = ray.remote(num_cpus=0, max_retries=0)(function())
        tasks = {ask.options(scheduling_strategy=On(id, soft=False)).remote(sent, *rest): id for id in alive}
        gather(ray, fold, {task: names[id] for task, id in tasks.items()}, asked)
    finally:
        ray.shutdown()


def join(ray: Any, address: str | None) -> None:
    """Become a client of a running cluster; none is started here. Raises Failed.

    Ray itself tries for minutes, and tells of each try: so we look first whether something listens.
    """
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    try:
        if colon and port.isdigit():
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT).close()
    except (OSError, OverflowError) as why:
        raise Failed(f"no Ray cluster at {address}: {clean(getattr(why, 'strerror', None) or why)}") from None
    try:
        ray.init(address=address or "auto", log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    except Exception as why:  # of many kinds, among them ConnectionError, RuntimeError and those of gRPC
        raise Failed(f"no Ray cluster at {address or 'this machine'}: {clean(why)}") from None


def called(nodes: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The names of nodes by their ids: the host; where several run on one host, a part of the id as well."""
    hosts = {id: str(node.get("NodeManagerHostname") or node.get("NodeName") or id) for id, node in nodes.items()}
    several = {host for host in hosts.values() if list(hosts.values()).count(host) > 1}
    return {id: f"{host}-{id[:8]}" if host in several else host for id, host in hosts.items()}


def gather(ray: Any, fold: Fold, tasks: dict[Any, str], asked: Asked) -> None:
    """Take the answers as they come, until the deadline."""
    end = time.monotonic() + min(asked.deadline, asked.timeout + SPARE + 10)
    waiting = list(tasks)
    while waiting and time.monotonic() < end:
        done, waiting = ray.wait(waiting, timeout=max(0.0, end - time.monotonic()))
        for task in done:
            try:
                fold.add(tasks[task], str(ray.get(task)).encode("utf-8", "replace"))
            except Exception as why:  # RayError and what the task raised
                fold.silence(tasks[task], f"crashed: {type(why).__name__}: {clean(str(why).strip().splitlines()[-1:])}")
    for task in waiting:
        ray.cancel(task, force=True)
    missing(fold, tasks.values(), {}, f"timed out after {asked.timeout:g} s")
