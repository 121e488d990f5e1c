"""Queries of strangers over a store behind an endpoint: its limits hold there, and ours hold here as well."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from pyoxigraph import QueryBoolean, QueryResultsFormat, parse_query_results

from sikkerby_kg import sparql
from sikkerby_kg.errors import OverCapacityError, QueryMemoryError, SparqlRefusedError, StoreError
from sikkerby_kg.lexer import Tokens, with_code_points
from sikkerby_kg.remote import RemoteStore
from sikkerby_kg.results import Result
from sikkerby_kg.stores import Store
from sikkerby_kg.workers.evaluation import Writer, boolean
from sikkerby_kg.workers.limits import MEGABYTE, Limits
from sikkerby_kg.workers.messages import Answer, Request

AT_ONCE = 4
"""Queries that are asked at a time: half of the server's threads stay free for pages."""

VERBOSE = 4
"""An endpoint's own JSON may be so many times as long as the result that we write."""

REFUSALS = range(400, 500)


class Elsewhere:
    """Sends queries to an endpoint: a few at a time, no longer than may be, and cuts what is too much."""

    def __init__(self, store: Store, prefixes: Mapping[str, str], limits: Limits) -> None:
        self.limits = limits
        self._store = store
        if isinstance(store, RemoteStore):  # one of our own, whose patience is that for strangers
            seconds = min(store.timeout, limits.seconds)
            self._store = RemoteStore(store.url, seconds, most=VERBOSE * limits.most)
        self._writer = Writer(prefixes, limits)
        self._free = threading.BoundedSemaphore(min(AT_ONCE, limits.workers))

    def run(self, request: Request, disconnected: Callable[[], bool] | None = None) -> Answer:  # noqa: ARG002
        """The answer to a request.

        Raises SparqlSyntaxError, SparqlRefusedError also for what the endpoint refuses, QueryMemoryError for
        what is too large, OverCapacityError at once if too many queries are running, and StoreError.
        """
        if len(request.query) > self.limits.length:
            raise SparqlRefusedError("sparql.long", length=len(request.query), limit=self.limits.length)
        depth = Tokens(with_code_points(request.query)).depth
        if depth > self.limits.depth:
            raise SparqlRefusedError("sparql.depth", depth=depth, limit=self.limits.depth)
        if not self._free.acquire(blocking=False):
            raise OverCapacityError("limit.capacity", seconds=self.limits.retry_after)
        start = time.perf_counter()
        try:
            answer = self._written(self._asked(request), request)
        finally:
            self._free.release()
        return replace(answer, seconds=time.perf_counter() - start)

    def _asked(self, request: Request) -> Result:
        text = _with_limit(request.query, self._writer.rows(request) + 1)
        prefixes, graphs = self._writer.prefixes, request.graphs or None
        try:
            return sparql.evaluate(self._store, text, prefixes, graphs, request.base, request.answers)
        except StoreError as error:
            if error.key == "store.large":
                raise QueryMemoryError("limit.large", megabytes=self.limits.most // MEGABYTE) from error
            if error.values.get("status") in REFUSALS and error.key == "store.status":
                raise SparqlRefusedError("sparql.elsewhere") from error
            raise

    def _written(self, result: Result, request: Request) -> Answer:
        rows = self._writer.rows(request)
        wanted = request.triples if result.form == "CONSTRUCT" else request.solutions
        if not wanted:
            return Answer(result.form, "", b"", result.variables)
        if result.form == "CONSTRUCT":
            return self._writer.triples(result.triples(), wanted, rows)
        found = parse_query_results(result.serialize("json"), QueryResultsFormat.JSON)
        if isinstance(found, QueryBoolean):
            return boolean(found, wanted)
        return self._writer.solutions(found, wanted, rows)

    def close(self) -> None:
        """Nothing of ours is running elsewhere."""


def _with_limit(text: str, most: int) -> str:
    r"""A SELECT that asks for no more rows than can be shown, if it says nothing about that itself.

    >>> _with_limit("SELECT * { ?s ?p ?o }", 11)
    'SELECT * { ?s ?p ?o }\nLIMIT 11'
    >>> _with_limit("SELECT * { ?s ?p ?o } LIMIT 5", 11)
    'SELECT * { ?s ?p ?o } LIMIT 5'
    """
    tokens = Tokens(with_code_points(text))
    if tokens.first_keyword != "SELECT":
        return text
    ends = [index for index, token in enumerate(tokens) if token.text == "}"]
    after = [tokens[index].keyword for index in range(ends[-1] + 1, len(tokens))] if ends else []
    values = any(token.keyword == "VALUES" for token in tokens)  # it may follow the place of LIMIT
    return text if not ends or "LIMIT" in after or values else f"{text}\nLIMIT {most}"
