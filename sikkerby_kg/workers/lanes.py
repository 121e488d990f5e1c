"""Two lanes: a query that takes long gives way to those that do not.

A query begins in the quick lane. When it has used ``slow_after`` seconds of processor time, it moves to the
slow lane: being slow because everybody is, is no reason. There only a few run at a time, at the lowest
priority, the others being stopped: whoever has run least goes next. So one processor stays free for pages and
quick queries, and the long queries share the rest.
"""

import contextlib
import os
import signal
import sys
import threading
import time

from sikkerby_kg.errors import OverCapacityError, QueryTimeoutError
from sikkerby_kg.workers.limits import Limits

SLICE = 0.25
"""Seconds that a slow query runs before another one may take its place."""

_LOWEST = 19


class Job:
    """A query that a worker process is busy with."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.began = time.monotonic()
        self.slow = False
        self.paused = False
        self.cancelled = False
        self._ran = 0.0
        self._since = self.began
        self._used = _processor_time(pid)

    def cancel(self) -> None:
        """Have the query ended, and its worker, within a moment."""
        self.cancelled = True

    def age(self) -> float:
        """Seconds since the query began."""
        return time.monotonic() - self.began

    def used(self) -> float:
        """Seconds of processor time, or where that is not known, of being allowed to run."""
        if self._used is None:
            return self.ran()
        return (_processor_time(self.pid) or self._used) - self._used

    def ran(self) -> float:
        """Seconds that it was allowed to run."""
        return self._ran if self.paused else self._ran + time.monotonic() - self._since

    def pause(self) -> None:
        """Stop its process."""
        if not self.paused and _signal(self.pid, "SIGSTOP"):
            self._ran = self.ran()
            self.paused = True

    def resume(self) -> None:
        """Let its process go on."""
        if self.paused and _signal(self.pid, "SIGCONT"):
            self._since = time.monotonic()
            self.paused = False


class Lanes:
    """Who is in the slow lane, and who of them runs."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._slow: list[Job] = []
        self._lock = threading.Lock()
        self._next = 0.0

    def __len__(self) -> int:
        """How many slow queries there are."""
        return len(self._slow)

    def watch(self, job: Job) -> None:
        """What is to be done for a running query, several times a second.

        Raises QueryTimeoutError once it has run too long or is too old, OverCapacityError if it turns out
        to be slow and there are slow ones enough.
        """
        limits = self._limits
        if job.ran() >= limits.seconds or job.age() >= limits.age:
            raise QueryTimeoutError("limit.time", seconds=f"{limits.seconds:g}")
        with self._lock:
            if not job.slow and job.used() >= limits.slow_after:
                if len(self._slow) >= limits.slow:
                    raise OverCapacityError("limit.capacity", seconds=limits.retry_after)
                job.slow = True
                self._slow.append(job)
                _give_way(job.pid)
                self._next = 0.0
            if self._slow and time.monotonic() >= self._next:
                self._next = time.monotonic() + SLICE
                self._share()

    def leave(self, job: Job) -> None:
        """The query has its answer, or is about to be ended: it runs again, and others may take its place."""
        with self._lock:
            if job in self._slow:
                self._slow.remove(job)
                self._share()
            job.resume()

    def _share(self) -> None:
        """Let those run that have run least, and stop the others."""
        waiting = sorted(self._slow, key=Job.ran)
        for job in waiting[self._limits.slots :]:
            job.pause()
        for job in waiting[: self._limits.slots]:
            job.resume()


def _processor_time(pid: int) -> float | None:
    """The processor time that a process has used so far, where the system tells (Linux)."""
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError):
        return time.clock_gettime(~pid << 3 | 2)  # what clock_getcpuclockid(3) gives
    return None


def _give_way(pid: int) -> None:
    """Let a process run only when no other one wants to: whatever else wakes up goes first, at once."""
    with contextlib.suppress(OSError):
        if sys.platform == "linux":
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        if sys.platform != "win32":
            os.setpriority(os.PRIO_PROCESS, pid, _LOWEST)


def _signal(pid: int, name: str) -> bool:
    number = getattr(signal, name, None)
    if number is None:  # Windows
        return False
    with contextlib.suppress(OSError):
        os.kill(pid, number)
    return True
