"""The date that pages speak of: ``?as-of=2023-06-01`` in the address; without it, the newest state.

Every link to another page keeps it, as it keeps a chosen language. What the date means for the things in the
graph is decided in ``sikkerby_kg.moment``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request

from sikkerby_kg.server.language import language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text

PARAMETER = "as-of"
EXAMPLE = "2023-06-01"
HEADER = "X-Sikkerby-As-Of"
"""The header of an answer that heeds the date."""

QUERY_PARAMETER = "asOf"
"""The parameter of a saved query that is about a date: it has the chosen one if it is not given itself."""

_REPLACED = frozenset({PARAMETER, QUERY_PARAMETER, "page", "offset"})
"""What another date takes the place of, or makes meaningless."""

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Control:
    """The date control of a page. ``chosen`` is a date, or empty for the newest state.

    ``kept`` are the other parameters of the page, which the form is sent to; ``newest_href`` leads to it
    without a date.
    """

    chosen: str
    said: str
    newest: str
    kept: Sequence[tuple[str, str]]
    newest_href: str

    @property
    def notice(self) -> str:
        """What a page says when a date is chosen: whether it heeds the date, and what has none itself."""
        lang = language()
        if request.path == SPARQL:
            return text("web.as_of.sparql", lang)
        if not g.get("as_of_heeded"):
            return text("web.as_of.unheeded", lang, day=self.said)
        said = text("web.as_of.notice", lang, day=self.said)
        is_told = (
            request.blueprint != "saved" and site().moments.undated
        )  # a question says itself what it gives
        return f"{said} {text('web.as_of.undated', lang)}" if is_told else said


def register(app: Flask) -> None:
    """Read the date of every request, and keep it in every link. To be registered after the language."""

    @app.before_request
    def choose() -> None:
        given = request.args.get(PARAMETER, "").strip()
        g.as_of = g.as_of_heeded = None
        if given and request.path != SPARQL:
            g.as_of = _read(given)
        elif given:  # a client of the protocol may send what it likes
            g.as_of = _date(given)

    @app.url_defaults
    def keep(endpoint: str, values: dict[str, object]) -> None:
        chosen: date | None = g.get("as_of")
        if chosen and endpoint != "static":
            values.setdefault(PARAMETER, chosen.isoformat())

    @app.after_request
    def say(response: Response) -> Response:
        if g.get("as_of") and g.get("as_of_heeded"):
            response.headers[HEADER] = g.as_of.isoformat()
        return response


def as_of() -> date | None:
    """The date that was chosen; None for the newest state. Whoever asks heeds it: the answer then says so."""
    chosen: date | None = g.get("as_of")
    g.as_of_heeded = True
    return chosen


def control() -> Control:
    """The date control for the page that is being made."""
    chosen: date | None = g.get("as_of")
    newest = site().moments.newest
    lang = language()
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in _REPLACED]
    here = request.script_root + quote(request.path, safe="/:@!$&'()*+,;=~")
    return Control(
        chosen=chosen.isoformat() if chosen else "",
        said=date_text(chosen, lang) if chosen else "",
        newest=date_text(newest, lang) if newest else "",
        kept=kept,
        newest_href=f"{here}?{urlencode(kept)}" if kept else here,
    )


def _read(given: str) -> date:
    """The date that a text says. Raises ProblemError (400) with an example."""
    found = _date(given)
    if found is None:
        raise ProblemError(
            400,
            text("web.as_of_wrong", language(), given=given[:40]),
            members={"parameter": PARAMETER, "type_expected": "date", "example": EXAMPLE},
        )
    return found


def _date(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if _DATE.fullmatch(given) else None
    except ValueError:
        return None
