"""The SPARQL endpoint: SPARQL 1.1 Protocol, query operation (§2.1), with a form for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request, url_for

from sikkerby_kg.errors import SikkerbyError, SparqlSyntaxError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format, negotiate
from sikkerby_kg.graphs import NO_GRAPHS, Graphs
from sikkerby_kg.lexer import Tokens
from sikkerby_kg.server.answers import Answer, answer_of
from sikkerby_kg.server.asked import DEFAULT_GRAPH, DRAFT, EXAMPLE, NAMED_GRAPH, Asked, asked, asks_nothing
from sikkerby_kg.server.catalog import places, service_description
from sikkerby_kg.server.errors import from_sikkerby
from sikkerby_kg.server.examples import ExampleTopic, example, example_topics
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import (
    GRAPH_FORMATS,
    HTML,
    SOLUTION_FORMATS,
    choose,
    media_type,
    prefers_html,
    say_where,
)
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.running import run, say_truncated
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.texts import text

blueprint = Blueprint("endpoint", __name__)

FIRST_QUERY = """\
SELECT ?kind (COUNT(DISTINCT ?thing) AS ?count)
WHERE {
  ?thing a ?kind .
}
GROUP BY ?kind
ORDER BY DESC(?count)
"""
"""What stands in an empty form: works on any content."""

PAGE_ROWS = 10_000
"""The most rows or triples that are fetched for a page, which shows fewer."""

MIN_LINES = 8
MAX_LINES = 28
MOST_LEXED = 10_000
"""Characters in which the form of a query is looked for."""


@dataclass(frozen=True, slots=True)
class FormError:
    """A refused query: the sentence, and for a syntax error its place and its line with a pointer to that."""

    detail: str
    source: str = ""
    line: int = 0
    column: int = 0

    @property
    def pointer(self) -> str:
        """What stands under the line: a mark below the column."""
        return " " * (self.column - 1) + "^"


@dataclass(frozen=True, slots=True)
class Choice:
    """One format in the form."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class DownloadView:
    """The answer in one format; ``file`` is what it is called when it is kept."""

    name: str
    text: str
    href: str
    media_type: str
    file: str


@dataclass(frozen=True, slots=True)
class SparqlPage:
    """What the template of the endpoint gets. ``cut`` counts the rows of a result that is not whole."""

    query: str
    answer: Answer | None = None
    error: FormError | None = None
    graphs: Graphs = NO_GRAPHS
    cut: int = 0

    @property
    def action(self) -> str:
        """Where the form goes."""
        return url_for("endpoint.sparql")

    @property
    def summary(self) -> str:
        """The answer in a few words: how much it is."""
        if self.answer is None:
            return ""
        if self.answer.form == "CONSTRUCT":
            return text("web.triples_counted", language(), count=self.answer.count)
        return self.answer.caption

    @property
    def downloads(self) -> Sequence[DownloadView]:
        """The answer in every format that it can have; none for one that was asked for in a body."""
        if self.answer is None or request.method == "POST":
            return ()
        offered = RDF_FORMATS if self.answer.form == "CONSTRUCT" else RESULT_FORMATS
        asked = {"query": self.query, DEFAULT_GRAPH: self.graphs.default, NAMED_GRAPH: self.graphs.named}
        return [
            DownloadView(
                found.name,
                text(f"web.format.{found.name}", language()),
                url_for("endpoint.sparql", **asked, format=found.name),  # type: ignore[arg-type]  # as they are
                found.media_type,
                f"sparql.{found.name}",
            )
            for found in offered
        ]

    @property
    def examples(self) -> Sequence[ExampleTopic]:
        """The saved queries, each leading to this form with it."""
        return example_topics()

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
    """Answer a query; without one, show the form to people and the service description to programs."""
    if asks_nothing():
        return _described()
    found = Asked("")
    try:
        found = asked()
        return _answered(found)
    except (SikkerbyError, ProblemError) as error:
        problem = from_sikkerby(error) if isinstance(error, SikkerbyError) else error
        if problem.status != HTTPStatus.BAD_REQUEST or not prefers_html(default=False):
            raise problem from error
        return _page(SparqlPage(found.query, error=_form_error(error, problem)), problem.status)


def _answered(found: Asked) -> Response:
    """The result of a query in the format asked for, which depends on its form: only a worker reads it."""
    solutions, triples = (_chosen(offered, found.format) for offered in (SOLUTION_FORMATS, GRAPH_FORMATS))
    base = site().graph.labels.base or places().endpoint
    names = _written(solutions, "json"), _written(triples, "nt")
    rows = PAGE_ROWS if _on_a_page(found.query, solutions, triples) else 0
    answer = run(found.query, *names, found.graphs, base, rows)
    offered = GRAPH_FORMATS if answer.form == "CONSTRUCT" else SOLUTION_FORMATS
    chosen = triples if answer.form == "CONSTRUCT" else solutions
    if isinstance(chosen, ProblemError):
        raise chosen
    if chosen is HTML:
        shown = answer_of(answer.result())
        cut = answer.rows if answer.truncated else 0
        response = _page(SparqlPage(found.query, answer=shown, graphs=found.graphs, cut=cut))
    else:
        response = make_response(answer.body)
        response.content_type = media_type(chosen)
        response.vary.add("Accept")
    say_truncated(response, answer)
    say_where(response, chosen, offered)
    return response


def _chosen(offered: Sequence[Format], named: str) -> Format | ProblemError:
    """The format for one form of result, or why there is none."""
    try:
        return choose(offered, named)
    except ProblemError as problem:
        return problem


def _on_a_page(query: str, solutions: Format | ProblemError, triples: Format | ProblemError) -> bool:
    """Whether the answer is for a page; where only one form of result is, the query says which it has."""
    if (solutions is HTML) is (triples is HTML):
        return solutions is HTML
    gives_triples = Tokens(query[:MOST_LEXED]).first_keyword in ("CONSTRUCT", "DESCRIBE")
    return (triples if gives_triples else solutions) is HTML


def _written(chosen: Format | ProblemError, for_pages: str) -> str:
    """The name of the format that a worker writes: pages are made from a result that can be read again."""
    if isinstance(chosen, ProblemError):
        return ""
    return for_pages if chosen is HTML else chosen.name


def _described() -> Response:
    """What the service is: a form for people, its description for programs (SPARQL 1.1 SD §2)."""
    named = request.args.get("format", "").lower()
    if named == HTML.name or (not named and prefers_html(default=False)):
        name, draft = request.args.get(EXAMPLE, ""), request.args.get(DRAFT, "")
        return _page(SparqlPage(draft or (example(name) if name else FIRST_QUERY)))
    accept = request.headers.get("Accept", "")
    if not named and negotiate(accept, RDF_FORMATS) is None:
        raise ProblemError(400, text("web.query_missing", language()))
    return service_description()


def _page(page: SparqlPage, status: int = 200) -> Response:
    response = make_response(render_template("sparql.html", page=page), status)
    response.vary.add("Accept")
    return response


def _form_error(error: SikkerbyError | ProblemError, problem: ProblemError) -> FormError:
    if isinstance(error, SparqlSyntaxError):
        return FormError(problem.detail, error.source, error.line, error.column)
    return FormError(problem.detail)
