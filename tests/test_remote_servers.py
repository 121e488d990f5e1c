"""Over an endpoint of another make the server is the same: Oxigraph's own server, and Apache Jena Fuseki."""

import contextlib
import csv
import http.server
import io
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from sikkerby_kg import KnowledgeGraph, Settings, open_graph, remote
from sikkerby_kg.errors import OverCapacityError
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.remote import RemoteStore
from sikkerby_kg.server import create_app, serving
from sikkerby_kg.workers import Limits, Request
from sikkerby_kg.workers.elsewhere import AT_ONCE, Elsewhere

pytestmark = pytest.mark.slow  # other servers are started

FUSEKI = "org.apache.jena:jena-fuseki-server:5.6.0"
"""The newest that runs on Java 17."""

PATIENCE = 20
"""Seconds that Fuseki gives a query; the tests of its own limit ask for another server."""

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/sparql-results+json"}
HEAVY = "SELECT (COUNT(*) AS ?n) { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } }"
ROOT = Path(__file__).parent.parent


# --- Fuseki -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def fuseki_jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fuseki from Maven Central, or from Maven's own cache; skips where that cannot be."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"Fuseki needs {program}, which is not installed")
    folder = tmp_path_factory.mktemp("fuseki")
    words = ["-q", "-B", "dependency:copy", f"-Dartifact={FUSEKI}", f"-DoutputDirectory={folder}"]
    said = ""
    for extra in (["-o"], []):
        command = ["mvn", *extra, *words]
        with contextlib.suppress(subprocess.TimeoutExpired):
            said = subprocess.run(
                command, capture_output=True, text=True, check=False, cwd=folder, timeout=300
            ).stdout
        found = list(folder.glob("*.jar"))
        if found:
            return found[0]
    pytest.skip(f"Maven cannot get {FUSEKI}: {said[:200]}")


@contextlib.contextmanager
def fuseki_server(jar: Path, dump: Path, seconds: int) -> Iterator[str]:
    """Fuseki on loopback with the statements of an N-Quads file; gives the URL of its endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["java", "-Xmx512m", "-jar", str(jar), "--localhost", "--port", str(port)]
    command += [f"--timeout={seconds * 1000}", "--file", str(dump), "/ds"]
    with (dump.parent / f"{port}.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=dump.parent)
        try:
            url = f"http://127.0.0.1:{port}/ds/query"
            if not answers(url, process):
                log.seek(0)
                pytest.skip(f"Fuseki does not start here: {log.read()[-300:]}")
            yield url
        finally:
            process.kill()
            process.wait()


def answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    """Whether an endpoint answers before a minute is over."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        if process.poll() is not None:
            return False
        with contextlib.suppress(OSError), opener.open(f"{url}?query=ASK%7B%7D", timeout=10):
            return True
        time.sleep(0.25)
    return False


@pytest.fixture(scope="session")
def own_dump(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real content as N-Quads."""
    path = tmp_path_factory.mktemp("dump") / "own.nq"
    path.write_bytes(graph.dump("nq"))
    return path


@pytest.fixture(scope="session")
def fuseki(fuseki_jar: Path, own_dump: Path) -> Iterator[str]:
    """Fuseki with the real content."""
    with fuseki_server(fuseki_jar, own_dump, PATIENCE) as url:
        yield url


KINDS = ["oxigraph", pytest.param("fuseki", marks=pytest.mark.slow)]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """An endpoint with the real content."""
    name = {"oxigraph": "endpoint", "fuseki": "fuseki"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture(params=KINDS)
def lone_url(request: pytest.FixtureRequest) -> str:
    """An endpoint with the real content that may be left busy (Fuseki ends what takes too long by itself)."""
    name = {"oxigraph": "lone_endpoint", "fuseki": "fuseki"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
def there(url: str) -> Iterator[FlaskClient]:
    """A client of our server over that endpoint, with a low limit of rows."""
    settings = Settings(root=str(ROOT), store=url, result_rows=40, timeout=60)
    with open_graph(settings=settings) as graph:
        yield create_app(settings, graph).test_client()


# --- The same answers -------------------------------------------------------------------------

PAGES = (
    "/",
    "/kind",
    "/query",
    "/sparql",
    "/api",
    "/openapi.json",
    "/document/plan/ekstremisme-2024-2026",
    "/document/plan/ekstremisme-2024-2026.trig",
    "/document/plan/ekstremisme-2024-2026.jsonld",
    "/query/plans-valid-on-date?asOf=2023-07-01&lang=en",
    "/query/plans-valid-on-date?limit=1&offset=1&format=csv",
    "/query/plans-valid-on-date?asOf=soon",
    "/document/plan/no-such",
    "/.well-known/void?format=ttl",
)


def test_pages_are_the_same(there: FlaskClient, client: FlaskClient) -> None:
    for path in PAGES:
        found, expected = there.get(path, headers=HTML), client.get(path, headers=HTML)
        assert (found.status_code, found.text) == (expected.status_code, expected.text), path


def test_saved_queries_are_the_same(there: FlaskClient, client: FlaskClient, graph: KnowledgeGraph) -> None:
    for name, saved in graph.queries.items():
        values = {parameter.name: parameter.example for parameter in saved.parameters} | {"format": "csv"}
        found = there.get(f"/query/{name}", query_string=values)
        expected = client.get(f"/query/{name}", query_string=values)
        assert found.status_code == 200, (name, found.text)
        assert sorted(rows(found.text)) == sorted(rows(expected.text)), name


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "ASK { ?plan a sik:Strategy }",
        "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c . ?c a owl:Class } ORDER BY ?s LIMIT 3",
        "SELECT ?s { ?s a sik:Principle } ORDER BY ?s # and a comment",
    ],
)
def test_queries_are_the_same(there: FlaskClient, client: FlaskClient, query: str) -> None:
    for accept in ("application/sparql-results+json, application/n-triples", "text/csv, text/turtle"):
        headers = {"Accept": accept}
        found = there.get("/sparql", query_string={"query": query}, headers=headers)
        expected = client.get("/sparql", query_string={"query": query}, headers=headers)
        assert (found.status_code, found.mimetype) == (200, expected.mimetype)
        assert found.text == expected.text


# --- Limits and errors ------------------------------------------------------------------------


def test_a_result_with_too_many_rows_is_cut_and_says_so(there: FlaskClient) -> None:
    query = {"query": "SELECT * { ?s ?p ?o }"}
    response = there.get("/sparql", query_string=query, headers=JSON)
    assert response.headers["X-Sikkerby-Truncated"] == "rows=40"
    found = parse_query_results(response.data, QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    assert len(list(found)) == 40
    triples = there.get(
        "/sparql",
        query_string={"query": "CONSTRUCT WHERE { ?s ?p ?o }"},
        headers={"Accept": "application/n-triples"},
    )
    assert triples.headers["X-Sikkerby-Truncated"] == "rows=40"
    assert triples.text.count("\n") == 40
    exact = there.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o } LIMIT 40"}, headers=JSON)
    assert "X-Sikkerby-Truncated" not in exact.headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * { ?s ?p", 400),
        ("INSERT DATA { <a:a> <a:b> 1 }", 400),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400),
        ("SELECT * FROM <http://127.0.0.1:1/secret> { ?s ?p ?o }", 400),
        ("SELECT (<http://example.org/f>(1) AS ?x) { }", 400),
        ("SELECT * { " + "{" * 60 + "}" * 60 + " }", 400),
        ("SELECT * { ?s ?p ?o } #" + "x" * 30_000, 400),
    ],
)
def test_what_is_refused_never_reaches_the_endpoint(
    there: FlaskClient, url: str, query: str, status: int
) -> None:
    response = there.post("/sparql", data={"query": query}, headers=JSON)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert url not in response.text


def test_our_own_patience_ends_a_query(lone_url: str) -> None:
    settings = Settings(root=str(ROOT), store=lone_url, query_seconds=0.5, timeout=60)
    with open_graph(settings=settings) as graph:
        client = create_app(settings, graph).test_client()
        start = time.monotonic()
        response = client.get("/sparql", query_string={"query": HEAVY}, headers=JSON)
        assert time.monotonic() - start < 10
        assert response.status_code == 504
        assert lone_url not in response.text
        assert client.get("/query/plans-replaced?format=csv").status_code == 200


@pytest.mark.slow
def test_the_patience_of_fuseki_ends_a_query(fuseki_jar: Path, own_dump: Path) -> None:
    with fuseki_server(fuseki_jar, own_dump, 4) as url, open_graph(ROOT, url) as graph:
        client = create_app(graph=graph).test_client()
        response = client.get("/sparql", query_string={"query": HEAVY}, headers=JSON)
        assert response.status_code == 504
        assert url not in response.text


@pytest.mark.parametrize(
    ("megabytes", "status"),
    [(1, 503), (50, 200)],
)
def test_a_result_that_is_too_large_is_refused(url: str, megabytes: int, status: int) -> None:
    settings = Settings(root=str(ROOT), store=url, result_megabytes=megabytes, timeout=60)
    long = 'SELECT (CONCAT(STR(?s), "%s") AS ?x) { ?s ?p ?o } LIMIT 5000' % ("y" * 1000)
    with open_graph(settings=settings) as graph:
        client = create_app(settings, graph).test_client()
        response = client.get("/sparql", query_string={"query": long}, headers=JSON)
        assert response.status_code == status
        if status == 503:
            assert "LIMIT" in json.loads(response.text)["detail"]


def test_only_some_queries_are_asked_at_a_time(lone_url: str) -> None:
    with open_graph(ROOT, lone_url) as graph:
        runner = Elsewhere(graph.store, graph.prefixes, Limits(seconds=3))
        ended: list[Exception] = []

        def ask() -> None:
            try:
                runner.run(Request(HEAVY))
            except Exception as error:  # noqa: BLE001  (any end will do)
                ended.append(error)

        threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        start = time.monotonic()
        with pytest.raises(OverCapacityError):
            runner.run(Request("ASK { }"))
        assert time.monotonic() - start < 0.5
        for thread in threads:
            thread.join()
        assert len(ended) == AT_ONCE


def test_those_that_wait_for_an_endpoint_leave_threads_for_others(
    city_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remote.AT_ONCE + remote.AT_ONCE // 4 <= serving.THREADS_ELSEWHERE
    monkeypatch.setattr(remote, "AT_ONCE", 1)
    monkeypatch.setattr(remote, "TURN", 0.1)
    store, leave = RemoteStore("http://127.0.0.1:9/"), threading.Event()
    asked = threading.Event()

    def hang(*_: object) -> bytes:
        asked.set()
        leave.wait(20)
        return b""

    monkeypatch.setattr(store._client, "post", hang)
    thread = threading.Thread(target=store._post, args=("ASK { }", "", Graphs()))
    thread.start()
    assert asked.wait(20)
    app = create_app(graph=open_graph(city_root, "memory"))
    app.extensions["sikkerby_kg"].graph._store = store
    response = app.test_client().get("/document/ting/oil", headers=JSON)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    leave.set()
    thread.join()


def test_an_endpoint_that_is_busy_is_a_503_with_a_time_to_try_again(city_root: Path) -> None:
    class Busy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(429)
            self.send_header("Retry-After", "17")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/query"
        app = create_app(graph=open_graph(city_root, "memory"))
        app.extensions["sikkerby_kg"].runner = Elsewhere(RemoteStore(url), {}, Limits())
        response = app.test_client().get("/sparql?query=ASK%7B%7D", headers=JSON)
        server.shutdown()
    assert (response.status_code, response.headers["Retry-After"]) == (503, "17")
    assert url not in response.text
