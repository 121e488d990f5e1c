"""Changed content is served without a restart: loaded beside the old, and put in its place in one step.

A request is answered from one content from start to end (``site.site``); queries that run in the workers of
the old content run to their end there. What cannot be loaded changes nothing, and ``/health`` says why.
"""

import contextlib
import queue
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Self, cast

from flask import Flask

from sikkerby_kg.dataset import content_digest
from sikkerby_kg.errors import ContentError, SikkerbyError
from sikkerby_kg.folders import Folders
from sikkerby_kg.graph import KnowledgeGraph, open_graph
from sikkerby_kg.server.edition import SERVED
from sikkerby_kg.server.operations import Metric, operations_of
from sikkerby_kg.server.running import pool_of
from sikkerby_kg.server.site import EXTENSION, Site
from sikkerby_kg.texts import text
from sikkerby_kg.workers import Pool, open_pool

ATTEMPTS = 3
"""How often content is loaded that changes while it is loaded."""

SETTLE = 5.0
"""Seconds for requests that have just started to reach the workers of their content."""

STEP = 0.1

RELOAD, LOOK, END = "reload", "look", "end"

Hangups = queue.SimpleQueue[str]
"""What a reloader shall do, RELOAD or END. ``put`` may be called in the handler of a signal."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last reload ended, and when; ``problem`` is why it failed."""

    at: datetime
    problem: Exception | None = None


class _Leaving:
    """The workers of contents that are no longer served: they finish what they run, then end."""

    def __init__(self) -> None:
        self._pools: set[Pool] = set()
        self._lock = threading.Lock()

    def add(self, pool: Pool) -> None:
        with self._lock:
            self._pools.add(pool)
        threading.Thread(target=self._retire, args=(pool,), daemon=True).start()

    def _retire(self, pool: Pool) -> None:
        time.sleep(SETTLE)
        deadline = time.monotonic() + pool.limits.age
        while time.monotonic() < deadline and (pool.status().running or pool.status().waiting):
            time.sleep(STEP)
        pool.close()
        with self._lock:
            self._pools.discard(pool)

    def close(self) -> None:
        with self._lock:
            pools = list(self._pools)
        for pool in pools:
            pool.close()


class Reloader:
    """Loads the content of an app anew: when asked through ``hangups``, or when its files have changed.

    As a context manager it does so in a thread of its own; ``interval`` is how many seconds lie between two
    looks at the files, 0 for none.
    """

    def __init__(self, app: Flask, hangups: Hangups | None = None, interval: float = 0.0) -> None:
        self.app = app
        self.hangups: Hangups = hangups or queue.SimpleQueue()
        self.interval = interval
        self.succeeded = self.failed = 0
        self.last: Outcome | None = None
        self._leaving = _Leaving()
        self._loading = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="reloader", daemon=True)
        operations = operations_of(app)
        operations.reloads = self.report
        operations.add(self.metrics)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hangups.put(END)
        self._thread.join()
        self._leaving.close()

    @property
    def _site(self) -> Site:
        return cast(Site, self.app.extensions[EXTENSION])

    def reload(self) -> bool:
        """Load the content and serve it; whether that succeeded. If not, the old one is served on."""
        with self._loading:
            try:
                site = self._load()
            except Exception as error:
                self.failed += 1
                self.last = Outcome(datetime.now(UTC), error)
                if isinstance(error, SikkerbyError):
                    self.app.logger.error("reload failed: %s", error)  # noqa: TRY400  (it says all)
                else:
                    self.app.logger.exception("reload failed")
                return False
            old, judges = pool_of(self.app), self._site.judges
            self.app.extensions[EXTENSION] = site
            for pool in filter(None, (old, judges.pool)):
                self._leaving.add(pool)
            if self.app.jinja_env.cache is not None:
                self.app.jinja_env.cache.clear()
            self.succeeded += 1
            self.last = Outcome(datetime.now(UTC))
            self.app.logger.warning(
                "reloaded: dataset %s", site.graph.version or site.graph.store.description
            )
            return True

    def _load(self) -> Site:
        """A new site with its workers, ready to answer, all of one content.

        Raises SikkerbyError, and ContentError if the files never stop changing while they are read.
        """
        for _ in range(ATTEMPTS):
            before = _stamp(self._site.graph.folders)
            graph = open_graph(settings=self._site.graph.settings)
            graph.describe_itself()
            site, pool = _ready(graph), None
            if pool_of(self.app) is not None:
                limits = self._site.runner.limits
                pool = open_pool(graph.store, graph.folders.root, graph.prefixes, limits, fork=False)
                site.runner = pool or site.runner
            is_still = graph.version in (None, content_digest(graph.folders))
            if is_still and before == _stamp(graph.folders):
                return site
            if pool is not None:  # its workers may have loaded something newer
                pool.close()
        raise ContentError("content.changing")

    def _run(self) -> None:
        seen = tried = _stamp(self._site.graph.folders)
        while (order := self._next()) != END:
            before, seen = seen, _stamp(self._site.graph.folders)
            wanted = order == RELOAD or (seen != tried and seen == before)  # whoever is writing has paused
            if wanted:
                tried = seen = _stamp(self._site.graph.folders)
                self.reload()

    def _next(self) -> str:
        """What to do next: END, RELOAD however often that was asked for meanwhile, else LOOK."""
        try:
            orders = {self.hangups.get(timeout=self.interval or None)}
        except queue.Empty:
            return LOOK
        while not self.hangups.empty():
            orders.add(self.hangups.get())
        return END if END in orders else RELOAD

    def report(self, lang: str) -> dict[str, Any]:
        """What ``/health`` says of the last reload; nothing if there was none."""
        if self.last is None:
            return {}
        found = {"succeeded": self.last.problem is None, "at": self.last.at.isoformat(timespec="seconds")}
        if self.last.problem is None:
            return {"reload": found}
        return {"reload": {**found, "problem": self._said(self.last.problem, lang)}}

    def _said(self, problem: Exception, lang: str) -> str:
        """Why it failed, without what only the machine's owner may know."""
        if not isinstance(problem, ContentError):
            return text("web.server_error", lang)
        root = str(self._site.graph.folders.root)
        return problem.text(lang).replace(f"{root}/", "").replace(root, "…")

    def metrics(self) -> Iterator[Metric]:
        """How often content was loaded anew."""
        meaning = "Reloads of the content by how they ended."
        for end, count in (("succeeded", self.succeeded), ("failed", self.failed)):
            yield Metric("reloads_total", meaning, count, {"end": end}, "counter")


def _ready(graph: KnowledgeGraph) -> Site:
    """A site over a graph that has been looked at: its queries are read, its store has answered."""
    for _ in graph.queries.values():
        pass
    site = Site(graph)
    graph.store.evaluate("ASK { ?s ?p ?o }")
    _ = site.about, site.kinds, site.edition
    return site


def _stamp(folders: Folders) -> frozenset[tuple[str, int, int]]:
    """What changes when a file of the content does: paths, times and sizes."""
    found = set()
    served = (folders.web / name for name in SERVED)
    for folder in (folders.ontology, folders.data, folders.queries, *served):
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


@contextlib.contextmanager
def at_hangup(hangups: Hangups) -> Iterator[None]:
    """Let SIGHUP, where there is one, ask for a reload instead of ending the process."""
    number = getattr(signal, "SIGHUP", None)
    if number is None:
        yield
        return

    def hung_up(_number: int, _frame: FrameType | None) -> None:
        hangups.put(RELOAD)

    before = signal.signal(number, hung_up)
    try:
        yield
    finally:
        signal.signal(number, before)
