"""Those who run the server can see how it is: health, metrics, timings, and a log without personal data."""

import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.remote import RemoteStore
from sikkerby_kg.results import Result
from sikkerby_kg.server import create_app, operations
from sikkerby_kg.server.measuring import Watch
from sikkerby_kg.server.operations import METRICS, Metric, operations_of

PRIVATE = "c0ffee-of-a-person"
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')


def samples(client: FlaskClient) -> dict[str, dict[str, float]]:
    """Name → labels as written → value, of a response in Prometheus' text format (version 0.0.4)."""
    response = client.get("/metrics")
    assert (response.status_code, response.content_type) == (200, METRICS)
    found: dict[str, dict[str, float]] = {}
    typed: set[str] = set()
    for line in response.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in typed
            assert kind in ("counter", "gauge", "histogram")
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            name, labels, value = match.groups()
            assert name in typed or re.sub("_(bucket|sum|count)$", "", name) in typed
            assert (labels or "") not in found.setdefault(name, {})
            found[name][labels or ""] = float(value)
    assert response.text.endswith("\n")
    return found


@pytest.fixture
def fresh(city: KnowledgeGraph) -> FlaskClient:
    """A client of a server that has answered nothing yet."""
    return create_app(graph=city).test_client()


# --- Health -----------------------------------------------------------------------------------


def test_get_health_is_ready_with_the_version_of_the_dataset(
    fresh: FlaskClient, city: KnowledgeGraph
) -> None:
    response = fresh.get("/health")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found = json.loads(response.text)
    assert (found["alive"], found["ready"]) == (True, True)
    assert found["dataset"]["version"] == city.version
    assert found["dataset"]["release"] == city.about.version
    assert found["dataset"]["statements"] == len(list(city.store.quads()))
    assert response.headers["Cache-Control"] == "no-store"
    assert json.loads(fresh.get("/health/live").text) == {"alive": True}


def test_get_health_is_not_ready_when_the_endpoint_is_gone(
    city_root: str, city_endpoint: str, unused_url: str
) -> None:
    with open_graph(city_root, city_endpoint) as graph:
        client = create_app(graph=graph).test_client()
        assert isinstance(graph.store, RemoteStore)
        graph.store._client.url = unused_url
        response = client.get("/health")
        assert response.status_code == 503
        assert json.loads(response.text)["ready"] is False
        assert unused_url not in response.text
        assert client.get("/health/live").status_code == 200
        assert samples(client)["sikkerby_up"][""] == 0


def test_get_health_asks_an_endpoint_once_and_counts_seldom(
    city_root: str, city_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "RECENT", 0.0)
    with open_graph(city_root, city_endpoint) as graph:
        client = create_app(graph=graph).test_client()
        asked: list[str] = []
        evaluate = graph.store.evaluate
        waiting, answered = threading.Event(), threading.Event()

        def slowly(text: str) -> Result:
            asked.append(text)
            waiting.set()
            assert answered.wait(20)
            return evaluate(text)

        answered.set()
        monkeypatch.setattr(graph.store, "evaluate", slowly)
        first = json.loads(client.get("/health").text)
        assert "COUNT" in asked.pop()
        answered.clear()
        waiting.clear()
        with ThreadPoolExecutor(1) as threads:
            slow = threads.submit(another(client).get, "/health")
            assert waiting.wait(20)
            for path in ("/health", "/metrics", "/health"):
                assert client.get(path).status_code == 200, "the others get what was found last"
            answered.set()
            assert json.loads(slow.result().text) == first
        assert asked == ["ASK { }"]


def another(client: FlaskClient) -> FlaskClient:
    """Another client of the same server, for another thread."""
    return client.application.test_client()


@pytest.mark.parametrize("path", ["/health", "/health/live", "/metrics"])
def test_post_operations_is_a_405(fresh: FlaskClient, path: str) -> None:
    assert fresh.post(path).status_code == 405
    assert fresh.head(path).status_code == 200


# --- Metrics ----------------------------------------------------------------------------------


def test_get_metrics_counts_requests_by_route_and_status(fresh: FlaskClient) -> None:
    for path in ("/", "/query/oil-left?format=csv", "/query/no-such", "/no/such/page", "/query/oil-left?x=1"):
        fresh.get(path, buffered=True)
    fresh.open("/", method="BREW", buffered=True)
    found = samples(fresh)["sikkerby_http_requests_total"]
    assert found['route="/",method="GET",status="200"'] == 1
    assert found['route="/query/<name>",method="GET",status="200"'] == 1
    assert found['route="/query/<name>",method="GET",status="404"'] == 1
    assert found['route="/query/<name>",method="GET",status="400"'] == 1
    assert found['route="/<path:path>",method="GET",status="404"'] == 1
    assert sum(value for labels, value in found.items() if 'method="other"' in labels) == 1


def test_get_metrics_histogram_adds_up(fresh: FlaskClient) -> None:
    for _ in range(3):
        fresh.get("/sparql", buffered=True)
    found = samples(fresh)
    buckets = [
        value
        for labels, value in found["sikkerby_http_request_duration_seconds_bucket"].items()
        if 'route="/sparql"' in labels
    ]
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["sikkerby_http_request_duration_seconds_count"]['route="/sparql"'] == 3
    assert found["sikkerby_http_request_duration_seconds_sum"]['route="/sparql"'] > 0


def test_get_metrics_shows_store_and_dataset(fresh: FlaskClient, city: KnowledgeGraph) -> None:
    found = samples(fresh)
    quads = list(city.store.quads())
    assert found["sikkerby_store_statements"][""] == len(quads)
    assert found["sikkerby_store_graphs"][""] == len({quad.graph_name for quad in quads})
    (labels,) = found["sikkerby_dataset_info"]
    assert f'version="{city.version}"' in labels
    assert found["sikkerby_http_requests_in_progress"][""] == 1, "this one"


def test_get_metrics_shows_what_is_kept(fresh: FlaskClient) -> None:
    for _ in range(3):
        fresh.get("/query")
    found = samples(fresh)
    assert found["sikkerby_cache_answers"]['cache="pages"'] == 1
    assert found["sikkerby_cache_bytes"]['cache="pages"'] > 1_000
    assert found["sikkerby_cache_requests_total"]['cache="pages",found="hit"'] == 2
    assert found["sikkerby_cache_requests_total"]['cache="queries",found="hit"'] == 0


def test_get_metrics_shows_the_numbers_of_other_parts(city: KnowledgeGraph) -> None:
    app = create_app(graph=city)
    hostile = 'a"b\\c\nd'
    operations_of(app).add(lambda: [Metric("workers", "Workers.", 3, {"kind": hostile})])
    found = samples(app.test_client())["sikkerby_workers"]
    assert found == {'kind="a\\"b\\\\c\\nd"': 3}


def test_metrics_of_many_threads_lose_nothing(city: KnowledgeGraph) -> None:
    app = create_app(graph=city)

    def ask() -> None:
        for _ in range(20):
            app.test_client().get("/health/live", buffered=True)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = samples(app.test_client())
    assert found["sikkerby_http_requests_total"]['route="/health/live",method="GET",status="200"'] == 80


# --- Server-Timing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "steps"),
    [("/", ["total"]), ("/no/such", ["total"]), ("/query/oil-left?format=csv", ["query", "write", "total"])],
)
def test_every_answer_says_how_long_it_took(fresh: FlaskClient, path: str, steps: list[str]) -> None:
    said = fresh.get(path).headers.getlist("Server-Timing")
    assert len(said) == 1
    found = re.fullmatch(r"[a-z]+;dur=[0-9.]+(, [a-z]+;dur=[0-9.]+)*", said[0])
    assert found
    assert re.findall(r"([a-z]+);", said[0]) == steps


# --- Access log -------------------------------------------------------------------------------


@pytest.fixture
def logged(city: KnowledgeGraph, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Ask a server with a log about somebody's business, and give what was written."""

    def lines() -> list[dict[str, Any]]:
        log = io.StringIO()
        app = create_app(Settings(access_log="json"), city)
        assert isinstance(app.wsgi_app, Watch)
        app.wsgi_app.log = log
        client = app.test_client()
        headers = {"User-Agent": PRIVATE, "Referer": f"http://e/{PRIVATE}", "X-Forwarded-For": "192.0.2.77"}
        for path in (
            "/",
            f"/id/{PRIVATE}",
            f"/query/plans-on-a-day?guild=t:{PRIVATE}",
            f"/query/{PRIVATE}",
            f"/sparql?query=SELECT+*+%7B%3Fs+%3Fp+'{PRIVATE}'%7D",
        ):
            client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.77"}, buffered=True)
        client.post("/sparql", data={"query": f"ASK {{ ?s ?p '{PRIVATE}' }}"}, headers=headers, buffered=True)
        text = log.getvalue()
        assert PRIVATE not in text
        assert "192.0.2.77" not in text
        assert PRIVATE not in capsys.readouterr().err
        return [json.loads(line) for line in text.splitlines()]

    return lines


def test_log_has_one_line_a_request_and_nothing_personal(logged: Callable[[], list[dict[str, Any]]]) -> None:
    lines = logged()
    assert len(lines) == 6
    assert [line["route"] for line in lines[1:4]] == ["/<path:path>", "/query/<name>", "/query/<name>"]
    assert "query" in lines[2]
    assert "query" not in lines[3]
    for line in lines:
        assert line.keys() - {"query"} == {"time", "method", "route", "status", "bytes", "ms"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])


def test_what_is_logged_beside_is_json_too() -> None:
    code = (
        "import logging; from sikkerby_kg.server import logs; logs.as_json()\n"
        "try: 1 / 0\n"
        "except ArithmeticError: logging.getLogger('waitress').exception('a\\n{\"b\": %s}', 1)"
    )
    root = Path(__file__).parent.parent
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    (line,) = map(json.loads, said.stderr.splitlines())
    assert (line["level"], line["message"]) == ("error", 'a\n{"b": 1}')
    assert line["exception"].startswith("Traceback")


def test_a_path_writes_no_line_of_its_own_into_the_log(
    city_root: str, city_endpoint: str, unused_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with open_graph(city_root, city_endpoint) as graph:
        client = create_app(graph=graph).test_client()
        assert isinstance(graph.store, RemoteStore)
        graph.store._client.url = unused_url
        assert client.get('/document/x%0A{"time":1}').status_code == 404
        assert client.get("/document/ting/%C3%B8").status_code == 502
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "GET /document/x%0A%7B%22time%22%3A1%7D: the error page failed"
    assert any(said.startswith("GET /document/ting/%C3%B8: The SPARQL endpoint") for said in messages)


def test_log_is_off_without_the_setting(city_app: Flask) -> None:
    assert isinstance(city_app.wsgi_app, Watch)
    assert city_app.wsgi_app.log is None


def test_log_that_nobody_reads_stops_nothing(city: KnowledgeGraph) -> None:
    app = create_app(graph=city)
    assert isinstance(app.wsgi_app, Watch)
    app.wsgi_app.log = io.StringIO()
    app.wsgi_app.log.close()
    assert app.test_client().get("/").status_code == 200


def test_body_is_closed_once_and_counted_even_if_it_fails(city: KnowledgeGraph) -> None:
    app = create_app(graph=city)
    assert isinstance(app.wsgi_app, Watch)
    closed: list[int] = []

    class Failing:
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            raise OSError("gone")

        def close(self) -> None:
            closed.append(1)

    app.wsgi_app.app = lambda _, start: (start("200 OK", []), Failing())[1]
    with pytest.raises(OSError, match="gone"):
        app.test_client().get("/", buffered=True)
    assert closed
    assert operations_of(app).measures.running == 0
