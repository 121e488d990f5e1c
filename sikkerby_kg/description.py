"""Everything that is stated about one thing, and for every statement where it comes from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.labels import LABEL_PROPERTIES, Label, Labels
from sikkerby_kg.namespaces import RDF, SIK
from sikkerby_kg.sources import Reference, Source, find_sources
from sikkerby_kg.stores import Store

if TYPE_CHECKING:
    from rdflib.term import BNode, Literal as RdflibLiteral, URIRef

_OUTGOING = """SELECT DISTINCT ?graph ?property ?value ?innerProperty ?innerValue WHERE {{
  GRAPH ?graph {{ {thing} ?property ?value }}
  OPTIONAL {{ FILTER(isBlank(?value)) ?value ?innerProperty ?innerValue }}
}}"""
_POSITIONS = f"""SELECT DISTINCT ?value ?position WHERE {{{{
  {{{{ {{thing}} ?property ?value }}}} UNION {{{{ ?value ?property {{thing}} }}}}
  ?value <{SIK.position}> ?position
}}}}"""
_INCOMING = "SELECT DISTINCT ?graph ?property ?value WHERE {{ GRAPH ?graph {{ ?value ?property {thing} }} }}"


@dataclass(frozen=True, slots=True)
class Value:
    """A term at the other end of a statement, as rdflib has it, how to show it, and its place among its like.

    ``position`` is what ``sik:position`` states of the thing; None where nothing does.
    """

    term: "URIRef | BNode | RdflibLiteral"
    label: Label
    position: int | None = None

    @property
    def iri(self) -> str | None:
        """The IRI, if the value is one."""
        return str(self.term) if type(self.term).__name__ == "URIRef" else None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: the property, the other end, and the sources that state it.

    For an incoming statement ``value`` is its subject. ``inner`` holds what is stated about a blank node.
    """

    property: Reference
    value: Value
    sources: tuple[Source, ...]
    inner: tuple["Statement", ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What is stated about a thing: its names, classes, and statements in both directions."""

    iri: str
    label: Label
    labels: Mapping[str, str]
    types: tuple[Reference, ...]
    outgoing: tuple[Statement, ...]
    incoming: tuple[Statement, ...]

    def __bool__(self) -> bool:
        """Whether anything is stated about it."""
        return bool(self.outgoing or self.incoming)


Edge = tuple[NamedNode, terms.Term]


def describe(store: Store, labels: Labels, iri: str, lang: str) -> Description:
    """The description of an IRI, with labels in the wanted language where there are any."""
    thing = str(NamedNode(iri))
    outgoing: dict[Edge, set[str]] = {}
    inner: dict[Edge, set[Edge]] = {}
    for solution in store.evaluate(_OUTGOING.format(thing=thing)).solutions():
        graph, name, value, inner_name, inner_value = solution
        edge = (name, value)
        outgoing.setdefault(edge, set()).add(graph.value)
        if inner_name is not None:
            inner.setdefault(edge, set()).add((inner_name, inner_value))
    incoming: dict[Edge, set[str]] = {}
    for solution in store.evaluate(_INCOMING.format(thing=thing)).solutions():
        graph, name, value = solution
        incoming.setdefault((name, value), set()).add(graph.value)
    edges = [*outgoing, *incoming, *(edge for group in inner.values() for edge in group)]
    labels.prefetch([iri, *(term.value for edge in edges for term in edge if isinstance(term, NamedNode))])
    graphs = {graph for group in (*outgoing.values(), *incoming.values()) for graph in group}
    positions = {
        str(terms.to_python(value)): terms.to_python(position)
        for value, position in store.evaluate(_POSITIONS.format(thing=thing)).solutions()
    }
    maker = _Maker(labels, lang, find_sources(store, labels, graphs, lang), positions)
    return Description(
        iri=iri,
        label=labels.of(iri, lang),
        labels=labels.all(iri),
        types=tuple(
            sorted(
                (
                    maker.reference(value.value)
                    for name, value in outgoing
                    if name.value == RDF.type and isinstance(value, NamedNode)
                ),
                key=lambda reference: reference.label.text,
            )
        ),
        outgoing=maker.statements(outgoing, inner),
        incoming=maker.statements(incoming, {}),
    )


class _Maker:
    """Makes statements from edges, in an order that is the same every time."""

    def __init__(
        self, labels: Labels, lang: str, sources: dict[str, Source], positions: Mapping[str, object]
    ) -> None:
        self.labels = labels
        self.lang = lang
        self.sources = sources
        self.positions = positions

    def reference(self, iri: str) -> Reference:
        return Reference(iri, self.labels.of(iri, self.lang))

    def value(self, term: terms.Term) -> Value:
        if isinstance(term, NamedNode):
            position = self.positions.get(term.value)
            return Value(
                terms.to_rdflib(term),
                self.labels.of(term.value, self.lang),
                position if isinstance(position, int) else None,
            )
        label = Label(term.value, term.language or "") if isinstance(term, Literal) else Label("[…]")
        return Value(terms.to_rdflib(term), label)

    def statements(
        self, edges: Mapping[Edge, set[str]], inner: Mapping[Edge, set[Edge]]
    ) -> tuple[Statement, ...]:
        """Statements by property (class and names first, then by label), position, value, and source."""
        made = [
            Statement(
                property=self.reference(edge[0].value),
                value=self.value(edge[1]),
                sources=tuple(self.sources[graph] for graph in sorted(graphs)),
                inner=self.statements({part: set() for part in inner.get(edge, ())}, {}),
            )
            for edge, graphs in edges.items()
        ]
        return tuple(sorted(made, key=_order))


def _order(statement: Statement) -> tuple[int, str, str, float, str]:
    first = (RDF.type, *LABEL_PROPERTIES)
    iri = statement.property.iri
    rank = first.index(iri) if iri in first else len(first)
    value = statement.value
    place = math.inf if value.position is None else value.position
    return rank, statement.property.label.text.casefold(), iri, place, value.label.text.casefold()
