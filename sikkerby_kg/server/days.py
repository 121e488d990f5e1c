"""Days as people write them in a language."""

from datetime import date

from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text


def between(start: date | None, end: date | None, lang: str) -> str:
    """A stretch of days in words; a side that is None is open. Empty if both are.

    >>> between(date(1904, 3, 1), None, "en")
    'from 1 March 1904'
    """
    if start is not None and end is not None:
        if start == end:
            return date_text(start, lang)
        return text("web.days.between", lang, start=date_text(start, lang), end=date_text(end, lang))
    if start is not None:
        return text("web.days.from", lang, start=date_text(start, lang))
    return text("web.days.until", lang, end=date_text(end, lang)) if end is not None else ""
