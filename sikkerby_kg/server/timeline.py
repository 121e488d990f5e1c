"""The timeline: what has a place in time, in groups, each row with a bar as precise as the sources are.

A place on the timeline is a percentage of its width, so that the drawing fits any screen; everything that
it shows stands in words beside it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sikkerby_kg import terms
from sikkerby_kg.moment import Span
from sikkerby_kg.namespaces import SIK
from sikkerby_kg.server.as_of import as_of
from sikkerby_kg.server.kinds import group_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import StateView, later, span_of, state_of
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.sentences import explained
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text, period_text

MOST_YEARS = 12
"""More years than this and not each has its number."""

ORDER = (
    *(SIK.PolicyInstrument, SIK.Principle, SIK.FocusArea, SIK.Initiative),
    *(SIK.Decision, SIK.PolicyEvent, SIK.ScopeChange, SIK.Proposal),
)
"""The kinds in their order, as far as the model has them; other kinds follow."""

FOLDED = 10
"""A group with more rows is folded up."""

_TYPES = "SELECT DISTINCT ?thing ?class WHERE {{ VALUES ?thing {{ {things} }} ?thing a ?class }}"
QUERY = """
SELECT DISTINCT ?thing ?property ?start ?end ?precision ?stated WHERE {
  VALUES ?property { sik:validityPeriod sik:occurredDuring }
  ?thing ?property ?period .
  OPTIONAL { ?period dcat:startDate ?start }
  OPTIONAL { ?period dcat:endDate ?end }
  OPTIONAL { ?period sik:datePrecision ?precision }
  OPTIONAL { ?period sik:dateAsStated ?stated }
}
ORDER BY ?start ?end ?thing
"""
"""The dates that the timeline is drawn from."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar by percentages; ``shape`` is period, window or day, ``fade`` says which sides are open."""

    x: str
    width: str
    shape: str
    fade: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing: its name, when in words and in dates, how it stands, and its bars."""

    label: Shown
    when: Sequence[Shown]
    days: Sequence[str]
    state: StateView | None
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one kind; ``iri`` is that of the kind."""

    iri: str
    kind: Shown
    rows: Sequence[Row]
    caption: str

    @property
    def is_folded(self) -> bool:
        """Whether there are so many rows that they are shown only when asked for."""
        return len(self.rows) > FOLDED


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a year; ``text`` is empty where there is no room for its number."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """From the first day to the last that the drawing shows; ``now`` is where the date of the page lies."""

    first: date
    last: date
    ticks: Sequence[Tick]
    now: str
    said: str

    @property
    def cut_year(self) -> int:
        """The year before which nothing is drawn."""
        return self.first.year


@dataclass(frozen=True, slots=True)
class Timeline:
    """The groups, those that hold for a period first; ``undated`` have no date. ``missing`` came later."""

    axis: Axis | None
    groups: Sequence[Group]
    undated: Sequence[Group]
    missing: int
    is_cut: bool
    explain: str


def timeline(show: Show, *, plans_only: bool = False) -> Timeline:
    """The timeline at the date of the page; ``plans_only`` for the strategies and plans alone."""
    moments, unknown = site().moments, later()
    plans = set(site().kinds.every(SIK.PolicyInstrument))
    things = {iri for iri in moments.things if not iri.startswith("_:")}
    if plans_only:
        things &= plans
    shown = things - unknown
    dated = {iri for iri in shown if any(span.is_dated for span in moments.spans.get(iri, ()))}
    show.prefetch(
        {*shown, *(s.period for iri in shown for s in moments.spans.get(iri, ()) if _is_iri(s.period))}
    )
    of_kind = _kinds(shown, plans)
    axis = _axis([s for iri in (plans & dated or dated) for s in moments.spans[iri] if s.is_dated])
    groups = [_group(kind, members & dated, axis, show) for kind, members in of_kind.items()]
    undated = [_group(kind, members - dated, None, show) for kind, members in of_kind.items()]
    spans = [span for iri in dated for span in moments.spans[iri]]
    return Timeline(
        axis,
        [group for group in groups if group.rows],
        [group for group in undated if group.rows],
        missing=len(things & unknown),
        is_cut=axis is not None and any(s.start is not None and s.start < axis.first for s in spans),
        explain=explained(QUERY),
    )


def _kinds(things: set[str], plans: set[str]) -> dict[str, set[str]]:
    """Kind → its things: plans first, then what holds for periods, then what happened."""
    types: dict[str, set[str]] = {}
    names = " ".join(f"<{iri}>" for iri in sorted(things))
    for thing, kind in site().overview(_TYPES.format(things=names)):
        types.setdefault(terms.to_python(thing), set()).add(terms.to_python(kind))
    found: dict[str, set[str]] = {}
    for thing in things:
        own = {kind for kind in types.get(thing, ()) if group_of(kind) == "content"}
        if own:
            kind = SIK.PolicyInstrument if thing in plans else min(own)
            found.setdefault(kind, set()).add(thing)
    happening = set(site().kinds.with_subclasses(SIK.PolicyEvent))
    order = [*ORDER]

    def rank(kind: str) -> tuple[int, int, str]:
        place = order.index(kind) if kind in order else len(order)
        return (0 if kind == SIK.PolicyInstrument else 2 if kind in happening else 1, place, kind)

    return {kind: found[kind] for kind in sorted(found, key=rank)}


def _group(kind: str, things: Iterable[str], axis: Axis | None, show: Show) -> Group:
    rows = [(_first(iri), alphabetical(show.label(iri).text), iri) for iri in things]
    label = show.kind(kind)
    key = "web.timeline.caption" if axis else "web.timeline.caption_undated"
    return Group(
        kind,
        label,
        [_row(iri, axis, show) for *_, iri in sorted(rows)],
        text(key, language(), kind=label.text, day=axis.said if axis else ""),
    )


def _first(iri: str) -> date:
    spans = [span for span in site().moments.spans.get(iri, ()) if span.is_dated]
    return min((span.start or date.min for span in spans), default=date.max)


def _row(iri: str, axis: Axis | None, show: Show) -> Row:
    spans = site().moments.spans.get(iri, ())
    chosen = [span for span in spans if span.is_dated] or list(spans)
    when = [span_of(span, show) for span in chosen]
    days = [period_text(span.start, span.end, "day", language()) for span in chosen]
    return Row(
        label=show.iri(iri),
        when=list(dict.fromkeys(when)),
        days=[said for said in dict.fromkeys(days) if said] if not all(map(_is_plain, when)) else [],
        state=state_of(iri, show) if axis else None,
        bars=[_bar(span, axis) for span in chosen] if axis else [],
    )


def _is_plain(shown: Shown) -> bool:
    """Whether a period is called by nothing but years, or by its dates."""
    return bool(re.fullmatch(r"[\d\s–-]+", shown.text)) or not shown.lang


def _bar(span: Span, axis: Axis) -> Bar:
    """The bar of a span, cut to the drawing; a side without a date, or beyond it, fades."""
    start, end = span.start or axis.first, span.end or axis.last
    if span.is_window and start == end:
        return Bar(_percent(_place(start, axis)), "0", "day")
    left, right = _place(max(start, axis.first), axis), _place(min(end, axis.last) + timedelta(1), axis)
    is_open_left = span.start is None or span.start < axis.first
    is_open_right = span.end is None or span.end > axis.last
    fade = {(True, True): "both", (True, False): "start", (False, True): "end"}.get(
        (is_open_left, is_open_right), ""
    )
    return Bar(
        _percent(left), _percent(max(right - left, 0.5)), "window" if span.is_window else "period", fade
    )


def _axis(spans: Sequence[Span]) -> Axis | None:
    """Whole years around some spans and around the date of the page if it lies near."""
    days = [day for span in spans for day in (span.start, span.end) if day is not None]
    if not days:
        return None
    day = site().moments.day(as_of())
    first, last = min(days).year, max(days).year
    if day and last < day.year <= last + 2:
        last = day.year
    bare = Axis(date(first, 1, 1), date(last, 12, 31), (), "", date_text(day, language()) if day else "")
    every = -(-(last - first + 1) // MOST_YEARS)
    ticks = [
        Tick(_percent(_place(date(year, 1, 1), bare)), str(year) if (year - first) % every == 0 else "")
        for year in range(first, last + 1)
    ]
    is_inside = day is not None and bare.first <= day <= bare.last
    now = _percent(_place(day, bare)) if day is not None and is_inside else ""
    return Axis(bare.first, bare.last, ticks, now, bare.said)


def _place(day: date, axis: Axis) -> float:
    return (day - axis.first).days / ((axis.last - axis.first).days + 1) * 100


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _is_iri(name: str) -> bool:
    return bool(name) and not name.startswith("_:")
