"""The life of a worker: confine itself, then read a request, answer it, read the next."""

import contextlib
import gc
import socket
from collections.abc import Callable

from sikkerby_kg.errors import QueryMemoryError, SikkerbyError, WorkerLostError
from sikkerby_kg.local import LocalStore
from sikkerby_kg.services import MOST_BYTES, MOST_CALLS
from sikkerby_kg.workers.confinement import allow_seconds, confine, peak_memory
from sikkerby_kg.workers.evaluation import Evaluator
from sikkerby_kg.workers.limits import MEGABYTE, Limits
from sikkerby_kg.workers.messages import (
    Head,
    Request,
    answer_head,
    error_head,
    receive,
    request_of,
    send,
)

MOST_QUERIES = 5_000
"""After so many queries a worker ends, and a fresh one takes its place."""

RETIRE = "retire"
_MOST_REQUEST = MOST_CALLS * MOST_BYTES
_WARM_UP = "SELECT * { ?s ?p ?o } LIMIT 1"

Opener = Callable[[], tuple[LocalStore, dict[str, str]]]
"""Gives the store and the prefixes that need no declaration."""


def work(connection: socket.socket, opener: Opener, limits: Limits, *, files: bool = False) -> None:
    """Answer requests until the other side closes the connection or this worker has grown old.

    ``files`` says that the store needs its own files while it is open.
    """
    connection.settimeout(None)
    store, prefixes = opener()
    evaluator = Evaluator(store, prefixes, limits)
    for name in ("json", "xml"):  # what is imported or set up by the first query
        evaluator.answer(Request(_WARM_UP, name))
    gc.collect()
    gc.freeze()
    confine(limits, files=files)
    before = peak_memory()
    for _ in range(MOST_QUERIES):
        try:
            head, body = receive(connection, _MOST_REQUEST)
        except (EOFError, OSError):
            return
        allow_seconds(limits.age)
        answered, body = _answered(evaluator, request_of(head, body), limits)
        old = peak_memory() - before > limits.memory // 2
        with contextlib.suppress(OSError):
            send(connection, {**answered, RETIRE: old}, body)
        del body
        if old:
            return


def _answered(evaluator: Evaluator, request: Request, limits: Limits) -> tuple[Head, bytes]:
    try:
        answer = evaluator.answer(request)
    except SikkerbyError as error:
        return error_head(error), b""
    except MemoryError:
        return error_head(QueryMemoryError("limit.memory", megabytes=limits.memory // MEGABYTE)), b""
    except Exception:  # noqa: BLE001  (whatever it is, the other side must hear of it, but not what)
        return error_head(WorkerLostError("worker.failed")), b""
    return answer_head(answer), answer.body
