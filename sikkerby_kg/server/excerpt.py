"""The statements about one thing in both directions, with what is known of the graphs that they stand in."""

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Quad

from sikkerby_kg.namespaces import PROV
from sikkerby_kg.stores import Store

_ABOUT = """SELECT DISTINCT ?s ?p ?o ?g WHERE {{
  {{ GRAPH ?g {{ {thing} ?p ?o }} BIND({thing} AS ?s) }}
  UNION {{ GRAPH ?g {{ ?s ?p {thing} }} BIND({thing} AS ?o) }}
  UNION {{ {thing} ?p1 ?s . FILTER(isBlank(?s)) GRAPH ?g {{ ?s ?p ?o }} }}
  UNION {{ {thing} ?p1 ?b . FILTER(isBlank(?b)) ?b ?p2 ?s . FILTER(isBlank(?s)) GRAPH ?g {{ ?s ?p ?o }} }}
}}"""
_SOURCES = """SELECT DISTINCT ?s ?p ?o ?g WHERE {{
  VALUES ?graph {{ {graphs} }}
  {{ GRAPH ?g {{ ?graph ?p ?o }} BIND(?graph AS ?s) }}
  UNION {{ ?graph <{derived}> ?s . GRAPH ?g {{ ?s ?p ?o }} }}
}}"""


def excerpt(store: Store, iri: str, *, with_sources: bool) -> set[Quad]:
    """The statements that have an IRI as subject or object, and those about nameless nodes that it leads to.

    ``with_sources`` adds what is said of the graphs that hold them, and of the passages behind these.
    """
    quads = set(_quads(store, _ABOUT.format(thing=NamedNode(iri))))
    graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
    return quads | sources_of(store, graphs) if with_sources else quads


def sources_of(store: Store, graphs: Iterable[str]) -> set[Quad]:
    """What is said of some graphs, and of the passages that they were read from."""
    names = " ".join(sorted(str(NamedNode(graph)) for graph in graphs))
    if not names:
        return set()
    return set(_quads(store, _SOURCES.format(graphs=names, derived=PROV.wasDerivedFrom)))


def _quads(store: Store, query: str) -> Iterator[Quad]:
    for s, p, o, g in store.evaluate(query).solutions():
        if isinstance(s, NamedNode | BlankNode) and isinstance(p, NamedNode) and isinstance(g, NamedNode):
            yield Quad(s, p, o, g)
