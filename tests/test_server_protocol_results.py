"""Results over HTTP as other programs read them: XML, SPARQL 1.2, and problems in the reader's language."""

import json
import re
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pyoxigraph
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sikkerby_kg.dialect import Dialect, dialect_of
from sikkerby_kg.formats import RDF_FORMATS, rdf_format
from sikkerby_kg.namespaces import SD
from sikkerby_kg.remote import RemoteStore

RESULTS = "{http://www.w3.org/2005/sparql-results#}"
LINE_ENDS = r'{ VALUES ?x { "cr\rcrlf\r\nlf\ntab\t" } }'
CONTROL = r'{ VALUES ?x { "a\u0001b" } }'
TRIPLE = "<<( <http://e.example/a> <http://e.example/b> 1 )>>"
MANY = "VALUES ?n { " + " ".join(map(str, range(600))) + " }"


def ask(client: FlaskClient, query: str, name: str, **headers: str) -> TestResponse:
    return client.get("/sparql?" + urlencode({"query": query, "format": name}), headers=headers)


def told(response: TestResponse, status: int) -> str:
    """What a problem document says."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    return str(json.loads(response.text)["detail"])


# --- XML --------------------------------------------------------------------------------------


def test_get_select_format_xml_keeps_line_ends(city_client: FlaskClient) -> None:
    document = ET.fromstring(ask(city_client, f"SELECT ?x {LINE_ENDS}", "xml").data)  # noqa: S314  (our own)
    assert [literal.text for literal in document.iter(f"{RESULTS}literal")] == ["cr\rcrlf\r\nlf\ntab\t"]


@pytest.mark.parametrize("more", ["", MANY])
def test_get_construct_format_rdf_keeps_line_ends(city_client: FlaskClient, more: str) -> None:
    query = f"CONSTRUCT {{ <urn:a:b> <urn:a:p> ?x . <urn:a:b> <urn:a:q> ?n }} {{ {LINE_ENDS} {more} }}"
    document = ET.fromstring(ask(city_client, query, "rdf").data)  # noqa: S314  (our own)
    assert {element.text for element in document.iter("{urn:a:}p")} == {"cr\rcrlf\r\nlf\ntab\t"}


@pytest.mark.parametrize(
    ("query", "name", "another"),
    [
        (f"SELECT ?x {CONTROL}", "xml", "json"),
        (f"CONSTRUCT {{ <urn:a:b> <urn:a:p> ?x }} {CONTROL}", "rdf", "ttl"),
        (f"CONSTRUCT {{ <urn:a:b> <urn:a:p> ?x, ?n }} {{ {CONTROL} {MANY} }}", "rdf", "jsonld"),
        ("CONSTRUCT { <urn:a:b> <http://e.example/1> 1 } {}", "rdf", "nt"),
        (f"CONSTRUCT {{ <urn:a:b> <http://e.example/1> ?n }} {{ {MANY} }}", "rdf", "ttl"),
        (f"CONSTRUCT {{ <urn:a:b> <urn:a:p> {TRIPLE} }} {{}}", "jsonld", "trig"),
        (f"CONSTRUCT {{ <urn:a:b> <urn:a:p> {TRIPLE}, ?n }} {{ {MANY} }}", "jsonld", "rdf"),
    ],
)
def test_get_what_a_format_cannot_hold_is_a_406(
    city_client: FlaskClient, query: str, name: str, another: str
) -> None:
    assert "another" in told(ask(city_client, query, name, **{"Accept-Language": "en"}), 406)
    assert ask(city_client, query, another).status_code == 200


def test_get_select_format_xml_that_line_ends_make_too_large_is_refused(city_client: FlaskClient) -> None:
    doubled = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(22))
    query = f'SELECT ?x22 {{ BIND("a\\r\\r\\r" AS ?x0) {doubled} }}'
    assert "LIMIT" in told(ask(city_client, query, "xml"), 503)


# --- SPARQL 1.2 -------------------------------------------------------------------------------


def test_get_select_with_version_writes_triples_and_directions(city_client: FlaskClient) -> None:
    query = f'VERSION "1.2" SELECT ({TRIPLE} AS ?t) ("x"@ar--rtl AS ?d) {{}}'
    row = json.loads(ask(city_client, query, "json").data)["results"]["bindings"][0]
    assert row["t"]["type"] == "triple"
    assert row["t"]["value"]["subject"] == {"type": "uri", "value": "http://e.example/a"}
    assert (row["d"]["xml:lang"], row["d"]["its:dir"]) == ("ar", "rtl")
    document = ET.fromstring(ask(city_client, query, "xml").data)  # noqa: S314  (our own)
    assert [part.tag for part in document.iter(f"{RESULTS}triple") for part in part] == [
        f"{RESULTS}{part}" for part in ("subject", "predicate", "object")
    ]
    directed = [literal.attrib for literal in document.iter(f"{RESULTS}literal")][-1]
    assert directed["{http://www.w3.org/2005/11/its}dir"] == "rtl"
    assert ask(city_client, query, "tsv").text == f'?t\t?d\n{TRIPLE}\t"x"@ar--rtl\n'


@pytest.mark.parametrize("name", [candidate.name for candidate in RDF_FORMATS if candidate.name != "jsonld"])
def test_get_construct_writes_triples_in_triples(city_client: FlaskClient, name: str) -> None:
    response = ask(city_client, f"CONSTRUCT {{ <urn:a:b> <urn:a:p> {TRIPLE} }} {{}}", name)
    (quad,) = pyoxigraph.parse(response.data, rdf_format(name).rdf)
    assert isinstance(quad.object, pyoxigraph.Triple)


def test_description_names_versions_and_every_function_that_there_is(city_client: FlaskClient) -> None:
    store = pyoxigraph.Store()
    store.load(city_client.get("/sparql?format=nt").data, pyoxigraph.RdfFormat.N_TRIPLES)

    def named(name: str) -> set[str]:
        told = store.quads_for_pattern(None, pyoxigraph.NamedNode(str(SD) + name), None)
        return {str(quad.object) for quad in told}

    assert {version.rpartition("-")[2] for version in named("supportedVersion")} == {"1.1>", "1.2>"}
    assert len(named("extensionFunction")) > 10
    for function in named("extensionFunction"):
        assert ask(city_client, f"ASK {{ BIND({function}(1) AS ?x) }}", "csv").text == "true"
    assert ask(city_client, "ASK { BIND(<urn:no:such>(1) AS ?x) }", "csv").status_code == 400


def test_only_the_standard_is_promised_for_a_store_elsewhere() -> None:
    assert dialect_of(RemoteStore("http://127.0.0.1:9/sparql", 1.0)) == Dialect()


# --- Addresses of representations -------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/query/plans-on-a-day?day=1905-01-01", "/query/plans-on-a-day?limit=1", "/catalog"]
)
@pytest.mark.parametrize("accept", ["text/html;q=0.5, text/csv;q=0.6, text/turtle", "application/xml"])
def test_get_content_location_and_alternates_are_what_they_say(
    city_client: FlaskClient, path: str, accept: str
) -> None:
    response = city_client.get(path, headers={"Accept": accept, "Accept-Language": "en"})
    again = city_client.get(response.headers["Content-Location"], headers={"Accept-Language": "da"})
    assert (again.content_type, again.data) == (response.content_type, response.data)
    links = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*)"', response.headers["Link"])
    assert len(links) > 3
    assert response.mimetype not in {media_type for _, media_type in links}
    for address, media_type in links:
        assert city_client.get(address).mimetype == media_type


# --- Languages, methods, and no query ---------------------------------------------------------


@pytest.mark.parametrize(("lang", "word"), [("da", "linje"), ("en", "line")])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_get_syntax_error_says_its_language(
    city_client: FlaskClient, lang: str, word: str, accept: str
) -> None:
    headers = {"Accept": accept, "Accept-Language": lang}
    response = city_client.get("/sparql?query=SELCT", headers=headers)
    assert word in response.text
    assert response.headers["Content-Language"] == lang
    assert {"accept", "accept-language"} <= {name.lower() for name in response.vary}


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT *\n{ ?s ?p }", (2, 9)),
        ("ASK {\n\n  SERVICE <http://e.example/> {} }", (3, 3)),
        ("SELECT ?x ?x {}", (1, 16)),
    ],
)
def test_get_query_that_is_refused_says_where(
    city_client: FlaskClient, query: str, place: tuple[int, int]
) -> None:
    response = ask(city_client, query, "json")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    problem = json.loads(response.data)
    assert (problem["line"], problem["column"]) == place


def test_get_data_says_no_language(city_client: FlaskClient) -> None:
    response = ask(city_client, "ASK {}", "json")
    assert "Content-Language" not in response.headers
    assert "accept-language" not in response.vary


@pytest.mark.parametrize("path", ["/sparql", "/", "/catalog"])
def test_options_has_no_content(city_client: FlaskClient, path: str) -> None:
    response = city_client.options(path)
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == "0"
    assert "GET" in response.headers["Allow"]
    for name in ("Content-Type", "Content-Language", "Vary"):
        assert name not in response.headers


@pytest.mark.parametrize("query", ["", " \n "])
def test_get_blank_query_is_told_to_be_missing(city_client: FlaskClient, query: str) -> None:
    response = city_client.get("/sparql?" + urlencode({"query": query}), headers={"Accept-Language": "en"})
    assert "There is no query" in told(response, 400)


def test_get_endpoint_format_html_is_the_form(city_client: FlaskClient) -> None:
    response = city_client.get("/sparql?format=html", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert "<form" in response.text


def test_get_graph_without_name_is_told_with_what_was_sent(city_client: FlaskClient) -> None:
    response = city_client.get("/sparql?" + urlencode({"query": "ASK {}", "default-graph-uri": ""}))
    assert "»«" in told(response, 400)
