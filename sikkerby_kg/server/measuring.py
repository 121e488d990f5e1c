"""What happens to requests, measured: counts and times for Prometheus, Server-Timing, and the access log.

The log has one JSON object a line and nothing that says who asked or what: no address, no agent, no path
and no text of a query; only the route, and the name of a saved query.
"""

import contextlib
import json
import sys
import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from flask import Flask, request

from sikkerby_kg.server.site import site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histogram of times, in seconds."""

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
NO_ROUTE = "other"
NOTES = "sikkerby_kg.notes"
"""Where the notes of a request stand in its environment."""


@dataclass(slots=True)
class Notes:
    """What is known of a request besides its answer: its route, its saved query, and seconds by step."""

    route: str = NO_ROUTE
    query: str = ""
    steps: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that is over."""

    method: str
    status: int
    seconds: float
    size: int
    notes: Notes


class Measures:
    """Sums over all requests since the start. Any number of threads may use it."""

    def __init__(self) -> None:
        self.started = time.time()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.times: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.sizes: Counter[str] = Counter()
        self.running = 0
        self.lock = threading.Lock()

    def enter(self) -> None:
        """A request has come."""
        with self.lock:
            self.running += 1

    def leave(self, seen: Seen) -> None:
        """It is over."""
        route = seen.notes.route
        with self.lock:
            self.running -= 1
            self.requests[route, seen.method, seen.status] += 1
            self.times[route][bisect_left(BOUNDS, seen.seconds)] += 1
            self.seconds[route] += seen.seconds
            self.sizes[route] += seen.size


class Watch:
    """A WSGI application whose requests are measured and, if there is a ``log``, written down."""

    def __init__(self, app: "WSGIApplication", measures: Measures, log: TextIO | None) -> None:
        self.app = app
        self.measures = measures
        self.log = log

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; it is over when the server closes the body."""
        start = time.perf_counter()
        notes = environ[NOTES] = Notes()
        body = _Body(self, str(environ.get("REQUEST_METHOD", "")), start, notes)

        def started(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
            body.status = int(status[:3])
            steps = {**notes.steps, "total": time.perf_counter() - start}
            said = ", ".join(f"{name};dur={seconds * 1000:.1f}" for name, seconds in steps.items())
            return start_response(status, [*headers, ("Server-Timing", said)], *rest)  # type: ignore[arg-type]

        self.measures.enter()
        try:
            body.chunks = self.app(environ, started)  # type: ignore[arg-type]  # the same signature
        except BaseException:
            body.close()
            raise
        return body

    def over(self, seen: Seen) -> None:
        """Count a request and write it down."""
        self.measures.leave(seen)
        if self.log is None:
            return
        record = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": seen.method,
            "route": seen.notes.route,
            **({"query": seen.notes.query} if seen.notes.query else {}),
            "status": seen.status,
            "bytes": seen.size,
            "ms": round(seen.seconds * 1000, 1),
        }
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            self.log.write(json.dumps(record) + "\n")
            self.log.flush()


class _Body:
    """The body of an answer; counts its bytes."""

    def __init__(self, watch: Watch, method: str, start: float, notes: Notes) -> None:
        self.watch = watch
        self.method = method if method in METHODS else NO_ROUTE
        self.start = start
        self.notes = notes
        self.status = 500
        self.size = 0
        self.chunks: Iterable[bytes] = ()
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.size += len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the body itself; the request is over."""
        try:
            close = getattr(self.chunks, "close", None)
            if close is not None:
                close()
        finally:
            if not self.is_closed:
                self.is_closed = True
                seconds = time.perf_counter() - self.start
                self.watch.over(Seen(self.method, self.status, seconds, self.size, self.notes))


@contextlib.contextmanager
def timed(step: str) -> Iterator[None]:
    """Measure a step of the request that is being answered; the header Server-Timing names it."""
    start = time.perf_counter()
    try:
        yield
    finally:
        notes = request.environ.get(NOTES)
        if notes is not None:
            notes.steps[step] = notes.steps.get(step, 0.0) + time.perf_counter() - start


def register(app: Flask, *, access_log: bool) -> Measures:
    """Measure every request of an app. To be registered last, around everything else."""
    measures = Measures()

    @app.before_request
    def note() -> None:
        notes = request.environ.get(NOTES)
        if notes is None or request.url_rule is None:
            return
        notes.route = request.url_rule.rule
        name = (request.view_args or {}).get("name", "")
        if request.endpoint == "saved.query" and name in site().graph.queries:
            notes.query = name

    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())
    app.wsgi_app = Watch(app.wsgi_app, measures, sys.stderr if access_log else None)  # type: ignore[method-assign]
    return measures
