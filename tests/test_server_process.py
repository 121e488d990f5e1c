"""The served process: it says when it is ready, and stops only after what is running has its answer."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from flask import Flask

from sikkerby_kg.errors import AddressError
from sikkerby_kg.server import serving
from tests.running import served, slowness

TESTS = Path(__file__).parent
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(address: str) -> tuple[int, str]:
    with OPENER.open(address, timeout=10) as response:
        return response.status, response.read().decode()


def test_serve_answers_as_soon_as_it_says_so_within_two_seconds() -> None:
    start = time.monotonic()
    with served() as server:
        status, page = get(server.address)
        assert time.monotonic() - start < 2 * slowness()
        assert status == 200
        assert "Ravnsholms vagter" in page


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_cleanly_on_a_signal(number: signal.Signals) -> None:
    with served(heard=True) as server:
        get(server.address)
        server.process.send_signal(number)
        out, err = server.process.communicate(timeout=10)
        assert (server.process.returncode, err) == (0, "")
        assert "Traceback" not in out


def test_serve_port_taken_is_a_sentence_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "sikkerby_kg", "serve", "--port", str(port), "--lang", "en"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TESTS.parent)
    assert ended.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken" in ended.stderr
    assert f"--port {port + 1}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serve_unusable_host_and_root_are_a_sentence_and_exit_2() -> None:
    for options in (["--host", "no.such.host.invalid"], ["--root", "/no/such/folder"], ["--port", "99999"]):
        command = [sys.executable, "-m", "sikkerby_kg", "serve", "--port", "0", *options]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TESTS.parent)
        assert ended.returncode == 2, options
        assert ended.stderr
        assert "Traceback" not in ended.stderr


# --- In this process: what happens to requests that are running when the server is asked to stop ----


def slow_app(seconds: float, size: int) -> Flask:
    """An app that takes its time for an answer of many bytes."""
    app = Flask("slow")
    app.started = threading.Event()  # type: ignore[attr-defined]

    @app.get("/")
    def slow() -> str:
        app.started.set()  # type: ignore[attr-defined]
        time.sleep(seconds)
        return "x" * size

    return app


def stop_while_running(app: Flask, signals: int = 1) -> tuple[list[object], float]:
    """Ask once, send signals while the answer is made; what the client got, and how long stopping took."""
    listening = serving.listen("127.0.0.1", 0)
    got: list[object] = []
    stopped = 0.0

    def ask(address: str) -> None:
        try:
            got.append(len(get(address)[1]))
        except (urllib.error.URLError, OSError) as error:
            got.append(type(error))

    def ready(address: str) -> None:
        threads.append(threading.Thread(target=ask, args=(address,)))
        threads.append(threading.Thread(target=kill))
        for thread in threads:
            thread.start()

    def kill() -> None:
        nonlocal stopped
        app.started.wait(5)  # type: ignore[attr-defined]
        stopped = time.monotonic()
        for _ in range(signals):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)  # two that wait together would be one

    threads: list[threading.Thread] = []
    serving.serve(app, listening, ready)
    taken = time.monotonic() - stopped
    for thread in threads:
        thread.join(10)
    return got, taken


def test_running_request_gets_its_whole_answer_after_a_signal() -> None:
    got, taken = stop_while_running(slow_app(0.5, 3_000_000))
    assert got == [3_000_000]
    assert taken < 5


def test_idle_connection_does_not_keep_the_server() -> None:
    app = slow_app(0.1, 1)
    with contextlib.ExitStack() as stack:

        @app.before_request
        def connect() -> None:
            from flask import request  # noqa: PLC0415

            port = int(request.host.rpartition(":")[2])
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))

        _, taken = stop_while_running(app)
    assert taken < 5


def test_second_signal_does_not_wait() -> None:
    got, taken = stop_while_running(slow_app(5, 1), signals=2)
    assert taken < 4
    assert len(got) == 1


def test_request_that_never_ends_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "GRACE", 0.3)
    _, taken = stop_while_running(slow_app(6, 1))
    assert taken < 4


def test_signal_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop_while_running(slow_app(0, 1))
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", ""])
def test_listen_on_an_unusable_host(host: str) -> None:
    with pytest.raises(AddressError, match="--host"):
        serving.listen(host, 0)


def test_listen_on_ipv6_is_printed_in_brackets() -> None:
    try:
        listening = serving.listen("::1", 0)
    except AddressError:
        pytest.skip("this machine has no IPv6")
    with listening:
        assert serving.address_of(listening).startswith("http://[::1]:")


def test_listen_takes_a_port_that_was_just_used() -> None:
    with serving.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
    with serving.listen("127.0.0.1", port) as second:
        assert second.getsockname()[1] == port
