"""By what a long list can be narrowed down: properties whose values several things of the list share.

Nothing here knows what the things are. A property is a facet if it divides the list well; where its values
are too many, the classes of the values take their place. What refers to the things divides them, too: by the
thing that refers to them, under its class, and by the property that it does so with (the role of the things).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sikkerby_kg.namespaces import DCT, RDF
from sikkerby_kg.server.kinds import Kinds, group_of
from sikkerby_kg.server.lines import PERIODS

MOST = 5
"""Facets of one list."""

LONG = 8
"""Things in the shortest list that has facets."""

KIND = "kind"
ROLE = "role"
YEAR = "year"
"""The facets that are not of one property."""

_PLACES = {KIND: 0, ROLE: 2}  # the other facets stand between these
_SHARED = 0.3  # of the list must share values with others
_ALIKE = 0.7  # of the things, for two facets to be the same
_VALUES = 24  # more values than that are no help
_LAST = 200  # years of the longest period that is counted

Values = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to divide a list: value → the things that have it. ``key`` is KIND, ROLE, YEAR or an IRI."""

    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class Link:
    """A statement between a thing of the list and another one, whose classes are known."""

    thing: str
    property: str
    other: str
    classes: frozenset[str] = frozenset()


def facets_of(
    things: Sequence[str],
    outgoing: Iterable[Link],
    incoming: Iterable[Link],
    kinds: Kinds,
    narrower: set[str],
) -> list[Facet]:
    """The facets of a list, the best first; ``narrower`` are the classes that are its own facet."""
    if len(things) < LONG:
        return []
    found, by_class = _Found(), _Found()
    for link in outgoing:
        _divide(found, by_class, link, kinds, narrower)
    for link in incoming:
        if any(group_of(kind) == "content" for kind in link.classes):
            found.add("in", ROLE, link.property, link.thing)
            for kind in link.classes:
                found.add("in", kind, link.other, link.thing)
    good = []
    for place, values in found.items():
        # Where values are no help, their classes may be.
        for each in (values, by_class.get(place, {})):
            score = _score(each, len(things))
            if score:
                frozen = {value: frozenset(having) for value, having in each.items()}
                good.append((_PLACES.get(place[1], 1), -score, len(each), Facet(place[1], frozen)))
                break
    return _different([facet for *_, facet in sorted(good, key=lambda one: (*one[:3], one[3].key))])


def _divide(found: "_Found", by_class: "_Found", link: Link, kinds: Kinds, narrower: set[str]) -> None:
    """Note what a statement about a thing of the list divides it by."""
    if link.property == RDF.type:
        if link.other in narrower:
            found.add("type", KIND, link.other, link.thing)
    elif link.property == DCT.isPartOf:  # wholes of several kinds: each kind divides for itself
        for kind in link.classes:
            found.add("part", kind, link.other, link.thing)
    elif link.property not in PERIODS:  # they are divided by years
        found.add("out", link.property, link.other, link.thing)
        own = {kind for kind in link.classes if group_of(kind) == "content"} or link.classes
        for kind in own:
            by_class.add("out", link.property, kinds.widest(kind), link.thing)


def years(spans: Mapping[str, Sequence[tuple[int | None, int | None]]], total: int) -> Facet | None:
    """The years of a list as its facet; thing → first and last years, None where a period is open."""
    known = [year for each in spans.values() for span in each for year in span if year is not None]
    if not known:
        return None
    values: dict[str, set[str]] = {}
    for thing, each in spans.items():
        for first, last in each:
            if first is None and last is None:
                continue
            start = first if first is not None else min(known)
            end = last if last is not None else max(known)
            for year in range(start, min(end, start + _LAST) + 1):
                values.setdefault(str(year), set()).add(thing)
    if not _score(values, total, most=_LAST):
        return None
    return Facet(YEAR, {year: frozenset(values[year]) for year in sorted(values)})


class _Found(dict[tuple[str, str], dict[str, set[str]]]):
    """Way and key of what may be a facet → value → the things that have it."""

    def add(self, way: str, key: str, value: str, thing: str) -> None:
        self.setdefault((way, key), {}).setdefault(value, set()).add(thing)


def _score(values: Mapping[str, Iterable[str]], total: int, most: int = _VALUES) -> float:
    """How well values divide a list: the part of it that has values which some others have; 0: badly."""
    sets = [set(having) for having in values.values()]
    shared = {thing for having in sets if 1 < len(having) < total for thing in having}
    is_good = 1 < len(sets) <= most and len(shared) / total >= _SHARED
    return len(shared) / total if is_good else 0.0


def _different(facets: Sequence[Facet]) -> list[Facet]:
    """The first facets of which none divides the list as another one does, or more coarsely than that."""
    divided = [frozenset(facet.values.values()) for facet in facets]
    chosen = [
        facet
        for number, (facet, sets) in enumerate(zip(facets, divided, strict=True))
        if not any(
            _alike(sets, other) and (len(sets), place) < (len(other), number)
            for place, other in enumerate(divided)
            if place != number
        )
    ]
    return chosen[:MOST]


def _alike(sets: frozenset[frozenset[str]], other: frozenset[frozenset[str]]) -> bool:
    """Whether most things stand in the same company here and there."""
    return sum(map(len, sets & other)) >= _ALIKE * sum(map(len, sets))
