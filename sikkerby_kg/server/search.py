"""Search as data: ``/search?q=…`` gives the things whose names or definitions hold the words."""

from flask import Blueprint, Response, jsonify, request

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.search import LIMIT, MOST
from sikkerby_kg.server.language import language
from sikkerby_kg.server.site import site

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def search() -> Response:
    """Answer with what was found, the best first: IRI, label, kind, fitting text and its language."""
    wanted = request.args.get("q", "").strip()
    if not wanted:
        raise ParameterError("parameter.missing", query="search", name="q", type="string", example="plan")
    hits = site().graph.search(wanted, language(), _limit())
    found = [
        {
            "iri": hit.iri,
            "href": site().addresses.href(hit.iri),
            "label": hit.label,
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
