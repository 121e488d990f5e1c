"""A store under rdflib's API: its default graph is the union of all graphs, and it cannot be changed."""

from io import BytesIO
from typing import Any, NoReturn

import oxrdflib
import rdflib
import rdflib.query
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from sikkerby_kg.graphs import Graphs
from sikkerby_kg.local import LocalStore
from sikkerby_kg.remote import RemoteStore

_READ_ONLY = "the graph can only be read; content is changed in its files"


class _ReadOnlyStore(oxrdflib.OxigraphStore):
    """Oxigraph under rdflib's API, without its ways to write."""

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
    if isinstance(store, LocalStore):  # its default graph holds the union already
        return rdflib.Dataset(store=_ReadOnlyStore(store=store.oxigraph))
    if isinstance(store, RemoteStore):
        return rdflib.Dataset(store=_EndpointStore(store), default_union=True)
    raise TypeError(store)
