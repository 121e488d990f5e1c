"""Asking one thing again and again over some connections at once, and timing each answer."""

import selectors
import socket
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

LONGEST = 60.0
"""Seconds that one answer may take; a server that needs longer is not asked again."""

_END = b"\r\n\r\n"
_OK = b" 200 "


class AnswerError(Exception):
    """A server that gave something else than an answer, or nothing in time."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it: answers per second, and the time of one in milliseconds (median, 99th percentile)."""

    rate: float
    p50: float
    p99: float
    count: int


def figures(times: list[float], elapsed: float) -> Figures:
    """The figures of answers that took these seconds each, and so many in all."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Figures(len(ordered) / elapsed, statistics.median(ordered) * 1e3, p99 * 1e3, len(ordered))


class Target:
    """A request to a server on this machine, sent over connections that stay open."""

    def __init__(
        self, url: str, query: str | None = None, accept: str = "application/sparql-results+json"
    ) -> None:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query or urlencode({'query': query or ''})}"
        self.address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Accept: {accept}\r\nConnection: keep-alive\r\n\r\n"
        ).encode()

    def once(self) -> float:
        """Ask once. The seconds that the answer took; raises AnswerError or OSError."""
        return self.times(1, 0.0)[0][0]

    def times(self, connections: int, seconds: float) -> tuple[list[float], float]:
        """Ask over so many connections for so long. The seconds of each answer, and of all together."""
        with selectors.DefaultSelector() as selector:
            asking = [_Asking(self, selector) for _ in range(connections)]
            start = time.perf_counter()
            try:
                for one in asking:
                    one.send()
                _drive(selector, start + seconds)
            finally:
                for one in asking:
                    one.close()
            return [t for one in asking for t in one.times], time.perf_counter() - start


def _drive(selector: selectors.BaseSelector, end: float) -> None:
    """Read answers as they come; after each ask again, until it is time to end."""
    last = time.perf_counter()
    while selector.get_map():
        events = selector.select(timeout=1.0)
        now = time.perf_counter()
        if events:
            last = now
        elif now - last > LONGEST:
            raise AnswerError(f"nothing for {LONGEST:.0f} s")
        for key, _ in events:
            asking: _Asking = key.data
            if asking.receive():
                if time.perf_counter() < end:
                    asking.send()
                else:
                    selector.unregister(asking.socket)


class _Asking:
    """One connection and the answer that is arriving on it."""

    def __init__(self, target: Target, selector: selectors.BaseSelector) -> None:
        self.target = target
        self.selector = selector
        self.times: list[float] = []
        self.sent = 0.0
        self.received = bytearray()
        self.socket = socket.create_connection(target.address, timeout=LONGEST)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(self.socket, selectors.EVENT_READ, self)

    def close(self) -> None:
        self.socket.close()

    def send(self) -> None:
        self.received.clear()
        self.sent = time.perf_counter()
        self.socket.sendall(self.target.request)

    def receive(self) -> bool:
        """Read what is there; whether the answer is complete."""
        piece = self.socket.recv(262_144)
        self.received += piece
        if not piece and not self._is_complete():
            raise AnswerError("the connection was closed")
        if not self._is_complete():
            return False
        self.times.append(time.perf_counter() - self.sent)
        first = bytes(self.received[:200]).partition(b"\r\n")[0]
        if _OK not in first:
            raise AnswerError(bytes(self.received[:300]).decode(errors="replace"))
        return True

    def _is_complete(self) -> bool:
        head = self.received.find(_END)
        if head < 0:
            return False
        fields = bytes(self.received[:head]).lower()
        if b"transfer-encoding: chunked" in fields:
            return self.received.endswith(b"0\r\n\r\n")
        _, found, rest = fields.partition(b"content-length:")
        length = int(rest.partition(b"\r\n")[0]) if found else 0
        return len(self.received) >= head + len(_END) + length
