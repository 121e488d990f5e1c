"""Readers who are slow, silent or many: none of them keeps another from being answered."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sikkerby_kg.server.connections import Patience
from sikkerby_kg.server.security import HEADERS
from sikkerby_kg.settings import Settings
from tests.running import Served, served, wait_for

pytestmark = pytest.mark.slow  # readers are waited for

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
DOUBLED = " ".join(f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(17))
LONG = f'SELECT ?v17 {{ BIND("{"a" * 100}" AS ?v0) {DOUBLED} }}'  # thirteen megabytes, in no time
HEAD = b"Host: h\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("--client-seconds", "1", "--connections", "40") as started:
        yield started


def test_idle_connections_keep_nobody_out(server: Served) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(server.connect()).sendall(b"GET / HT")
        start = time.monotonic()
        assert server.status("/health/live") == 200
        assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nX: ",
        b"POST /sparql HTTP/1.1\r\nContent-Type: application/sparql-query\r\nContent-Length: 9999\r\n\r\n",
    ],
    ids=["header", "body"],
)
def test_a_request_that_drips_is_given_up(server: Served, beginning: bytes) -> None:
    """Every byte counts as activity, but the whole must arrive in time."""
    start = time.monotonic()
    with server.connect() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(beginning)
        while time.monotonic() - start < 15:
            connection.sendall(b"a")
            time.sleep(0.1)
    assert 0.9 < time.monotonic() - start < 8


def files_of(server: Served) -> list[str]:
    folder = Path(f"/proc/{server.process.pid}/fd")
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            found.append(str(path.readlink()))
    return found


def threads_of(server: Served) -> int:
    return sum(1 for _ in Path(f"/proc/{server.process.pid}/task").iterdir())


@linux
def test_an_answer_that_nobody_takes_is_thrown_away(server: Served) -> None:
    """Also where more requests are behind it: no thread, socket or temporary file is lost."""
    asked = f"GET /sparql?{urlencode({'query': LONG})} HTTP/1.1\r\nHost: h\r\n\r\n".encode()
    before = len(files_of(server))
    threads = threads_of(server)
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(server.connect(buffer=4096)).sendall(asked * 2)
        assert wait_for(lambda: any("deleted" in name for name in files_of(server)), 20)
        assert wait_for(lambda: len(files_of(server)) <= before, 20)
        assert not any("deleted" in name for name in files_of(server))
        assert threads_of(server) == threads
    assert server.status("/sparql", query="ASK {}") == 200


def test_requests_behind_each_other_are_all_answered(server: Served) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: h\r\n"
    answers = server.raw((one + b"\r\n") * 29 + one + b"Connection: close\r\n\r\n")
    assert answers.count(b"HTTP/1.1 200 OK") == 30


@linux
def test_what_waits_for_readers_is_bounded() -> None:
    """Ten answers of several megabytes would be more than may wait: the fullest connections are closed."""
    options = ("--waiting-megabytes", "10", "--client-seconds", "60")
    asked = f"GET /sparql?{urlencode({'query': LONG})} HTTP/1.1\r\nHost: h\r\n\r\n".encode()
    with served(*options) as server, contextlib.ExitStack() as stack:
        readers = [stack.enter_context(server.connect(buffer=4096)) for _ in range(5)]
        for reader in readers:
            reader.sendall(asked)

        def waiting() -> int:
            return sum("deleted" in name for name in files_of(server))

        assert wait_for(waiting, 60)
        assert wait_for(lambda: 0 < waiting() <= 2 and server.status("/health/live") == 200, 30)
        assert any(map(is_closed, readers))


def is_closed(connection: socket.socket) -> bool:
    """Whether an answer ends before it is whole."""
    connection.settimeout(0.5)
    try:
        while connection.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n" + HEAD + b"\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
        (
            b"POST /sparql HTTP/1.1\r\n"
            + HEAD
            + b"Content-Type: application/sparql-query\r\nContent-Length: 99999999\r\n\r\n",
            413,
        ),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 262_144 + b"\r\n\r\n", 431),
        (b"POST /sparql HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (b"HEAD / HTTP/1.1\r\n" + HEAD + b"\r\n", 200),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"If-None-Match: *\r\n\r\n", 304),
        (b"GET /ting/oil HTTP/1.1\r\n" + HEAD + b"\r\n", 303),
        (b"TRACE / HTTP/1.1\r\n" + HEAD + b"\r\n", 405),
        (b"GET /metrics HTTP/1.1\r\n" + HEAD + b"\r\n", 200),
        (b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\n", 200),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else str(value),
)
def test_every_answer_on_the_wire_protects_readers(server: Served, sent: bytes, status: int) -> None:
    head = server.raw(sent).partition(b"\r\n\r\n")[0].decode("latin-1")
    assert head.split(" ", 2)[1] == str(status)
    lines = [line.lower() for line in head.splitlines()]
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower() in lines
    assert not [line for line in lines if line.startswith(("server:", "via:", "x-powered-by:"))]


def test_no_file_is_needed_to_answer() -> None:
    """A full disk costs those their answer for whom it is too long, and nobody else."""
    body = b"query=ASK%7B%7D" + b"%20" * 600_000
    post = (
        b"POST /sparql HTTP/1.1\r\n" + HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with served(disk=64) as server:
        assert server.raw(post + body).startswith(b"HTTP/1.1 400")  # too long a query, but it was read
        long = server.get("/sparql", query=LONG)
        expected = int(long.partition(b"Content-Length: ")[2].split()[0]) if long else 1
        assert len(long.partition(b"\r\n\r\n")[2]) < expected  # the reader can tell
        assert server.status("/") == 200


def test_connections_fit_into_the_files_that_may_be_open() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        patience = Patience.of(Settings(connections=100_000))
        now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert 1 <= patience.connections <= 100_000
        assert now == resource.RLIM_INFINITY or 2 * patience.connections < now
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
