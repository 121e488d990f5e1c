"""The pool: hands each query to a free worker, watches over it, and replaces a worker that ended.

The thread that asks does the watching; there is no thread of the pool's own.
"""

import contextlib
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sikkerby_kg.errors import (
    OverCapacityError,
    QueryCancelledError,
    QueryMemoryError,
    QueryTimeoutError,
    SikkerbyError,
    SparqlRefusedError,
    WorkerLostError,
)
from sikkerby_kg.workers.lanes import Job, Lanes
from sikkerby_kg.workers.limits import MEGABYTE, Limits
from sikkerby_kg.workers.messages import (
    Answer,
    Head,
    Request,
    answer_of,
    receive,
    request_body,
    request_head,
    send,
)
from sikkerby_kg.workers.worker import RETIRE
from sikkerby_kg.workers.zygote import ORPHANED, Nursery

STEP = 0.05
"""Seconds between two looks at a query that is running."""

Message = tuple[Head, bytes]
_Read = TypeVar("_Read")

_SENDING = 5.0
_TRIES = 3
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_OUT_OF_MEMORY = {-getattr(signal, name, 0) for name in ("SIGABRT", "SIGSEGV", "SIGBUS")}
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 0)


@dataclass(slots=True)
class Worker:
    """A worker process and the connection to it."""

    pid: int
    connection: socket.socket


@dataclass(frozen=True, slots=True)
class Status:
    """How busy a pool is, and what has happened in it since it was made."""

    workers: int
    idle: int
    running: int
    slow: int
    waiting: int
    answered: int
    failed: dict[str, int]
    started: int


class Pool:
    """Runs queries in worker processes, within limits. Safe to be used by many threads.

    ``nursery`` starts the workers; ``again`` makes a new nursery if that one is gone.
    """

    def __init__(self, nursery: Nursery, limits: Limits, again: Callable[[], Nursery] | None = None) -> None:
        self.limits = limits
        self._nursery = nursery
        self._again = again
        self._lanes = Lanes(limits)
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._jobs: set[Job] = set()
        self._count = 0
        self._waiting = 0
        self._answered = 0
        self._started = 0
        self._failed: Counter[str] = Counter()
        self._end: float | None = None
        self._renewing = threading.Lock()

    def warm(self, count: int = 2) -> None:
        """Have some workers ready before the first query."""
        ready = [self._take() for _ in range(min(count, self.limits.workers))]
        for worker in ready:
            self._release(worker, keep=True)

    def run(self, request: Request, disconnected: Callable[[], bool] | None = None) -> Answer:
        """The answer to a request, made by a worker.

        ``disconnected`` says whether the one who asked has gone: then the query ends.
        Raises what ``Evaluator.answer`` raises, and QueryTimeoutError, QueryMemoryError, OverCapacityError,
        QueryCancelledError or WorkerLostError.
        """
        if len(request.query) > self.limits.length:
            raise SparqlRefusedError("sparql.long", length=len(request.query), limit=self.limits.length)
        return self.call((request_head(request), request_body(request)), answer_of, disconnected)

    def call(
        self,
        message: Message,
        read: Callable[[Head, bytes], _Read],
        disconnected: Callable[[], bool] | None = None,
    ) -> _Read:
        """What ``read`` makes of a worker's answer to a message; it raises the error that the answer reports.

        Otherwise the same as ``run``.
        """
        try:
            answer = self._run(message, read, disconnected)
        except SikkerbyError as error:
            with self._changed:
                self._failed[type(error).__name__] += 1
            raise
        with self._changed:
            self._answered += 1
        return answer

    def status(self) -> Status:
        """How busy the pool is."""
        with self._changed:
            return Status(
                workers=self._count,
                idle=len(self._idle),
                running=len(self._jobs),
                slow=len(self._lanes),
                waiting=self._waiting,
                answered=self._answered,
                failed=dict(self._failed),
                started=self._started,
            )

    def jobs(self) -> tuple[Job, ...]:
        """The queries that are running; each can be cancelled."""
        with self._changed:
            return tuple(self._jobs)

    def stop(self, grace: float = 0.0) -> None:
        """Take no more queries, and end those that still run after some seconds."""
        with self._changed:
            self._end = time.monotonic() + grace
            self._changed.notify_all()

    def close(self) -> None:
        """End every query and every worker. Returns when no process is left."""
        self.stop()
        with self._changed:
            idle, self._idle = self._idle, []
            running = [job.pid for job in self._jobs]
        for pid in running:
            _kill(pid)
        for worker in idle:
            self._discard(worker)
        self._nursery.close()

    def _run(
        self, message: Message, read: Callable[[Head, bytes], _Read], disconnected: Callable[[], bool] | None
    ) -> _Read:
        for _ in range(self.limits.workers + _TRIES):
            worker = self._take(disconnected)
            try:
                worker.connection.settimeout(_SENDING)
                send(worker.connection, *message)
            except OSError:  # it died while it was idle: that is not the fault of this query
                self._discard(worker)
                continue
            answer = self._watched(worker, disconnected)
            if answer is not None:
                return read(*answer)
        raise WorkerLostError("worker.none")  # they all die before they read: the store is gone

    def _watched(self, worker: Worker, disconnected: Callable[[], bool] | None) -> Message | None:
        """The answer of a worker that has a request; the worker is free again afterwards, or dead.

        None if it died with its zygote, through no fault of the query.
        """
        job = Job(worker.pid)
        with self._changed:
            self._jobs.add(job)
        worker.connection.settimeout(min(STEP, self.limits.slow_after))

        def waiting() -> None:
            self._look_after(job, disconnected)
            worker.connection.settimeout(max(min(STEP, self.limits.seconds - job.ran()), 0.001))

        try:
            head, body = receive(worker.connection, self.limits.most, waiting)
        except (EOFError, OSError):
            self._leave(job)
            status = self._discard(worker)
            if status == ORPHANED and self._end is None:
                return None
            raise self._cause(status) from None
        except BaseException:
            self._leave(job)
            self._discard(worker)
            raise
        self._leave(job)
        self._release(worker, keep=not (job.slow or head.pop(RETIRE, False)))
        return head, body

    def _look_after(self, job: Job, disconnected: Callable[[], bool] | None) -> None:
        """What is to be done while a query runs. Raises what ends it."""
        self._lanes.watch(job)
        gone = disconnected is not None and disconnected()
        if gone or job.cancelled or (self._end is not None and time.monotonic() >= self._end):
            raise QueryCancelledError("limit.cancelled")

    def _leave(self, job: Job) -> None:
        with self._changed:
            self._jobs.discard(job)
        self._lanes.leave(job)

    def _take(self, disconnected: Callable[[], bool] | None = None) -> Worker:
        """A worker that is free, if need be a new one.

        Raises OverCapacityError if too many wait already, or after a while of waiting.
        """
        with self._changed:
            if self._waiting or self._all_busy():
                if self._waiting >= self.limits.queue:
                    raise self._over_capacity()
                self._waiting += 1
                try:
                    self._wait(disconnected)
                finally:
                    self._waiting -= 1
            if self._end is not None:
                raise self._over_capacity()
            if self._idle:
                return self._idle.pop()
            self._count += 1
        return self._start()

    def _wait(self, disconnected: Callable[[], bool] | None) -> None:
        deadline = time.monotonic() + self.limits.retry_after
        while self._all_busy() and self._end is None:
            self._changed.wait(STEP)
            if disconnected is not None and disconnected():
                raise QueryCancelledError("limit.cancelled")
            if time.monotonic() >= deadline:
                raise self._over_capacity()

    def _all_busy(self) -> bool:
        return not self._idle and self._count >= self.limits.workers

    def _over_capacity(self) -> OverCapacityError:
        return OverCapacityError("limit.capacity", seconds=self.limits.retry_after)

    def _start(self) -> Worker:
        """A new worker, which has been counted already. Raises WorkerLostError if there can be none."""
        nursery = self._nursery
        try:
            try:
                pid, connection = nursery.start()
            except WorkerLostError:
                if self._again is None or self._end is not None:
                    raise
                pid, connection = self._renewed(nursery).start()
        except WorkerLostError:
            self._uncount()
            raise
        self._started += 1
        return Worker(pid, connection)

    def _renewed(self, gone: Nursery) -> Nursery:
        """The nursery in the place of one that is gone; the first thread that notices makes it."""
        with self._renewing:
            if self._nursery is gone and self._again is not None:
                gone.close()
                self._nursery = self._again()
            return self._nursery

    def _release(self, worker: Worker, *, keep: bool) -> None:
        """Make a worker free for the next query, or end it and have another one ready."""
        with self._changed:
            keep = keep and self._end is None
            if keep:
                self._idle.append(worker)
                self._changed.notify()
        if not keep:
            self._discard(worker)

    def _discard(self, worker: Worker) -> int:
        """Kill a worker and put a new one in its place; gives how it ended."""
        _kill(worker.pid)
        worker.connection.close()
        status = self._nursery.bury(worker.pid)
        self._uncount()
        with contextlib.suppress(SikkerbyError):
            self._replace()
        return status

    def _replace(self) -> None:
        with self._changed:
            if self._end is not None or self._idle or self._all_busy():
                return
            self._count += 1
        self._release(self._start(), keep=True)

    def _uncount(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify()

    def _cause(self, status: int) -> SikkerbyError:
        """Why a worker ended before it had an answer."""
        if self._end is not None:
            return QueryCancelledError("limit.cancelled")
        if status in _OUT_OF_MEMORY:
            return QueryMemoryError("limit.memory", megabytes=self.limits.memory // MEGABYTE)
        if status == _OUT_OF_TIME:
            return QueryTimeoutError("limit.time", seconds=f"{self.limits.seconds:g}")
        return WorkerLostError("worker.failed")


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, _KILL)
