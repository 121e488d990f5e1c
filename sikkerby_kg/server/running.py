"""Running a query of a reader: in the pool where there is one, and no longer than somebody waits for it."""

from collections.abc import Callable
from typing import cast

from flask import Flask, Response, request

from sikkerby_kg import sparql
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.server.site import EXTENSION, Site, site
from sikkerby_kg.workers import Answer, Limits, Pool, Request, open_pool

DISCONNECTED = "waitress.client_disconnected"
"""What the server puts into the environment of a request: says whether its reader has gone."""

FAILED = "sikkerby_kg.failed"
"""What holds, in the environment of a request, the error that its query met already."""

TRUNCATED = "X-Sikkerby-Truncated"
"""The header of a result that is not whole: ``rows=100000`` or ``bytes=50000000``, the limit that cut it."""


def start_workers(app: Flask, *, fork: bool = True) -> Pool | None:
    """Let worker processes run the queries of readers from now on.

    ``fork`` says that this process has no threads yet, so that it may be forked. Gives the pool, which must
    be closed in the end (``serving.serve`` does); None if the store has workers of its own, being elsewhere.
    """
    served = cast(Site, app.extensions[EXTENSION])
    graph = served.graph
    limits = Limits.of(graph.settings)
    pool = open_pool(graph.store, graph.folders.root, graph.prefixes, limits, fork=fork)
    served.runner = pool or served.runner
    return pool


def site_of(app: Flask) -> Site | None:
    """The site that an app serves, if it is one of ours."""
    return cast(Site | None, app.extensions.get(EXTENSION))


def pool_of(app: Flask) -> Pool | None:
    """The pool that runs the queries of readers of an app; None if they run in this process."""
    served = site_of(app)
    runner = served.runner if served else None
    return runner if isinstance(runner, Pool) else None


def pools_of(app: Flask) -> list[Pool]:
    """Every pool that works for an app: for queries of readers, and for validations."""
    served = site_of(app)
    judges = served.judges.pool if served else None
    return [pool for pool in (pool_of(app), judges) if pool is not None]


def end_workers(app: Flask) -> None:
    """End every process that works for an app."""
    served, pool = site_of(app), pool_of(app)
    if pool is not None:
        pool.close()
    if served is not None:
        served.judges.close()


def run(
    query: str,
    solutions: str = "json",
    triples: str = "ttl",
    graphs: Graphs | None = None,
    base: str = "",
    rows: int = 0,
) -> Answer:
    """The answer to a query, in the format named for its form; see ``sikkerby_kg.workers.Request``.

    Raises what ``Pool.run`` and ``sparql.called`` raise.
    """
    failed: Exception | None = request.environ.pop(FAILED, None)
    if failed is not None:
        raise failed
    graph, runner = site().graph, site().runner
    is_short = len(query) <= runner.limits.length  # nobody is called for one that will be refused
    answers = sparql.called(query, graph.services, graph.prefixes, base) if is_short else ()
    wanted = Request(query, solutions, triples, graphs or Graphs(), base, rows, answers)
    gone = cast(Callable[[], bool] | None, request.environ.get(DISCONNECTED))
    return runner.run(wanted, gone)


def say_truncated(response: Response, answer: Answer) -> None:
    """Say in a header that a result was cut, and by which limit."""
    said = truncation(answer, site().runner.limits)
    if said:
        response.headers[TRUNCATED] = said


def truncation(answer: Answer, limits: Limits) -> str:
    """What the header of a cut result says; empty for a whole one."""
    if answer.truncated == "rows":
        return f"rows={answer.rows}"
    return f"{answer.truncated}={limits.most}" if answer.truncated else ""
