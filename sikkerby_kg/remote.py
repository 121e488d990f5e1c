"""A store behind a SPARQL 1.1 endpoint: a small client of the SPARQL 1.1 Protocol (§2.1)."""

import threading
import urllib.parse
from collections.abc import Iterator
from functools import cached_property

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from sikkerby_kg.errors import SparqlRefusedError, StoreBusyError, StoreError
from sikkerby_kg.graphs import Graphs, clauses
from sikkerby_kg.http_client import Client
from sikkerby_kg.lexer import Tokens
from sikkerby_kg.nesting import is_deep_json, is_deep_triples
from sikkerby_kg.results import Result

_JSON = "application/sparql-results+json"
_N_TRIPLES = "application/n-triples"
_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
_QUADS = "SELECT ?s ?p ?o ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
_DEFAULT_IS_OTHER = """ASK {
  { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }
  UNION { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?h { ?s ?p ?o } } }
}"""
MOST = 512_000_000
"""Bytes that an answer may have where nothing else is said: a million statements fit."""

AT_ONCE = 24
"""Requests that wait for an endpoint at a time; another one waits for its turn, but not for long."""

TURN = 1.0
"""Seconds that a request waits for its turn."""

RETRY_AFTER = 5
"""Seconds after which whoever got no turn may try again."""

_EMPTY = "urn:x-sikkerby-kg:empty-graph"


class RemoteStore:
    """A SPARQL 1.1 endpoint whose default graph, as we ask for it, is the union of its named graphs.

    ``timeout`` is how many seconds one request may take in all, ``most`` how many bytes its answer may have,
    0 for any number.
    """

    digest: str | None = None  # it may change at any time

    def __init__(self, url: str, timeout: float = 30.0, most: int = MOST) -> None:
        try:
            parts = urllib.parse.urlsplit(url)
            _ = parts.port
        except ValueError:
            raise StoreError("store.url", url=url) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
            raise StoreError("store.url", url=url)
        self.url = url
        self.description = url
        self._client = Client(url, timeout, most)
        self.timeout = timeout
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    @cached_property
    def graph_names(self) -> tuple[str, ...]:
        """The IRIs of all named graphs of the endpoint, asked for once."""
        found = self._answer(_GRAPHS, Graphs()).python()
        return tuple(row["g"] for row in found if row.get("g"))

    @cached_property
    def has_union(self) -> bool:
        """Whether the endpoint's own default graph is the union of its named graphs, asked for once.

        Then no request need list them, which saves the endpoint most of its work.
        """
        return not self._answer(_DEFAULT_IS_OTHER, Graphs()).boolean

    def evaluate(self, text: str, graphs: Graphs | None = None, base: str = "") -> Result:
        """The result of a query that is known to parse.

        The dataset is the graphs given, or else every named graph, with their union as default graph.
        Raises StoreError if the endpoint cannot be reached or answers with anything but a result, and
        SparqlRefusedError for a FROM with a graph that it does not hold: it might fetch it.
        """
        text = _with_base(text, base)
        for iri in (*(asked := clauses(text)).default, *asked.named):
            if iri not in self.graph_names:
                raise SparqlRefusedError("sparql.graph_unknown", iri=iri)
        graphs = self._dataset(graphs or asked)
        if Tokens(text).first_keyword in ("CONSTRUCT", "DESCRIBE"):
            return Result("CONSTRUCT", (), self._triples(self._post(text, _N_TRIPLES, graphs)))
        return self._answer(text, graphs)

    def _dataset(self, graphs: Graphs) -> Graphs:
        """The dataset to ask for: some graphs, or everything; empty where that is what the endpoint gives."""
        if graphs:
            return self._held(graphs)
        if not self.graph_names or self.has_union:
            return Graphs()
        return Graphs(self.graph_names, self.graph_names)

    def _answer(self, text: str, graphs: Graphs) -> Result:
        """The answer to a SELECT or ASK."""
        body = self._post(text, _JSON, graphs)
        if is_deep_json(body):
            raise self._error("store.nested")
        try:
            answer = parse_query_results(body, QueryResultsFormat.JSON)
            return Result.from_oxigraph(answer)
        except (SyntaxError, ValueError) as error:
            raise self._error("store.answer", problem=error) from error

    def _held(self, graphs: Graphs) -> Graphs:
        """Those of the graphs that the endpoint holds; where none is left, the name of one that is empty."""
        graphs.nodes()
        default, named = (
            tuple(iri for iri in iris if iri in self.graph_names) for iris in (graphs.default, graphs.named)
        )
        held = Graphs(default, named)
        return held if held or not self.graph_names else Graphs((_EMPTY,))

    def _triples(self, body: bytes) -> bytes:
        """A body of N-Triples, read and written again so that nothing else gets through."""
        if is_deep_triples(body):
            raise self._error("store.nested")
        try:
            triples = {quad.triple for quad in parse(body, RdfFormat.N_TRIPLES)}
        except SyntaxError as error:
            raise self._error("store.answer", problem=error) from error
        return serialize(triples, format=RdfFormat.N_TRIPLES) or b""

    def quads(self) -> Iterator[Quad]:
        """Every statement in its named graph."""
        for solution in self.evaluate(_QUADS).solutions():
            s, p, o, g = (solution[name] for name in "spog")
            if (
                not isinstance(s, Literal | Triple)
                and isinstance(p, NamedNode)
                and isinstance(g, NamedNode | BlankNode)
            ):
                yield Quad(s, p, o, g)

    def _post(self, query: str, accept: str, graphs: Graphs) -> bytes:
        """The body of the answer to a query sent as a form (§2.1.2). Raises StoreError."""
        pairs = [("query", query)]
        pairs += [("default-graph-uri", graph) for graph in graphs.default]
        pairs += [("named-graph-uri", graph) for graph in graphs.named]
        if not self._turns.acquire(timeout=min(TURN, self.timeout)):
            raise StoreBusyError("store.full", store=self.url, limit=AT_ONCE, seconds=RETRY_AFTER)
        try:
            return self._client.post(pairs, accept)
        finally:
            self._turns.release()

    def _error(self, key: str, **values: object) -> StoreError:
        return StoreError(key, store=self.url, **values)


def _with_base(text: str, base: str) -> str:
    return f"BASE <{base}> {text}" if base else text
