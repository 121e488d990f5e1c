"""SERVICE calls the endpoints that the operator has named, and nobody else ever."""

import contextlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.errors import ServiceError, SettingError, SparqlRefusedError, StoreError
from sikkerby_kg.server import create_app
from sikkerby_kg.server.running import start_workers
from sikkerby_kg.services import MOST_CALLS, Services, calls_of, is_public, public_addresses, query_of

pytestmark = pytest.mark.slow  # services are waited for

CITY = Path(__file__).parent / "city"
OTHERS = b"""<http://e/a> <http://e/name> "caf\\u00E9 \\"x\\" \\\\u0041"@fr .
<http://e/b> <http://e/name> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
_:c <http://e/name> "c" .
<http://e/a> <http://e/knows> <http://e/b> .
"""


class Canary:
    """A server that remembers who called, and gives the same answer to everybody."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.asked: list[str] = []
        canary = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                canary.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/sparql"


@contextlib.contextmanager
def canary(
    status: int = 200,
    body: bytes = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}',
    **headers: str,
) -> Iterator[Canary]:
    made = Canary(status, {"Content-Type": "application/sparql-results+json", **headers}, body)
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


@pytest.fixture(scope="module")
def others() -> Iterator[str]:
    """Another endpoint, with statements of its own."""
    from tests.conftest import sparql_server  # noqa: PLC0415  (it is a fixture's own tool)

    with sparql_server(OTHERS) as url:
        yield url


def city_with(services: str, networks: str = "any") -> KnowledgeGraph:
    return open_graph(settings=Settings(root=str(CITY), services=services, service_networks=networks))


# --- Answers ----------------------------------------------------------------------------------


def test_the_solutions_of_a_service_are_joined(others: str) -> None:
    query = f"""PREFIX : <http://e/>
    SELECT ?who ?name ?other {{
      VALUES ?who {{ :a :b :z }}
      OPTIONAL {{ SERVICE <{others}> {{ ?who :name ?name . FILTER(?name != "nobody") }} }}
      OPTIONAL {{ SERVICE SILENT <{others}> {{ SELECT ?who ?other {{ ?who :knows ?other }} }} }}
    }} ORDER BY ?who"""
    with city_with(others) as graph:
        rows = graph.sparql(query).python()
    assert rows == [
        {"who": "http://e/a", "name": 'café "x" \\u0041', "other": "http://e/b"},
        {"who": "http://e/b", "name": 1, "other": None},
        {"who": "http://e/z", "name": None, "other": None},
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("SERVICE <{url}> {{ <http://e/a> <http://e/knows> <http://e/b> }}", True),
        ("SERVICE <{url}> {{ <http://e/b> <http://e/knows> <http://e/a> }}", False),
        ("BIND(1 AS ?x) FILTER EXISTS {{ SERVICE <{url}> {{ ?s <http://e/knows> ?o }} }}", True),
        ("VALUES ?s {{ <http://e/a> }} MINUS {{ SERVICE <{url}> {{ ?s <http://e/knows> ?o }} }}", False),
        ("{{ SELECT * {{ SERVICE <{url}> {{ ?s ?p 'c' FILTER(isBlank(?s)) }} }} }}", True),
    ],
)
def test_services_are_called_wherever_they_stand(others: str, pattern: str, *, expected: bool) -> None:
    with city_with(others) as graph:
        assert bool(graph.sparql("ASK { " + pattern.format(url=others) + " }")) is expected


def test_get_sparql_with_service_is_answered_by_a_worker_and_not_kept(others: str) -> None:
    query = f"SELECT ?o {{ SERVICE <{others}> {{ <http://e/a> <http://e/knows> ?o }} }}"
    with city_with(others) as graph:
        app = create_app(graph=graph)
        pool = start_workers(app, fork=False)
        assert pool is not None
        try:
            response = app.test_client().get("/sparql", query_string={"query": query})
        finally:
            pool.close()
    assert response.status_code == 200, response.text
    assert json.loads(response.text)["results"]["bindings"] == [{"o": {"type": "uri", "value": "http://e/b"}}]
    assert response.headers["Cache-Control"] == "no-store"


def test_get_sparql_over_an_endpoint_calls_services_itself(others: str, merged_city_endpoint: str) -> None:
    settings = Settings(root=str(CITY), store=merged_city_endpoint, services=others, service_networks="any")
    query = f"SELECT ?o {{ SERVICE <{others}> {{ <http://e/a> <http://e/knows> ?o }} }}"
    with open_graph(settings=settings) as graph:
        response = create_app(graph=graph).test_client().get("/sparql", query_string={"query": query})
    assert "http://e/b" in response.text


def test_service_description_says_whether_services_are_called(city_client: FlaskClient, others: str) -> None:
    accept = {"Accept": "text/turtle"}
    assert "BasicFederatedQuery" not in city_client.get("/sparql", headers=accept).text
    with city_with(others) as graph:
        assert (
            "BasicFederatedQuery" in create_app(graph=graph).test_client().get("/sparql", headers=accept).text
        )


def test_a_service_is_asked_only_its_own_part() -> None:
    text = "PREFIX a: <http://a/> PREFIX b: <http://b/> BASE <http://c/>\nSELECT ?secret { ?secret a:x 1 "
    text += "SERVICE <s> { <y> b:z ?v } }"
    (call,) = calls_of(text)
    assert call.iri == "http://c/s"
    asked = query_of(text, call)
    assert "secret" not in asked
    assert "http://a/" not in asked
    assert asked.splitlines()[:3] == [
        "PREFIX b: <http://b/>",
        "BASE <http://c/>",
        "SELECT * WHERE { <y> b:z ?v }",
    ]


# --- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [
        "SERVICE <{url}> {{ ?s ?p ?o }}",
        "SERVICE SILENT <{url}> {{ ?s ?p ?o }}",
        "OPTIONAL {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "FILTER NOT EXISTS {{ service <{url}> {{ ?s ?p ?o }} }}",
        r"SERV\u0049CE <{url}> {{ ?s ?p ?o }}",
        "BIND(<{url}> AS ?e) SERVICE ?e {{ ?s ?p ?o }}",
        "SERVICE <{known}> {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SERVICE <{known}> {{ ?s ?p ?o }} SERVICE <{url}> {{ ?s ?p ?o }}",
        "SERVICE #{known}\n <{url}> {{ ?s ?p ?o }}",
    ],
)
def test_nobody_is_called_who_is_not_named(others: str, pattern: str) -> None:
    with canary() as watching, city_with(others) as graph:
        query = "ASK { " + pattern.format(url=watching.url, known=others) + " }"
        with pytest.raises(SparqlRefusedError):
            graph.sparql(query)
        response = create_app(graph=graph).test_client().get("/sparql", query_string={"query": query})
        assert response.status_code == 400
        assert watching.asked == []


def test_nobody_is_called_for_a_query_that_is_not_run() -> None:
    with canary() as watching, city_with(watching.url) as graph:
        for query in (
            f"SELECT * {{ SERVICE <{watching.url}> {{ ?s ?p ?o }} ",
            f"ASK {{ SERVICE <{watching.url}> {{ ?s ?p ?o }} }} ; DROP ALL",
            f"ASK {{ OPTIONAL SERVICE <{watching.url}> {{ ?s ?p ?o }} }}",
            f"ASK {{ SERVICE <{watching.url}> {{ ?s ?p ?o }} }} #" + "x" * 30_000,
        ):
            response = create_app(graph=graph).test_client().post("/sparql", data={"query": query})
            assert response.status_code == 400, query
        assert watching.asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_nobody_is_called_who_is_on_this_side_of_the_internet(host: str) -> None:
    with canary() as watching:
        url = watching.url.replace("127.0.0.1", host)
        with (
            city_with(url, "public") as graph,
            pytest.raises(ServiceError, match=r"leads to|cannot be reached"),
        ):
            graph.sparql(f"ASK {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
        assert watching.asked == []


def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(socket.AF_INET, 0, 0, "", (ip, 80)) for ip in ("192.0.43.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(StoreError, match="private network"):
        list(public_addresses("example.org", 80))
    found.pop()
    assert list(public_addresses("example.org", 80)) == [(socket.AF_INET, ("192.0.43.8", 80))]


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "10.1.2.3", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1", "100.64.0.1",  # noqa: S104
     "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


def test_nobody_is_followed_elsewhere() -> None:
    with canary() as target, canary(302, Location=target.url) as pointing, city_with(pointing.url) as graph:
        with pytest.raises(ServiceError, match="302"):
            graph.sparql(f"ASK {{ SERVICE <{pointing.url}> {{ ?s ?p ?o }} }}")
        assert len(pointing.asked) == 1
        assert target.asked == []


@pytest.mark.parametrize(
    ("allowed", "iri", "permitted"),
    [
        ("https://a.example/sparql", "https://a.example/sparql", True),
        ("https://a.example/sparql", "https://a.example/sparql2", False),
        ("https://a.example/sparql", "https://a.example/sparql/x", False),
        ("https://a.example/sparql", "https://a.example/sparql?x", False),
        ("https://a.example/", "https://a.example/x/y", True),
        ("https://a.example/", "https://a.example.evil.example/", False),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "https://a.example:8443/", False),
        ("https://a.example/", "https://a.example@evil.example/", False),
        ("https://a.example/x/", "https://a.example/x/../admin", False),
        ("https://a.example/x/", "https://a.example/x/%2e%2e/admin", False),
        ("https://a.example/x/", "https://a.example/x/y#z", False),
        ("https://a.example/x/", "https://a.example/x/\\evil", False),
        ("https://a.example/x/", "https://a.example/x/æ", False),
    ],
)
def test_which_endpoints_are_permitted(allowed: str, iri: str, *, permitted: bool) -> None:
    assert Services([allowed]).permits(iri) is permitted


@pytest.mark.parametrize(
    "value", ["a.example", "https://a.example", "ftp://a.example/", "https://u:p@a.example/", "http:///x"]
)
def test_setting_of_services_that_names_no_endpoint(value: str) -> None:
    with pytest.raises(SettingError, match="SIKKERBY_SERVICES"):
        Settings(services=f"https://ok.example/ {value}")
    with pytest.raises(SettingError, match="SIKKERBY_SERVICE_NETWORKS"):
        Settings(service_networks="private")


# --- Failures ---------------------------------------------------------------------------------

VARS = {"vars": ["x"]}
MANY = {"head": VARS, "results": {"bindings": [{"x": {"type": "uri", "value": "http://e"}}] * 10_001}}
NESTED = (
    b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + b'{"type":"triple","value":{"subject":' * 50_000
)
EVIL = {"head": VARS, "results": {"bindings": [{"x": {"type": "uri", "value": "> } SERVICE <http://e"}}]}}


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (500, "text/plain", b"no"),
        (200, "text/html", b"<script>"),
        (200, "application/sparql-results+json", b"{"),
        (200, "application/sparql-results+json", NESTED),
        (200, "application/sparql-results+json", b'{"head":{},"boolean":true}'),
        (200, "application/sparql-results+json", json.dumps(MANY).encode()),
        (200, "application/sparql-results+json", b" " * 5_000_000),
        (200, "application/sparql-results+json", json.dumps(EVIL).encode()),
    ],
)  # fmt: skip
def test_a_service_that_fails_is_an_error_unless_it_is_silent(
    status: int, media_type: str, body: bytes
) -> None:
    with (
        canary(status, body, **{"Content-Type": media_type}) as service,
        city_with(service.url) as graph,
    ):
        client = create_app(graph=graph).test_client()
        for silent in ("", "SILENT"):
            query = f"SELECT * {{ BIND(1 AS ?one) SERVICE {silent} <{service.url}> {{ ?s ?p ?o }} }}"
            response = client.get("/sparql", query_string={"query": query, "lang": "en"})
            if silent:
                assert response.json is not None
                assert [list(row) for row in response.json["results"]["bindings"]] == [["one"]]
            else:
                assert response.status_code == 502
                assert "SERVICE SILENT" in json.loads(response.text)["detail"]
        assert len(service.asked) == 2


def test_too_many_calls_are_refused() -> None:
    text = "ASK { " + "SERVICE <https://a.example/> { ?s ?p ?o } " * (MOST_CALLS + 1) + "}"
    with pytest.raises(SparqlRefusedError, match=str(MOST_CALLS)):
        Services(["https://a.example/"]).answers(text)
