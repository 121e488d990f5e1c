"""Days as people write them in a language."""

from datetime import date

from sikkerby_kg.texts import text


def in_words(day: date, lang: str) -> str:
    """A day with the name of its month.

    >>> in_words(date(2023, 6, 1), "da"), in_words(date(2023, 6, 1), "en")
    ('1. juni 2023', '1 June 2023')
    """
    month = text("web.months", lang).split()[day.month - 1]
    return text("web.day", lang, day=day.day, month=month, year=day.year)


def between(start: date | None, end: date | None, lang: str) -> str:
    """A stretch of days in words; a side that is None is open. Empty if both are.

    >>> between(date(1904, 3, 1), None, "en")
    'from 1 March 1904'
    """
    if start is not None and end is not None:
        if start == end:
            return in_words(start, lang)
        return text("web.days.between", lang, start=in_words(start, lang), end=in_words(end, lang))
    if start is not None:
        return text("web.days.from", lang, start=in_words(start, lang))
    return text("web.days.until", lang, end=in_words(end, lang)) if end is not None else ""
