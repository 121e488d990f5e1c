"""Listening on an address with waitress, and stopping only when every running request has its answer."""

import errno
import logging
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from sikkerby_kg import remote
from sikkerby_kg.errors import AddressError
from sikkerby_kg.server.connections import LOOK, Patience, Server
from sikkerby_kg.server.running import end_workers, pool_of, pools_of, site_of
from sikkerby_kg.server.upload import ROOM

THREADS = 8
"""Threads for pages and saved queries; queries of readers have others, which wait for their workers."""

THREADS_ELSEWHERE = remote.AT_ONCE + THREADS
"""The same over an endpoint: those that wait for it leave some free for what needs it not, such as health."""

BACKLOG = 1024
MAX_BODY = 2_000_000
"""Bytes of a request's body: the longest query that is run, percent-encoded, fits several times."""

GRACE = 30.0
"""Seconds that running requests get when the server is asked to stop; a second signal ends them at once."""

QUERY_GRACE = 1.0
"""Seconds that running queries of readers get then."""

_POLL = 0.05
_FAREWELL = 1  # seconds for idle threads to end


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on an address; port 0 picks a free one. Raises AddressError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        key = {errno.EADDRINUSE: "taken", errno.EACCES: "denied"}.get(error.errno or 0, "unusable")
        problem = error.strerror or str(error)
        raise AddressError(f"address.{key}", host=host, port=port, next=port + 1, problem=problem) from error


def address_of(listening: socket.socket) -> str:
    """The address to type into a browser.

    >>> with listen("127.0.0.1", 0) as listening:
    ...     address_of(listening).startswith("http://127.0.0.1:")
    True
    """
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: Flask, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or SIGINT (Ctrl-C), then finish what is running and return.

    ``ready`` is called with the address once requests are answered. The pool that runs queries of readers,
    if the app has one by then, is closed in the end. To be called in the main thread.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that a request waits a moment is no news
    channels: dict[int, Any] = {}
    server = _server(app, listening, channels)
    signals: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        signals.append(number)
        server.pull_trigger()  # wakes the loop

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        ready(address_of(listening))
        while not signals:
            wasyncore.loop(timeout=1, use_poll=True, map=channels, count=1)
        server.del_channel()
        listening.close()
        for pool in pools_of(app):
            pool.stop(QUERY_GRACE)
        _finish(channels, signals)
    finally:
        end_workers(app)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=_FAREWELL)
        for channel in list(channels.values()):
            channel.handle_close()  # also closes the files in which long answers wait
        wasyncore.close_all(channels)
        for number, handler in before.items():
            signal.signal(number, handler)


def _server(app: Flask, listening: socket.socket, channels: dict[int, Any]) -> Server:
    """What accepts connections on a socket, and has threads that answer."""
    site = site_of(app)
    longest = site.judges.longest + ROOM if site else 0
    patience = Patience.of(site.graph.settings) if site else Patience()
    adjustments = Adjustments(
        sockets=[listening],
        threads=_threads(app),
        channel_request_lookahead=1,  # so that it is noticed when a reader hangs up
        backlog=BACKLOG,
        connection_limit=10 * patience.connections,  # our own is lower
        cleanup_interval=LOOK,
        max_request_body_size=2 * max(MAX_BODY, longest),  # what is a little too large gets an answer of ours
        inbuf_overflow=2 * max(MAX_BODY, longest),  # so that no request waits on the disk
        ident="",
    )
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(adjustments.threads)
    kind, address = (listening.family, listening.type, listening.proto), listening.getsockname()
    server = Server(
        app,
        channels,
        True,  # noqa: FBT003  (waitress names its argument for tests only)
        listening,
        dispatcher=dispatcher,
        adj=adjustments,
        bind_socket=False,
        sockinfo=(*kind, address),
    )
    server.patience = patience
    return server


def _threads(app: Flask) -> int:
    """How many threads answer: those that wait for workers leave some free for what needs them not."""
    pool, site = pool_of(app), site_of(app)
    judging = site.judges.limits.workers + site.judges.limits.queue if site else 0
    return judging + (THREADS + pool.limits.workers + pool.limits.queue if pool else THREADS_ELSEWHERE)


def _finish(channels: dict[int, Any], signals: list[int]) -> None:
    """Keep the loop going until no request is running and every answer is sent."""
    deadline = time.monotonic() + GRACE
    wasyncore.loop(timeout=_POLL, use_poll=True, map=channels, count=1)  # reads what has already arrived
    while len(signals) == 1 and time.monotonic() < deadline and any(map(_is_busy, list(channels.values()))):
        wasyncore.loop(timeout=_POLL, use_poll=True, map=channels, count=1)


def _is_busy(channel: wasyncore.dispatcher) -> bool:
    return bool(getattr(channel, "requests", ()) or getattr(channel, "total_outbufs_len", 0))
