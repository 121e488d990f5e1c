"""The language of a page: what the reader chose in the address, else what the browser asks for."""

from flask import Flask, Response, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from sikkerby_kg.texts import LANGUAGES

PARAMETER = "lang"
IN_WORDS = frozenset({"text/html", "application/problem+json"})
"""What is written in the reader's language: pages, and problems also for programs."""


def register(app: Flask, default: str) -> None:
    """Choose a language for every request, and keep a chosen one in every link to another page."""

    @app.before_request
    def choose() -> None:
        chosen = request.args.get(PARAMETER)
        g.chosen_lang = chosen if chosen in LANGUAGES else None
        g.lang = g.chosen_lang or _liked_best(request.headers.get("Accept-Language", ""), default)

    @app.url_defaults
    def keep(endpoint: str, values: dict[str, object]) -> None:
        chosen = g.get("chosen_lang")
        if chosen and endpoint != "static" and "suffix" not in values:
            values.setdefault(PARAMETER, chosen)

    @app.after_request
    def tell(response: Response) -> Response:
        if response.mimetype in IN_WORDS and request.method != "OPTIONS":
            response.headers["Content-Language"] = language()
            if not g.get("chosen_lang"):
                response.vary.add("Accept-Language")
        return response


def _liked_best(accept: str, default: str) -> str:
    """The language that an Accept-Language header likes best (RFC 9110 §12.5.4)."""
    if not accept:
        return default
    return parse_accept_header(accept, LanguageAccept).best_match(LANGUAGES, default)


def language() -> str:
    """The language of the page that is being made."""
    lang: str = g.get("lang", LANGUAGES[0])
    return lang
