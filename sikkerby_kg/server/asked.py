"""What a request asks of the endpoint: query, dataset and format (SPARQL 1.1 Protocol §2.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request

from sikkerby_kg.graphs import NO_GRAPHS, Graphs
from sikkerby_kg.server.as_of import PARAMETER as AS_OF
from sikkerby_kg.server.language import PARAMETER as LANGUAGE, language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.texts import text

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
KNOWN = f"{FORM}, {QUERY}"
DEFAULT_GRAPH = "default-graph-uri"
NAMED_GRAPH = "named-graph-uri"
OF_UPDATE = ("using-graph-uri", "using-named-graph-uri")
DRAFT = "draft"
"""The parameter of a query that stands in the form and is not run."""

MOST_PAIRS = 2000
"""More parameters than there are graphs worth naming."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: the query, its dataset if it chooses one, and the format if it names one."""

    query: str
    graphs: Graphs = NO_GRAPHS
    format: str = ""


def asks_nothing() -> bool:
    """Whether a request has no query string of its own: it is answered with what the service is."""
    return request.method in ("GET", "HEAD") and not set(request.args) - {"format", LANGUAGE, DRAFT, AS_OF}


def asked() -> Asked:
    """What this request asks.

    Raises ProblemError: 400 if there is no query, or several, or text that is not UTF-8; 403 for an update;
    415 for a body of another kind.
    """
    pairs = _pairs(request.query_string)
    direct = []
    if request.method == "POST":
        _require_media_type()
        body = request.get_data(cache=False)
        if request.mimetype == FORM:
            pairs += _pairs(body)
        else:
            direct.append(_decoded(body))
    return _from_pairs(pairs, direct)


def _from_pairs(pairs: Pairs, direct: list[str]) -> Asked:
    queries = direct + _all(pairs, "query")
    if _all(pairs, "update"):
        if queries:
            raise ProblemError(400, text("web.query_and_update", language()))
        raise ProblemError(403, text("web.update_refused", language()))
    for name in OF_UPDATE:
        if _all(pairs, name):
            raise ProblemError(400, text("web.graph_of_update", language(), name=name))
    if not any(query.strip() for query in queries):
        raise ProblemError(400, text("web.query_missing", language()))
    if len(queries) > 1:
        raise ProblemError(400, text("web.query_several", language(), count=len(queries)))
    graphs = Graphs(tuple(_all(pairs, DEFAULT_GRAPH)), tuple(_all(pairs, NAMED_GRAPH)))
    return Asked(queries[0], graphs, next((name for name in _all(pairs, "format") if name), ""))


def _require_media_type() -> None:
    """Make sure that the body is a form or a query, in UTF-8 and not compressed. Raises ProblemError."""
    if request.mimetype == UPDATE:
        raise ProblemError(403, text("web.update_refused", language()))
    if request.mimetype not in (FORM, QUERY):
        detail = text("web.query_media_type", language(), known=KNOWN, found=request.mimetype or "–")
        raise ProblemError(415, detail, headers={"Accept-Post": KNOWN})
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        detail = text("web.query_compressed", language(), found=encoding)
        raise ProblemError(415, detail, headers={"Accept-Encoding": "identity"})
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise ProblemError(400, text("web.query_encoding", language()))


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    """The pairs of a query string or form. Raises ProblemError if they are not UTF-8."""
    try:
        return parse_qsl(
            encoded.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PAIRS,
        )
    except UnicodeDecodeError:
        raise ProblemError(400, text("web.query_encoding", language())) from None
    except ValueError:
        raise ProblemError(400, text("web.too_many_pairs", language(), limit=MOST_PAIRS)) from None


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ProblemError(400, text("web.query_encoding", language())) from None


def _all(pairs: Pairs, wanted: str) -> list[str]:
    return [value for name, value in pairs if name == wanted]
