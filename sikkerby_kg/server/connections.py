"""Connections of readers: how many, how slow and how full they may be, so that none of them can be used up.

waitress by itself stops listening while its connections are taken, and waits for ever for a reader who takes
nothing. Here the connection that has been idle longest makes room, and a slow one is closed.
"""

import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from sikkerby_kg.server.security import HEADERS
from sikkerby_kg.settings import Settings
from sikkerby_kg.workers import MEGABYTE

if sys.platform != "win32":
    import resource

LOOK = 1
"""Seconds between two looks at all connections."""

MOST_DROPPED = 100 * MEGABYTE
"""Bytes of too large a body that are taken and dropped."""

AT_ONCE = 50
"""Connections that are taken in one go."""

OTHER_FILES = 200
"""Files that are open beside connections: the content, workers, a store on disk."""

FILES_EACH = 2
"""A connection, and the file in which a long answer waits for its reader."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What readers may take: connections in all, seconds of waiting for one, bytes that wait for all."""

    connections: int = 1000
    seconds: float = 30.0
    most: int = 1000 * MEGABYTE

    @classmethod
    def of(cls, settings: Settings) -> "Patience":
        """What the settings allow, but no more connections than this process may open files."""
        allowed = _open_files(settings.connections * FILES_EACH + OTHER_FILES)
        connections = min(settings.connections, max((allowed - OTHER_FILES) // FILES_EACH, 1))
        return cls(connections, settings.client_seconds, settings.waiting_megabytes * MEGABYTE)


class _Refusal(ErrorTask):
    """An answer to what is no HTTP: it protects readers as every other one does."""

    def execute(self) -> None:
        """Answer."""
        self.response_headers = list(HEADERS.items())
        super().execute()


class _Request(HTTPRequestParser):
    """A request as it arrives. One with too large a body is answered by the app, without its body."""

    def __init__(self, adjustments: Adjustments, channel: "Channel") -> None:
        super().__init__(adjustments)
        self.channel = channel

    def received(self, data: bytes) -> int:
        """Take what arrives; the bytes that were taken."""
        taken = int(super().received(data))
        if not isinstance(self.error, RequestEntityTooLarge):
            return taken
        self.channel.is_cut = True  # before anything answers it
        self.error = None
        self.expect_continue = False
        headers: Any = self.headers
        headers["CONNECTION"] = "close"
        headers.setdefault("CONTENT_LENGTH", str(self.body_bytes_received))
        return len(data)


class Channel(HTTPChannel):
    """A connection that knows since when it waits for its reader.

    After a request with too large a body it takes and drops what still comes, as much as there is patience
    for: were it closed at once, a reader who is still sending would get no answer (RFC 9112 §9.6).
    """

    error_task_class = _Refusal
    begun = 0.0
    """When the request began that has not arrived in full; 0 while there is none."""

    is_cut = False
    """Whether the last request had too large a body."""

    dropped = 0
    """The bytes of it that were dropped."""

    def parser_class(self, adjustments: Adjustments) -> _Request:  # type: ignore[override]  # it is only called
        """What takes the next request."""
        return _Request(adjustments, self)

    def handle_read(self) -> None:
        """Take what arrives, or drop it."""
        if not self.is_cut:
            super().handle_read()
            return
        try:
            self.dropped += len(self.recv(self.adj.recv_bytes))
        except OSError:
            self.handle_close()
        if self.dropped > MOST_DROPPED:
            self.handle_close()

    def handle_write(self) -> None:
        """Send a part of an answer. After the last of a connection that was cut, only the sending ends."""
        if self.is_cut and self.close_when_flushed:
            base: Any = self
            base._flush_exception(base._flush_some)  # noqa: SLF001  (as handle_write itself does)
            if not (self.will_close or self.total_outbufs_len):
                self.close_when_flushed = False
                with suppress(OSError):
                    base.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_write()

    def received(self, data: bytes) -> bool:
        """Take what arrives."""
        was_whole = self.request is None
        taken = bool(super().received(data))
        if self.request is None:
            self.begun = 0.0
        elif was_whole or not self.begun:
            self.begun = time.time()
        return taken

    def write_soon(self, data: bytes) -> int:
        """Keep a part of an answer until its reader takes it.

        Raises ClientDisconnected if there is no room left on the disk: then the connection is closed.
        """
        try:
            return int(super().write_soon(data))
        except OSError as error:
            self.logger.warning("an answer found no room on the disk: %s", error.strerror)
            self.will_close = True
            raise ClientDisconnected from error

    @property
    def waits_since(self) -> float | None:
        """Since when it is the reader's turn: to send the rest, to take the answer, or to ask something.

        None while an answer is being made, which the reader waits for.
        """
        if self.total_outbufs_len:
            return float(self.last_activity)
        if self.requests:
            return None
        return self.begun or float(self.last_activity)

    @property
    def held(self) -> int:
        """The bytes that wait here: of a request that is not whole, and of answers that are not taken."""
        request: Any = self.request
        coming = request.header_bytes_received + request.body_bytes_received if request else 0
        return int(self.total_outbufs_len) + int(coming)


class Server(TcpWSGIServer):
    """Listens, and keeps its connections within the bounds of ``patience``."""

    channel_class = Channel
    patience = Patience()

    def readable(self) -> bool:
        """Whether another connection can be had: not while every one of them is being answered."""
        wanted = bool(super().readable())
        channels = self._channels()
        return wanted and (len(channels) < self.patience.connections or any(map(_is_idle, channels)))

    def handle_accept(self) -> None:
        """Take the connections that wait; those that have been idle longest make room for them."""
        for _ in range(AT_ONCE):
            before = len(self._channels())
            super().handle_accept()
            if len(self._channels()) == before:
                break
        channels = self._channels()
        idle = sorted(filter(_is_idle, channels), key=lambda channel: channel.waits_since or 0.0)
        for channel in idle[: max(len(channels) - self.patience.connections, 0)]:
            channel.handle_close()

    def maintenance(self, now: float) -> None:
        """Close the connections whose readers let us wait too long, then the fullest until there is room."""
        for channel in self._channels():
            since = channel.waits_since
            if since is not None and since < now - self.patience.seconds:
                channel.handle_close()
        held = {channel: channel.held for channel in self._channels()}
        total = sum(held.values())
        for channel in sorted(held, key=held.__getitem__, reverse=True):
            if total <= self.patience.most:
                break
            total -= held[channel]
            channel.handle_close()

    def _channels(self) -> list[Channel]:
        channels: Any = self.active_channels
        return list(channels.values())


def _is_idle(channel: Channel) -> bool:
    return not (channel.requests or channel.total_outbufs_len)


def _open_files(wanted: int) -> int:
    """How many files this process may open, after asking the system for as many as are wanted."""
    if sys.platform == "win32":
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if most > soft:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError):  # macOS has another limit besides
            return int(soft)
    return int(max(most, soft))
