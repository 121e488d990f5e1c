"""What is said in passing of the things that a page leads to: when, by whom, with which outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from sikkerby_kg import terms
from sikkerby_kg.namespaces import DCAT, DCT, OA, RDF, SIK
from sikkerby_kg.server.moments import later
from sikkerby_kg.server.site import site

TIMES = (SIK.occurredDuring, SIK.validityPeriod)
"""What says when something is; a page tells it without naming the property."""

NOTES = (
    *TIMES,
    DCT.type,
    *(SIK.performedBy, SIK.givenBy, SIK.responsibleActor, SIK.obliges),
    *(SIK.outcome, SIK.agreement, SIK.resultedFrom, SIK.rationaleText, SIK.allocatedAmount),
    *(DCAT.startDate, DCAT.endDate, SIK.keyPhrase, OA.start, OA.end),
)
"""The properties that are told of a thing beside its name, in this order."""

MOST = 1000
"""Things of which something is told on one page."""

_QUERY = """SELECT DISTINCT ?it ?property ?value WHERE {{
  VALUES ?it {{ {things} }}
  VALUES ?property {{ {properties} }}
  ?it ?property ?value .
}}"""


@dataclass(slots=True)
class Neighbour:
    """What is known in passing of one thing; ``start`` is when it began, to order by."""

    types: set[str] = field(default_factory=set)
    values: dict[str, list[terms.Term]] = field(default_factory=dict)
    start: str = ""


def neighbours_of(iris: Iterable[str]) -> dict[str, Neighbour]:
    """Thing → what is known of it in passing."""
    found = {iri: Neighbour() for iri in sorted(set(iris))[:MOST]}
    if not found:
        return found
    things = _iris(found)
    query = _QUERY.format(things=things, properties=_iris((RDF.type, *NOTES)))
    unknown = later()
    for it, name, value in site().graph.store.evaluate(query).solutions():
        neighbour = found[it.value]
        if isinstance(value, NamedNode) and value.value in unknown:
            continue
        if name.value == RDF.type:
            neighbour.types.add(terms.to_python(value))
        else:
            neighbour.values.setdefault(name.value, []).append(value)
    events, spans = set(site().kinds.with_subclasses(SIK.PolicyEvent)), site().moments.spans
    for iri, neighbour in found.items():
        starts = [span.start for span in spans.get(iri, ()) if span.start]
        neighbour.start = min(starts).isoformat() if starts else ""
        if not neighbour.types & events:
            neighbour.values.pop(DCT.type, None)  # a class says enough of anything else
    return found


def named(neighbours: Iterable[Neighbour]) -> Sequence[str]:
    """The IRIs that notes mention, to be looked up at once."""
    return [
        value.value
        for neighbour in neighbours
        for values in neighbour.values.values()
        for value in values
        if isinstance(value, NamedNode)
    ]


def _iris(iris: Iterable[str]) -> str:
    return " ".join(f"<{iri}>" for iri in iris)
