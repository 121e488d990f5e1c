"""Search: ``/search?q=…`` gives the things whose names or definitions hold the words, as page or as data."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request, url_for

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.search import LIMIT, LONGEST, MOST
from sikkerby_kg.server import as_of
from sikkerby_kg.server.found import href_of, search_page, suggestions
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.negotiation import prefers_html
from sikkerby_kg.server.shown import Show
from sikkerby_kg.server.site import site

blueprint = Blueprint("search", __name__)

SUGGEST = "suggest"
SUGGESTED = 8
"""The parameter that asks for suggestions, and how many there are."""


@dataclass(frozen=True, slots=True)
class Finder:
    """The field for a search that every page has. ``kept`` are the parameters that the next page gets."""

    action: str
    suggest: str
    value: str
    longest: int
    kept: Sequence[tuple[str, str]]
    is_here: bool


@blueprint.app_context_processor
def finder() -> dict[str, Finder]:
    """What every template can use to show the field."""
    is_here = request.endpoint == "search.search"
    kept = {LANG: g.get("chosen_lang"), as_of.PARAMETER: g.get("as_of")}
    return {
        "finder": Finder(
            action=f"{request.script_root}/search",
            suggest=url_for("search.search", suggest="1", q=""),
            value=request.args.get("q", "").strip() if is_here else "",
            longest=LONGEST,
            kept=[(name, str(value)) for name, value in kept.items() if value],
            is_here=is_here,
        )
    }


@blueprint.get("/search")
def search() -> Response:
    """Answer with what was found, the best first: a page, or data with what an editor or a program needs."""
    wanted = request.args.get("q", "").strip()
    limit = _limit()
    if SUGGEST in request.args:
        if "q" not in request.args:
            raise _missing()
        return jsonify({"query": wanted, "hits": suggestions(wanted, min(limit, SUGGESTED))})
    if prefers_html(default=False):
        page = search_page(wanted, request.args.get("kind", ""))
        response = make_response(render_template("search.html", page=page))
    else:
        response = _data(wanted, limit)
    response.vary.add("Accept")
    return response


def _missing() -> ParameterError:
    return ParameterError("parameter.missing", query="search", name="q", type="string", example="plan")


def _data(wanted: str, limit: int) -> Response:
    """What was found as JSON: IRI, address here, label, kind, fitting text and its language."""
    if not wanted:
        raise _missing()
    hits = site().graph.search(wanted, language(), limit)
    show = Show()
    show.prefetch(hit.iri for hit in hits)
    found = [
        {
            "iri": hit.iri,
            "href": href_of(hit.iri),
            "label": hit.label if hit.iri in site().graph.questions else show.label(hit.iri).text,
            "kind": hit.kind,
            "text": hit.text,
            "lang": hit.lang,
        }
        for hit in hits
    ]
    return jsonify({"query": wanted, "hits": found})


def _limit() -> int:
    value = request.args.get("limit", "").strip()
    if not value:
        return LIMIT
    if value.isascii() and value.isdigit() and len(value) <= len(str(MOST)) and 1 <= int(value) <= MOST:
        return int(value)
    kind = f"integer (1–{MOST})"
    raise ParameterError("parameter.value", name="limit", type=kind, example=str(LIMIT), value=value)
