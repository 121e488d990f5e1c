"""The list of the things of one kind: in order, divided into pages, and narrowed down by facets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from flask import g, request, url_for
from pyoxigraph import NamedNode

from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCT, RDF
from sikkerby_kg.server import as_of
from sikkerby_kg.server.facets import KIND, LONG, MOST, ROLE, YEAR, Facet, Link, facets_of, years
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.lines import Line, Time, lines_of, times_of
from sikkerby_kg.server.moments import StateView, later, left_out_things, standing, state_of
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import Site, site
from sikkerby_kg.texts import text

PER_PAGE = 200

LONGEST = 5_000
"""Things of the longest list that is put in order and divided by facets; a longer one only has pages."""

VALUES = 7
"""Values of one facet that are shown at once; the others open on demand."""

SORT = "sort"
BY_DATE = "date"
PAGE = "page"

_TAKEN = frozenset({KIND, ROLE, YEAR, SORT, PAGE, LANG, as_of.PARAMETER})
_LINKS = 20_000  # statements about a list beyond which it has no facets
_MEMBERS = "VALUES ?class {{ {classes} }} ?thing a ?class FILTER(isIRI(?thing))"
_OUTGOING = f"""SELECT DISTINCT ?thing ?property ?other ?kind WHERE {{{{
  {_MEMBERS}
  {{{{ ?thing ?property ?other }}}} UNION
  {{{{ ?thing <{DCT.isPartOf}>+ ?other BIND(<{DCT.isPartOf}> AS ?property) }}}}
  FILTER(isIRI(?other)) OPTIONAL {{{{ ?other a ?kind }}}}
}}}} LIMIT {_LINKS}"""
_INCOMING = f"""SELECT DISTINCT ?thing ?property ?other ?kind WHERE {{{{
  {_MEMBERS} ?other ?property ?thing ; a ?kind FILTER(isIRI(?other))
}}}} LIMIT {_LINKS}"""


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value of a facet, how many of the list have it, and the address of the list with or without it."""

    label: Shown
    count: int
    href: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet: name, values shown at once, and the others; ``is_short`` says of years that they are."""

    name: Label
    values: Sequence[ValueView]
    more: Sequence[ValueView]
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class ChosenView:
    """A value that the list has been narrowed down to, and the address of the list without it."""

    name: Label
    value: Shown
    href: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """A thing in the list. ``kind`` is given where it is narrower than that of the list.

    ``state`` is how it stands at the date of the page.
    """

    name: Shown
    kind: Label | None
    line: Line
    state: StateView | None = None


@dataclass(frozen=True, slots=True)
class ListView:
    """What the template of a list gets: ``count`` things fit what was ``chosen``.

    ``notes`` say what came after the date of the page, and is not shown.
    """

    count: int
    entries: Sequence[EntryView]
    facets: Sequence[FacetView] = ()
    chosen: Sequence[ChosenView] = ()
    orders: Sequence[Shown] = ()
    pages: Sequence[Shown] = ()
    all_href: str = ""
    notes: Sequence[str] = ()


@dataclass(slots=True)
class Listing:
    """All things of one kind, what divides them, and when they were."""

    things: Sequence[str]
    facets: Sequence[Facet]
    kinds: Mapping[str, str]
    times: Mapping[str, Sequence[Time]]
    spoken: dict[str, "Spoken"] = field(default_factory=dict)


@dataclass(slots=True)
class Spoken:
    """What a listing is in one language, as far as it has been looked up: names, lines, and order by name."""

    names: dict[str, Label] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    ordered: Sequence[str] = ()

    def look_up(self, iris: Iterable[str], show: Show) -> None:
        """Remember what many IRIs are called."""
        missing = [iri for iri in iris if iri not in self.names]
        if missing:
            show.prefetch(missing)
            self.names.update((iri, show.label(iri)) for iri in missing)

    def tell(self, things: Sequence[str], show: Show) -> None:
        """Remember the lines about many things."""
        self.lines.update(lines_of([thing for thing in things if thing not in self.lines], show))


_KEPT: WeakKeyDictionary[Site, dict[str, Listing]] = WeakKeyDictionary()


def list_view(kind: str, show: Show) -> ListView:
    """The list of a kind as the address of this request wants it."""
    count = site().kinds.count(kind)
    if count > LONGEST:
        number, pages = _pages(count, {})
        things, missing = standing(site().kinds.instances(kind, PER_PAGE, (number - 1) * PER_PAGE))
        entries = sorted(
            _entries(things, {}, Spoken(), show), key=lambda entry: alphabetical(entry.name.text)
        )
        return ListView(count, entries, pages=pages, notes=left_out_things(missing))
    listing = _listing(kind)
    spoken = listing.spoken.setdefault(language(), Spoken())
    chosen = _chosen(listing.facets)
    fitting = _fitting(listing, chosen)
    missing = len(later().intersection(listing.things))
    by_date = _is_dated(listing) and request.args.get(SORT) == BY_DATE
    kept = {**chosen, **({SORT: BY_DATE} if by_date else {})}
    ordered = _by_date(listing, spoken, show) if by_date else _by_name(listing, spoken, show)
    things = [thing for thing in ordered if thing in fitting]
    number, pages = _pages(len(things), kept)
    shown = things[(number - 1) * PER_PAGE : number * PER_PAGE]
    spoken.look_up(_names_in(listing.facets), show)
    return ListView(
        count=len(things),
        entries=_entries(shown, listing.kinds, spoken, show),
        facets=[
            view for facet in listing.facets if (view := _facet_view(facet, listing, chosen, kept, spoken))
        ],
        chosen=[
            ChosenView(_facet_name(facet.key, spoken), _value(facet, chosen[key], spoken), _href(kept, key))
            for facet in listing.facets
            if (key := _name_of(facet.key)) in chosen
        ],
        orders=_orders(kept) if _is_dated(listing) else (),
        pages=pages,
        all_href=_href({}),
        notes=left_out_things(missing),
    )


# --- What is in a list ------------------------------------------------------------------------


def _listing(kind: str) -> Listing:
    """Everything of a kind, put together once for as long as the content does not change."""
    here = site()
    if here.edition is None:
        return _read(kind)
    kept = _KEPT.setdefault(here, {})
    if kind not in kept:
        kept[kind] = _read(kind)
    return kept[kind]


def _read(kind: str) -> Listing:
    kinds = site().kinds
    things = kinds.instances(kind, LONGEST)
    below = [name for name in kinds.with_subclasses(kind) if name in kinds.direct]
    narrower = set(below) - {kind}
    times = times_of(things) if things else {}
    if len(things) < LONG and not narrower:
        return Listing(things, (), {}, times)
    classes = " ".join(f"<{name}>" for name in below)
    outgoing = _links(_OUTGOING.format(classes=classes))
    incoming = _links(_INCOMING.format(classes=classes))
    own = [
        (link.thing, link.other) for link in outgoing if link.property == RDF.type and link.other in narrower
    ]
    facets = facets_of(things, outgoing, incoming, kinds, narrower) if things else []
    spans = {thing: [_years(time) for time in found] for thing, found in times.items()}
    when = years(spans, len(things)) if len(things) >= LONG else None
    if when:
        facets = [*facets[: MOST - 1], when]
    return Listing(things, facets, dict(own), times)


def _links(query: str) -> list[Link]:
    """The links of a query; none where it has more answers than can be counted truly."""
    classes: dict[tuple[str, str, str], set[str]] = {}
    rows = list(site().graph.store.evaluate(query).solutions())
    for thing, name, other, kind in rows:
        found = classes.setdefault((thing.value, name.value, other.value), set())
        if isinstance(kind, NamedNode):
            found.add(kind.value)
    return [] if len(rows) >= _LINKS else [Link(*key, frozenset(found)) for key, found in classes.items()]


def _years(time: Time) -> tuple[int | None, int | None]:
    return time.start.year if time.start else None, time.end.year if time.end else None


def _chosen(facets: Sequence[Facet]) -> dict[str, str]:
    """Facet → value, both as in the address of this request."""
    names = [_name_of(facet.key) for facet in facets]
    return {name: value for name in names if (value := request.args.get(name, ""))}


def _fitting(listing: Listing, chosen: Mapping[str, str], without: str = "") -> set[str]:
    """The things, at the date of the page, that have all values that were chosen, save that of one facet."""
    found = set(listing.things) - later()
    for facet in listing.facets:
        name = _name_of(facet.key)
        if name in chosen and name != without:
            found &= facet.values.get(_value_of(facet, chosen[name]), frozenset())
    return found


# --- Order ------------------------------------------------------------------------------------


def _by_name(listing: Listing, spoken: Spoken, show: Show) -> Sequence[str]:
    if len(spoken.ordered) != len(listing.things):
        spoken.look_up(listing.things, show)
        spoken.ordered = sorted(listing.things, key=lambda thing: alphabetical(spoken.names[thing].text))
    return spoken.ordered


def _by_date(listing: Listing, spoken: Spoken, show: Show) -> Sequence[str]:
    """By the day when things begin, those without a day last."""

    def first(thing: str) -> date:
        days = [day for time in listing.times.get(thing, ()) if (day := time.start or time.end)]
        return min(days, default=date.max)

    return sorted(_by_name(listing, spoken, show), key=first)


def _is_dated(listing: Listing) -> bool:
    """Whether there is a choice of orders."""
    dated = sum(any(time.start or time.end for time in times) for times in listing.times.values())
    return len(listing.things) >= LONG and dated > 1


def _orders(kept: Mapping[str, str]) -> list[Shown]:
    """The orders to choose from; the one that there is leads nowhere."""
    lang, by_date = language(), SORT in kept
    return [
        Shown(text("web.list.by_name", lang), href=_href(kept, SORT) if by_date else ""),
        Shown(text("web.list.by_date", lang), href="" if by_date else _href({**kept, SORT: BY_DATE})),
    ]


# --- As people read it ------------------------------------------------------------------------


def _entries(things: Sequence[str], kinds: Mapping[str, str], spoken: Spoken, show: Show) -> list[EntryView]:
    spoken.look_up((*things, *kinds.values()), show)
    spoken.tell(things, show)
    entries = []
    for thing in things:
        name = spoken.names[thing]
        kind = spoken.names[kinds[thing]] if thing in kinds else None
        href = site().addresses.href(thing)
        line = spoken.lines[thing].beside(name.text, kind.text if kind else "")
        shown = Shown(name.text, name.language, href)
        entries.append(EntryView(shown, kind, line, state_of(thing, show)))
    return entries


def _names_in(facets: Sequence[Facet]) -> list[str]:
    """The IRIs of facets and of their values."""
    named = [facet for facet in facets if facet.key != YEAR]
    keys = [facet.key for facet in named if facet.key not in (KIND, ROLE)]
    return [*keys, *(value for facet in named for value in facet.values)]


def _facet_view(
    facet: Facet, listing: Listing, chosen: Mapping[str, str], kept: Mapping[str, str], spoken: Spoken
) -> FacetView | None:
    """A facet with the values that still make a difference; None if none does."""
    name = _name_of(facet.key)
    fitting = _fitting(listing, chosen, without=name)
    counts = {value: len(having & fitting) for value, having in facet.values.items()}
    values = [
        ValueView(
            label=_value(facet, short, spoken),
            count=count,
            href=_href(kept, name) if chosen.get(name) == short else _href({**kept, name: short}),
            is_chosen=chosen.get(name) == short,
        )
        for value, count in counts.items()
        if count and (short := value if facet.key == YEAR else site().kind_name(value))
    ]
    if len(values) < 2 and not any(value.is_chosen for value in values):  # noqa: PLR2004
        return None
    if facet.key != YEAR:
        values.sort(key=lambda value: (-value.count, alphabetical(value.label.text)))
    cut = max(VALUES, 1 + max((number for number, value in enumerate(values) if value.is_chosen), default=0))
    if facet.key == YEAR or len(values) <= cut + 1:
        cut = len(values)
    return FacetView(_facet_name(facet.key, spoken), values[:cut], values[cut:], is_short=facet.key == YEAR)


def _facet_name(key: str, spoken: Spoken) -> Label:
    if key in (KIND, ROLE, YEAR):
        return Label(text(f"web.list.{key}", language()), language())
    return spoken.names[key]


def _name_of(key: str) -> str:
    """A facet in an address."""
    if key in (KIND, ROLE, YEAR):
        return key
    name = site().kind_name(key)
    return quote(key, safe="") if name in _TAKEN else name


def _value_of(facet: Facet, short: str) -> str:
    """The value that stands in an address as something short; empty if the facet has no such value."""
    if facet.key == YEAR:
        return short
    return next((value for value in facet.values if site().kind_name(value) == short), "")


def _value(facet: Facet, short: str, spoken: Spoken) -> Shown:
    """What a value is called; one that the facet has not, as it stands in the address."""
    value = _value_of(facet, short)
    if facet.key == YEAR or not value:
        return Shown(short)
    if facet.key == ROLE and (inverse := Show().inverse(value)):  # as it is said of the things of the list
        return Shown(inverse.text, inverse.lang)
    label = spoken.names[value]
    return Shown(label.text, label.language)


def _href(kept: Mapping[str, str], without: str = "") -> str:
    """The address of this list with what was chosen, save one thing, from its first page on."""
    values = [(name, value) for name, value in kept.items() if name != without]
    if "list_address" not in g:
        g.list_address = url_for("pages.kind", **(request.view_args or {}))
    joined = "&" if "?" in g.list_address else "?"
    return f"{g.list_address}{joined}{urlencode(values, safe=':/')}" if values else str(g.list_address)


def _pages(count: int, kept: Mapping[str, str]) -> tuple[int, list[Shown]]:
    """The number of the page that is wanted, and links to all pages."""
    last = max(-(-count // PER_PAGE), 1)
    number = min(max(request.args.get(PAGE, 1, type=int), 1), last)
    pages = [
        Shown(str(page), href="" if page == number else _href({**kept, PAGE: str(page)}))
        for page in range(1, last + 1)
    ]
    return number, pages if last > 1 else []
