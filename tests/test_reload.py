"""Changed content is served without dropping a request; what cannot be loaded changes nothing."""

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.server import create_app, reload
from sikkerby_kg.server.reload import Reloader, at_hangup
from sikkerby_kg.server.running import pool_of, start_workers
from sikkerby_kg.server.site import site

pytestmark = pytest.mark.slow  # servers are watched while they reload

TESTS = Path(__file__).parent
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
HTML = {"Accept": "text/html"}
ASK = "/sparql?query=SELECT+(COUNT(*)+AS+?n)+%7B+?s+?p+?o+%7D&format=csv"
ADDED = "<https://example.org/added> { <https://example.org/new> <https://example.org/p> 1 }\n"
BROKEN = "<https://example.org/added> { <https://example.org/new> \n"


@pytest.fixture
def root(tmp_path: Path, city_root: Path) -> Path:
    """A copy of the made-up city that a test may change."""
    return Path(shutil.copytree(city_root, tmp_path / "root"))


@pytest.fixture
def app(root: Path) -> Flask:
    """A server over the copy."""
    return create_app(Settings(root=str(root)))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def health(client: FlaskClient) -> dict[str, Any]:
    return dict(json.loads(client.get("/health?lang=en").text))


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_reload_serves_what_is_new(app: Flask, client: FlaskClient, root: Path) -> None:
    reloader = Reloader(app)
    before = health(client)
    assert "reload" not in before
    (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
    assert client.get("/resource?iri=https://example.org/new", headers=HTML).status_code == 404
    assert reloader.reload()
    assert client.get("/resource?iri=https://example.org/new", headers=HTML).status_code == 200
    after = health(client)
    assert after["dataset"]["statements"] == before["dataset"]["statements"] + 1
    assert after["dataset"]["version"] != before["dataset"]["version"]
    assert after["reload"]["succeeded"] is True
    assert 'sikkerby_reloads_total{end="succeeded"} 1' in client.get("/metrics").text


def test_reload_of_broken_content_keeps_the_old_and_says_why(
    app: Flask, client: FlaskClient, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reloader = Reloader(app)
    before = health(client)
    (root / "data" / "added.trig").write_text(BROKEN, encoding="utf-8")
    assert not reloader.reload()
    after = health(client)
    assert after["ready"] is True
    assert after["dataset"] == before["dataset"]
    assert after["reload"]["succeeded"] is False
    assert after["reload"]["problem"].startswith("data/added.trig:2:1")
    assert str(root) not in json.dumps(after)
    assert "data/added.trig:2:1" in caplog.text
    assert client.get("/", headers=HTML).status_code == 200
    assert 'sikkerby_reloads_total{end="failed"} 1' in client.get("/metrics").text
    (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
    assert reloader.reload()
    assert "problem" not in health(client)["reload"]


def test_reload_of_a_broken_query_keeps_the_old(app: Flask, client: FlaskClient, root: Path) -> None:
    (root / "queries" / "oil-left.rq").write_text("SELECT nonsense", encoding="utf-8")
    assert not Reloader(app).reload()
    assert "queries/oil-left.rq" in health(client)["reload"]["problem"]
    assert client.get("/query/oil-left?format=csv").status_code == 200


def test_reload_of_a_missing_folder_tells_no_path(app: Flask, client: FlaskClient, root: Path) -> None:
    shutil.rmtree(root / "ontology")
    assert not Reloader(app).reload()
    assert str(root) not in json.dumps(health(client))
    assert client.get("/", headers=HTML).status_code == 200


def test_reload_shows_a_changed_template(app: Flask, client: FlaskClient, root: Path) -> None:
    client.get("/query", headers=HTML)
    (root / "web" / "templates").mkdir()
    (root / "web" / "templates" / "queries.html").write_text("changed", encoding="utf-8")
    assert Reloader(app).reload()
    assert client.get("/query", headers=HTML).text == "changed"


def test_a_request_sees_one_content_from_start_to_end(app: Flask, root: Path) -> None:
    with app.test_request_context("/"):
        before = site()
        (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
        assert Reloader(app).reload()
        assert site() is before
        del g.sikkerby_kg
        assert site() is not before


def test_answers_that_are_kept_are_made_anew(app: Flask, client: FlaskClient, root: Path) -> None:
    path = "/query/oil-left?format=csv&lang=en"
    before = client.get(path)
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
    assert Reloader(app).reload()
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200


def test_what_was_kept_before_a_reload_is_not_given_after_it(
    app: Flask, client: FlaskClient, root: Path
) -> None:
    path, query = "/query/plans-on-a-day?format=csv&lang=en", root / "queries" / "plans-on-a-day.rq"
    query.write_text(query.read_text(encoding="utf-8") + "\nLIMIT 0\n", encoding="utf-8")
    before = client.get(path)
    assert Reloader(app).reload()
    after = client.get(path)
    assert before.headers["ETag"] != after.headers["ETag"]
    assert (before.text.count("\n") > 1, after.text.count("\n")) == (True, 1)


def test_reload_of_files_that_never_stand_still_keeps_the_old(
    app: Flask, client: FlaskClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[int] = []

    def opened(**options: Any) -> KnowledgeGraph:
        graph = open_graph(**options)
        loads.append(1)
        text = ADDED.replace(" 1 }", f" {len(loads)} }}")
        (root / "data" / "added.trig").write_text(text, encoding="utf-8")
        return graph

    before = health(client)["dataset"]
    monkeypatch.setattr(reload, "open_graph", opened)
    assert not Reloader(app).reload()
    assert len(loads) == reload.ATTEMPTS
    assert health(client)["dataset"] == before
    assert health(client)["reload"]["problem"].startswith("The files change while they are read")


def test_asking_many_times_meanwhile_reloads_once(app: Flask) -> None:
    hangups: reload.Hangups = queue.SimpleQueue()
    for _ in range(20):
        hangups.put(reload.RELOAD)
    with Reloader(app, hangups) as reloader:
        until(lambda: reloader.succeeded == 1 and hangups.empty())
    assert reloader.succeeded == 1


def test_watching_notices_a_change_once_it_is_complete(app: Flask, client: FlaskClient, root: Path) -> None:
    with Reloader(app, interval=0.1) as reloader:
        time.sleep(0.5)
        assert reloader.last is None, "nothing has changed"
        (root / "data" / "added.trig").write_text(BROKEN, encoding="utf-8")
        until(lambda: reloader.failed == 1)
        time.sleep(0.5)
        assert reloader.failed == 1, "what failed is not tried again until it changes"
        (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
        until(lambda: reloader.succeeded == 1)
    assert client.get("/resource?iri=https://example.org/new", headers=HTML).status_code == 200
    assert "reloader" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_hangup_asks_for_a_reload_and_is_put_back() -> None:
    before = signal.getsignal(signal.SIGHUP)
    hangups: queue.SimpleQueue[str] = queue.SimpleQueue()
    with at_hangup(hangups):
        os.kill(os.getpid(), signal.SIGHUP)
        assert hangups.get(timeout=5) == "reload"
    assert signal.getsignal(signal.SIGHUP) is before


# --- The served process -----------------------------------------------------------------------


@contextmanager
def served(root: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """``sikkerby-kg serve`` in a process of its own, and its address without the last slash."""
    command = [sys.executable, "-m", "sikkerby_kg", "serve", "--root", str(root), "--port", "0", *options]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIKKERBY_")}
    environment["PYTHONPATH"] = str(TESTS.parent)
    with (root.parent / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        with process:
            try:
                assert process.stdout is not None
                found = re.search(r"http://\S+(?=/)", process.stdout.readline())
                assert found, (root.parent / "log").read_text(encoding="utf-8")
                yield process, found[0]
            finally:
                process.kill()


def fetch(address: str) -> tuple[int, str]:
    with OPENER.open(address, timeout=30) as response:
        return response.status, response.read().decode()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_sighup_drops_no_request_and_every_route_has_the_new_content(root: Path) -> None:
    with served(root) as (process, address), ThreadPoolExecutor(4) as threads:
        done = threading.Event()

        def ask(path: str) -> set[int]:
            statuses = set()
            while not done.is_set():
                statuses.add(fetch(address + path)[0])
            return statuses

        count = int(fetch(address + ASK)[1].split()[1])
        running = [threads.submit(ask, path) for path in ("/", "/query/oil-left?format=csv", ASK)]
        try:
            for number in (1, 2):
                text = ADDED.replace("/new", f"/new-{number}")
                (root / "data" / f"added-{number}.trig").write_text(text, encoding="utf-8")
                process.send_signal(signal.SIGHUP)
                wanted = count + number
                until(lambda wanted=wanted: int(fetch(address + ASK)[1].split()[1]) == wanted)  # type: ignore[misc]
                assert json.loads(fetch(address + "/health")[1])["reload"]["succeeded"] is True
        finally:
            done.set()
        assert [future.result() for future in running] == [{200}] * 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_serve_with_reload_watches(root: Path) -> None:
    with served(root, "--reload", "0.1") as (process, address):
        (root / "data" / "added.trig").write_text(BROKEN, encoding="utf-8")
        until(lambda: "added.trig" in fetch(address + "/health")[1])
        (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
        until(lambda: '"succeeded":true' in fetch(address + "/health")[1].replace(" ", ""))
        process.terminate()
        assert process.wait(timeout=20) == 0
        log = (root.parent / "log").read_text(encoding="utf-8")
        assert "reload failed: data/added.trig:2:1" in log
        assert "Traceback" not in log


def test_reload_over_a_folder_on_disk(root: Path, tmp_path: Path) -> None:
    app = create_app(graph=open_graph(root, tmp_path / "store"))
    client = app.test_client()
    pool = start_workers(app, fork=False)
    assert pool is not None
    try:
        before = int(client.get(ASK).text.split()[1])
        (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
        assert Reloader(app).reload()
        assert int(client.get(ASK).text.split()[1]) == before + 1
        assert pool_of(app) is not pool
    finally:
        pool.close()
        last = pool_of(app)
        assert last is not None
        last.close()


def test_reload_over_an_endpoint_that_is_gone_keeps_the_old(
    city_root: Path, city_endpoint: str, unused_url: str
) -> None:
    graph = open_graph(city_root, city_endpoint)
    app = create_app(graph=graph)
    assert Reloader(app).reload()
    graph.settings = graph.settings.with_changes(store=unused_url)
    app.extensions["sikkerby_kg"].graph.settings = graph.settings
    assert not Reloader(app).reload()
    found = health(app.test_client())
    assert found["ready"] is True
    assert unused_url not in json.dumps(found)
