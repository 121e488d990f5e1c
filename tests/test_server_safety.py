"""What protects readers and operators: headers, escaping, links, errors that keep our insides to us."""

import logging
import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.errors import StoreError, StoreTimeoutError
from sikkerby_kg.server import create_app
from sikkerby_kg.server.security import is_safe_link
from sikkerby_kg.server.site import EXTENSION

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; "
    "script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/id/plan/ekstremisme-2024-2026"),
        ("GET", "/document/plan/ekstremisme-2024-2026.ttl"),
        ("GET", "/query/plans-replaced?format=csv"),
        ("GET", "/sparql?query=ASK%7B%7D"),
        ("GET", "/sparql"),
        ("GET", "/static/site.css"),
        ("GET", "/nothing"),
        ("GET", "/query//plans-replaced"),
        ("POST", "/"),
        ("OPTIONS", "/sparql"),
    ],
)
def test_headers_stand_on_every_response(client: FlaskClient, method: str, path: str) -> None:
    with client.open(path, method=method) as response:
        assert response.headers["Content-Security-Policy"] == CSP
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


HOSTILE = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX void: <http://rdfs.org/ns/void#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX sik: <https://w3id.org/sikkerby-kg/model/>
<http://e/g> {
  <http://e/d> a dcat:Dataset ; void:uriSpace "http://e/" ; dct:title "<script>alert(1)</script>"@da ;
    dct:license <javascript:alert(1)> ; skos:scopeNote "<img src=x onerror=alert(1)>"@da .
  <http://e/id/x/1> a <http://e/T> ; skos:prefLabel "\\"><script>alert(1)</script>"@da, "{{7*7}}"@en ;
    rdfs:seeAlso <javascript:alert(1)>, <data:text/html,x>, <vbscript:x>, <http://ok.example/'onclick='x>,
      <mailto:a@example.org>, "javascript:alert(1)"^^xsd:anyURI ;
    <http://e/p'onmouseover='x> "<b>\\u202E"^^<http://e/<'> .
  <http://e/g> prov:wasDerivedFrom <javascript:alert(1)> ; dct:type <http://e/origin/x"y> .
}
""".replace("<http://e/<'>", "<http://e/t'>").replace('<http://e/origin/x"y>', "<http://e/origin/x'y>")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root = tmp_path_factory.mktemp("hostile")
    for name in ("ontology", "data", "queries", "web"):
        (root / name).mkdir()
    (root / "data/a.trig").write_text(HOSTILE, encoding="utf-8")
    return create_app(graph=open_graph(root)).test_client()


@pytest.mark.parametrize(
    "path",
    ["/", "/kind", "/kind/T", "/document/x/1", "/document/x/1?lang=en", "/document/g", "/document/d",
     "/resource?iri=javascript:alert(1)", "/sparql?query=SELECT+*+%7B%3Fs+%3Fp+%3Fo%7D",
     "/neighbourhood?iri=http://e/id/x/1", "/sparql?example=%3Cscript%3E",
     "/document/%3Cscript%3E", "/query/%3Cscript%3E", "/sparql?query=%3C/textarea%3E%3Cscript%3E",
     "/?lang=%22%3E%3Cscript%3E", "/kind?x=%22%3E%3Cscript%3E", "/resource?iri=%22%3E%3Cscript%3E",
     "/search?q=alert", "/search?q=%22%3E%3Cscript%3E", "/kind/T?kind=%22%3E%3Cscript%3E&sort=%3Cscript%3E"],
)  # fmt: skip
def test_hostile_content_stays_text(hostile: FlaskClient, path: str) -> None:
    page = hostile.get(path, headers=HTML).text
    assert not re.search(r'<script(?! (?:type="module" )?src="/static/| type="application/ld\+json")', page)
    assert "<img src=x" not in page
    assert not re.search(r"""\son[a-z]+\s*=""", re.sub(r'"[^"]*"|>[^<]*<', "", page))
    for href in re.findall(r'(?:href|action|src)="([^"]*)"', page):
        assert re.match(r"(/|#|https?:|mailto:)", href), href
    assert not re.search(r"\b49\b", page)


def test_unsafe_addresses_are_shown_as_text(hostile: FlaskClient) -> None:
    page = hostile.get("/document/x/1").text
    for address in ("javascript:alert(1)", "data:text/html,x", "vbscript:x"):
        assert f'<div class="value">{address}</div>' in page
    assert 'href="mailto:a@example.org"' in page


@pytest.mark.parametrize(
    ("iri", "safe"),
    [
        ("https://example.org/", True),
        ("HTTP://example.org/", True),
        ("mailto:a@example.org", True),
        ("javascript:alert(1)", False),
        ("JavaScript://example.org/%0Aalert(1)", False),
        ("data:text/html,x", False),
        ("https:example.org", False),
        ("https://[", False),
        ("//example.org/", False),
        ("urn:isbn:1", False),
        ("", False),
    ],
)
def test_which_links_may_be_followed(iri: str, safe: bool) -> None:  # noqa: FBT001
    assert is_safe_link(iri) is safe


# --- Errors -----------------------------------------------------------------------------------


@pytest.fixture
def broken(graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An app whose store fails in a way that the test chooses by ``app.config["FAILS"]``."""
    app = create_app(graph=graph)
    evaluate = graph.store.evaluate

    run = app.extensions[EXTENSION].runner.run

    def fail(text: str) -> object:
        if app.config.get("FAILS"):
            raise app.config["FAILS"]
        return evaluate(text)

    def fail_to_run(*asked: object) -> object:
        if app.config.get("FAILS"):
            raise app.config["FAILS"]
        return run(*asked)

    monkeypatch.setattr(graph.store, "evaluate", fail)
    monkeypatch.setattr(app.extensions[EXTENSION].runner, "run", fail_to_run)
    return app


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreTimeoutError("store.timeout", store="http://secret.example/", seconds=30), 504),
        (StoreError("store.unreachable", store="http://secret.example/", problem="secret"), 502),
        (ValueError("secret"), 500),
        (KeyError("secret"), 500),
        (RecursionError("secret"), 500),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/sparql-results+json"])
def test_error_of_ours_is_logged_and_says_nothing_of_our_insides(
    broken: Flask, caplog: pytest.LogCaptureFixture, error: Exception, status: int, accept: str
) -> None:
    client = broken.test_client()
    client.get("/")  # what is computed once has been computed
    broken.config["FAILS"] = error
    with caplog.at_level(logging.ERROR):
        response = client.get(
            "/sparql", query_string={"query": "ASK {}", "lang": "en"}, headers={"Accept": accept}
        )
    assert response.status_code == status
    assert response.mimetype == ("text/html" if "html" in accept else "application/problem+json")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "secret" in caplog.text
    assert response.headers["Content-Security-Policy"] == CSP
    assert "no-store" in response.headers["Cache-Control"]


def test_error_page_even_when_nothing_works(broken: Flask) -> None:
    """The error page itself needs the store for its menu; when that fails too, a plain sentence is left."""
    broken.config["FAILS"] = ValueError("secret")
    response = broken.test_client().get("/", headers=HTML)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.text


@pytest.mark.parametrize("path", ["/", "/query/plans-valid-on-date", "/sparql", "/resource", "/nothing"])
def test_query_string_of_wild_bytes_is_no_error_of_ours(client: FlaskClient, path: str) -> None:
    """Flask itself fails on a query string that is not UTF-8, even while it makes the error page."""
    for wild in (b"\xff", b"asOf=\xc3", b"query=\xb8&lang=\x80", b"iri=\x00\xfe", "lang=\u202e".encode()):
        environ = {"QUERY_STRING": wild.decode("latin-1")}
        response = client.get(path, headers=HTML, environ_overrides=environ)
        assert response.status_code in (200, 400, 404)
        assert response.headers["Content-Security-Policy"] == CSP


def test_error_page_is_a_page(client: FlaskClient) -> None:
    page = client.get("/nothing?lang=da", headers=HTML).text
    assert "<h1>Siden findes ikke</h1>" in page
    assert "/nothing" in page
    assert 'href="/query?lang=da"' in page


# --- A city's own files -----------------------------------------------------------------------


def test_city_may_bring_its_own_static_files_and_templates(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        "<http://e/g> { <http://e/a> <http://e/b> <http://e/c> }", encoding="utf-8"
    )
    (make_root / "web/static").mkdir()
    (make_root / "web/templates").mkdir()
    (make_root / "web/static/site.css").write_text("/* ours */", encoding="utf-8")
    (make_root / "web/templates/home.html").write_text(
        '{% extends "base.html" %}{% block content %}<h1>Ø</h1>{% endblock %}', encoding="utf-8"
    )
    client = create_app(graph=open_graph(make_root)).test_client()
    with client.get("/static/site.css") as response:
        assert response.get_data() == b"/* ours */"
    with client.get("/static/favicon.svg") as response:
        assert response.status_code == 200
        assert response.mimetype == "image/svg+xml"
    assert "<h1>Ø</h1>" in client.get("/").text
    assert "<footer" in client.get("/").text
    assert "<h1" in client.get("/kind").text


def test_static_files_are_cached_and_asked_for_again(client: FlaskClient) -> None:
    with client.get("/static/site.css") as first:
        etag = first.headers["ETag"]
        assert "max-age=600" in first.headers["Cache-Control"]
    with client.get("/static/site.css", headers={"If-None-Match": etag}) as second:
        assert second.status_code == 304


def test_broken_saved_query_stops_the_start(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        "<http://e/g> { <http://e/a> <http://e/b> <http://e/c> }", encoding="utf-8"
    )
    (make_root / "queries/bad.rq").write_text("SELECT * { ?s ?p ?o }", encoding="utf-8")
    with pytest.raises(Exception, match=r"bad\.rq"):
        create_app(graph=open_graph(make_root))


# --- Oversized and broken requests --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "If-None-Match",
        "If-Range",
        "Authorization",
        "Content-Type",
    ],
)
def test_get_header_too_long_is_a_431_at_once(client: FlaskClient, name: str) -> None:
    for value in ("a" * 200_000, "a,;" * 60_000, '"\\' * 100_000, "," * 200_000):
        start = time.process_time()
        response = client.get("/", headers={name: value})
        assert time.process_time() - start < 1
        assert response.status_code == 431
        assert name in response.text
        assert response.headers["Content-Security-Policy"] == CSP


def test_get_header_too_long_is_a_431_for_an_answer_that_is_kept(client: FlaskClient) -> None:
    for name in ("If-None-Match", "Authorization", "Accept-Language"):
        assert client.get("/", headers=HTML).status_code == 200
        assert client.get("/", headers={**HTML, name: "," * 16_001}).status_code == 431
        assert client.get("/", headers={**HTML, name: "," * 16_000}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/document/", "/query/", "/kind/", "/search?q=", "/resource?iri=", "/?lang="]
)
def test_get_address_too_long_is_a_short_414_at_once(client: FlaskClient, path: str) -> None:
    for piece in ("a", "&", "a=b&", "%ff", "a/"):
        start = time.process_time()
        response = client.get(
            path + piece * (200_000 // len(piece)), headers={**HTML, "Accept-Language": "en"}
        )
        assert time.process_time() - start < 1
        assert response.status_code == 414
        assert len(response.data) < 10_000, "what was sent is not sent back"
        assert "at most 16000 characters" in response.text
        assert response.headers["Content-Security-Policy"] == CSP


def test_get_sparql_takes_a_longer_address(client: FlaskClient) -> None:
    query = "ASK { FILTER(?x = 'å') }" + " " * 19_000
    assert client.get("/sparql", query_string={"query": query, "format": "json"}).status_code == 200


def test_get_static_name_that_no_system_takes_is_a_404(client: FlaskClient) -> None:
    for name in ("x" * 5000, "%00", "a/" * 3000 + "x"):
        assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("host", ["..", "a" * 70, "a..b"])
def test_get_host_that_is_none_is_a_400_that_says_so(
    client: FlaskClient, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    for accept in ("text/html", "application/json"):
        response = client.get("/", headers={"Host": host, "Accept": accept, "Accept-Language": "en"})
        assert (response.status_code, response.mimetype == "text/html") == (400, accept == "text/html")
        assert "The field Host names no server" in response.text
        assert response.headers["Content-Security-Policy"] == CSP
    assert not caplog.records, "nothing is wrong with the server"
