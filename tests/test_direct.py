"""The short way to the endpoint gives, header by header and byte by byte, what the long way gives."""

import json
from itertools import product
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sikkerby_kg import KnowledgeGraph, Settings
from sikkerby_kg.server import create_app, direct
from sikkerby_kg.server.running import TRUNCATED
from sikkerby_kg.server.site import EXTENSION

SELECT = "SELECT ?s ?label { ?s skos:prefLabel ?label } ORDER BY ?s ?label LIMIT 30"
LONG = f"SELECT * {{ ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT 5 #{'x' * 1200}"
QUERIES = (
    SELECT,
    LONG,
    "ASK { ?s ?p ?o }",
    "ASK {} #æøå 😀",
    "SELECT ?x { }",
    "DESCRIBE <https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2024-2026>",
    "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 1",
)
ACCEPTS = (
    None,
    "*/*",
    "application/sparql-results+json",
    "text/csv;q=0.5, application/n-triples;q=0.4",
    "application/xml",
    "text/turtle",
    "image/png",
    "text/html",
    "text/tab-separated-values, application/ld+json",
)
REFUSED = (
    "",
    " ",
    "SELECT",
    "INSERT DATA { <a:b> <a:c> 1 }",
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT (<a:no>(1) AS ?x) {}",
    "ASK { ?s ?p " + "(" * 60 + "1" + ")" * 60 + " }",
    "SELECT (NOW() AS ?now) {}",
)


@pytest.fixture(scope="module")
def fresh(graph: KnowledgeGraph) -> Flask:
    """A server that keeps no answers, and cuts results early."""
    settings = Settings(cache_megabytes=0, result_rows=100)
    return create_app(settings, KnowledgeGraph(graph.folders, graph.store, settings))


def both(
    app: Flask, monkeypatch: pytest.MonkeyPatch, address: str, **headers: str
) -> tuple[TestResponse, TestResponse]:
    """The answers of the short and of the long way."""
    client = app.test_client()
    short = client.get(address, headers=headers)
    with monkeypatch.context() as patched:
        patched.setattr(direct, "_is_plain", lambda _: False)
        return short, client.get(address, headers=headers)


def parts(response: TestResponse) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in response.headers.items() if name != "Server-Timing"}
    assert len(headers) + 1 == len(response.headers), "no header stands there twice"
    return response.status_code, headers, response.data


@pytest.mark.parametrize("query", [*QUERIES, *REFUSED])
def test_get_query_gives_the_same_by_both_ways(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    for accept, coding in product(ACCEPTS, ("", "gzip", "br;q=1, *;q=0")):
        wishes = {"Accept": accept, "Accept-Encoding": coding}
        headers = {name: value for name, value in wishes.items() if value}
        short, long = both(fresh, monkeypatch, "/sparql?" + urlencode({"query": query}), **headers)
        if "NOW()" not in query:
            assert parts(short) == parts(long), (query, accept, coding)


@pytest.mark.parametrize(
    "more",
    ["&format=csv", "&format=ttl", "&format=html", "&format=no", "&format=", "&format=XML", "&lang=en",
     "&lang=x", "&query=ASK%7B%7D", "&update=", "&x=1", "&default-graph-uri=https://w3id.org/sikkerby-kg/dataset/catalog",
     "&named-graph-uri=urn:none&default-graph-uri=urn:none", "&default-graph-uri=not%20an%20iri",
     "&using-graph-uri=a:b", "&%ff", "&format=%ff", "&a=%zz", "&&", "&format=csv&format=tsv",
     "&as-of=2023-01-01"],
)  # fmt: skip
def test_get_query_with_more_gives_the_same_by_both_ways(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    for query in (SELECT, QUERIES[-1]):
        short, long = both(fresh, monkeypatch, f"/sparql?query={quote(query)}{more}")
        assert parts(short) == parts(long), (query, more)


@pytest.mark.parametrize("host", ["example.org", "example.org:8000", "[::1]:80", "..", "a" * 70, "a b", ""])
def test_get_query_of_any_host_gives_the_same_by_both_ways(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    short, long = both(fresh, monkeypatch, "/sparql?query=ASK%7B%7D", Host=host)
    assert parts(short) == parts(long)


def test_what_programs_ask_goes_the_short_way(fresh: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    dispatch = fresh.dispatch_request

    def reach() -> object:
        reached.append("Flask")
        return dispatch()

    monkeypatch.setattr(fresh, "dispatch_request", reach)
    client = fresh.test_client()
    for query in QUERIES:
        response = client.get("/sparql", query_string={"query": query})
        assert response.status_code == 200
        assert response.data
    assert reached == []
    page = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "text/html"})
    assert "<table" in page.text
    assert reached == ["Flask"]


def test_a_query_that_fails_is_run_once(fresh: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = fresh.extensions[EXTENSION].runner
    runs: list[object] = []
    run = runner.run

    def count(*asked: object) -> object:
        runs.append(asked)
        return run(*asked)

    monkeypatch.setattr(runner, "run", count)
    response = fresh.test_client().get("/sparql", query_string={"query": "SELECT (<a:no>(1) AS ?x) {}"})
    assert response.status_code == 400
    assert "a:no" in json.loads(response.text)["detail"]
    assert len(runs) == 1


def test_a_cut_result_says_so_by_the_short_way(fresh: Flask) -> None:
    response = fresh.test_client().get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"})
    assert response.headers[TRUNCATED] == "rows=100"
    assert (response.headers["Cache-Control"], "ETag" in response.headers) == ("no-store", False)


def test_answers_of_the_short_way_are_kept_and_asked_for_again(client: FlaskClient) -> None:
    address = "/sparql?" + urlencode({"query": SELECT + " #kept"})
    first = client.get(address, headers={"Accept-Encoding": "gzip"})
    again = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert (first.data, first.headers["ETag"]) == (again.data, again.headers["ETag"])
    assert first.headers["Content-Encoding"] == "gzip"
    asked = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert client.get(address, headers=asked).status_code == 304
