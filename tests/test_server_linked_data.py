"""Linked Data over HTTP: 303 from a thing to its document, and the document in every format."""

import re

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from sikkerby_kg.formats import RDF_FORMATS

BASE = "https://w3id.org/sikkerby-kg/"
PLAN = BASE + "id/plan/ekstremisme-2024-2026"
DOCUMENT = "/document/plan/ekstremisme-2024-2026"
CITY = "https://ravnsholm.example/graf/"

MEDIA_TYPES = [
    ("text/html", "html"),
    ("application/xhtml+xml", "html"),
    ("text/turtle", "ttl"),
    ("application/trig", "trig"),
    ("application/ld+json", "jsonld"),
    ("application/json", "jsonld"),
    ("application/n-triples", "nt"),
    ("application/n-quads", "nq"),
    ("application/rdf+xml", "rdf"),
    ("*/*", "html"),
    ("text/*;q=0.5, application/trig;q=0.4", "html"),
    ("text/html;q=0.1, text/turtle;q=0.2", "ttl"),
    ("image/png, application/rdf+xml;q=0.3", "rdf"),
    ("text/turtle;q=0, */*;q=0.1", "html"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
    (None, "html"),
]
FORMATS = {f.name: f for f in RDF_FORMATS}


def accepting(accept: str | None) -> dict[str, str]:
    return {} if accept is None else {"Accept": accept}


def parsed(body: bytes, name: str) -> set[str]:
    found = FORMATS[name].rdf
    assert isinstance(found, RdfFormat)
    return {str(quad.triple) for quad in parse(body, found)}


@pytest.mark.parametrize("suffix", ["html", "ttl", "trig", "jsonld", "nt", "nq", "rdf"])
def test_get_thing_with_a_suffix_is_a_303_to_that_format(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"/id/principle/natteliv.{suffix}", headers={"Accept": "text/turtle"})
    assert response.status_code == 303
    assert response.location == f"/document/principle/natteliv.{suffix}"
    assert client.get(response.location).status_code == 200


def test_get_thing_with_a_suffix_that_is_unknown_or_about_nothing_is_a_404(client: FlaskClient) -> None:
    for path in ("/id/principle/natteliv.pdf", "/id/principle/nobody.ttl", "/id/principle/.ttl"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(("accept", "name"), MEDIA_TYPES)
def test_get_thing_accept_any_of_our_formats_is_a_303(
    client: FlaskClient, accept: str | None, name: str
) -> None:
    response = client.get("/id/plan/ekstremisme-2024-2026", headers=accepting(accept))
    assert response.status_code == 303
    assert response.location == (DOCUMENT if name == "html" else f"{DOCUMENT}.{name}")
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(("accept", "name"), MEDIA_TYPES)
def test_get_document_accept_any_of_our_formats(client: FlaskClient, accept: str | None, name: str) -> None:
    response = client.get(DOCUMENT, headers=accepting(accept))
    assert response.status_code == 200
    assert response.mimetype == ("text/html" if name == "html" else FORMATS[name].media_type)
    assert response.headers["Content-Location"] == f"{DOCUMENT}.{name}"
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/id/plan/ekstremisme-2024-2026", DOCUMENT, DOCUMENT + ".ttl"])
def test_head_answers_as_get(client: FlaskClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.mimetype, head.data) == (got.status_code, got.mimetype, b"")


@pytest.mark.parametrize(
    ("iri", "document"),
    [
        ("model/FocusArea", "/document/model/FocusArea"),
        ("model/", "/document/model"),
        ("concept/origin", "/document/concept/origin"),
        ("concept/origin/asserted", "/document/concept/origin/asserted"),
        ("dataset/", "/document/dataset"),
        ("dataset/statements/midtvejsstatus/p5s2", "/document/dataset/statements/midtvejsstatus/p5s2"),
        ("id/doc/midtvejsstatus/section/3.3", "/document/doc/midtvejsstatus/section/3.3"),
        ("id/doc/midtvejsstatus/p/5/s/2", "/document/doc/midtvejsstatus/p/5/s/2"),
        ("id/period/2024-2026", "/document/period/2024-2026"),
    ],
)
def test_get_thing_of_any_kind_leads_to_its_document(client: FlaskClient, iri: str, document: str) -> None:
    response = client.get("/" + iri, headers={"Accept": "text/html"})
    assert (response.status_code, response.location) == (303, document)
    assert f"<code>{BASE}{iri}</code>" in client.get(document).text


def test_get_thing_keeps_the_language(client: FlaskClient) -> None:
    assert client.get("/model/FocusArea?lang=en").location == "/document/model/FocusArea?lang=en"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_get_document_by_suffix_ignores_accept(client: FlaskClient, name: str) -> None:
    response = client.get(f"{DOCUMENT}.{name}", headers={"Accept": "image/png"})
    assert (response.status_code, response.mimetype) == (200, FORMATS[name].media_type)
    triples = parsed(response.data, name)
    assert any(f"<{PLAN}> <http://purl.org/dc/terms/replaces>" in triple for triple in triples)
    assert any(triple.endswith(f"<{PLAN}>") for triple in triples), "what points to it is there too"
    assert "localhost" not in response.text


def test_get_document_suffix_html(client: FlaskClient) -> None:
    response = client.get(DOCUMENT + ".html", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (200, "text/html")


def test_all_formats_state_the_same(client: FlaskClient) -> None:
    plain = {name: parsed(client.get(f"{DOCUMENT}.{name}").data, name) for name in ("ttl", "nt", "rdf")}
    assert plain["ttl"] == plain["nt"] == plain["rdf"]
    with_graphs = {
        name: parsed(client.get(f"{DOCUMENT}.{name}").data, name) for name in ("trig", "nq", "jsonld")
    }
    assert with_graphs["trig"] == with_graphs["nq"] == with_graphs["jsonld"] > plain["ttl"]


def test_get_document_trig_says_where_each_statement_was_read(client: FlaskClient) -> None:
    quads = list(parse(client.get(DOCUMENT + ".trig").data, RdfFormat.TRIG))
    graphs = {q.graph_name.value for q in quads if str(q.subject) == f"<{PLAN}>"}
    assert BASE + "dataset/statements/midtvejsstatus/p5s2" in graphs
    described = {str(quad.subject)[1:-1] for quad in quads}
    assert graphs <= described
    assert BASE + "id/doc/midtvejsstatus/p/5/s/2" in described


def test_get_document_holds_what_is_said_of_nodes_without_a_name(city_client: FlaskClient) -> None:
    body = city_client.get("/document/ting/beacon-plan.ttl").text
    assert "1904-03-01" in body
    assert "1904-03-01" in city_client.get("/document/ting/beacon-plan").text


def test_links_name_the_other_formats_and_the_thing(client: FlaskClient) -> None:
    links = client.get(DOCUMENT).headers["Link"]
    for name, found in FORMATS.items():
        assert f'<{DOCUMENT}.{name}>; rel="alternate"; type="{found.media_type}"' in links
    assert f'<{PLAN}>; rel="describes"' in links


@pytest.mark.parametrize(
    "path",
    [
        "/id/plan/no-such-plan",
        "/model/NoSuchTerm",
        "/document/plan/no-such-plan",
        "/document/plan/no-such-plan.ttl",
        "/document/plan/ekstremisme-2024-2026.pdf",
        "/document/plan",
        "/plan/ekstremisme-2024-2026",
        "/resource?iri=https://example.org/nothing",
        "/resource?iri=not%20an%20iri",
        "/resource?iri=%3Curn:a%3E%20%7D%20%23",
        "/resource",
        "/kind/sik:NoSuchKind",
        "/kind/%3E%20%7D",
        "/query/no-such-query",
        "/static/no-such-file.css",
        "/static/../templates/base.html",
        "/static/..%2ftemplates%2fbase.html",
    ],
)
def test_get_what_is_not_there_is_a_404(client: FlaskClient, path: str) -> None:
    for accept in ("text/html", "text/turtle", "*/*"):
        response = client.get(path, headers={"Accept": accept})
        assert response.status_code == 404
        assert response.mimetype == ("application/problem+json" if accept == "text/turtle" else "text/html")


def test_get_of_an_iri_that_is_not_described_names_it(client: FlaskClient) -> None:
    assert BASE + "id/plan/no-such-plan" in client.get("/document/plan/no-such-plan?lang=en").text


@pytest.mark.parametrize("path", ["/id/plan/ekstremisme-2024-2026", DOCUMENT])
def test_get_accept_nothing_that_we_have_is_a_406_that_lists_what_there_is(
    client: FlaskClient, path: str
) -> None:
    response = client.get(path, headers={"Accept": "image/png"})
    assert (response.status_code, response.mimetype) == (406, "application/problem+json")
    assert response.json is not None
    assert set(response.json["formats"]) == {"text/html", *(f.media_type for f in RDF_FORMATS)}


def test_get_document_format_unknown_is_a_400(client: FlaskClient) -> None:
    response = client.get(DOCUMENT + "?format=pdf", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "text/turtle" in response.text


@pytest.mark.parametrize("path", ["/id/plan/x", DOCUMENT, "/", "/query", "/kind", "/resource"])
def test_post_to_a_page_is_a_405(client: FlaskClient, path: str) -> None:
    response = client.post(path)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_get_thing_of_another_city_by_its_own_layout_of_iris(city_client: FlaskClient) -> None:
    response = city_client.get("/ting/beacon-plan", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.location) == (303, "/document/ting/beacon-plan.ttl")
    assert f"<{CITY}ting/beacon-plan>" in city_client.get("/document/ting/beacon-plan.nt").text
    assert city_client.get("/ord/RowingWatch").location == "/document/ord/RowingWatch"


def test_get_resource_is_about_an_iri_that_lies_elsewhere(client: FlaskClient) -> None:
    iri = "https://www.eu.dk/samling/20231/lovforslag/l150/20231_l150_som_fremsat.htm"
    assert iri in client.get("/resource", query_string={"iri": iri}).text
    response = client.get("/resource", query_string={"iri": iri}, headers={"Accept": "text/turtle"})
    assert iri in response.text
    assert re.search(r"resource\?iri=[^>]*format=trig>; rel=.alternate.", response.headers["Link"])
