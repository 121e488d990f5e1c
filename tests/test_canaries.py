"""Nothing that a reader sends reaches the network or a file, or changes anything."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.running import Served, served

pytestmark = pytest.mark.slow  # several servers are started

SECRET = "canary-5e1f"  # noqa: S105  (the secret of a trap)
FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
ALL = "{ { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


class Trap:
    """A port on which nobody should call, and a file that nobody should read."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[object] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/canary"
        path = folder / "canary.ttl"
        path.write_text(f'<http://e/s> <http://e/p> "{SECRET}" .', encoding="utf-8")
        self.file = path.as_uri()
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()

    def _wait(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, address = self.listening.accept()
                connection.close()
                self.calls.append(address)

    def close(self) -> list[object]:
        """Stop listening; gives who called, but for the one that ends the waiting."""
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.listening.close()
        return self.calls


@pytest.fixture(scope="module", params=["memory", "folder"])
def trapped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Trap]]:
    folder = tmp_path_factory.mktemp("trap")
    store = "memory" if request.param == "memory" else str(folder / "store")
    trap = Trap(folder)
    with served("--store", store) as server:
        before = server.get("/dataset.nq").partition(b"\r\n\r\n")[2]
        yield server, trap
        after = server.get("/dataset.nq").partition(b"\r\n\r\n")[2]
    assert trap.close() == []
    assert (len(after) > 1000, after) == (True, before)


def asked(server: Served, query: str) -> list[tuple[int, bytes]]:
    """The answers to a query sent in each of the three ways."""
    return [
        answer(server.get("/sparql", query=query)),
        post(server, "/sparql", FORM, urlencode({"query": query})),
        post(server, "/sparql", QUERY, query),
    ]


def post(server: Served, path: str, kind: str, body: str) -> tuple[int, bytes]:
    sent = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: {kind}\r\n"
    return answer(server.raw(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent))


def answer(received: bytes) -> tuple[int, bytes]:
    return int(received.split(b" ", 2)[1]), received


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
        "SELECT * { OPTIONAL { SERVICE <URL> { ?s ?p ?o } } }",
        "ASK { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
        "SELECT * { MINUS { SERVICE <URL> { ?s ?p ?o } } }",
        "SELECT * { { SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } } } }",
        r"SELECT * { \u0053\u0045RVICE <URL> { ?s ?p ?o } }",
        "SELECT * { sErViCe#\n<URL> { ?s ?p ?o } }",
        "PREFIX e: <URL> SELECT * { SERVICE e: { ?s ?p ?o } }",
        "SELECT * { VALUES ?u { <URL> } SERVICE ?u { ?s ?p ?o } }",
        "SELECT * { BIND(<URL> AS ?u) SERVICE ?u { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * { ?s ?p '#' . SERVICE <URL> { ?s ?p ?o } }",
        r'SELECT * { ?s ?p "\u0022 . SERVICE <URL> { ?s ?p ?o } }',
        "SELECT * { ?s ?p '''a''#' . SERVICE <URL> { ?s ?p ?o } }",
    ],
)
def test_no_service_is_called_however_it_is_written(trapped: tuple[Served, Trap], query: str) -> None:
    server, trap = trapped
    for status, _ in asked(server, query.replace("URL", trap.url)):
        assert 400 <= status < 500


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * FROM <URL> {ALL}",
        f"SELECT * FROM NAMED <URL> {ALL}",
        f"BASE <URL> SELECT * FROM <> {ALL}",
        "CONSTRUCT { ?s ?p ?o } FROM <URL> WHERE { ?s ?p ?o }",
        "SELECT * { GRAPH <URL> { ?s ?p ?o } }",
        "DESCRIBE <URL>",
        "SELECT * { ?s <URL> ?o }",
        "SELECT (<URL>(1) AS ?x) {}",
        "SELECT (<java:java.lang.Runtime>(<URL>) AS ?x) {}",
    ],
)
def test_no_graph_is_fetched_and_no_function_called(trapped: tuple[Served, Trap], query: str) -> None:
    server, trap = trapped
    for url in (trap.url, trap.file):
        for status, received in asked(server, query.replace("URL", url)):
            assert status in (200, 400)
            assert SECRET.encode() not in received


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_no_graph_is_fetched_by_parameter(trapped: tuple[Served, Trap], name: str) -> None:
    server, trap = trapped
    query = f"SELECT * {ALL}"
    for url in (trap.url, trap.file, "file:///etc/passwd"):
        received = (
            server.get("/sparql", **{name: url, "query": query}),
            post(server, f"/sparql?{name}={quote(url, safe='')}", QUERY, query)[1],
            post(server, "/sparql", FORM, urlencode({name: url, "query": query}))[1],
        )
        for each in received:
            assert each.startswith(b"HTTP/1.1 200")
            assert SECRET.encode() not in each
            assert b"root:" not in each


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <URL>",
        "LOAD SILENT <URL> INTO GRAPH <http://e/g>",
        "INSERT DATA { <http://e/a> <http://e/b> 1 }",
        "DELETE DATA { <http://e/a> <http://e/b> 1 }",
        "DELETE WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "WITH <http://e/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP SILENT ALL",
        "CREATE GRAPH <http://e/g>",
        "ADD DEFAULT TO <http://e/g>",
        "MOVE DEFAULT TO <http://e/g>",
        "COPY DEFAULT TO <http://e/g>",
        "BASE <http://e/> PREFIX a: <b:> #\ninsert data { a:b a:b 1 }",
        r"\u0049NSERT DATA { <http://e/a> <http://e/b> 1 }",
        "SELECT * {} ; CLEAR ALL",
    ],
)
def test_no_update_is_run_on_any_route(trapped: tuple[Served, Trap], update: str) -> None:
    """That nothing has changed is compared at the end, byte for byte."""
    server, trap = trapped
    text = update.replace("URL", trap.url)
    assert {status for status, _ in asked(server, text)} == {400}
    assert server.status("/sparql", update=text) == 403
    for path in ("/sparql", "/", "/query/plans-on-a-day", "/dataset.nq", "/update", "/ting/oil"):
        for kind, body in ((UPDATE, text), (FORM, urlencode({"update": text})), ("text/turtle", text)):
            assert 400 <= post(server, path, kind, body)[0] < 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/sparql", "/ting/oil", "/dataset.nq", "/sparql?graph=http://e/g"])
def test_no_method_writes(trapped: tuple[Served, Trap], method: str, path: str) -> None:
    server, _ = trapped
    head = f"{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert server.raw(head.encode()).startswith(b"HTTP/1.1 405")


def test_the_trap_catches(tmp_path: Path) -> None:
    """A trap that cannot be sprung would prove nothing."""
    trap = Trap(tmp_path)
    port = int(trap.url.split(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert connection.recv(1) == b""
    assert len(trap.close()) == 1


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/ld+json", '{{"@context": "{url}", "name": "x"}}'),
        ("application/ld+json", '{{"@context": {{"@import": "{url}"}}, "@id": "http://e/a"}}'),
        ("text/turtle", "<http://e/a> <http://www.w3.org/2002/07/owl#imports> <{url}> ; <http://e/b> 1 ."),
        (
            "application/trig",
            "<{url}> {{ <{url}> <http://www.w3.org/ns/shacl#shapesGraph> <{url}>, <{file}> }}",
        ),
        ("application/rdf+xml", '<!DOCTYPE a SYSTEM "{url}"><a/>'),
        ("application/rdf+xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "{file}">]><a>&b;</a>'),
    ],
)
def test_nothing_is_fetched_for_a_file_that_is_validated(
    trapped: tuple[Served, Trap], kind: str, data: str
) -> None:
    server, trap = trapped
    body = data.format(url=trap.url, file=trap.file).encode()
    head = f"POST /validate HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: {kind}\r\n"
    answer = server.raw(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert int(answer.split(b" ", 2)[1]) in (200, 400)
    assert SECRET.encode() not in answer
