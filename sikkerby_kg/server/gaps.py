"""What is not known: recorded gaps by their kind, and what follows from the graph, each with its query."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup
from pyoxigraph import NamedNode, QuerySolution

from sikkerby_kg import terms
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import SIK, SKOS
from sikkerby_kg.server.as_of import as_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import later
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.sentences import explained, linked, sentence
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text

RECORDED = """
SELECT DISTINCT ?gap ?kind ?about ?property ?document WHERE {
  ?gap a sik:KnowledgeGap .
  OPTIONAL { ?gap dct:type ?kind }
  OPTIONAL { ?gap sik:gapAbout ?about }
  OPTIONAL { ?gap sik:gapProperty ?property }
  OPTIONAL { ?gap sik:searchedIn ?document }
}
ORDER BY ?kind ?gap
"""
_EXPIRED = """
SELECT DISTINCT ?thing ?end ?successor WHERE {{
  VALUES ?kind {{ {instruments} }}
  ?thing a ?kind ; sik:validityPeriod/dcat:endDate ?end .
  FILTER(?end < "{day}"^^xsd:date)
  OPTIONAL {{ ?successor dct:replaces ?thing }}
}}
ORDER BY ?end ?thing
"""
_RESTING = """
SELECT DISTINCT ?thing ?plan ?end WHERE {{
  ?thing sik:isBasedOn ?plan .
  ?plan sik:validityPeriod/dcat:endDate ?end .
  FILTER(?end < "{day}"^^xsd:date)
}}
ORDER BY ?thing ?plan
"""
_UNNAMED = """
SELECT DISTINCT ?thing ?stated ?named WHERE {{
  ?thing sik:statedFocusAreaCount ?stated .
  OPTIONAL {{
    SELECT ?thing (COUNT(DISTINCT ?area) AS ?count) WHERE {{ ?thing sik:hasFocusArea ?area }} GROUP BY ?thing
  }}
  BIND(COALESCE(?count, 0) AS ?named)
  FILTER(?named < ?stated)
}}
ORDER BY ?thing
"""
_UNASSESSED = """
SELECT DISTINCT ?thing WHERE {{
  ?strategy sik:hasPrinciple ?thing .
  FILTER NOT EXISTS {{
    ?assessment a sik:StatusAssessment ; sik:outcome ?outcome ; sik:concerns|sik:concernsFocusAreasOf ?thing .
    OPTIONAL {{ ?assessment sik:occurredDuring/dcat:startDate ?from }}
    FILTER(COALESCE(?from, "0001-01-01"^^xsd:date) <= "{day}"^^xsd:date)
  }}
}}
ORDER BY ?thing
"""
_NOBODY = """
SELECT DISTINCT ?thing WHERE {{
  VALUES ?kind {{ sik:Principle sik:FocusArea {instruments} }}
  ?thing a ?kind .
  FILTER NOT EXISTS {{ ?thing sik:responsibleActor ?actor }}
}}
ORDER BY ?thing
"""
_UNPERIOD = """
SELECT DISTINCT ?thing WHERE {{
  VALUES ?kind {{ {instruments} }}
  ?thing a ?kind .
  FILTER NOT EXISTS {{ ?thing sik:validityPeriod/(dcat:startDate|dcat:endDate) ?day }}
}}
ORDER BY ?thing
"""
_UNDECIDED = """
SELECT DISTINCT ?thing WHERE {{
  ?thing a sik:Decision .
  FILTER NOT EXISTS {{ ?thing sik:performedBy ?actor }}
}}
ORDER BY ?thing
"""
_ORDER = ("expired", "resting", "unnamed", "unassessed", "unperiod", "undecided", "nobody")
_QUERIES = dict(
    zip(_ORDER, (_EXPIRED, _RESTING, _UNNAMED, _UNASSESSED, _UNPERIOD, _UNDECIDED, _NOBODY), strict=True)
)
_SORTED = ("unassessed", "unperiod", "undecided", "nobody")
"""The groups whose sentences only name a thing: they stand by its name."""


@dataclass(frozen=True, slots=True)
class GapView:
    """One gap: a sentence with links, and below it what it is about and what was looked for."""

    sentence: Markup
    about: Sequence[Shown] = ()
    looked_for: Shown | None = None


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Gaps of one kind: why they matter, where they were looked for, and where their query can be run."""

    id: str
    title: Shown
    why: Label | None
    gaps: Sequence[GapView]
    href: str
    documents: Sequence[Shown] = ()


@dataclass(slots=True)
class _Recorded:
    kind: str
    about: list[str]
    properties: list[str]
    documents: list[str]


def gap_groups(show: Show, scope: frozenset[str] | None = None) -> list[GapGroup]:
    """The groups that have gaps at the date of the page, those worked out first; in a scope, if given."""
    found = [_found(name, show, scope) for name in _ORDER]
    return [group for group in (*found, *_recorded(show, scope)) if group.gaps]


def _read() -> Mapping[str, _Recorded]:
    found, unknown = dict[str, _Recorded](), later()
    for row in site().overview(RECORDED):
        gap, kind, about, name, document = map(terms.to_python, row)
        if gap in unknown:
            continue
        one = found.setdefault(gap, _Recorded(kind or "", [], [], []))
        for value, into in ((about, one.about), (name, one.properties), (document, one.documents)):
            if value and value not in into:
                into.append(value)
    return found


def _recorded(show: Show, scope: frozenset[str] | None) -> Iterator[GapGroup]:
    lang, wanted = language(), set[str]()
    gaps = {iri: one for iri, one in _read().items() if scope is None or scope & set(one.about)}
    for gap, one in gaps.items():
        names = (gap, one.kind, *one.about, *one.properties, *one.documents)
        wanted |= {name for name in names if name}
    show.prefetch(wanted)
    by_kind: dict[str, list[str]] = {}
    for gap, one in gaps.items():
        by_kind.setdefault(one.kind, []).append(gap)
    for kind, members in sorted(by_kind.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        title = show.iri(kind) if kind else Shown(text("web.gaps.unkind", lang))
        members.sort(key=lambda iri: alphabetical(show.label(iri).text))
        yield GapGroup(
            f"kind-{sorted(by_kind).index(kind) + 1}",
            title,
            _definition(kind) if kind else None,
            [_recorded_view(gap, gaps[gap], show) for gap in members],
            explained(_of_kind(kind)),
            [show.iri(name) for name in dict.fromkeys(n for gap in members for n in gaps[gap].documents)],
        )


def _of_kind(kind: str) -> str:
    """The query for the recorded gaps of a kind."""
    if not kind:
        return RECORDED
    wanted = f"?gap dct:type ?kind . FILTER(?kind = {site().short(kind)})"
    return RECORDED.replace("OPTIONAL { ?gap dct:type ?kind }", wanted)


def _recorded_view(iri: str, one: _Recorded, show: Show) -> GapView:
    properties = [show.property(name) for name in one.properties]
    return GapView(
        sentence=linked(show.iri(iri)),
        about=[show.iri(about) for about in one.about],
        looked_for=properties[0] if properties else None,
    )


def _definition(iri: str) -> Label | None:
    """What a concept is defined as, in the language of the page if there is one in it."""
    query = f"SELECT DISTINCT ?text WHERE {{ {NamedNode(iri)} <{SKOS.definition}> ?text }}"
    found = site().overview(query)
    texts = {getattr(value, "language", None) or "": terms.to_python(value) for (value,) in found}
    return in_language(dict(sorted(texts.items())), language())


def _found(name: str, show: Show, scope: frozenset[str] | None) -> GapGroup:
    """A group that is worked out: its query is the one that can be run."""
    lang, day = language(), site().moments.day(as_of()) or date.max
    instruments = " ".join(map(site().short, site().kinds.with_subclasses(SIK.PolicyInstrument)))
    query = _QUERIES[name].format(day=day.isoformat(), instruments=instruments)
    unknown = later()
    rows = [row for row in site().overview(query) if _counts(row, scope, unknown)]
    show.prefetch(term.value for row in rows for term in row if isinstance(term, NamedNode))
    if name in _SORTED:
        rows.sort(key=lambda row: alphabetical(show.term(_term(row, "thing")).text))
    views = [_VIEWS[name](row, show) for row in rows]
    return GapGroup(
        name,
        Shown(text(f"web.gaps.{name}", lang)),
        Label(text(f"web.gaps.{name}.why", lang), lang),
        list(dict.fromkeys(views)),
        explained(query),
    )


def _counts(row: QuerySolution, scope: frozenset[str] | None, unknown: frozenset[str]) -> bool:
    """Whether a row is about something in the scope that was there, and about nothing that is unknown yet."""
    thing = row["thing"]
    if not isinstance(thing, NamedNode) or (scope is not None and thing.value not in scope):
        return False
    names = {term.value for term in row if isinstance(term, NamedNode)}
    return not names & unknown


def _expired(row: QuerySolution, show: Show) -> GapView:
    day = date_text(terms.to_python(row["end"]), language())
    thing, successor = show.term(_term(row, "thing")), row["successor"]
    if successor is None:
        return GapView(sentence("web.gaps.expired.sentence", thing=thing, day=day))
    return GapView(
        sentence("web.gaps.expired.replaced", thing=thing, day=day, successor=show.term(successor))
    )


def _resting(row: QuerySolution, show: Show) -> GapView:
    day = date_text(terms.to_python(row["end"]), language())
    thing, plan = show.term(_term(row, "thing")), show.term(_term(row, "plan"))
    return GapView(sentence("web.gaps.resting.sentence", thing=thing, plan=plan, day=day))


def _unnamed(row: QuerySolution, show: Show) -> GapView:
    stated, named = terms.to_python(row["stated"]), terms.to_python(row["named"])
    thing = show.term(_term(row, "thing"))
    return GapView(sentence("web.gaps.unnamed.sentence", thing=thing, stated=stated, named=named))


def _plain(name: str) -> Callable[[QuerySolution, Show], GapView]:
    def view(row: QuerySolution, show: Show) -> GapView:
        return GapView(sentence(f"web.gaps.{name}.sentence", thing=show.term(_term(row, "thing"))))

    return view


def _term(row: QuerySolution, name: str) -> terms.Term:
    term: terms.Term | None = row[name]
    assert term is not None  # noqa: S101  (its pattern is not optional)
    return term


_VIEWS: Mapping[str, Callable[[QuerySolution, Show], GapView]] = {
    "expired": _expired,
    "resting": _resting,
    "unnamed": _unnamed,
    **{name: _plain(name) for name in _SORTED},
}
