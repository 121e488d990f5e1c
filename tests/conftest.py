"""What the tests share: the made-up second city, the real content, and both opened once."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.server import create_app

TESTS = Path(__file__).parent
CITY = TESTS / "city"
ROOT = TESTS.parent

settings.register_profile(
    "repeatable",  # the same examples in every run, and no more than there is time for
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",  # other examples each time: --hypothesis-profile=long
    settings.get_profile("repeatable"),
    derandomize=False,
    max_examples=3_000,
    print_blob=True,
)
settings.load_profile("repeatable")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background job
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or no process that we start hears Ctrl-C


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own SIKKERBY_… variables change no test."""
    for name in Settings().as_dict():
        monkeypatch.delenv(f"SIKKERBY_{name.upper()}", raising=False)


@pytest.fixture(scope="session")
def city_root() -> Path:
    """The content folder of the made-up city."""
    return CITY


@pytest.fixture(scope="session")
def city() -> Iterator[KnowledgeGraph]:
    """The made-up city in memory."""
    with open_graph(CITY, "memory") as graph:
        yield graph


@pytest.fixture(scope="session")
def graph() -> Iterator[KnowledgeGraph]:
    """The real content in memory."""
    with open_graph(ROOT, "memory") as graph:
        yield graph


@pytest.fixture
def make_root(tmp_path: Path) -> Path:
    """A root with four empty folders, to be filled by a test."""
    for name in ("ontology", "data", "queries", "web"):
        (tmp_path / "root" / name).mkdir(parents=True)
    return tmp_path / "root"


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextlib.contextmanager
def sparql_server(dump: bytes, *options: str) -> Iterator[str]:
    """Oxigraph's own server, another program in another process, with the statements of an N-Quads dump.

    Gives the URL of its SPARQL endpoint.
    """
    program = shutil.which("oxigraph", path=sysconfig.get_path("scripts")) or shutil.which("oxigraph")
    assert program, "the package oxigraph of the test extra is not installed"
    root = f"http://127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [program, "serve", "--bind", root.removeprefix("http://"), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _load(root, dump)
            yield f"{root}/query"
        finally:
            server.kill()  # it would finish a heavy query first


def _load(root: str, dump: bytes) -> None:
    """Send statements to a server that may still be starting (SPARQL 1.1 Graph Store HTTP Protocol)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(
        f"{root}/store", data=dump, headers={"Content-Type": "application/n-quads"}
    )
    for _ in range(100):
        try:
            with opener.open(request, timeout=10):
                return
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.05)
    pytest.fail("the SPARQL server did not start")


@pytest.fixture(scope="session")
def city_endpoint(city: KnowledgeGraph) -> Iterator[str]:
    """A SPARQL endpoint that serves the made-up city."""
    with sparql_server(city.dump("nq")) as url:
        yield url


@pytest.fixture(scope="session")
def merged_city_endpoint(city: KnowledgeGraph) -> Iterator[str]:
    """A SPARQL endpoint that serves the made-up city, with the union of its graphs as default graph."""
    with sparql_server(city.dump("nq"), "--union-default-graph") as url:
        yield url


@pytest.fixture(scope="session")
def endpoint(graph: KnowledgeGraph) -> Iterator[str]:
    """A SPARQL endpoint that serves the real content."""
    with sparql_server(graph.dump("nq")) as url:
        yield url


@pytest.fixture
def lone_endpoint(graph: KnowledgeGraph) -> Iterator[str]:
    """An endpoint with the real content for one test, which may leave it busy for ever."""
    with sparql_server(graph.dump("nq")) as url:
        yield url


@pytest.fixture
def unused_url() -> str:
    """The address of an endpoint that is not there."""
    return f"http://127.0.0.1:{free_port()}/query"


@pytest.fixture(scope="session")
def bare_endpoint() -> Iterator[str]:
    """A SPARQL endpoint with one statement, in its default graph."""
    with sparql_server(b"<http://e/a> <http://e/b> <http://e/c> .\n") as url:
        yield url


@pytest.fixture(scope="session")
def app(graph: KnowledgeGraph) -> Flask:
    """The server over the real content."""
    return create_app(graph=graph)


@pytest.fixture(scope="session")
def city_app(city: KnowledgeGraph) -> Flask:
    """The server over the made-up city."""
    return create_app(graph=city)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the server over the real content."""
    return app.test_client()


@pytest.fixture
def city_client(city_app: Flask) -> FlaskClient:
    """A client of the server over the made-up city."""
    return city_app.test_client()
