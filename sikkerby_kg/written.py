"""Dates, periods and numbers as the reader's language writes them, by the rules of the Unicode CLDR."""

import datetime as dt
import math
from decimal import Decimal
from functools import lru_cache

from sikkerby_kg.texts import LANGUAGES, text

LOCALES = {"da": "da_DK", "en": "en_GB"}
"""Language → the country whose way of writing is meant: English as in Europe, day before month."""

GROUPED_FROM = 10_000
"""From here on digits stand in groups of three; a shorter number may be a year, and reads well without."""

_REMEMBERED = 4096  # days that are not written anew
_LAST_MONTH = 12
_SEASONS = ("winter", "spring", "summer", "autumn")


def locale_of(lang: str) -> str:
    """The name of the locale of a language; a language that is not spoken gets the default one's."""
    return LOCALES.get(lang, LOCALES[LANGUAGES[0]])


@lru_cache(_REMEMBERED)
def date_text(day: dt.date, lang: str) -> str:
    """A day with the name of its month.

    >>> date_text(dt.date(2023, 6, 1), "da"), date_text(dt.date(2023, 6, 1), "en")
    ('1. juni 2023', '1 June 2023')
    """
    from babel.dates import format_date  # noqa: PLC0415  (as in number_text)

    return format_date(day, "long", locale=locale_of(lang))


def number_text(number: float | Decimal, lang: str) -> str:
    """A number with the marks of the language: all its digits, in groups of three from ten thousand on.

    >>> number_text(100000, "da"), number_text(0.2, "da"), number_text(100000.5, "en")
    ('100.000', '0,2', '100,000.5')
    >>> number_text(2023, "en")
    '2023'
    """
    if not math.isfinite(number) or (type(number) is int and 0 <= number < GROUPED_FROM):
        return str(number)
    from babel.numbers import format_decimal  # noqa: PLC0415  (slow to import, and most numbers are small)

    return format_decimal(
        number,
        locale=locale_of(lang),
        decimal_quantization=False,
        group_separator=not -GROUPED_FROM < number < GROUPED_FROM,
    )


def period_text(start: dt.date | None, end: dt.date | None, precision: str, lang: str) -> str:
    """A period, no more precisely than it is known.

    ``precision`` is ``day``, ``month``, ``quarter``, ``half-year``, ``season`` or ``year``, as the concepts
    of the model are called; any other is found from the days: whole years are years. A period without a
    start or an end says so; one without both is empty.

    >>> period_text(dt.date(2022, 1, 1), dt.date(2025, 12, 31), "", "da")
    '2022–2025'
    >>> period_text(dt.date(2024, 4, 1), dt.date(2024, 6, 30), "quarter", "da")
    '2. kvartal 2024'
    >>> period_text(dt.date(2024, 2, 26), None, "day", "en")
    'from 26 February 2024'
    """
    if start is None and end is None:
        return ""
    if precision not in _WRITERS:
        precision = "year" if _is_whole_years(start, end) else "day"
    first, last = (_part(day, precision, lang) if day else "" for day in (start, end))
    if not last:
        return text("written.from", lang, start=first)
    if not first:
        return text("written.until", lang, end=last)
    if first == last:
        return first
    first = _without_same_year(first, last)
    return f"{first} – {last}" if " " in first else f"{first}–{last}"


def _is_whole_years(start: dt.date | None, end: dt.date | None) -> bool:
    return (start is None or (start.month, start.day) == (1, 1)) and (
        end is None or (end.month, end.day) == (_LAST_MONTH, 31)
    )


def _part(day: dt.date, precision: str, lang: str) -> str:
    """The day, month, quarter … that a day lies in."""
    key, pattern = _WRITERS[precision]
    if key:
        which = _SEASONS[day.month % 12 // 3] if precision == "season" else str((day.month + 5) // 6)
        return text(f"written.{precision}.{which}", lang, year=_year_of_season(day, precision))
    if precision == "day":
        return date_text(day, lang)
    from babel.dates import format_date  # noqa: PLC0415  (as in number_text)

    return format_date(day, pattern, locale=locale_of(lang))


def _year_of_season(day: dt.date, precision: str) -> str:
    """The year in words; a winter lies in two, whichever of its days is meant."""
    if precision != "season" or day.month not in (1, 2, _LAST_MONTH):
        return str(day.year)
    begun = day.year if day.month == _LAST_MONTH else day.year - 1
    return f"{begun}/{(begun + 1) % 100:02}"


def _without_same_year(first: str, last: str) -> str:
    """The start without its year where the end has the same, as people say it."""
    stem, _, year = first.rpartition(" ")
    return stem if stem and last.endswith(f" {year}") else first


_WRITERS = {
    "day": ("", ""),
    "month": ("", "MMMM y"),
    "quarter": ("", "QQQQ y"),
    "half-year": ("words", ""),
    "season": ("words", ""),
    "year": ("", "y"),
}
"""Precision → whether our own words say it, and the pattern of CLDR that does."""
