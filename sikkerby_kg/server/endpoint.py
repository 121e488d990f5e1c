"""The SPARQL endpoint: SPARQL 1.1 Protocol, query operation (§2.1), with a form for people."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from sikkerby_kg.errors import SikkerbyError, SparqlSyntaxError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS
from sikkerby_kg.lexer import Tokens
from sikkerby_kg.server.answers import Answer, answer_of
from sikkerby_kg.server.errors import from_sikkerby
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import (
    GRAPH_FORMATS,
    HTML,
    SOLUTION_FORMATS,
    choose,
    media_type,
    prefers_html,
)
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.texts import text

blueprint = Blueprint("endpoint", __name__)

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
DATASET = ("default-graph-uri", "named-graph-uri", "using-graph-uri", "using-named-graph-uri")

EXAMPLE = """\
SELECT ?kind (COUNT(DISTINCT ?thing) AS ?count)
WHERE {
  ?thing a ?kind .
}
GROUP BY ?kind
ORDER BY DESC(?count)
"""
"""What stands in an empty form: works on any content."""

MIN_LINES = 8
MAX_LINES = 28


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: the query, and the format if it names one."""

    query: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class FormError:
    """A refused query: the sentence, and for a syntax error its line with a pointer to the column."""

    detail: str
    source: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One format in the form."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class SparqlPage:
    """What the template of the endpoint gets."""

    query: str
    answer: Answer | None = None
    error: FormError | None = None

    @property
    def action(self) -> str:
        """Where the form goes."""
        return url_for("endpoint.sparql")

    @property
    def lines(self) -> int:
        """How high the text field is."""
        return min(max(self.query.count("\n") + 2, MIN_LINES), MAX_LINES)

    @property
    def formats(self) -> tuple[Choice, ...]:
        """The formats to choose from."""
        names = [(f.name, f"{f.name} ({f.media_type})") for f in (*RESULT_FORMATS, *RDF_FORMATS)]
        return (Choice("", text("web.format.html", language())), *(Choice(*name) for name in names))

    @property
    def prefixes(self) -> list[tuple[str, str]]:
        """The prefixes that need no declaration."""
        return sorted(site().graph.prefixes.items())


@blueprint.route(SPARQL, methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query, or show the form when a person asks nothing."""
    asks_nothing = request.method != "POST" and not {"query", "update"} & request.args.keys()
    if asks_nothing and prefers_html(default=False):
        return _page(SparqlPage(EXAMPLE))
    asked = Asked("")
    try:
        asked = _asked()
        return _answered(asked)
    except (SikkerbyError, ProblemError) as error:
        problem = from_sikkerby(error) if isinstance(error, SikkerbyError) else error
        if problem.status != HTTPStatus.BAD_REQUEST or not prefers_html(default=False):
            raise problem from error
        return _page(SparqlPage(asked.query, error=_form_error(error, problem)), problem.status)


def _asked() -> Asked:
    """The query in the request. Raises ProblemError if there is none, several, or something else."""
    if request.method != "POST":
        return _from_pairs(request.args)
    if request.mimetype == UPDATE:
        raise ProblemError(403, text("web.update_refused", language()))
    if request.mimetype == FORM:
        return _from_pairs(request.form)
    if request.mimetype != QUERY:
        known = f"{FORM}, {QUERY}"
        found = request.mimetype or "–"
        detail = text("web.query_media_type", language(), known=known, found=found)
        raise ProblemError(415, detail, headers={"Accept-Post": known})
    _require_no_dataset(request.args)
    try:
        query = request.get_data().decode()
    except UnicodeDecodeError:
        raise ProblemError(400, text("web.query_encoding", language())) from None
    return Asked(query, request.args.get("format", ""))


def _from_pairs(pairs: MultiDict[str, str]) -> Asked:
    if "update" in pairs:
        raise ProblemError(403, text("web.update_refused", language()))
    _require_no_dataset(pairs)
    found = pairs.getlist("query")
    if not found:
        raise ProblemError(400, text("web.query_missing", language()))
    if len(found) > 1:
        raise ProblemError(400, text("web.query_several", language(), count=len(found)))
    return Asked(found[0], pairs.get("format", "") or request.args.get("format", ""))


def _require_no_dataset(pairs: MultiDict[str, str]) -> None:
    for name in DATASET:
        if name in pairs:
            raise ProblemError(400, text("web.dataset_refused", language(), name=name))


def _answered(asked: Asked) -> Response:
    """The result of a query in the format asked for."""
    tokens = Tokens(asked.query)
    if any(token.keyword == "FROM" for token in tokens):
        raise ProblemError(400, text("web.dataset_refused", language(), name="FROM"))
    gives_graph = tokens.first_keyword in ("CONSTRUCT", "DESCRIBE")
    chosen = choose(GRAPH_FORMATS if gives_graph else SOLUTION_FORMATS, asked.format)
    graph = site().graph
    result = graph.sparql(asked.query)
    if chosen is HTML:
        return _page(SparqlPage(asked.query, answer=answer_of(result)))
    response = make_response(result.serialize(chosen.name, graph.prefixes))
    response.content_type = media_type(chosen)
    response.vary.add("Accept")
    return response


def _page(page: SparqlPage, status: int = 200) -> Response:
    response = make_response(render_template("sparql.html", page=page), status)
    response.vary.add("Accept")
    return response


def _form_error(error: SikkerbyError | ProblemError, problem: ProblemError) -> FormError:
    if isinstance(error, SparqlSyntaxError):
        return FormError(problem.detail, error.source, " " * (error.column - 1) + "^")
    return FormError(problem.detail)
