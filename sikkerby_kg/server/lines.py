"""One telling line about each of many things in a list: when it was, what it belongs to, what it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pyoxigraph import Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCAT, DCT, ORG, RDFS, SIK, SKOS
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site

PERIODS = (SIK.validityPeriod, SIK.occurredDuring, DCT.temporal)
"""The properties that say when something holds or was."""

BELONGING = (SIK.hasFocusArea, SIK.hasAddedFocusArea, SIK.hasPrinciple)
"""Properties whose subject says best what their object belongs to."""

TELLING = (
    *(SIK.gapAbout, SIK.proposedFor, SIK.outcome, SIK.responsibleActor, SIK.performedBy),
    *(DCT.isPartOf, ORG.classification, DCT.type, SKOS.inScheme),
)
"""Properties whose values tell most about their subject, those first that tell more."""

DESCRIBING = (SIK.keyPhrase, SKOS.definition, DCT.description, RDFS.comment, SKOS.scopeNote)

PARTS = 2
"""Values in one line beside the period."""

_WHOLE_YEAR = ("-01-01", "-12-31")

_OUTGOING = """SELECT DISTINCT ?thing ?property ?value WHERE {{
  VALUES ?thing {{ {things} }} VALUES ?property {{ {properties} }} ?thing ?property ?value
}}"""
_INCOMING = """SELECT DISTINCT ?thing ?value WHERE {{
  VALUES ?thing {{ {things} }} VALUES ?property {{ {properties} }} ?value ?property ?thing
  FILTER(isIRI(?value))
}}"""
_TIMES = """SELECT DISTINCT ?thing ?period ?start ?end WHERE {{
  VALUES ?thing {{ {things} }} VALUES ?property {{ {properties} }} ?thing ?property ?period
  OPTIONAL {{ ?period <{start}> ?start }} OPTIONAL {{ ?period <{end}> ?end }}
}}"""


@dataclass(frozen=True, slots=True)
class Line:
    """What tells most about a thing: a few names, and a description; either may be missing."""

    parts: Sequence[Shown] = ()
    text: Label | None = None
    is_phrase: bool = False

    def beside(self, *names: str) -> "Line":
        """The same line without what names beside it say already, whole or before a comma."""
        said = {name[:end] for name in names for end in (len(name), *_commas(name))}
        return replace(self, parts=[part for part in self.parts if part.text not in said])


@dataclass(frozen=True, slots=True)
class Time:
    """When something holds or was: the period's IRI, if it has one, and its days, if they are known."""

    period: str = ""
    start: date | None = None
    end: date | None = None

    def __str__(self) -> str:
        """The days, shorter where they are whole years."""
        start, end = (day.isoformat() if day else "" for day in (self.start, self.end))
        if start.endswith(_WHOLE_YEAR[0]) and (not end or end.endswith(_WHOLE_YEAR[1])):
            start, end = start[:4], end[:4]
        return start if start == end else f"{start}–{end}"


def times_of(things: Iterable[str]) -> dict[str, list[Time]]:
    """Thing → when it holds or was."""
    query = _TIMES.format(
        things=_iris(things), properties=_iris(PERIODS), start=DCAT.startDate, end=DCAT.endDate
    )
    found: dict[str, list[Time]] = {}
    for thing, period, start, end in site().graph.store.evaluate(query).solutions():
        days = map(_day, (start, end))
        iri = period.value if isinstance(period, NamedNode) else ""
        found.setdefault(terms.to_python(thing), []).append(Time(iri, *days))
    return found


def lines_of(things: Sequence[str], show: Show) -> Mapping[str, Line]:
    """Thing → what tells most about it, in the language of the page."""
    if not things:
        return {}
    store, iris = site().graph.store, _iris(things)
    values: dict[str, dict[str, list[str]]] = {thing: {} for thing in things}
    texts: dict[str, dict[str, dict[str, str]]] = {thing: {} for thing in things}
    query = _OUTGOING.format(things=iris, properties=_iris((*TELLING, *DESCRIBING)))
    for thing, name, value in store.evaluate(query).solutions():
        if isinstance(value, NamedNode):
            values[thing.value].setdefault(name.value, []).append(value.value)
        elif isinstance(value, Literal):
            by_language = texts[thing.value].setdefault(name.value, {})
            by_language.setdefault((value.language or "").lower(), value.value)
    belonging: dict[str, list[str]] = {}
    for thing, value in store.evaluate(
        _INCOMING.format(things=iris, properties=_iris(BELONGING))
    ).solutions():
        belonging.setdefault(thing.value, []).append(value.value)
    times = times_of(things)
    chosen = {thing: _chosen(belonging.get(thing, []), values[thing]) for thing in things}
    show.prefetch(iri for iris in chosen.values() for iri in iris)
    show.prefetch(time.period for found in times.values() for time in found if time.period)
    lines = {}
    for thing in things:
        when = [shown for time in times.get(thing, [])[:1] if (shown := _when(time, show)).text]
        names = [Shown(label.text, label.language) for label in map(show.label, chosen[thing])]
        name, text = _text(texts[thing])
        lines[thing] = Line((*when, *names), text, is_phrase=name == SIK.keyPhrase)
    return lines


def _day(term: terms.Term | None) -> date | None:
    """The day that a term says; None for what is no date."""
    value = terms.to_python(term)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _commas(name: str) -> list[int]:
    return [place for place, letter in enumerate(name) if letter == ","]


def _chosen(belonging: Sequence[str], values: Mapping[str, Sequence[str]]) -> list[str]:
    """What a thing belongs to and the values that tell most, few enough for a line."""
    found = [*belonging[:1], *(min(values[name]) for name in TELLING if name in values)]
    return list(dict.fromkeys(found))[:PARTS]


def _when(time: Time, show: Show) -> Shown:
    """A period by its name, else by its days."""
    if time.period:
        label = show.label(time.period)
        if label.text != site().graph.labels.short(time.period):
            return Shown(label.text, label.language)
    return Shown(str(time))


def _text(texts: Mapping[str, Mapping[str, str]]) -> tuple[str, Label | None]:
    """The text that describes best, and of which property it is."""
    name = next((name for name in DESCRIBING if name in texts), "")
    return name, in_language(texts.get(name, {}), language())


def _iris(iris: Iterable[str]) -> str:
    return " ".join(f"<{iri}>" for iri in iris)
