"""Evaluating a query of a stranger on a store of this process, within the caps on rows and bytes.

This is what a worker does; ``InProcess`` does the same without one, for an application that has no pool.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from itertools import chain, islice
from typing import IO, cast

import pyoxigraph
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Triple

from sikkerby_kg import sparql
from sikkerby_kg.errors import QueryMemoryError, SparqlRefusedError, StoreError
from sikkerby_kg.formats import Format, rdf_format, result_format
from sikkerby_kg.graphs import Graphs, clauses
from sikkerby_kg.lexer import Tokens, with_code_points
from sikkerby_kg.local import LocalStore, is_damage
from sikkerby_kg.results import Form
from sikkerby_kg.services import inlined
from sikkerby_kg.workers.cutting import FullError, Sink
from sikkerby_kg.workers.limits import MEGABYTE, Limits
from sikkerby_kg.workers.messages import Answer, Request
from sikkerby_kg.writing import serialized, write_rdf
from sikkerby_kg.xml_text import well_formed

SORTED = 500
"""Up to this many triples are written in a fixed order, with only the prefixes that they use."""

_LINES = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_FORMS: dict[str, Form] = {
    "SELECT": "SELECT",
    "ASK": "ASK",
    "CONSTRUCT": "CONSTRUCT",
    "DESCRIBE": "CONSTRUCT",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query that has been checked: complete with prefixes, its form, and whether it has a FROM."""

    text: str
    complete: str
    form: Form
    has_dataset: bool


class Writer:
    """Writes results in a format, within the caps on rows and bytes."""

    def __init__(self, prefixes: Mapping[str, str], limits: Limits) -> None:
        self.prefixes = dict(prefixes)
        self.limits = limits

    def rows(self, request: Request) -> int:
        """How many rows the result of a request may have."""
        return min(request.rows or self.limits.rows, self.limits.rows)

    def solutions(self, found: QuerySolutions, wanted: str, rows: int) -> Answer:
        """Solutions, written by the engine; cut after the last whole row where a cap is reached."""
        chosen = result_format(wanted)
        variables = tuple(variable.value for variable in found.variables)
        sink = Sink(chosen.name, rows, self.limits.most)
        try:
            found.serialize(cast(IO[bytes], sink), format=chosen.results)
        except FullError as full:
            body, count = sink.cut()
            return Answer("SELECT", chosen.name, self._ready(body, chosen), variables, count, full.limit)
        return Answer("SELECT", chosen.name, self._ready(sink.value(), chosen), variables, sink.rows)

    def _ready(self, body: bytes, chosen: Format) -> bytes:
        """What was written, as XML wants it, which may make it longer."""
        xml = chosen.results == QueryResultsFormat.XML
        return self._not_too_large(well_formed(body) if xml else body)

    def _not_too_large(self, body: bytes) -> bytes:
        if len(body) > self.limits.most + MEGABYTE:
            raise QueryMemoryError("limit.large", megabytes=self.limits.most // MEGABYTE)
        return body

    def triples(self, found: Iterator[Triple], wanted: str, rows: int) -> Answer:
        """Triples, written by the engine; a large result in the order in which they come."""
        chosen = rdf_format(wanted)
        first = list(islice(found, min(SORTED, rows) + 1))
        if len(first) <= min(SORTED, rows):
            body = write_rdf(first, chosen, self.prefixes)
            if len(body) > self.limits.most:
                raise QueryMemoryError("limit.large", megabytes=self.limits.most // MEGABYTE)
            return Answer("CONSTRUCT", chosen.name, body, rows=len(first))
        if chosen.rdf in _LINES and isinstance(found, QueryTriples):
            return self._lines(first, found, chosen, rows)
        sink = _Stopper(self.limits.most)
        counted = _Counted(chain(first, found), rows, lambda: sink.tell() >= self.limits.most)
        used = {} if chosen.rdf in _LINES else self.prefixes
        body = self._not_too_large(serialized(counted, chosen, used, sink))
        return Answer("CONSTRUCT", chosen.name, body, rows=counted.count, truncated=counted.truncated)

    def _lines(self, first: list[Triple], rest: QueryTriples, chosen: Format, rows: int) -> Answer:
        """Triples on lines of their own: the engine writes them without a detour through Python."""
        sink = Sink(chosen.name, rows, self.limits.most)
        output = cast(IO[bytes], sink)
        try:
            pyoxigraph.serialize(first, output, format=chosen.rdf)
            rest.serialize(output, format=chosen.rdf)
        except FullError as full:
            body, count = sink.cut()
            return Answer("CONSTRUCT", chosen.name, body, rows=count, truncated=full.limit)
        return Answer("CONSTRUCT", chosen.name, sink.value(), rows=sink.rows)


class Evaluator(Writer):
    """Evaluates requests on a store of this process."""

    def __init__(self, store: LocalStore, prefixes: Mapping[str, str], limits: Limits) -> None:
        super().__init__(prefixes, limits)
        self.store = store
        self.prepare = lru_cache(maxsize=128)(self._prepare)

    def answer(self, request: Request) -> Answer:
        """The answer to a request.

        Raises SparqlSyntaxError, SparqlRefusedError, StoreError, or QueryMemoryError for a result with one
        row that is too large.
        """
        start = time.perf_counter()
        prepared = self.prepare(request.query, bool(request.answers))
        wanted = request.triples if prepared.form == "CONSTRUCT" else request.solutions
        if not wanted:
            sparql.require_syntax(prepared.text, prepared.complete, request.base)
            return Answer(prepared.form, "", b"")
        found = self._query(prepared, request)
        rows = self.rows(request)
        if isinstance(found, QueryTriples):
            written = self.triples(found, wanted, rows)
        elif isinstance(found, QuerySolutions):
            written = self.solutions(found, wanted, rows)
        else:
            written = boolean(found, wanted)
        return replace(written, seconds=time.perf_counter() - start)

    def _prepare(self, query: str, services: bool) -> Prepared:  # noqa: FBT001  (a key of the cache)
        text = query.removeprefix("\ufeff")
        sparql.check(text, services=services)
        complete = sparql.with_prefixes(text, self.prefixes)
        tokens = Tokens(with_code_points(complete))
        if tokens.depth > self.limits.depth:
            raise SparqlRefusedError("sparql.depth", depth=tokens.depth, limit=self.limits.depth)
        has_dataset = any(token.keyword == "FROM" for token in tokens)
        return Prepared(text, complete, _FORMS.get(tokens.first_keyword, "SELECT"), has_dataset)

    def _query(self, prepared: Prepared, request: Request) -> QuerySolutions | QueryBoolean | QueryTriples:
        graphs: Graphs | None = request.graphs or None
        if graphs is None and prepared.has_dataset:
            graphs = clauses(prepared.complete, request.base)
        complete = inlined(prepared.complete, request.answers) if request.answers else prepared.complete
        try:
            return self.store.ask(complete, graphs, request.base)
        except SyntaxError as error:
            raise sparql.syntax_error(prepared.text, prepared.complete, str(error)) from None
        except (OSError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not is_damage(error):
                raise sparql.unknown_function(error) from None
            raise StoreError("store.read", store=self.store.description, problem=error) from error


class _Stopper(BytesIO):
    """A file in memory that does not grow far beyond a size: a single huge triple ends the query."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, chunk: bytes) -> int:  # type: ignore[override]  # the engine writes bytes
        if self.tell() + len(chunk) > 2 * self.most:
            raise QueryMemoryError("limit.large", megabytes=self.most // MEGABYTE)
        return super().write(chunk)


class _Counted:
    """Triples until there are enough, or until there is no more room: what is written stays well-formed."""

    def __init__(self, triples: Iterator[Triple], rows: int, full: Callable[[], bool]) -> None:
        self.triples = triples
        self.rows = rows
        self.full = full
        self.count = 0
        self.truncated = ""

    def __iter__(self) -> Iterator[Triple]:
        for triple in self.triples:
            if self.count >= self.rows or self.full():
                self.truncated = "rows" if self.count >= self.rows else "bytes"
                return
            self.count += 1
            yield triple


class InProcess:
    """Evaluates requests in this process, without limits on time and memory."""

    def __init__(self, store: LocalStore, prefixes: Mapping[str, str], limits: Limits) -> None:
        self.limits = limits
        self._evaluator = Evaluator(store, prefixes, limits)

    def run(self, request: Request, disconnected: Callable[[], bool] | None = None) -> Answer:  # noqa: ARG002
        """The answer to a request. Raises what ``Evaluator.answer`` raises."""
        if len(request.query) > self.limits.length:
            raise SparqlRefusedError("sparql.long", length=len(request.query), limit=self.limits.length)
        return self._evaluator.answer(request)

    def close(self) -> None:
        """Nothing is running elsewhere."""


def boolean(found: QueryBoolean, wanted: str) -> Answer:
    """A truth value, written."""
    chosen = result_format(wanted)
    return Answer("ASK", chosen.name, found.serialize(format=chosen.results) or b"", rows=1)
