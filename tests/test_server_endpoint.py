"""The SPARQL endpoint: three ways to ask, every result format, and what it refuses."""

import json
import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from werkzeug.test import TestResponse

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS
from tests.running import as_read

SELECT = "SELECT ?plan ?replaced WHERE { ?plan dct:replaces ?replaced } ORDER BY ?plan"
ASK = "ASK { ?plan dct:replaces ?replaced }"
CONSTRUCT = "CONSTRUCT WHERE { ?plan dct:replaces ?replaced }"
DESCRIBE = "DESCRIBE plan:ekstremisme-2024-2026"
JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
HTML = {"Accept": "text/html"}
ANY_JSON = {"Accept": JSON}


def problem(response: TestResponse, status: int) -> dict[str, object]:
    """The problem document of a refusal; nothing of our insides is in it."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert "Traceback" not in response.text
    found: dict[str, object] = json.loads(response.text)
    assert found["status"] == status
    assert found["title"]
    return found


def bindings(response: TestResponse) -> list[dict[str, dict[str, str]]]:
    assert response.json is not None
    found: list[dict[str, dict[str, str]]] = response.json["results"]["bindings"]
    return found


def test_get_query(client: FlaskClient, graph: KnowledgeGraph) -> None:
    response = client.get("/sparql", query_string={"query": SELECT})
    assert (response.status_code, response.mimetype) == (200, JSON)
    assert "Accept" in response.headers["Vary"]
    assert len(bindings(response)) == len(graph.sparql(SELECT))


def test_post_form(client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": SELECT}, headers=ANY_JSON)
    assert response.json == client.get("/sparql", query_string={"query": SELECT}).json


def test_post_direct(client: FlaskClient) -> None:
    response = client.post("/sparql", data=SELECT.encode(), content_type=QUERY + "; charset=utf-8")
    assert response.json == client.get("/sparql", query_string={"query": SELECT}).json


def test_post_direct_keeps_danish_letters(client: FlaskClient) -> None:
    query = 'SELECT ?thing { ?thing skos:prefLabel "Økonomiudvalget"@da }'
    response = client.post("/sparql", data=query.encode(), content_type=QUERY)
    assert len(bindings(response)) == 1


def test_head_query(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": SELECT})
    assert (response.status_code, response.mimetype, response.data) == (200, JSON, b"")


@pytest.mark.parametrize("by", ["accept", "format"])
@pytest.mark.parametrize("found", RESULT_FORMATS, ids=lambda f: f.name)
def test_get_select_in_every_format(client: FlaskClient, found: object, by: str) -> None:
    assert hasattr(found, "media_type")
    query, headers = {"query": SELECT}, {}
    if by == "accept":
        headers = {"Accept": found.media_type}
    else:
        query["format"] = found.name  # type: ignore[attr-defined]
    response = client.get("/sparql", query_string=query, headers=headers)
    assert (response.status_code, response.mimetype) == (200, found.media_type)
    results: QueryResultsFormat = found.results  # type: ignore[attr-defined]
    if found.name == "csv":  # type: ignore[attr-defined]
        assert response.data.startswith(b"plan,replaced\r\n")
        return
    answer = parse_query_results(response.data, results)
    assert isinstance(answer, QuerySolutions)
    assert len(list(answer)) >= 1


@pytest.mark.parametrize("name", ["json", "xml"])
def test_get_ask(client: FlaskClient, name: str) -> None:
    response = client.get("/sparql", query_string={"query": ASK, "format": name})
    if name == "json":
        assert response.json is not None
        assert response.json["boolean"] is True
    else:
        boolean = ET.fromstring(response.text).find("{http://www.w3.org/2005/sparql-results#}boolean")  # noqa: S314
        assert boolean is not None
        assert boolean.text == "true"


@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE])
@pytest.mark.parametrize("found", RDF_FORMATS, ids=lambda f: f.name)
def test_get_graph_in_every_format(client: FlaskClient, found: object, query: str) -> None:
    media_type: str = found.media_type  # type: ignore[attr-defined]
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    assert (response.status_code, response.mimetype) == (200, media_type)
    rdf: RdfFormat = found.rdf  # type: ignore[attr-defined]
    assert any("replaces" in str(quad.predicate) for quad in parse(response.data, rdf))


def test_get_graph_accept_anything_is_turtle(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": "*/*"})
    assert response.mimetype == "text/turtle"


@pytest.mark.parametrize(
    ("query", "accept"), [(SELECT, "image/png"), (SELECT, "text/turtle"), (CONSTRUCT, JSON)]
)
def test_get_accept_what_the_result_cannot_be_is_a_406(client: FlaskClient, query: str, accept: str) -> None:
    found = problem(client.get("/sparql", query_string={"query": query}, headers={"Accept": accept}), 406)
    formats = found["formats"]
    assert isinstance(formats, list)
    assert ("text/csv" in formats) is (query is SELECT)


def test_get_format_unknown_is_a_400_that_lists_them(client: FlaskClient) -> None:
    found = problem(client.get("/sparql", query_string={"query": SELECT, "format": "xlsx"}), 400)
    assert "text/csv" in str(found["detail"])


# --- Pages ------------------------------------------------------------------------------------


def test_get_nothing_accept_html_is_a_form(client: FlaskClient) -> None:
    response = client.get("/sparql", headers=HTML)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert '<textarea id="query" name="query"' in response.text


def test_the_example_in_the_form_works_on_any_content(city_client: FlaskClient) -> None:
    form = city_client.get("/sparql", headers=HTML).text
    example = form.partition("required>")[2].partition("</textarea>")[0]
    response = city_client.get("/sparql", query_string={"query": example})
    assert len(bindings(response)) > 3


def test_get_select_accept_html_is_a_table_with_names_and_links(client: FlaskClient) -> None:
    page = client.get("/sparql", query_string={"query": SELECT, "lang": "en"}, headers=HTML).text
    assert "<table>" in page
    assert "<caption>" in page
    assert 'href="/document/plan/ekstremisme-2024-2026?lang=en"' in page
    assert "Action plan for the prevention of extremism 2024-2026" in as_read(page)
    assert SELECT.replace(">", "&gt;") in page, "the query is kept in the form"


def test_get_ask_accept_html_is_a_word(client: FlaskClient) -> None:
    page = client.get("/sparql", query_string={"query": ASK, "lang": "en"}, headers=HTML).text
    assert ">Yes</p>" in page


@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE])
def test_get_graph_accept_html_is_turtle_on_a_page(client: FlaskClient, query: str) -> None:
    page = client.get("/sparql", query_string={"query": query}, headers=HTML).text
    assert "dct:replaces plan:ekstremisme-2022-2023" in page


def test_get_more_rows_than_a_page_shows_says_so(client: FlaskClient) -> None:
    query = {"query": "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 501", "lang": "en"}
    assert "500 of 501 rows are shown" in client.get("/sparql", query_string=query, headers=HTML).text


def test_get_result_of_terms_of_every_kind_accept_html(client: FlaskClient) -> None:
    query = """SELECT * { VALUES (?a ?b ?c ?d ?e ?f) {
        (<javascript:alert(1)> "<b>x</b>"@en true 4.50 "P1D"^^xsd:duration UNDEF) } BIND(BNODE() AS ?g) }"""
    page = client.get("/sparql", query_string={"query": query}, headers=HTML).text
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert 'href="javascript' not in page
    assert "xsd:duration" in page
    assert "[…]" in page


# --- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [ANY_JSON, {"Accept": "text/csv"}])
def test_get_nothing_accept_results_is_a_400(client: FlaskClient, headers: dict[str, str]) -> None:
    assert "query=" in str(problem(client.get("/sparql", headers=headers), 400)["detail"])


def test_post_form_without_query_is_a_400(client: FlaskClient) -> None:
    problem(client.post("/sparql", data={"q": SELECT}, content_type=FORM), 400)


def test_get_two_queries_is_a_400(client: FlaskClient) -> None:
    problem(client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D"), 400)


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_syntax_error_is_a_400_with_line_and_column(client: FlaskClient, way: str) -> None:
    query = "SELECT *\nWHERE { ?s ?p }"
    if way == "get":
        response = client.get("/sparql", query_string={"query": query})
    elif way == "form":
        response = client.post("/sparql", data={"query": query})
    else:
        response = client.post("/sparql", data=query, content_type=QUERY)
    found = problem(response, 400)
    assert (found["line"], found["column"]) == (2, 15)


def test_syntax_error_accept_html_keeps_the_query_and_shows_the_place(client: FlaskClient) -> None:
    query = "SELECT *\nWHERE { ?s ?p } # <b>"
    response = client.get("/sparql", query_string={"query": query, "lang": "en"}, headers=HTML)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "line 2, column 15" in response.text
    assert "WHERE { ?s ?p } # &lt;b&gt;</textarea>" in response.text
    assert "\n" + " " * 14 + "^" in response.text


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <http://e/a> <http://e/b> <http://e/c> }",
        "PREFIX e: <http://e/> DELETE WHERE { ?s ?p ?o }",
        "DROP ALL",
        "CLEAR DEFAULT",
        "LOAD <http://e/>",
        "# SELECT\nWITH <http://e/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_update_is_refused_in_every_way_and_nothing_changes(
    client: FlaskClient, graph: KnowledgeGraph, update: str
) -> None:
    before = len(graph.sparql("SELECT * { ?s ?p ?o }"))
    problem(client.get("/sparql", query_string={"query": update}), 400)
    problem(client.post("/sparql", data={"query": update}), 400)
    problem(client.post("/sparql", data=update, content_type=QUERY), 400)
    problem(client.get("/sparql", query_string={"update": update}), 403)
    problem(client.post("/sparql", data={"update": update}), 403)
    problem(client.post("/sparql", data=update, content_type="application/sparql-update"), 403)
    assert len(graph.sparql("SELECT * { ?s ?p ?o }")) == before


@pytest.mark.parametrize("word", ["SERVICE", "service", "S\\u0045RVICE"])
def test_service_is_refused(client: FlaskClient, word: str) -> None:
    query = f"SELECT * {{ {word} <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}"
    assert "SERVICE" in str(problem(client.get("/sparql", query_string={"query": query}), 400)["detail"])


def test_from_in_a_string_or_name_is_not_refused(client: FlaskClient) -> None:
    query = 'PREFIX from: <http://e/> SELECT ("FROM SERVICE" AS ?from) { FILTER(from:x = from:x) }'
    assert len(bindings(client.get("/sparql", query_string={"query": query}))) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_method_is_a_405(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method)
    problem(response, 405)
    assert {"GET", "POST"} <= set(response.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""]
)
def test_post_other_media_type_is_a_415(client: FlaskClient, media_type: str) -> None:
    response = client.post("/sparql", data=SELECT, content_type=media_type or None)
    assert QUERY in str(problem(response, 415)["detail"])
    assert QUERY in response.headers["Accept-Post"]


def test_post_direct_not_utf_8_is_a_400(client: FlaskClient) -> None:
    problem(client.post("/sparql", data=b"ASK { ?s ?p '\xff' }", content_type=QUERY), 400)


@pytest.mark.parametrize("content_type", [QUERY, FORM])
def test_post_too_large_is_a_413(client: FlaskClient, content_type: str) -> None:
    problem(client.post("/sparql", data=b"query=" + b"x" * 2_000_001, content_type=content_type), 413)


def test_query_too_long_or_too_deep_is_a_400(client: FlaskClient) -> None:
    problem(client.post("/sparql", data="#" * 100_001, content_type=QUERY), 400)
    deep = "ASK {" + "{" * 200 + "}" * 200 + "}"
    problem(client.post("/sparql", data=deep, content_type=QUERY), 400)
