"""What one query may use, and how many there may be at once."""

import os
from dataclasses import dataclass

from sikkerby_kg.settings import Settings

MEGABYTE = 1_000_000
RESERVED = 2
"""Workers that slow queries never take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the queries of strangers; the settings give them their values.

    ``seconds`` is the time that a query may run; one that had to let others run may be twice as old.
    ``memory`` is in bytes, on top of the content. ``workers`` processes run queries and ``queue`` more may
    wait. A query that has used more than ``slow_after`` seconds of processor time is slow: it gives way to
    others, and only ``slow`` of them may be there at once, ``slots`` of them running.
    """

    seconds: float = 30.0
    memory: int = 512 * MEGABYTE
    rows: int = 100_000
    most: int = 50 * MEGABYTE
    length: int = 20_000
    depth: int = 50
    workers: int = 8
    queue: int = 32
    slow_after: float = 0.2
    retry_after: int = 5

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """The limits that the settings ask for."""
        return cls(
            seconds=settings.query_seconds,
            memory=settings.query_megabytes * MEGABYTE,
            rows=settings.result_rows,
            most=settings.result_megabytes * MEGABYTE,
            length=settings.query_length,
            depth=settings.query_depth,
            workers=settings.workers,
            queue=settings.queue,
            slow_after=settings.slow_after,
        )

    @property
    def slow(self) -> int:
        """How many slow queries there may be at once: there is always a worker for a quick one."""
        return max(self.workers - RESERVED, 1)

    @property
    def slots(self) -> int:
        """How many slow queries run at a time: one processor stays free for everything else."""
        return max((os.cpu_count() or 1) - 1, 1)

    @property
    def age(self) -> float:
        """Seconds after which a query ends even if it had to wait for others."""
        return 2 * self.seconds
