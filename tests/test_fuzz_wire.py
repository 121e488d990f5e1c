"""Whatever bytes arrive at the socket of a real server, it answers in HTTP or hangs up, and lives on."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from tests.running import served

pytestmark = pytest.mark.slow  # a server gets many requests

TESTS = Path(__file__).parent
PATIENCE = 5.0
QUIET = 0.25
"""Seconds without a byte after which the server is taken to wait for the rest of a request."""

FEW = settings(max_examples=settings().max_examples // 4)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server process; in the end it has told of no mistake of its own."""
    with served(heard=True) as server:
        yield server.port
        assert server.process.poll() is None, "the server has ended"
        server.process.terminate()
        _, told = server.process.communicate(timeout=60)
    assert "Traceback" not in told, told


def talk(port: int, data: bytes) -> bytes:
    """What the server answers to bytes, until it hangs up or waits for more."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.settimeout(QUIET)
        pieces = []
        with contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
            connection.sendall(data)
            while piece := connection.recv(65_536):
                pieces.append(piece)
    assert time.monotonic() - start < PATIENCE
    return b"".join(pieces)


def is_promised(answer: bytes) -> None:
    """Nothing, or HTTP that is no mistake of the server."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    assert not answer or found, answer[:300]
    assert not found or int(found[1]) not in (500, 502, 503, 504), answer[:600]


def is_alive(port: int) -> None:
    start = time.monotonic()
    answer = talk(port, b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"alive":true}\n')
    assert time.monotonic() - start < PATIENCE


GET = b"GET /query/oil-left?format=json HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"
QUERY = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
POST = QUERY + b"Content-Length: 5\r\n\r\nASK{}"
CHUNKED = QUERY + b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n2\r\n{}\r\n0\r\n\r\n"
PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"%",
    b"%00",
    b"%ff",
    b"%zz",
    b"\xff",
    b"\xc3\x28",
    b"HTTP/9.9",
    b"HTTP/0.9",
    b"Content-Length: -1\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 5, 5\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Upgrade: h2c\r\n",
    b"Host: b\r\n",
    b" folded\r\n",
    b"A" * 10_000,
    b"fffffffff\r\n",
    b"-1\r\n",
    b"0\r\n",
    b';ext="\r\n',
    b"http://e/",
    b"//e/",
    b"*",
    b"../",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\0\x01",
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good request with pieces lost, doubled or put in."""
    data = draw(st.sampled_from([GET, POST, CHUNKED, GET + POST]))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(start + draw(st.sampled_from([0, 0, 1, 2, 10])), len(data))
        put = draw(st.sampled_from([*PIECES, data[start:end] * 2, b""]) | st.binary(max_size=3))
        data = data[:start] + put + data[end:]
    return data


def test_good_requests_are_answered(port: int) -> None:
    for data in (GET, POST, CHUNKED):
        assert talk(port, data).startswith(b"HTTP/1.1 200 ")
    assert talk(port, GET + POST + CHUNKED).count(b"HTTP/1.1 200 ") == 3


@FEW
@given(mutated() | st.binary(max_size=100).map(lambda data: data + b"\r\n\r\n"))
@example(b"GET / HTTP/1.1\r\nHost: a\r\nAccept: " + b'"\\' * 100_000 + b"\r\n\r\n")
@example(b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n\r\n")
@example(b"GET /?" + b"a=b&" * 50_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
@example(b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(15_000)) + b"\r\n")
@example(b"GET / HTTP/1.1\r\n" + b"Accept: text/turtle\r\n" * 10_000 + b"\r\n")
@example(b"GET /static/" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
@example(b"GET /sparql HTTP/1.1\r\nHost: ..\r\n\r\n")
def test_any_bytes_are_answered_or_hung_up_on(port: int, data: bytes) -> None:
    is_promised(talk(port, data))


def test_requests_that_never_end_keep_nobody_waiting(port: int) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(60):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall((POST, GET)[number % 2][: 10 + number])
        is_alive(port)
    is_alive(port)


def test_nothing_is_left_running(port: int) -> None:
    answer = talk(port, b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b"sikkerby_http_requests_in_progress 1\n" in answer
    assert b"sikkerby_queries_running 0\n" in answer
