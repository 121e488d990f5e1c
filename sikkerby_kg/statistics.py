"""How much there is of what: the numbers of VoID, counted by the engine in the merged graph."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sikkerby_kg import terms
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import RDF
from sikkerby_kg.stores import Store

_NUMBERS = "(COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)"
_TRIPLES = ("?s ?p ?o", "?s ?p ?o")
_ALL = (f"SELECT {_NUMBERS}", *_TRIPLES, "")
_PROPERTIES = (f"SELECT ?p {_NUMBERS}", *_TRIPLES, "GROUP BY ?p ORDER BY ?p")
_CLASSES = (
    "SELECT ?c (COUNT(*) AS ?n)",
    "?s ?c",
    f"?s <{RDF.type}> ?c FILTER(isIRI(?c))",
    "GROUP BY ?c ORDER BY ?c",
)
_USES = (
    "SELECT ?c ?p (COUNT(*) AS ?n)",
    "?c ?s ?p ?o",
    f"?s <{RDF.type}> ?c ; ?p ?o FILTER(isIRI(?c))",
    "GROUP BY ?c ?p ORDER BY ?c ?p",
)
_TARGETS = (
    "SELECT ?c ?p ?d (COUNT(*) AS ?n)",
    "?c ?s ?p ?o ?d",
    f"?s <{RDF.type}> ?c ; ?p ?o . ?o <{RDF.type}> ?d FILTER(isIRI(?c) && isIRI(?d))",
    "GROUP BY ?c ?p ?d ORDER BY ?c ?p ?d",
)
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?g)) } GROUP BY ?g ORDER BY ?g"


@dataclass(frozen=True, slots=True)
class Count:
    """How many triples, with how many different subjects and objects."""

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often things of a class have a property, and with things of which classes as its values."""

    triples: int
    targets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a graph. Classes, properties and graphs are IRIs, in order."""

    all: Count
    properties: Mapping[str, Count]
    classes: Mapping[str, int]
    uses: Mapping[str, Mapping[str, Use]]
    graphs: Mapping[str, int]


def statistics_of(store: Store) -> Statistics:
    """The numbers of all that is in a store; a statement in two graphs counts once."""

    def counted(select: str, variables: str, pattern: str, order: str) -> Iterator[tuple[Any, ...]]:
        if not isinstance(store, LocalStore):  # only our own default graph is sure to hold everything once
            pattern = f"SELECT DISTINCT {variables} {{ {pattern} }}"
        return _rows(store, f"{select} {{ {pattern} }} {order}")

    targets: dict[tuple[str, str], dict[str, int]] = {}
    for kind, name, other, number in counted(*_TARGETS):
        targets.setdefault((kind, name), {})[other] = number
    uses: dict[str, dict[str, Use]] = {}
    for kind, name, number in counted(*_USES):
        uses.setdefault(kind, {})[name] = Use(number, targets.get((kind, name), {}))
    return Statistics(
        all=Count(*next(counted(*_ALL))),
        properties={name: Count(*numbers) for name, *numbers in counted(*_PROPERTIES)},
        classes=dict(counted(*_CLASSES)),
        uses=uses,
        graphs=graph_sizes(store),
    )


def graph_sizes(store: Store) -> dict[str, int]:
    """Named graph → how many statements it holds, in the order of the names."""
    return dict(_rows(store, _GRAPHS))


def _rows(store: Store, query: str) -> Iterator[tuple[Any, ...]]:
    for solution in store.evaluate(query).solutions():
        yield tuple(map(terms.to_python, solution))
