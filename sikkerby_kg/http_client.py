"""Asking a SPARQL endpoint by HTTP, in a time that is limited in all (SPARQL 1.1 Protocol §2.1.2)."""

import contextlib
import http.client
import re
import socket
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Self

from sikkerby_kg.errors import StoreBusyError, StoreError, StoreTimeoutError

_SHOWN = 300
_LATE = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT)
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_TIME = re.compile(r"time[d ]*-?\s*out", re.IGNORECASE)
"""Fuseki and others answer 503 for a query that took too long, and say so in words only."""

_WAIT = 5
_SECONDS = re.compile("[0-9]{1,5}")
_HERE = ("localhost", "127.0.0.1", "::1")


Resolve = Callable[[str, int], Iterable[tuple[socket.AddressFamily, Any]]]
"""Host and port → the addresses to try, each with its family. May raise StoreError or OSError."""


class Client:
    """Sends forms to one address.

    ``timeout`` is how many seconds a request and its answer take at most, ``most`` how many bytes the answer
    may have, 0 for any number. ``resolve`` says to which addresses a connection may be made; with it, or if
    ``direct``, no proxy stands in between.
    """

    def __init__(
        self, url: str, timeout: float, most: int = 0, *, resolve: Resolve | None = None, direct: bool = False
    ) -> None:
        self.url = url
        self._timeout = timeout
        self._most = most
        self._resolve = resolve
        # A proxy from the environment makes no sense for a server on this machine.
        direct = direct or bool(resolve) or urllib.parse.urlsplit(url).hostname in _HERE
        self._handlers: list[Any] = [urllib.request.ProxyHandler({})] if direct else []

    def post(self, pairs: Sequence[tuple[str, str]], accept: str) -> bytes:
        """The body of the answer to a form.

        Raises StoreError for any other answer, StoreTimeoutError for none in time, here or by the endpoint's
        own account, and StoreBusyError if it says that it is too busy.
        """
        request = urllib.request.Request(  # noqa: S310  (the scheme was checked)
            self.url,
            data=urllib.parse.urlencode(pairs).encode(),
            headers={"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"},
        )
        with _Deadline(self._timeout, self._resolve) as deadline:
            try:
                body, media_type = self._sent(request, deadline)
            except urllib.error.HTTPError as error:
                raise self._refusal(error, deadline) from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._failure(error, deadline) from error
        if deadline.passed:  # what had arrived by then may look complete
            raise self._late()
        if 0 < self._most < len(body):
            raise self._error("store.large", megabytes=self._most // 1_000_000)
        if media_type != accept:
            raise self._error("store.media_type", found=media_type, expected=accept)
        return body

    def _sent(self, request: urllib.request.Request, deadline: "_Deadline") -> tuple[bytes, str]:
        opener = urllib.request.build_opener(*self._handlers, *deadline.handlers())
        with opener.open(request, timeout=self._timeout) as response:
            body = response.read(self._most + 1 if self._most else None)
            return body, response.headers.get_content_type()

    def _refusal(self, error: urllib.error.HTTPError, deadline: "_Deadline") -> StoreError:
        """What an answer with another status than 200 says, in our own terms."""
        with error, contextlib.suppress(OSError, http.client.HTTPException):
            said = error.read(_SHOWN).decode(errors="replace").strip() or error.reason
        if deadline.passed:
            return self._late()
        if error.code in _LATE or (error.code in _BUSY and _TIME.search(said)):
            return StoreTimeoutError("store.gave_up", store=self.url, status=error.code)
        if error.code in _BUSY:
            wait = error.headers.get("Retry-After", "")
            seconds = int(wait) if _SECONDS.fullmatch(wait) else _WAIT
            return StoreBusyError(
                "store.busy", store=self.url, status=error.code, problem=said, seconds=seconds
            )
        place = error.headers.get("Location")
        if place:
            return self._error("store.redirect", status=error.code, place=place[:_SHOWN])
        return self._error("store.status", status=error.code, problem=said)

    def _failure(self, error: Exception, deadline: "_Deadline") -> StoreError:
        """Why there was no answer."""
        reason = getattr(error, "reason", error)
        if deadline.passed or isinstance(reason, TimeoutError):
            return self._late()
        return self._error("store.unreachable", problem=reason)

    def _late(self) -> StoreError:
        return StoreTimeoutError("store.timeout", store=self.url, seconds=self._timeout)

    def _error(self, key: str, **values: object) -> StoreError:
        return StoreError(key, store=self.url, **values)


class _Deadline:
    """Breaks off the connections of one request when its time is up, however busy they are."""

    def __init__(self, seconds: float, resolve: Resolve | None = None) -> None:
        self.passed = False
        self._resolve = resolve
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        self.passed = True
        for each in self._sockets:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)  # under TLS, too: no farewell is waited for

    def handlers(self) -> list[urllib.request.BaseHandler]:
        """Handlers for urllib whose connections end in time."""
        watch, resolve = self._sockets.append, self._resolve

        class Plain(http.client.HTTPConnection):
            def connect(self) -> None:
                if resolve is None:
                    super().connect()
                else:
                    self.sock = _connected(resolve(self.host, self.port), self.timeout)
                watch(self.sock)

        class Secure(http.client.HTTPSConnection):
            def connect(self) -> None:
                if resolve is None:
                    super().connect()
                else:
                    plain = _connected(resolve(self.host, self.port), self.timeout)
                    watch(plain)
                    self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
                watch(self.sock)

        class PlainHandler(urllib.request.HTTPHandler):
            def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Plain, request)

        class SecureHandler(urllib.request.HTTPSHandler):
            def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Secure, request)

        return [PlainHandler(), SecureHandler(), _NoRedirects()]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows nobody to another address: the form would be lost on the way."""

    def redirect_request(self, *_: object) -> None:
        """Nothing: the answer counts as it is."""


def _connected(addresses: Iterable[tuple[socket.AddressFamily, Any]], timeout: float | None) -> socket.socket:
    """A connection to the first of the addresses that takes one. Raises OSError."""
    problem = OSError("no address")
    for family, address in addresses:
        connecting = socket.socket(family, socket.SOCK_STREAM)
        try:
            connecting.settimeout(timeout)
            connecting.connect(address)
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connecting.close()
            problem = error
        else:
            return connecting
    raise problem
