"""A time in words to dates: ``2024``, ``2024-2026``, ``2024-01-01/2026-12-31``, ``siden 2009``.

Dates are days (xsd:date); how precise the words are is told beside them. Words without dates name a period.
"""

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from babel.dates import get_month_names

from sikkerby_kg.errors import EntryError
from sikkerby_kg.folding import fold
from sikkerby_kg.texts import LANGUAGES

DAY, MONTH, QUARTER, YEAR, NAMED = "day", "month", "quarter", "year", "named-period"
"""How precise a time is, from the finest; the last has no dates."""

_FINE = (DAY, MONTH, QUARTER, YEAR)
_OPEN = ("", "..")
_YEARS = re.compile(r"(\d{4})\s*[-–—]\s*(\d{4})")
_SINCE = re.compile(r"(?:siden|fra|since|from)\s+(.+)", re.IGNORECASE)
_UNTIL = re.compile(r"(?:indtil|til|until|to)\s+(.+)", re.IGNORECASE)
_FROM_TO = re.compile(r"(?:fra|from)\s+(.+?)\s+(?:til|to|until)\s+(.+)", re.IGNORECASE)
_NUMBERS = re.compile(r"[\d\s./\-–—:]+")
_BY_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, how precisely, and in which words; an open end is None."""

    start: dt.date | None
    end: dt.date | None
    precision: str
    words: str = ""
    is_assumed: bool = field(default=False, compare=False)
    """Whether the dates were written as days, and are taken for whole years or months."""

    @property
    def slug(self) -> str:
        """The dates as the end of an IRI, for one without words."""
        parts = [_short(day, self.precision) for day in (self.start, self.end) if day]
        if self.start is None:
            return f"til-{parts[0]}"
        if self.end is None:
            return f"fra-{parts[0]}"
        return "-".join(dict.fromkeys(parts))


def _short(day: dt.date, precision: str) -> str:
    return day.isoformat()[: {YEAR: 4, MONTH: 7, QUARTER: 7}.get(precision, 10)]


def read_span(written: str) -> Span:
    """The time that a text means.

    Raises EntryError for numbers that are no date, and for an end before the start.

    >>> span = read_span("2024-2026")
    >>> str(span.start), str(span.end), span.precision
    ('2024-01-01', '2026-12-31', 'year')
    >>> read_span("siden 2009").end is None, read_span("under corona").precision
    (True, 'named-period')
    """
    text = " ".join(written.split())
    span = _interval(text) or _spoken(text)
    if span is None:
        if not text or _NUMBERS.fullmatch(text):
            raise EntryError("entry.period", value=written)
        return Span(None, None, NAMED, text)
    if span.start and span.end and span.end < span.start:
        raise EntryError("entry.period_order", value=written, start=span.start, end=span.end)
    return span


def _interval(text: str) -> Span | None:
    """A time in numbers alone: ISO 8601-1 §5.5, or two years."""
    if text.count("/") == 1 and not re.search(r"[^\d\-./]", text) and not _is_slashed_day(text):
        first, last = text.split("/")
        start = None if first in _OPEN else _numeric(first)
        end = None if last in _OPEN else _numeric(last)
        if (start or end) and (start or first in _OPEN) and (end or last in _OPEN):
            return _joined(start, end, "")
        return None
    years = _YEARS.fullmatch(text)
    if years:
        return _joined(_numeric(years[1]), _numeric(years[2]), text)
    alone = _numeric(text)
    if alone is None:
        return None
    words = "" if alone.precision != YEAR else text
    return Span(alone.start, alone.end, alone.precision, words)


def _is_slashed_day(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}/\d{1,2}([.\- ]\d{4})?", text))


def _joined(first: Span | None, last: Span | None, words: str) -> Span:
    """From the start of one time to the end of another; whole years in days are as precise as years."""
    start, end = first.start if first else None, last.end if last else None
    given = [each.precision for each in (first, last) if each]
    precision = max(given, key=_FINE.index)
    fitting = _fitting(start, end, precision)
    return Span(start, end, fitting, words, is_assumed=precision == DAY != fitting)


def _fitting(start: dt.date | None, end: dt.date | None, precision: str) -> str:
    """How precise dates can be: a year only if they are its first and last days."""
    coarser: list[tuple[str, Callable[[dt.date], bool], Callable[[dt.date], bool]]] = [
        (YEAR, lambda day: (day.month, day.day) == (1, 1), lambda day: (day.month, day.day) == (12, 31)),
        (MONTH, lambda day: day.day == 1, lambda day: day.day == _last(day.year, day.month)),
    ]
    for name, begins, ends in coarser:
        if (start is None or begins(start)) and (end is None or ends(end)) and not _is_one_day(start, end):
            return name if name == YEAR or precision != QUARTER else QUARTER
    return DAY


def _is_one_day(start: dt.date | None, end: dt.date | None) -> bool:
    return start is not None and start == end


def _numeric(text: str) -> Span | None:
    """A year, month or day in numbers."""
    if re.fullmatch(r"\d{4}", text):
        return _year(int(text))
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return _month(int(text[:4]), int(text[5:]))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return _day(int(text[:4]), int(text[5:7]), int(text[8:]))
    danish = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[.\-/ ](\d{4})", text)
    return _day(int(danish[3]), int(danish[2]), int(danish[1])) if danish else None


def _spoken(text: str) -> Span | None:
    """A time with words in it."""
    both = _FROM_TO.fullmatch(text)
    if both:
        first, last = _point(both[1]), _point(both[2])
        return _joined(first, last, text) if first and last else None
    since, until = _SINCE.fullmatch(text), _UNTIL.fullmatch(text)
    if since:
        first = _point(since[1])
        return Span(first.start, None, first.precision, text) if first else None
    if until:
        last = _point(until[1])
        return Span(None, last.end, last.precision, text) if last else None
    point = _point(text)
    return Span(point.start, point.end, point.precision, text) if point else None


def _point(text: str) -> Span | None:
    number = _numeric(text)
    if number:
        return number
    folded = fold(text).replace(".", " ").split()
    match folded:
        case [number_of, "kvartal" | "quarter", year] if number_of in "1234" and _is_year(year):
            return _quarter(int(year), int(number_of))
        case [name, year] if name in _months() and _is_year(year):
            return _month(int(year), _months()[name])
        case [day, name, year] if name in _months() and _is_year(year) and day.isdecimal():
            return _day(int(year), _months()[name], int(day))
    short = re.fullmatch(r"q([1-4]) (\d{4})|(\d{4}) ?q([1-4])", " ".join(folded))
    return _quarter(int(short[2] or short[3]), int(short[1] or short[4])) if short else None


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}", text))


@cache
def _months() -> dict[str, int]:
    """Folded name of a month → its number, in every language that we speak."""
    return {
        fold(name).rstrip("."): number
        for lang in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=lang).items()
    }


def _last(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _year(year: int) -> Span | None:
    return Span(dt.date(year, 1, 1), dt.date(year, 12, 31), YEAR) if year else None


def _month(year: int, month: int) -> Span | None:
    if not (year and 1 <= month <= _BY_MONTHS):
        return None
    return Span(dt.date(year, month, 1), dt.date(year, month, _last(year, month)), MONTH)


def _quarter(year: int, quarter: int) -> Span | None:
    first, last = 3 * quarter - 2, 3 * quarter
    return Span(dt.date(year, first, 1), dt.date(year, last, _last(year, last)), QUARTER) if year else None


def _day(year: int, month: int, day: int) -> Span | None:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return Span(found, found, DAY)
