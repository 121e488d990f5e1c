"""The parts of a page: those of the kind of thing, then those that the shapes make, then who refers to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.description import Description, Statement, Value
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import SIK
from sikkerby_kg.server.explain import draft, name, query_of, query_through
from sikkerby_kg.server.language import language
from sikkerby_kg.server.layouts import Pick, Section, layout_of, lineage_of
from sikkerby_kg.server.moments import later
from sikkerby_kg.server.own_words import in_own_words
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.server.statements import GroupView, Row, Statements
from sikkerby_kg.server.strategies import counted
from sikkerby_kg.shape_rules import Key, Place
from sikkerby_kg.sources import Reference, Source, find_sources
from sikkerby_kg.texts import text
from sikkerby_kg.written import period_text

_CHAIN = """SELECT ?it (SAMPLE(?from) AS ?start) (SAMPLE(?to) AS ?end) (SAMPLE(?period) AS ?when)
       (COUNT(DISTINCT ?older) AS ?before)
WHERE {{
  {thing} (dct:replaces|^dct:replaces)* ?it .
  OPTIONAL {{ ?it dct:replaces+ ?older }}
  OPTIONAL {{
    ?it sik:validityPeriod ?period .
    OPTIONAL {{ ?period dcat:startDate ?from }}
    OPTIONAL {{ ?period dcat:endDate ?to }}
  }}
}}
GROUP BY ?it
ORDER BY ?before ?start ?it
"""


@dataclass(frozen=True, slots=True)
class LinkView:
    """One member of a chain of successors; ``here`` is the thing of the page, ``when`` its period."""

    label: Shown
    when: Shown | None
    here: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """One part of a page; ``minor`` is one that does not belong to the kind of the thing.

    ``explain`` leads to the query that gives it, ``explain_chain`` to that of the chain.
    """

    id: str
    title: Shown
    groups: Sequence[GroupView]
    hint: str = ""
    chain: Sequence[LinkView] = ()
    explain: str = ""
    explain_chain: str = ""
    minor: bool = False


class Arrangement:
    """Gives every statement of a description one place on the page."""

    def __init__(self, description: Description, statements: Statements, types: Sequence[str]) -> None:
        self.description = description
        self._statements = statements
        self._types = types
        self._lang = language()
        self._left: dict[Key, list[Statement]] = {}
        for backwards, group in ((False, in_own_words(description.outgoing)), (True, description.incoming)):
            for statement in group:
                self._left.setdefault((statement.property.iri, backwards), []).append(statement)

    def about(self, key: Key) -> Sequence[Statement]:
        """The statements with a property that have no place yet."""
        return self._left.get(key, ())

    def take(self, key: Key, statement: Statement) -> None:
        """Give a statement a place elsewhere on the page."""
        self._left[key].remove(statement)
        if not self._left[key]:
            del self._left[key]

    def skip(self, key: Key) -> None:
        """Leave out the statements with a property: the page shows them in another way."""
        self._left.pop(key, None)

    def sections(self) -> list[SectionView]:
        """All parts of the page that hold anything. To be called once."""
        layout = layout_of(self._types)
        hints = {section.name: self._counted() for section in layout if section.special == "counted"}
        rows = {section.name: self._rows(section) for section in layout}
        found = [row for members in rows.values() for row in members]
        things = {row.statement.value.iri for row in found}
        self._statements.look_up({iri for iri in things if iri}.union(*(row.via for row in found)))
        views = [
            self._section(section, rows[section.name], hints.get(section.name, "")) for section in layout
        ]
        own, last = [view for view in views[:-1] if view], [view for view in views[-1:] if view]
        places = site().shapes.places(lineage_of(self._types))
        return [*own, *self._by_shape(places), *last, *self._backwards()]

    def _rows(self, section: Section) -> list[Row]:
        """The statements of a section, in the order of its layout: those taken, and those a step away."""
        rows = [row for pick in section.picks for row in self._picked(pick)]
        return [*rows, *self._through(section, {str(row.statement.value.term) for row in rows})]

    def _section(self, section: Section, rows: Sequence[Row], hint: str) -> SectionView | None:
        chain = self._chain() if section.special == "chain" else []
        if not rows and not chain:
            return None
        iri = self.description.iri
        return SectionView(
            id=section.name,
            title=Shown(text(f"web.section_{section.name}", self._lang)),
            groups=self._statements.groups(rows, by_time=section.by_time),
            hint=hint,
            chain=chain,
            explain=draft(query_of(section, iri)),
            explain_chain=draft(_CHAIN.format(thing=name(iri))) if chain else "",
        )

    def _picked(self, pick: Pick) -> Iterator[Row]:
        wanted = {each for kind in pick.kinds for each in site().kinds.with_subclasses(kind)}
        for iri in pick.properties:
            key = (iri, pick.backwards)
            for statement in list(self.about(key)):
                if not wanted or wanted & self._statements.types_of(statement.value.iri):
                    self.take(key, statement)
                    yield Row(key, statement)

    def _through(self, section: Section, shown: set[str]) -> list[Row]:
        """The statements that lie a step away, each with its sources; what is shown already is left out."""
        if not section.through:
            return []
        graph = site().graph
        found: dict[tuple[Key, terms.Term], tuple[set[str], set[str]]] = {}
        query = query_through(section, self.description.iri)
        left_out = shown | later() | {self.description.iri}
        for relation, backwards, via, it, source in graph.store.evaluate(query).solutions():
            if str(terms.to_python(it)) not in left_out and via.value not in later():
                places, graphs = found.setdefault(
                    ((relation.value, backwards is not None), it), (set(), set())
                )
                places.add(via.value)
                graphs.add(source.value)
        graph.labels.prefetch({it.value for _, it in found if isinstance(it, NamedNode)})
        order = [key for each in section.through for key in each.keys]
        names = {each for _, graphs in found.values() for each in graphs}
        sources = find_sources(graph.store, graph.labels, names, self._lang)
        return [
            Row(
                key,
                self._statement(key, it, [sources[each] for each in sorted(graphs)]),
                tuple(sorted(places)),
            )
            for (key, it), (places, graphs) in sorted(
                found.items(), key=lambda pair: (order.index(pair[0][0]), str(pair[0][1]))
            )
        ]

    def _statement(self, key: Key, it: terms.Term, sources: list[Source]) -> Statement:
        labels = site().graph.labels
        label = labels.of(it.value, self._lang) if isinstance(it, NamedNode) else Label("[…]")
        if isinstance(it, Literal):
            label = Label(it.value, it.language or "")
        reference = Reference(key[0], labels.of(key[0], self._lang))
        return Statement(reference, Value(terms.to_rdflib(it), label), tuple(sources))

    def _counted(self) -> str:
        """How many focus areas are stated, named and added, in words."""
        stated = [s.value.term for s in self.about((SIK.statedFocusAreaCount, False))]
        number = next((int(str(term)) for term in stated if str(term).isdecimal()), None)
        named, added = (len(self.about((iri, False))) for iri in (SIK.hasFocusArea, SIK.hasAddedFocusArea))
        return counted(number, named, added)

    def _chain(self) -> list[LinkView]:
        """What replaced what, from the first to the last, if it is more than the thing itself."""
        query = _CHAIN.format(thing=name(self.description.iri))
        found = [
            row for row in site().ask(query).solutions() if getattr(row["it"], "value", "") not in later()
        ]
        if len(found) < 2:  # noqa: PLR2004  (a chain has two ends)
            return []
        show = self._statements.show
        show.prefetch(
            term.value for row in found for term in (row["it"], row["when"]) if isinstance(term, NamedNode)
        )
        return [
            LinkView(
                label=show.term(row["it"]),
                when=_when(row["when"], row["start"], row["end"], self._statements),
                here=getattr(row["it"], "value", "") == self.description.iri,
            )
            for row in found
        ]

    def _by_shape(self, places: dict[Key, Place]) -> Iterator[SectionView]:
        """What is left, by the groups of the shapes; what no shape knows comes last."""
        known = sorted((place.rank, key) for key, place in places.items() if key in self._left)
        groups: dict[str, list[Key]] = {}
        for _, key in known:
            groups.setdefault(places[key].group, []).append(key)
        others = [key for key in self._left if key not in places and not key[1]]
        groups.setdefault("", []).extend(others)
        labels = site().graph.labels
        for number, (group, keys) in enumerate(groups.items(), 1):
            backward = {key: shown for key in keys if key[1] and (shown := self._called(places[key]))}
            rows = [Row(key, statement) for key in keys for statement in self._left.pop(key)]
            if rows:
                label = (
                    labels.of(group, self._lang) if group else Label(text("web.section_other", self._lang))
                )
                yield SectionView(
                    id=f"part-{number}",
                    title=Shown(label.text, label.language),
                    groups=self._statements.groups(rows, names=backward),
                    minor=True,
                )

    def _called(self, place: Place) -> Shown | None:
        name_ = in_language(place.name, self._lang)
        return Shown(name_.text, name_.language) if name_ else None

    def _backwards(self) -> Iterator[SectionView]:
        """Who refers to the thing; what has no name leads nowhere and is left out."""
        keys = sorted(key for key in self._left if key[1])
        found = [(key, statement) for key in keys for statement in self._left.pop(key)]
        rows = [Row(key, statement) for key, statement in found if statement.value.iri]
        if rows:
            yield SectionView(
                id="incoming",
                title=Shown(text("web.incoming", self._lang)),
                groups=self._statements.groups(rows),
                minor=True,
            )


def _when(
    period: terms.Term | None, start: terms.Term | None, end: terms.Term | None, statements: Statements
) -> Shown | None:
    """A period as the source calls it, else from when to when."""
    show = statements.show
    if isinstance(period, NamedNode) and site().graph.labels.all(period.value):
        return show.iri(period.value)
    if isinstance(period, NamedNode | BlankNode) and (start or end):
        days = (terms.to_python(each) for each in (start, end))
        first, last = (day if isinstance(day, date) else None for day in days)
        if words := period_text(first, last, "", language()):
            return Shown(words)
    return None
