"""What things are at a date: the spans that the graph gives them, their state, and what came only later.

Valid time only: when something held or happened, never when it was recorded. A span is what the model says
of a period: ``sik:validityPeriod`` (it holds throughout), ``sik:occurredDuring`` (it lies somewhere within),
and ``eli:first_date_entry_in_force`` of a legal act. Nothing here knows a kind of one city's content.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from sikkerby_kg import terms
from sikkerby_kg.namespaces import DCAT, DCT, ELI, MODEL, PROV, RDFS, SIK
from sikkerby_kg.stores import Store

CAUSES = (SIK.resultedFrom, SIK.imposedBy, PROV.wasRevisionOf, DCT.replaces)
"""Properties whose subject cannot be older than its object."""

TOPICS = (SIK.concerns, SIK.concernsFocusAreasOf, SIK.gapAbout, SIK.proposes)
"""Properties that say what a subject is about: about later things alone, it is later itself."""

OWNERS = (
    *(SIK.hasPrinciple, SIK.hasFocusArea, SIK.hasAddedFocusArea, SIK.hasRationale),
    *(SIK.validityPeriod, SIK.occurredDuring),
)
"""Properties whose object exists only with its subject: belonging to later things alone, it is later too."""

_CONCEPTS = MODEL.removesuffix("model/") + "concept/event-kind/"
BEGINNINGS = (_CONCEPTS + "introduced", _CONCEPTS + "adopted", _CONCEPTS + "enters-into-force")
"""Kinds of event with which something begins: what has no date of its own is as old as these."""

DATED_KINDS = (SIK.PolicyInstrument, SIK.PolicyEvent)
"""The classes whose instances have a date in the world, known or not."""

_REMEMBERED = 64  # dates whose later things are kept

_SPANS = f"""SELECT DISTINCT ?thing ?property ?period ?start ?end ?precision WHERE {{
  {{
    VALUES ?property {{ <{SIK.validityPeriod}> <{SIK.occurredDuring}> }}
    ?thing ?property ?period .
    OPTIONAL {{ ?period <{DCAT.startDate}> ?start }}
    OPTIONAL {{ ?period <{DCAT.endDate}> ?end }}
    OPTIONAL {{ ?period <{SIK.datePrecision}> ?precision }}
  }}
  UNION
  {{
    ?thing <{ELI.first_date_entry_in_force}> ?start . BIND(<{SIK.validityPeriod}> AS ?property)
    OPTIONAL {{ ?thing <{ELI.date_no_longer_in_force}> ?end }}
  }}
}}"""
_LINKS = """SELECT DISTINCT ?subject ?property ?object WHERE {{
  VALUES ?property {{ {properties} }}
  ?subject ?property ?object . FILTER(!isLiteral(?object))
}}"""
_BEGUN = f"""SELECT DISTINCT ?event ?thing WHERE {{
  VALUES ?kind {{ {" ".join(f"<{kind}>" for kind in BEGINNINGS)} }}
  ?event <{DCT.type}> ?kind ; <{SIK.concerns}> ?thing . FILTER(!isLiteral(?thing))
}}"""
_DECISIONS = f"SELECT DISTINCT ?decision WHERE {{ ?decision a <{SIK.Decision}> }}"
_KINDS = f"""SELECT DISTINCT ?thing WHERE {{
  VALUES ?kind {{ {" ".join(f"<{kind}>" for kind in DATED_KINDS)} }}
  ?thing a ?class . ?class <{RDFS.subClassOf}>* ?kind
}}"""
_DOCUMENTS = f"""SELECT DISTINCT ?document ?start ?end WHERE {{
  ?document a <{SIK.SourceDocument}> .
  {{ ?document <{DCT.temporal}> ?period
     OPTIONAL {{ ?period <{DCAT.startDate}> ?start }} OPTIONAL {{ ?period <{DCAT.endDate}> ?end }} }}
  UNION {{ ?document <{DCT.issued}> ?start BIND(?start AS ?end) }}
}}"""
_RECORD = f"""SELECT DISTINCT ?day WHERE {{
  ?dataset a <{DCAT.Dataset}> . {{ ?dataset <{DCT.modified}> ?day }} UNION {{ ?dataset <{DCT.issued}> ?day }}
}}"""


class State(StrEnum):
    """How something stands at a date."""

    IN_FORCE = "in-force"
    IN_NAME = "in-name"
    """Its period holds the date, but that it had been decided on is not certain yet."""
    ENDED = "ended"
    NOT_YET = "not-yet"
    HAPPENED = "happened"
    UNCERTAIN = "uncertain"
    """The date lies in the window in which it happened: before or after, nobody knows."""
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Span:
    """When something held (``is_window`` False), or the window in which it happened (True).

    ``period`` is the node that says so, empty for none; an end or a start that is None is open or unknown.
    """

    is_window: bool
    period: str = ""
    start: date | None = None
    end: date | None = None
    precision: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether a date is known of it."""
        return self.start is not None or self.end is not None

    def holds(self, day: date) -> bool:
        """Whether a day lies in it; an open side has no bound."""
        return (self.start or date.min) <= day <= (self.end or date.max)


class Moments:
    """The spans in a graph that has been loaded and does not change, and what follows from them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._later: dict[date, frozenset[str]] = {}

    @cached_property
    def spans(self) -> Mapping[str, tuple[Span, ...]]:
        """Thing → its spans, earliest first; a period that has several dates reaches over all of them."""
        found: dict[tuple[str, bool, str], list[tuple[date | None, date | None, str]]] = {}
        for row in self._store.evaluate(_SPANS).solutions():
            thing, name, period, start, end, precision = map(terms.to_python, row)
            key = (thing, name == SIK.occurredDuring, period or "")
            found.setdefault(key, []).append((_day(start), _day(end), precision or ""))
        spans: dict[str, list[Span]] = {}
        for (thing, is_window, period), rows in found.items():
            starts, ends, precisions = zip(*rows, strict=True)
            span = Span(is_window, period, _least(starts), _most(ends), max(precisions))
            spans.setdefault(thing, []).append(span)
        return {thing: tuple(sorted(members, key=_order)) for thing, members in spans.items()}

    @cached_property
    def things(self) -> frozenset[str]:
        """What has a place in time, known or not."""
        return self._dated_kinds | self.spans.keys()

    @cached_property
    def undated(self) -> frozenset[str]:
        """What has a place in time that nobody knows."""
        dated = {thing for thing, spans in self.spans.items() if any(span.is_dated for span in spans)}
        return self.things - dated

    @cached_property
    def newest(self) -> date | None:
        """The date that the content speaks of when none is chosen; None if it has no date at all.

        The latest end of what its source documents cover, else when the dataset was last changed, else the
        latest date at which anything begins.
        """
        record = [_day(terms.to_python(day)) for (day,) in self._store.evaluate(_RECORD).solutions()]
        starts = [span.start for spans in self.spans.values() for span in spans]
        return self._told or _most(record) or _most(starts)

    def day(self, chosen: date | None) -> date | None:
        """The date to judge by: the chosen one, else that of the newest state."""
        return chosen or self.newest

    def later(self, day: date | None) -> frozenset[str]:
        """What came only after a day: IRIs and names of blank nodes. Nothing for the newest state.

        What has dated spans is later if all of them start later. Anything else is later if it follows from
        something later (CAUSES), is about later things alone (TOPICS), belongs to such alone (OWNERS), or if
        all events with which it begins (BEGINNINGS) are later.
        Source documents are never later: they are how we know.
        """
        if day is None:
            return frozenset()
        if day not in self._later:
            while len(self._later) >= _REMEMBERED:
                self._later.pop(next(iter(self._later)), None)
            self._later[day] = self._after(day)
        return self._later[day]

    def _after(self, day: date) -> frozenset[str]:
        dated = {thing for thing, spans in self.spans.items() if any(span.is_dated for span in spans)}
        found = {thing for thing in dated if self._starts_after(thing, day)}
        documents = set(self._documents)
        found |= {name for name, (start, _) in self._documents.items() if start is not None and start > day}
        waiting = set(self._links) - dated - documents
        while True:
            new = {node for node in waiting if _follows(self._links[node], found)}
            if not new:
                return frozenset(found - documents)
            found |= new
            waiting -= new

    def _starts_after(self, thing: str, day: date) -> bool:
        known = [span for span in self.spans[thing] if span.is_dated]
        return all(span.start is not None and span.start > day for span in known)

    def state(self, thing: str, chosen: date | None) -> State | None:
        """How a thing stands at a date, or in the newest state; None for what has no place in time."""
        day = self.day(chosen)
        if chosen is not None and thing in self.later(chosen):
            return State.NOT_YET
        spans = [span for span in self.spans.get(thing, ()) if span.is_dated]
        if day is None or not spans:
            return State.UNDATED if thing in self.spans or thing in self._dated_kinds else None
        if all(span.start is not None and span.start > day for span in spans):
            return State.NOT_YET
        periods = [span for span in spans if not span.is_window]
        if periods:
            if not any(span.holds(day) for span in periods):
                return State.ENDED
            return State.IN_FORCE if self._is_decided(thing, day) else State.IN_NAME
        return State.HAPPENED if any(self._is_over(thing, span, day) for span in spans) else State.UNCERTAIN

    def _is_over(self, event: str, span: Span, day: date) -> bool:
        """Whether what happened in a window had happened by a day.

        The sources tell of a decision as taken: by their own date it had been, whatever its window says.
        """
        if span.end is not None and span.end <= day:
            return True
        known = event in self._decisions and self._told is not None and day >= self._told
        return known and span.start is not None and span.start <= day

    def _is_decided(self, thing: str, day: date) -> bool:
        """Whether the decision on a thing had been taken by a day; yes if none with a date is known."""
        windows = [
            (decision, span)
            for decision in self._decisions_on.get(thing, ())
            for span in self.spans.get(decision, ())
            if span.is_dated
        ]
        return not windows or any(self._is_over(decision, span, day) for decision, span in windows)

    @cached_property
    def _told(self) -> date | None:
        """The latest date that a source document is of."""
        return _most(end for _, end in self._documents.values())

    @cached_property
    def _documents(self) -> Mapping[str, tuple[date | None, date | None]]:
        """Source document → from when and until when it is of."""
        found: dict[str, list[tuple[date | None, date | None]]] = {}
        for row in self._store.evaluate(_DOCUMENTS).solutions():
            document, start, end = map(terms.to_python, row)
            found.setdefault(document, []).append((_day(start), _day(end)))
        return {
            name: (_least(start for start, _ in rows), _most(end for _, end in rows))
            for name, rows in found.items()
        }

    @cached_property
    def _links(self) -> Mapping[str, "_Links"]:
        """Thing → its causes, its topics, its owners, and the events with which it begins."""
        properties = " ".join(f"<{name}>" for name in (*CAUSES, *TOPICS, *OWNERS))
        links: dict[str, _Links] = {}
        for row in self._store.evaluate(_LINKS.format(properties=properties)).solutions():
            subject, name, found = map(terms.to_python, row)
            dependent, other = (found, subject) if name in OWNERS else (subject, found)
            group = 2 if name in OWNERS else 1 if name in TOPICS else 0
            links.setdefault(dependent, (set(), set(), set(), set()))[group].add(other)
        for event, thing in self._store.evaluate(_BEGUN).solutions():
            begun = links.setdefault(terms.to_python(thing), (set(), set(), set(), set()))
            begun[3].add(terms.to_python(event))
        return links

    @cached_property
    def _decisions(self) -> frozenset[str]:
        found = self._store.evaluate(_DECISIONS).solutions()
        return frozenset(terms.to_python(decision) for (decision,) in found)

    @cached_property
    def _decisions_on(self) -> Mapping[str, set[str]]:
        """Thing → the decisions that concern it."""
        found: dict[str, set[str]] = {}
        for decision in self._decisions:
            for topic in self._links.get(decision, _NO_LINKS)[1]:
                found.setdefault(topic, set()).add(decision)
        return found

    @cached_property
    def _dated_kinds(self) -> frozenset[str]:
        return frozenset(terms.to_python(thing) for (thing,) in self._store.evaluate(_KINDS).solutions())


_Links = tuple[set[str], set[str], set[str], set[str]]
_NO_LINKS: _Links = (set(), set(), set(), set())


def _follows(links: _Links, found: set[str]) -> bool:
    causes, *others = links
    return bool(causes & found) or any(group and group <= found for group in others)


def _day(value: object) -> date | None:
    """A date as it stands in the graph; anything finer or wrong is none."""
    return value if type(value) is date else None


def _least(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _most(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _order(span: Span) -> tuple[date, date, str]:
    return span.start or date.min, span.end or date.max, span.period
