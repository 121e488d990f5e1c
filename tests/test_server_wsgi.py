"""Served under a path, or over another kind of store, the server is the same."""

import re

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.server import create_app
from sikkerby_kg.server.urls import Addresses

HTML = {"Accept": "text/html"}
PLAN = "/document/plan/ekstremisme-2024-2026"


@pytest.fixture(params=["by the setting", "by the proxy", "by SCRIPT_NAME"])
def prefix(request: pytest.FixtureRequest) -> str:
    """How the server learns of its path; the proxy of the second kind takes the path away."""
    return str(request.param)


@pytest.fixture
def mounted(prefix: str, graph: KnowledgeGraph) -> tuple[FlaskClient, str, dict[str, str]]:
    """A client, what to put before a path, and what the WSGI server adds to a request."""
    if prefix == "by SCRIPT_NAME":
        return create_app(graph=graph).test_client(), "", {"SCRIPT_NAME": "/by/graf"}
    app = create_app(Settings(public_url="https://example.org/by/graf/"), graph)
    return app.test_client(), "/by/graf" if prefix == "by the setting" else "", {}


@pytest.mark.parametrize(
    "path", ["/", "/kind", "/kind/sik:Principle", PLAN, "/query/plans-valid-on-date", "/sparql", "/nothing"]
)
def test_every_link_of_a_mounted_server_stays_under_its_path(
    mounted: tuple[FlaskClient, str, dict[str, str]], path: str
) -> None:
    client, before, environ = mounted
    page = client.get(before + path, headers=HTML, environ_overrides=environ).text
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert len(links) > 8
    assert [link for link in links if not link.startswith("/by/graf/")] == []


def test_thing_and_document_of_a_mounted_server(mounted: tuple[FlaskClient, str, dict[str, str]]) -> None:
    client, before, environ = mounted
    thing = client.get(
        before + "/id/plan/ekstremisme-2024-2026",
        headers={"Accept": "text/turtle"},
        environ_overrides=environ,
    )
    assert thing.location == f"/by/graf{PLAN}.ttl"
    document = client.get(
        before + PLAN, headers={"Accept": "application/n-triples"}, environ_overrides=environ
    )
    assert document.headers["Content-Location"] == f"/by/graf{PLAN}.nt"
    assert "<https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2024-2026>" in document.text
    assert "/by/graf" not in document.text


SAME = (
    "/",
    "/kind",
    "/kind/sik:PolicyInstrument",
    "/document/ting/lantern-plan",
    "/document/ting/lantern-plan.trig",
    "/document/ting/page-1-line-1",
    "/query/plans-on-a-day?guild=t:harbour-guild",
    "/sparql?query=SELECT+*+%7B+%3Fs+dct:replaces+%3Fo+%7D",
)


@pytest.mark.parametrize("kind", ["disk", "endpoint"])
def test_pages_are_the_same_over_every_store(
    kind: str, city_root: str, city_client: FlaskClient, tmp_path: str, request: pytest.FixtureRequest
) -> None:
    store = tmp_path if kind == "disk" else request.getfixturevalue("city_endpoint")
    with open_graph(city_root, store) as graph:
        client = create_app(graph=graph).test_client()
        for path in SAME:
            expected, found = city_client.get(path, headers=HTML), client.get(path, headers=HTML)
            assert (found.status_code, found.text) == (expected.status_code, expected.text), path


BASE = "https://example.org/x/"
IRIS = [
    "id/plan/a",
    "id/plan/a/b.c",
    "id/plan/ø",
    "id/plan/a%20b",
    "id/plan/a+b&c=d",
    "id/plan/100%25",
    "id/model/a",
    "id/id/a",
    "id/query/a",
    "model/A",
    "dataset/",
    "dataset",
    "id/",
    "other/a",
    "other/a.ttl",
    "#fragment",
    "id/plan/a?b",
    "id/plan/../a",
    "id//a",
    "",
]


@pytest.mark.parametrize("rest", IRIS)
def test_every_iri_has_an_address_that_leads_back_to_it(graph: KnowledgeGraph, rest: str) -> None:
    addresses = Addresses(BASE)
    app = create_app(graph=graph)
    with app.test_request_context():
        href = addresses.href(BASE + rest)
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
    path, _, query = href.partition("?")
    with app.test_request_context(path, query_string=query) as context:
        arguments = context.request.view_args or {}
        iri = context.request.args.get("iri")
    assert adapter is not None
    if iri is not None:
        assert iri == BASE + rest
        return
    wanted = arguments["path"] + (f".{arguments['suffix']}" if "suffix" in arguments else "")
    assert BASE + rest in list(addresses.candidates(wanted))


def test_addresses_of_different_things_differ() -> None:
    addresses = Addresses(BASE)
    paths = [addresses.document_path(BASE + rest) for rest in IRIS if rest != "dataset"]
    found = [path for path in paths if path is not None]
    assert len(found) == len(set(found))


def test_terms_of_the_model_have_addresses_in_any_city() -> None:
    term = "https://w3id.org/sikkerby-kg/model/Principle"
    addresses = Addresses(BASE)
    assert addresses.document_path(term) == "model/Principle"
    assert term in list(addresses.candidates("model/Principle"))
