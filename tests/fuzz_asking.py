"""Asking an application over WSGI, and the promises that every answer keeps."""

import contextlib
import csv
import faulthandler
import gzip
import io
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pyoxigraph
import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.server.openapi_parts import REFUSED
from sikkerby_kg.server.security import HEADERS as PROTECTION

PATIENCE = 5.0
"""Seconds that an answer may take; the machine may be busy. What does not end by itself is ended."""

STATUSES = {200, 206, 303, 304, 308, 416, *REFUSED} - {500, 502, 503, 504}
"""What a server with nothing wrong may answer to one client."""

HANG = 60
"""Seconds after which the whole run is ended, with a traceback: code of the engine hears no signal."""

SEEN: list[TextIO] = []


@contextlib.contextmanager
def in_time(what: object) -> Iterator[None]:
    """Fail, with the request, when an answer takes longer than it may."""

    def late(_: int, __: FrameType | None) -> None:
        pytest.fail(f"no answer in {PATIENCE} s: {what!r:.2000}")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    faulthandler.dump_traceback_later(HANG, exit=True, file=SEEN[0])
    start = time.monotonic()
    try:
        yield
        assert time.monotonic() - start < PATIENCE, f"{what!r:.2000}"
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Request:
    """A request as it comes over the wire; path and query string are bytes as they were sent."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    def environ(self) -> dict[str, Any]:
        """What a WSGI server makes of it (PEP 3333)."""
        environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if self.body:
            environ["CONTENT_LENGTH"] = str(len(self.body))
        for name, value in self.headers:
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return environ


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def kind(self) -> str:
        """Its media type."""
        return self.headers.get("Content-Type", "").partition(";")[0]


def ask(app: Flask, request: Request) -> Answer:
    """The answer to a request, found to keep every promise that all answers keep."""
    with in_time(request):
        pieces, status, headers = run_wsgi_app(app.wsgi_app, request.environ())
        body = b"".join(pieces)
        getattr(pieces, "close", bool)()
    answer = Answer(int(status.partition(" ")[0]), headers, body)
    keeps_promises(request, answer)
    return answer


def keeps_promises(request: Request, answer: Answer) -> None:
    """Status, headers and body are as they are said to be."""
    shown = f"{request!r:.1500} → {answer.status} {answer.body[:500]!r}"
    assert answer.status in STATUSES, shown
    for name, value in PROTECTION.items():
        assert answer.headers.get(name) == value, (name, shown)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for name, value in answer.headers.items():
        assert not set("\r\n\0") & set(name + value), shown
        value.encode("latin-1")
    if request.method == "HEAD" or answer.status in (204, 304):
        assert answer.body == b"", shown
        return
    length = answer.headers.get("Content-Length")
    assert length is None or int(length) == len(answer.body), shown
    is_whole = answer.status != 206
    body = gzip.decompress(answer.body) if answer.headers.get("Content-Encoding") == "gzip" else answer.body
    if is_whole and body:
        assert answer.kind in READERS, shown
        READERS[answer.kind](body)
    if answer.status >= 400:
        assert answer.kind in ("text/html", "application/problem+json"), shown
        assert b"Traceback" not in body, shown


def read_page(body: bytes) -> None:
    assert body.decode().lstrip().lower().startswith("<!doctype html>")


def read_problem(body: bytes) -> None:
    assert {"type", "title", "status", "detail"} <= json.loads(body).keys()


def read_rows(body: bytes) -> None:
    """Rows of CSV are all as long as the first (RFC 4180)."""
    rows = list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))
    assert len({len(row) for row in rows if row}) <= 1


def reader_of(found: Format) -> Callable[[bytes], object]:
    """What reads a format: the engine's own strict parsers."""
    if found.rdf:
        return lambda body: list(pyoxigraph.parse(body, found.rdf))
    if found.name == "csv":
        return read_rows

    def read(body: bytes) -> None:
        results = pyoxigraph.parse_query_results(body, found.results)
        if isinstance(results, pyoxigraph.QuerySolutions):
            assert list(results) is not None

    return read


READERS: dict[str, Callable[[bytes], object]] = {
    "text/html": read_page,
    "application/json": json.loads,
    "application/problem+json": read_problem,
    "application/xml": ET.fromstring,
    "text/plain": bytes.decode,
    "text/markdown": bytes.decode,
    "text/css": bytes.decode,
    "image/svg+xml": bytes.decode,
    **{found.media_type: reader_of(found) for found in (*RDF_FORMATS, *RESULT_FORMATS)},
}
