"""Queries of strangers run in processes that can be killed, and that can do nothing but answer.

- ``limits``: what one query may use
- ``messages``: what the server and its workers say to each other
- ``pool``: hands queries to workers, watches them, replaces the dead
- ``lanes``: long queries give way to short ones
- ``zygote`` and ``spawning``: where workers come from
- ``worker``: the life of a worker
- ``confinement``: what it takes away from itself first
- ``elsewhere``: queries over a store behind an endpoint, whose server runs them
- ``evaluation`` and ``cutting``: from a query to the bytes of its result, no more of them than may be
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from sikkerby_kg.local import LocalStore
from sikkerby_kg.stores import Store
from sikkerby_kg.workers.evaluation import InProcess
from sikkerby_kg.workers.limits import MEGABYTE, Limits
from sikkerby_kg.workers.messages import Answer, Request
from sikkerby_kg.workers.pool import Pool, Status
from sikkerby_kg.workers.spawning import Origin, Spawner, launch
from sikkerby_kg.workers.zygote import Nursery, Zygote

__all__ = [
    "MEGABYTE",
    "Answer",
    "InProcess",
    "Limits",
    "Pool",
    "Request",
    "Runner",
    "Status",
    "open_pool",
    "without_pool",
]


class Runner(Protocol):
    """What answers queries: a pool, or this process itself."""

    limits: Limits

    def run(self, request: Request, disconnected: Callable[[], bool] | None = None) -> Answer:
        """The answer to a request."""

    def close(self) -> None:
        """End what is running."""


def open_pool(
    store: Store, root: Path, prefixes: Mapping[str, str], limits: Limits, *, fork: bool = True
) -> Pool | None:
    """A pool of workers over a store; None for a store elsewhere, whose server has its own.

    A store in memory is shared with the workers by a fork, if ``fork`` says that no thread has started yet;
    else its content is loaded again, once. One on disk is opened by each worker.
    """
    if not isinstance(store, LocalStore):
        return None
    shared = store
    origin = Origin(str(root), store.database, dict(prefixes))

    def apart() -> Nursery:
        return Zygote.apart(launch(origin, limits, "zygote"))

    if not hasattr(os, "fork"):
        pool = Pool(Spawner(lambda: launch(origin, limits, "worker")), limits)
    elif store.database or not fork:
        pool = Pool(apart(), limits, apart)
    else:
        pool = Pool(Zygote.forked(lambda: (shared, dict(prefixes)), limits), limits, apart)
    pool.warm()
    return pool


def without_pool(store: Store, prefixes: Mapping[str, str], limits: Limits) -> Runner:
    """What answers queries where there is no pool: this process, or the endpoint that the store is behind."""
    if isinstance(store, LocalStore):
        return InProcess(store, prefixes, limits)
    from sikkerby_kg.workers.elsewhere import Elsewhere  # noqa: PLC0415  (its HTTP client is slow to import)

    return Elsewhere(store, prefixes, limits)
