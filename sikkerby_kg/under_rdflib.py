"""A store under rdflib's API: a dataset of named graphs, queried as their union, that cannot be changed.

Every statement is in it once for each of its graphs, and its own default graph is empty, although local
stores keep the union there: what is serialised or copied is what the files say.
"""

from collections.abc import Generator, Iterator
from io import BytesIO
from typing import Any, NoReturn

import oxrdflib
import rdflib
import rdflib.query
from oxrdflib._converter import from_ox, to_ox_quad_pattern
from pyoxigraph import DefaultGraph
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from sikkerby_kg.graphs import Graphs
from sikkerby_kg.local import LocalStore
from sikkerby_kg.remote import RemoteStore

_READ_ONLY = "the graph can only be read; content is changed in its files"
_UNION = "__UNION__"  # how rdflib names the union of all graphs to a store

_Found = Iterator[tuple[Any, Iterator[Any]]]
"""Each statement with the graphs that hold it."""


def _is_default(context: Any) -> bool:
    return context is not None and getattr(context, "identifier", context) == DATASET_DEFAULT_GRAPH_ID


class _ReadOnlyStore(oxrdflib.OxigraphStore):
    """Oxigraph under rdflib's API, without its ways to write; its default graph holds the union."""

    def triples(self, triple_pattern: Any, context: Any = None) -> _Found:
        """The statements that fit a pattern, each once, in one graph or in all of them together."""
        if _is_default(context):
            return iter(())
        if context is not None:
            return super().triples(triple_pattern, context)
        return self._everywhere(triple_pattern)

    def _everywhere(self, pattern: Any) -> _Found:
        try:
            s, p, o, _ = to_ox_quad_pattern(pattern)
            quads = self._inner.quads_for_pattern(s, p, o, DefaultGraph())
        except (TypeError, ValueError):  # a literal as subject, or the like: nothing fits
            return
        for quad in quads:
            triple = (from_ox(quad.subject), from_ox(quad.predicate), from_ox(quad.object))
            yield triple, self._holding(triple)

    def _holding(self, triple: Any) -> Iterator[rdflib.Graph]:
        return (graph for graph in super().contexts(triple) if not _is_default(graph))

    def contexts(self, triple: Any = None) -> Generator[rdflib.Graph, None, None]:
        """The named graphs, or those that hold a statement."""
        return (graph for graph in super().contexts(triple) if not _is_default(graph))

    def __len__(self, context: Any = None) -> int:
        """The number of statements, each counted once, in one graph or in all of them together."""
        return 0 if _is_default(context) else super().__len__(context)

    def query(self, query: Any, initNs: Any, initBindings: Any, queryGraph: Any, **options: Any) -> Any:  # noqa: N803
        """The answer to a query, whose default graph is the union of all graphs if none is named."""
        graph = DATASET_DEFAULT_GRAPH_ID if queryGraph == _UNION else queryGraph
        return super().query(query, initNs, initBindings, graph, **options)

    def add(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_READ_ONLY)

    def addN(self, *_: Any, **__: Any) -> NoReturn:  # noqa: N802  (rdflib's name)
        raise TypeError(_READ_ONLY)

    def remove(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_READ_ONLY)

    def update(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_READ_ONLY)

    def remove_graph(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_READ_ONLY)

    def add_graph(self, graph: rdflib.Graph) -> None:
        """Nothing: ``Dataset.graph`` calls this to look at a graph."""


class _EndpointStore(SPARQLStore):
    """Rdflib's read-only SPARQL store, asking through our client."""

    def __init__(self, remote: RemoteStore) -> None:
        super().__init__(remote.url)
        self._remote = remote

    def triples(self, spo: Any, context: Any = None) -> Iterator[tuple[Any, Any]]:
        """The statements that fit a pattern, each once, in one graph or in all of them together."""
        names = self._remote.graph_names
        if isinstance(spo[0], rdflib.Literal) or (_is_default(context) and names):
            return
        everywhere = context is None and bool(names)
        fixed = [term if isinstance(term, rdflib.URIRef | rdflib.Literal) else None for term in spo]
        pattern = " ".join(
            f"?{name}" if term is None else term.n3() for term, name in zip(fixed, "spo", strict=True)
        )
        one = None if context is None or _is_default(context) else context.identifier
        where = f"GRAPH ?g {{ {pattern} }}" if everywhere else pattern
        found: dict[Any, list[rdflib.Graph]] = {}
        for row in self._query(f"SELECT * {{ {where} }}", one).bindings:
            values = {str(name): value for name, value in row.items()}
            triple = tuple(values.get(name, term) for name, term in zip("spo", fixed, strict=True))
            if all(term in (None, value) for term, value in zip(spo, triple, strict=True)):
                name = values["g"] if everywhere else one or DATASET_DEFAULT_GRAPH_ID
                found.setdefault(triple, []).append(rdflib.Graph(self, name))
        yield from ((triple, iter(graphs)) for triple, graphs in found.items())

    def contexts(self, triple: Any = None) -> Generator[Any, None, None]:
        """The named graphs, or those that hold a statement."""
        if triple is None:
            return (rdflib.Graph(self, rdflib.URIRef(name)) for name in self._remote.graph_names)
        return (graph for _, holding in self.triples(triple) for graph in holding)

    def __len__(self, context: Any = None) -> int:
        """The number of statements, each counted once, in one graph or in all of them together."""
        if _is_default(context) and self._remote.graph_names:
            return 0
        name = context.identifier if context is not None and not _is_default(context) else None
        found = self._query("SELECT (COUNT(*) AS ?n) { SELECT DISTINCT * { ?s ?p ?o } }", name)
        return int(found.bindings[0][rdflib.Variable("n")])

    def _query(self, query: str, default_graph: Any = None, **_: Any) -> rdflib.query.Result:
        name = () if default_graph is None else (str(default_graph),)
        result = self._remote.evaluate(query, Graphs(name, name) if name else None)
        if result.form != "CONSTRUCT":
            return rdflib.query.Result.parse(BytesIO(result.body), format="json")
        found = rdflib.query.Result("CONSTRUCT")
        found.graph = result.to_rdflib()
        return found

    def add_graph(self, graph: rdflib.Graph) -> None:
        """Nothing: ``Dataset.graph`` calls this to look at a graph."""


def dataset_of(store: object) -> rdflib.Dataset:
    """The dataset of a store. Raises TypeError for a store of an unknown kind."""
    if isinstance(store, LocalStore):
        return rdflib.Dataset(store=_ReadOnlyStore(store=store.oxigraph), default_union=True)
    if isinstance(store, RemoteStore):
        return rdflib.Dataset(store=_EndpointStore(store), default_union=True)
    raise TypeError(store)
