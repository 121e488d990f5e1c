"""Answers drawn as the header of their query says: bars for numbers, a timeline for periods.

The drawing repeats what stands in the table, in words beside every bar; so nothing is lost without it.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, QuerySolution

from sikkerby_kg import terms
from sikkerby_kg.headers import Chart
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import XSD
from sikkerby_kg.results import Result
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.shown import heading
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text, number_text

MOST = 60
"""More rows than this are not drawn: a drawing as long as its table shows nothing more."""

_LABELS = 7  # of an axis, the most there is room for
_MARGIN = dt.timedelta(days=60)  # beside a timeline, so that an open end has room to fade


@dataclass(frozen=True, slots=True)
class Bar:
    """One number: its length in percent, the number in words, and which column it is of, from 0."""

    length: str
    text: str
    series: int


@dataclass(frozen=True, slots=True)
class BarRow:
    """What one row of bars is about, with its bars."""

    label: Shown
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart; ``series`` names the columns."""

    series: Sequence[str]
    rows: Sequence[BarRow]
    kind: str = "bar"


@dataclass(frozen=True, slots=True)
class Span:
    """One period: where it begins and how long it is in percent, in words, and which ends are open."""

    label: Shown
    start: str
    length: str
    text: str
    opens: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A year on the axis, where it begins in percent; one without a text is only a line."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Periods one below the other, over one axis of years."""

    ticks: Sequence[Tick]
    rows: Sequence[Span]
    kind: str = "timeline"


Drawing = Bars | Timeline


def draw(result: Result, chart: Chart | None) -> Drawing | None:
    """The drawing of the rows of a result; None if there is nothing to draw, or too much."""
    if chart is None or result.form != "SELECT":
        return None
    rows = list(result.solutions())
    drawn = _bars(rows, chart) if chart.kind == "bar" else _timeline(rows, chart)
    return drawn if drawn and len(drawn.rows) <= MOST else None


def _bars(rows: Sequence[QuerySolution], chart: Chart) -> Bars | None:
    lang = language()
    found = []
    for label, row in _labelled(rows, chart):
        numbers = [_number(row[name]) for name in chart.values]
        if any(number is not None for number in numbers):
            found.append((label, numbers))
    most = max((float(number) for _, numbers in found for number in numbers if number is not None), default=0)
    if most <= 0 or any(number is not None and number < 0 for _, numbers in found for number in numbers):
        return None
    drawn = [
        BarRow(
            label,
            [
                Bar(_percent(float(number) / most), number_text(number, lang), index)
                for index, number in enumerate(numbers)
                if number is not None
            ],
        )
        for label, numbers in dict.fromkeys((label, tuple(numbers)) for label, numbers in found)
    ]
    return Bars([heading(name, site().graph.labels, lang) for name in chart.values], drawn)


def _timeline(rows: Sequence[QuerySolution], chart: Chart) -> Timeline | None:
    found: dict[tuple[Shown, dt.date | None, dt.date | None], None] = {}
    for label, row in _labelled(rows, chart):
        start, end = _days(row[chart.values[0]])[0], _days(row[chart.values[1]])[1]
        if (start or end) and not (start and end and start > end):
            found[label, start, end] = None
    days = [day for _, *ends in found for day in ends if isinstance(day, dt.date)]
    if not days:
        return None
    is_open = any(None in ends for _, *ends in found)
    first = dt.date(max(min(days).year, dt.MINYEAR + 1), 1, 1)
    last = dt.date(min(max(days).year, dt.MAXYEAR - 1), 12, 31)
    if is_open:
        first, last = first - _MARGIN, last + _MARGIN
    whole = (last - first).days + 1
    spans = []
    for label, start, end in found:
        begins = ((start or first) - first).days / whole
        length = ((end or last) - (start or first)).days + 1
        spans.append(
            Span(
                label=label,
                start=_percent(begins),
                length=_percent(length / whole),
                text=_period(start, end),
                opens=start is None,
                goes_on=end is None,
            )
        )
    return Timeline(list(_ticks(first, last)), spans)


def _ticks(first: dt.date, last: dt.date) -> Iterator[Tick]:
    """The years of an axis; where they are many, some."""
    years = range(first.year + (first > dt.date(first.year, 1, 1)), last.year + 1)
    step = next(n * 10**k for k in range(5) for n in (1, 2, 5) if len(years) <= _LABELS * n * 10**k)
    whole = (last - first).days + 1
    for year in years:
        if year % step == 0 or len(years) <= _LABELS * 3:
            at = (dt.date(year, 1, 1) - first).days / whole
            yield Tick(_percent(at), str(year) if year % step == 0 and at < 1 - 0.5 / _LABELS else "")


def _labelled(rows: Sequence[QuerySolution], chart: Chart) -> Iterator[tuple[Shown, QuerySolution]]:
    """Each row with its name; those without one are left out."""
    show = Show()
    found = (row[chart.label] for row in rows)
    show.prefetch(term.value for term in found if isinstance(term, NamedNode))
    for row in rows:
        term = row[chart.label]
        if isinstance(term, NamedNode):
            label = _own_label(row, chart.label)
            yield show.iri(term.value, label), row
        elif term is not None:
            yield replace(show.term(term), note=None), row


def _own_label(row: QuerySolution, name: str) -> Label | None:
    """The label that the row itself has for a column."""
    try:
        label = row[f"{name}Label"]
    except KeyError:
        return None
    return Label(label.value, label.language or "") if isinstance(label, Literal) else None


def _number(term: terms.Term | None) -> float | Decimal | None:
    value = terms.to_python(term) if isinstance(term, Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        return None
    return value


def _days(term: terms.Term | None) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day of a date, a point in time or a year; none for anything else."""
    value = terms.to_python(term) if isinstance(term, Literal) else None
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value, value
    if isinstance(value, int) and isinstance(term, Literal) and term.datatype.value == XSD.gYear:
        year = min(max(value, dt.MINYEAR + 1), dt.MAXYEAR - 1)
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    return None, None


def _period(start: dt.date | None, end: dt.date | None) -> str:
    lang = language()
    if start and start == end:
        return date_text(start, lang)
    return text(
        "chart.period" if start and end else "chart.since" if start else "chart.until",
        lang,
        start=date_text(start, lang) if start else "",
        end=date_text(end, lang) if end else "",
    )


def _percent(share: float) -> str:
    return f"{min(max(share, 0.0), 1.0) * 100:.2f}".rstrip("0").rstrip(".") + "%"
