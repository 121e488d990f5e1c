"""The served process under hostile queries: others are answered, limits hold, and nothing survives it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

pytestmark = [
    pytest.mark.slow,  # processes are started and waited for
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
]
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@contextlib.contextmanager
def served(**settings: object) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """``sikkerby-kg serve`` over the made-up city in a process of its own, and its host and port."""
    command = [
        sys.executable,
        "-m",
        "sikkerby_kg",
        "serve",
        "--root",
        str(ROOT / "tests/city"),
        "--port",
        "0",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIKKERBY_")}
    environment |= {f"SIKKERBY_{name.upper()}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+/", process.stdout.readline())
            assert found
            yield process, urlsplit(found[0]).netloc
        finally:
            process.kill()


def get(host: str, path: str, **query: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode()
    finally:
        connection.close()


def begin(host: str, query: str) -> socket.socket:
    """Send a query and do not wait for the answer."""
    name, _, port = host.rpartition(":")
    connection = socket.create_connection((name, int(port)), timeout=30)
    path = "/sparql?" + urlencode({"query": query})
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return connection


def wait_for(condition: Callable[[], object], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty if the process has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] in "ZX" else fields


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    found = [pid]
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        fields = stat(int(path.name)) if path.name.isdigit() else []
        if fields:
            children.setdefault(int(fields[1]), []).append(int(path.name))
    for parent in found:
        found += children.get(parent, [])
    return found[1:]


def busy(pid: int) -> list[int]:
    """The descendants that a query is running in: they have used a tenth of a second of processor time."""
    return [child for child in descendants(pid) if (fields := stat(child)) and int(fields[11]) >= 10]


@linux
def test_pages_and_queries_are_answered_beside_four_cross_joins() -> None:
    with served(query_seconds=20) as (process, host):

        def p95(seconds: float) -> float:
            taken = []
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for path, query in (("/", {}), ("/sparql", {"query": "ASK { ?s ?p ?o }"})):
                    start = time.monotonic()
                    assert get(host, path, **query)[0] == 200
                    taken.append(time.monotonic() - start)
            return quantiles(taken, n=20)[-1]

        p95(0.3)
        quiet = p95(1)
        hostile = [begin(host, CROSS) for _ in range(4)]
        assert wait_for(lambda: len(busy(process.pid)) == 4)
        crossing = set(busy(process.pid))
        loud = p95(1.5)
        for connection in hostile:
            connection.close()
        assert wait_for(lambda: not crossing & set(descendants(process.pid)), 2)
    assert loud < 5 * quiet + 0.05


def test_a_page_says_that_its_answer_was_cut() -> None:
    with served(result_rows=100) as (_, host):
        connection = http.client.HTTPConnection(host, timeout=30)
        path = "/sparql?" + urlencode({"query": ROWS, "lang": "en"})
        connection.request("GET", path, headers={"Accept": "text/html"})
        page = connection.getresponse().read().decode()
        connection.close()
    assert "cut off after 100 rows" in page


def test_limits_have_their_status_and_say_what_to_do() -> None:
    with served(query_seconds=0.5, workers=3, result_rows=100) as (_, host):
        status, _, body = get(host, "/sparql", query=CROSS)
        assert (status, json.loads(body)["status"]) == (504, 504)
        assert "0.5" in json.loads(body)["detail"] or "0,5" in json.loads(body)["detail"]
        status, headers, body = get(host, "/sparql", query=ROWS)
        assert (status, headers["x-sikkerby-truncated"]) == (200, "rows=100")
        assert len(json.loads(body)["results"]["bindings"]) == 100
        status, headers, _ = get(host, "/sparql", query="ASK { ?s ?p ?o }")
        assert (status, "x-sikkerby-truncated" in headers) == (200, False)
    with served(query_seconds=20, query_megabytes=64) as (_, host):  # time enough to run out of memory
        status, _, body = get(host, "/sparql", query=ROWS + " ORDER BY ?c ?f ?i")
        assert (status, "64" in json.loads(body)["detail"]) == (503, True)


@linux
def test_over_capacity_is_refused_with_a_time_to_come_back() -> None:
    with served(query_seconds=20, workers=3) as (process, host):
        with begin(host, CROSS):
            assert wait_for(lambda: len(busy(process.pid)) == 1)
            start = time.monotonic()
            status, headers, body = get(host, "/sparql", query=CROSS)
            assert time.monotonic() - start < 3
            assert (status, headers["retry-after"]) == (503, "5")
            assert headers["content-type"] == "application/problem+json"
            assert "5" in json.loads(body)["detail"]
        assert wait_for(lambda: not busy(process.pid), 2)


@linux
def test_a_reader_who_hangs_up_ends_the_query() -> None:
    with served(query_seconds=30) as (process, host):
        before = set(descendants(process.pid))
        connection = begin(host, CROSS)
        assert wait_for(lambda: busy(process.pid))
        running = set(busy(process.pid))
        connection.close()
        assert wait_for(lambda: not running & set(descendants(process.pid)), 2)
        assert before - running <= set(descendants(process.pid))


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_survives_the_server(number: signal.Signals) -> None:
    with served(query_seconds=30) as (process, host):
        hostile = [begin(host, CROSS) for _ in range(3)]
        assert wait_for(lambda: len(busy(process.pid)) == 3)
        family = descendants(process.pid)
        assert len(family) >= 4
        process.send_signal(number)
        process.wait(10)
        assert wait_for(lambda: not any(map(stat, family)), 2)
        for connection in hostile:
            connection.close()


@linux
def test_a_page_for_people_says_why_a_query_was_ended() -> None:
    with served(query_seconds=0.3) as (_, host):
        threads = [threading.Thread(target=get, args=(host, "/sparql"), kwargs={"query": CROSS})]
        threads[0].start()
        connection = http.client.HTTPConnection(host, timeout=30)
        path = "/sparql?" + urlencode({"query": CROSS, "lang": "en"})
        connection.request("GET", path, headers={"Accept": "text/html"})
        response = connection.getresponse()
        page = response.read().decode()
        connection.close()
        threads[0].join()
    assert response.status == 504
    assert "longest that one may run" in page
