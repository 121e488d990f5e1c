"""Judges as the server sees them: asked for a judgement, within limits; started when first needed."""

import math
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sikkerby_kg.errors import SikkerbyError, WorkerLostError
from sikkerby_kg.judging.judgement import Document, Judgement, Report, read
from sikkerby_kg.settings import Settings
from sikkerby_kg.workers import MEGABYTE, Limits, Pool
from sikkerby_kg.workers.messages import Head, error_of
from sikkerby_kg.workers.spawning import Launched, Spawner, launch_module
from sikkerby_kg.workers.zygote import Nursery, Zygote

AGAIN = 30.0
"""Seconds after which what failed is tried again."""

_CONTENT = {"kind": "content"}
_MODULE = "sikkerby_kg.judging.process"


def limits_of(settings: Settings) -> Limits:
    """The limits of judgements: as many may wait as may run, and none gives way to others."""
    return Limits(
        seconds=settings.validate_seconds,
        memory=settings.query_megabytes * MEGABYTE,
        most=settings.result_megabytes * MEGABYTE,
        workers=settings.validations,
        queue=settings.validations,
        slow_after=math.inf,
    )


class Judges:
    """Judgements on the content of a root, and on files of strangers of at most ``longest`` bytes.

    Nothing runs before ``begin``. Safe to be used by many threads.
    """

    def __init__(self, root: Path, limits: Limits, longest: int) -> None:
        self.limits = limits
        self.longest = longest
        self._root = root
        self._lock = threading.Lock()
        self._house: _House | None = None
        self._is_closed = False

    @property
    def pool(self) -> Pool | None:
        """The pool that judgements are made in, once there is one."""
        return self._house.pool if self._house else None

    def begin(self) -> None:
        """Have the shapes and the content loaded, and the content judged, in the background."""
        self._begun()

    def content(self, seconds: float = 0.0) -> Judgement | None:
        """The judgement of the content; None if it is still being made after some seconds.

        Raises ContentError if the content or the shapes cannot be used, or WorkerLostError.
        """
        outcome = self._begun().outcome
        outcome.settled.wait(seconds)
        if outcome.problem is not None:
            raise outcome.problem
        return outcome.content

    def judge(self, document: Document, disconnected: Callable[[], bool] | None = None) -> Judgement:
        """The judgement on a file, which stands alone with the ontology of the root.

        To be asked for once the content is judged. Raises ContentError for a file that cannot be read, and
        what ``Pool.run`` raises.
        """
        return self._begun().pool.call((_about(document), document.data), _read, disconnected)

    def report(
        self,
        wanted: str,
        lang: str,
        document: Document | None = None,
        disconnected: Callable[[], bool] | None = None,
    ) -> Report:
        """The report on a file, or on the content, in a format of ``validation.writers`` and a language.

        To be asked for, and raises, as ``judge``.
        """
        head = {**(_about(document) if document else _CONTENT), "wanted": wanted, "lang": lang}
        data = document.data if document else b""
        return self._begun().pool.call((head, data), _read_report, disconnected)

    def close(self) -> None:
        """End every judge, for good."""
        with self._lock:
            self._is_closed = True
            if self._house is not None:
                self._house.close()

    def _begun(self) -> "_House":
        with self._lock:
            if self._is_closed:
                raise WorkerLostError("worker.none")
            if self._house is not None and self._house.is_hopeless:
                self._house.close()
                self._house = None
            if self._house is None:
                self._house = _House(self._root, self.limits, self.longest)
            return self._house


class _Outcome:
    """The judgement of the content, or why there is none, once that is settled."""

    def __init__(self) -> None:
        self.settled = threading.Event()
        self.content: Judgement | None = None
        self.problem: SikkerbyError | None = None

    def settle(self, pool: Pool) -> None:
        """Have the content judged."""
        try:
            self.content = pool.call((_CONTENT, b""), _read)
        except SikkerbyError as error:
            self.problem = error
        self.settled.set()


class _House:
    """The processes, and the judgement of the content that they begin with."""

    def __init__(self, root: Path, limits: Limits, longest: int) -> None:
        self.outcome = _Outcome()
        self._began = time.monotonic()
        zygotes: list[Launched] = []

        def launched(role: str) -> Launched:
            start = {"root": str(root), "limits": asdict(limits), "longest": longest, "role": role}
            return launch_module(_MODULE, start)

        def zygote() -> Nursery:
            zygotes.append(launched("zygote"))
            return Zygote.apart(zygotes[-1])

        if hasattr(os, "fork"):
            self.pool = Pool(zygote(), limits, zygote)
        else:
            self.pool = Pool(Spawner(lambda: launched("worker")), limits)
        self.close = weakref.finalize(self, _end, self.pool, zygotes, self.outcome.settled)
        # The thread does not hold this object: whoever forgets it ends the processes.
        threading.Thread(target=self.outcome.settle, args=(self.pool,), name="judges", daemon=True).start()

    @property
    def is_hopeless(self) -> bool:
        """Whether it has failed, and so long ago that it is worth another try."""
        return self.outcome.problem is not None and time.monotonic() - self._began > AGAIN


def _end(pool: Pool, zygotes: list[Launched], settled: threading.Event) -> None:
    """End all processes; one that is still loading is not waited for."""
    if not settled.is_set():
        for process, _ in zygotes:
            process.kill()
    pool.close()


def _about(document: Document) -> Head:
    return {"kind": "document", "name": document.name, "suffix": document.suffix}


def _read(head: Head, body: bytes) -> Judgement:
    if "error" in head:
        raise error_of(head)
    return read(body)


def _read_report(head: Head, body: bytes) -> Report:
    if "error" in head:
        raise error_of(head)
    if not isinstance(conforms := head.get("conforms"), bool):
        raise WorkerLostError("worker.nonsense")
    return Report(conforms, body)
