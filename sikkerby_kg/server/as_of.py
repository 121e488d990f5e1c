"""The date that pages speak of: ``?as-of=2023-06-01`` in the address; without it, the newest state.

Every link to another page keeps it, as it keeps a chosen language.
"""

import re
from datetime import date

from flask import Flask, g, request

from sikkerby_kg.server.language import language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.texts import text

PARAMETER = "as-of"
EXAMPLE = "2023-06-01"
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def register(app: Flask) -> None:
    """Read the date of every request, and keep it in every link. To be registered after the language."""

    @app.before_request
    def choose() -> None:
        given = request.args.get(PARAMETER, "").strip()
        g.as_of = _read(given) if given and request.path != SPARQL else None

    @app.url_defaults
    def keep(endpoint: str, values: dict[str, object]) -> None:
        chosen = as_of()
        if chosen and endpoint != "static":
            values.setdefault(PARAMETER, chosen.isoformat())


def as_of() -> date | None:
    """The date that was chosen; None for the newest state."""
    chosen: date | None = g.get("as_of")
    return chosen


def _read(given: str) -> date:
    """The date that a text says. Raises ProblemError (400) with an example."""
    try:
        if _DATE.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise ProblemError(
        400,
        text("web.as_of_wrong", language(), given=given[:40]),
        members={"parameter": PARAMETER, "type_expected": "date", "example": EXAMPLE},
    )
