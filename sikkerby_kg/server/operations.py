"""For those who run the server: whether it is alive and ready, and its numbers for Prometheus."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response

from sikkerby_kg import terms
from sikkerby_kg.errors import SikkerbyError
from sikkerby_kg.server.kept import Cache
from sikkerby_kg.server.language import language
from sikkerby_kg.server.measuring import BOUNDS, Measures
from sikkerby_kg.server.running import pool_of
from sikkerby_kg.server.site import Site, site
from sikkerby_kg.version import package_version
from sikkerby_kg.workers import Status

blueprint = Blueprint("operations", __name__)

EXTENSION = "sikkerby_kg.operations"
METRICS = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of Prometheus' text format."""

RECENT = 5.0
"""Seconds for which what a store was found to be is not asked for again."""

TURN = 1.0
"""Seconds that a request waits while another asks a store for the first time."""

RECOUNT = 300.0
"""Seconds for which a store that answers is not asked again how much it holds."""

_COUNTS = """SELECT (COUNT(*) AS ?statements) (COUNT(DISTINCT ?g) AS ?graphs)
WHERE { GRAPH ?g { ?s ?p ?o } }"""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: its name without the prefix, what it means, and its value; a counter only grows."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: str = "gauge"


Source = Callable[[], Iterable[Metric]]
"""Where more numbers come from, such as a pool of workers."""


@dataclass(frozen=True, slots=True)
class _Counted:
    site: Site
    at: float
    statements: int | None
    graphs: int | None
    counted: float | None

    @property
    def lasts(self) -> bool:
        """Whether it need not be asked for again: what is held here does not change."""
        is_held = self.statements is not None and self.site.graph.version is not None
        return is_held or time.monotonic() - self.at < RECENT


class Operations:
    """What is known about the running of one app."""

    def __init__(self, measures: Measures) -> None:
        self.measures = measures
        self.sources: list[Source] = []
        self.reloads: Callable[[str], dict[str, Any]] = lambda _: {}
        self._counted: _Counted | None = None
        self._asking = threading.Lock()

    def add(self, source: Source) -> None:
        """Let ``/metrics`` show more numbers."""
        self.sources.append(source)

    def counted(self) -> tuple[int | None, int | None]:
        """The number of statements and of graphs in the store; None if it does not answer.

        While one request waits for a store elsewhere, no other does: it gets what was found last.
        """
        served = site()
        found = self._last(served)
        if found and found.lasts:
            return found.statements, found.graphs
        patience = 0.0 if found else TURN if served.graph.version is None else -1
        if self._asking.acquire(timeout=patience):
            try:
                found = self._last(served)  # another request may have asked meanwhile
                if not (found and found.lasts):
                    found = self._counted = _count(served, found)
            finally:
                self._asking.release()
        return (found.statements, found.graphs) if found else (None, None)

    def _last(self, served: Site) -> _Counted | None:
        """What was found last of what is served now."""
        return self._counted if self._counted and self._counted.site is served else None


def _count(served: Site, before: _Counted | None) -> _Counted:
    """Ask the store how much it holds; one that said so of late is asked only whether it answers."""
    now = time.monotonic()
    statements = graphs = counted = None
    with contextlib.suppress(SikkerbyError):
        if before and before.counted and now - before.counted < RECOUNT:
            served.graph.store.evaluate("ASK { }")
            statements, graphs, counted = before.statements, before.graphs, before.counted
        else:
            for first, second in served.graph.store.evaluate(_COUNTS).solutions():
                statements, graphs, counted = terms.to_python(first), terms.to_python(second), now
    return _Counted(served, time.monotonic(), statements, graphs, counted)


def register(app: Flask, measures: Measures) -> Operations:
    """Show the measures of an app; gives what its other parts may add to."""
    operations = Operations(measures)
    app.extensions[EXTENSION] = operations
    app.register_blueprint(blueprint)
    return operations


def operations_of(app: Flask) -> Operations:
    """What is known about the running of an app."""
    return cast(Operations, app.extensions[EXTENSION])


@blueprint.get("/health/live")
def live() -> Response:
    """Say that the process answers."""
    return _now(jsonify(alive=True))


@blueprint.get("/health")
def health() -> Response:
    """Say whether pages and queries can be answered (else 503), and with which version of the dataset."""
    operations = operations_of(current_app)
    statements, graphs = operations.counted()
    is_ready = statements is not None
    about = site().about
    response = jsonify(
        alive=True,
        ready=is_ready,
        dataset={
            "version": site().graph.version,
            "release": about.version if about else None,
            "statements": statements,
            "graphs": graphs,
        },
        software=package_version(),
        **operations.reloads(language()),
    )
    response.status_code = 200 if is_ready else 503
    return _now(response)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer with all numbers in Prometheus' text format."""
    response = make_response("".join(_lines(operations_of(current_app))))
    response.content_type = METRICS
    return _now(response)


def _now(response: Response) -> Response:
    response.cache_control.no_store = True
    return response


# --- Prometheus' text format ------------------------------------------------------------------


def _lines(operations: Operations) -> Iterator[str]:
    statements, graphs = operations.counted()
    found = [*_own(operations.measures, statements, graphs), *_memory()]
    found += _workers()
    found += _judges()
    for source in operations.sources:
        found += source()
    named: dict[str, list[Metric]] = {}
    for metric in found:
        named.setdefault(metric.name, []).append(metric)
    for name, metrics_ in named.items():
        yield _head(name, metrics_[0].kind, metrics_[0].meaning)
        for metric in metrics_:
            yield _line(name, metric.labels, metric.value)
    yield from _requests(operations.measures)


def _own(measures: Measures, statements: int | None, graphs: int | None) -> Iterator[Metric]:
    about = site().about
    version = site().graph.version or ""
    release = (about.version if about else None) or ""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Metric("up", "Whether the store answers.", float(statements is not None))
    yield Metric(
        "dataset_info",
        "The dataset that is served: digest and release.",
        1,
        {"version": version, "release": release},
    )
    yield Metric("build_info", "The software.", 1, {"version": package_version(), "python": python})
    if statements is not None and graphs is not None:
        yield Metric("store_statements", "Statements in named graphs.", statements)
        yield Metric("store_graphs", "Named graphs.", graphs)
    yield Metric(
        "start_time_seconds", "When the server was started, in seconds since 1970.", measures.started
    )
    yield Metric("http_requests_in_progress", "Requests that are being answered.", measures.running)


def _workers() -> Iterator[Metric]:
    """How busy the workers are, if there are any."""
    pool = pool_of(current_app)
    if pool is None:
        return
    status = pool.status()
    yield Metric("workers", "Processes that run queries of readers.", status.workers)
    yield Metric("workers_idle", "Those that have nothing to do.", status.idle)
    yield Metric("queries_running", "Queries of readers that are running.", status.running)
    yield Metric("queries_slow", "Those of them that give way to others.", status.slow)
    yield Metric("queries_waiting", "Queries of readers that wait for a worker.", status.waiting)
    yield from _ended(
        "queries_total", "Queries of readers by how they ended, since the content was loaded.", status
    )


def _judges() -> Iterator[Metric]:
    """How busy the judges are, once there are any."""
    pool = site().judges.pool
    if pool is None:
        return
    status = pool.status()
    yield Metric("judges", "Processes that validate files of readers.", status.workers)
    yield Metric("judges_idle", "Those that have nothing to do.", status.idle)
    yield Metric("validations_running", "Validations that are running.", status.running)
    yield Metric("validations_waiting", "Validations that wait for a judge.", status.waiting)
    yield from _ended("validations_total", "Validations by how they ended, since the judges began.", status)


def _ended(name: str, meaning: str, status: Status) -> Iterator[Metric]:
    """What a pool has done, by how it ended."""
    for end, count in (("answered", status.answered), *sorted(status.failed.items())):
        yield Metric(name, meaning, count, {"end": end}, "counter")


def of_caches(pages: Cache, queries: Cache) -> Iterator[Metric]:
    """What is kept of answers, and how often that was of use."""
    for name, cache in (("pages", pages), ("queries", queries)):
        labels = {"cache": name}
        yield Metric("cache_bytes", "Bytes of answers that are kept.", cache.size, labels)
        yield Metric("cache_answers", "Answers that are kept.", len(cache), labels)
        meaning = "Requests that a kept answer could be looked for, by whether there was one."
        for found, count in (("hit", cache.hits), ("miss", cache.misses)):
            yield Metric("cache_requests_total", meaning, count, {**labels, "found": found}, "counter")


def _memory() -> Iterator[Metric]:
    """The memory of this process, where the system tells."""
    with contextlib.suppress(OSError, ValueError, IndexError, AttributeError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        yield Metric(
            "resident_memory_bytes", "Memory of the server's process.", pages * os.sysconf("SC_PAGE_SIZE")
        )


def _requests(measures: Measures) -> Iterator[str]:
    with measures.lock:
        requests = dict(measures.requests)
        times = {route: tuple(counts) for route, counts in measures.times.items()}
        seconds, sizes = dict(measures.seconds), dict(measures.sizes)
    yield _head("http_requests_total", "counter", "Requests by route, method and status.")
    for (route, method, status), count in sorted(requests.items()):
        labels = {"route": route, "method": method, "status": str(status)}
        yield _line("http_requests_total", labels, count)
    yield _head("http_response_bytes_total", "counter", "Bytes of bodies by route.")
    for route, size in sorted(sizes.items()):
        yield _line("http_response_bytes_total", {"route": route}, size)
    name = "http_request_duration_seconds"
    yield _head(name, "histogram", "Seconds until the last byte was made, by route.")
    for route, counts in sorted(times.items()):
        total = 0
        for bound, count in zip((*BOUNDS, "+Inf"), counts, strict=True):
            total += count
            yield _line(f"{name}_bucket", {"route": route, "le": str(bound)}, total)
        yield _line(f"{name}_sum", {"route": route}, seconds[route])
        yield _line(f"{name}_count", {"route": route}, total)


def _head(name: str, kind: str, meaning: str) -> str:
    return f"# HELP sikkerby_{name} {meaning}\n# TYPE sikkerby_{name} {kind}\n"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    said = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"sikkerby_{name}{{{said}}} {value}\n" if said else f"sikkerby_{name} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
