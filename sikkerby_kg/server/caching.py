"""Nothing is sent or made twice: validators and 304 on every answer, and answers kept in memory.

An answer follows from the edition of the site (content, queries, templates, software), the address, the
format and the language. So its ETag is made from these, and what was made once is kept until the edition
changes. RFC 9110 §8.8.3 (ETag), §13.1.2 (If-None-Match), RFC 9111 §5.2 (Cache-Control).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, g, request
from werkzeug.http import parse_etags, remove_entity_headers

from sikkerby_kg.lexer import Tokens
from sikkerby_kg.server.compression import GZIP, accepted, compress, is_compressible
from sikkerby_kg.server.edition import digest
from sikkerby_kg.server.kept import Cache, Kept
from sikkerby_kg.server.language import language
from sikkerby_kg.server.measuring import NOTES, Notes
from sikkerby_kg.server.site import EXTENSION, Site, site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.server.wsgi import TOO_LONG
from sikkerby_kg.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KEPT = frozenset(
    {
        *("catalog", "crawlers", "downloads", "linked_data", "neighbourhood", "openapi", "overview", "pages"),
        *("saved", "search", "validation", "vocabulary"),
    }
)
"""Blueprints whose answers follow from the edition and the request, and are worth keeping."""

VALIDATED = KEPT | {"endpoint"}
"""Blueprints whose answers have an ETag; those to queries of readers are kept in a part of their own."""

SPEAKING = frozenset({"neighbourhood", "saved", "search", "validation"})
"""Blueprints whose data depend on the reader's language, as pages do."""

TRUNCATED = "X-Sikkerby-Truncated"

_READING = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 303, 308})
_CHANGING = frozenset({"NOW", "RAND", "UUID", "STRUUID", "SERVICE"})
_MAY_CHANGE = re.compile("|".join(_CHANGING), re.IGNORECASE)
_ADDRESS = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
_WISHES = ("HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING")
_LONGEST_KEY = 4_000
_STRANGERS = 4  # of the memory, the part for queries of readers
_ASKED = "sikkerby_kg.caching"

Headers = list[tuple[str, str]]


class _Asked:
    """What is known of a request: the edition when it came, and the body that is worth keeping."""

    def __init__(self, edition: str | None) -> None:
        self.edition = edition
        self.body: bytes | None = None
        self.is_modified = True


class Layer:
    """What stands between an app and its clients."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app = app
        self.inner = app.wsgi_app
        limit = settings.cache_megabytes * 1_000_000
        self.cache = Cache(limit - limit // _STRANGERS)
        self.strangers = Cache(limit // _STRANGERS)  # readers' queries push no page out
        self.freshness = freshness(settings)

    def edition(self) -> str | None:
        """What identifies everything that answers are made from; None for a store that may change."""
        return cast(Site, self.app.extensions[EXTENSION]).edition

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request from memory or by the app; or say that the client has the answer already."""
        if environ.get("REQUEST_METHOD") not in _READING or TOO_LONG in environ:
            return self.inner(environ, start_response)
        asked = environ[_ASKED] = _Asked(self.edition())
        key = self._key(environ, asked.edition)
        cache = self.strangers if environ.get("PATH_INFO") == SPARQL else self.cache
        kept = cache.get(key) if key else None
        if kept is not None:
            return _again(kept, environ, start_response)

        def started(status: str, headers: Headers, *rest: object) -> object:
            if status.startswith("200"):
                if key and asked.body is not None:
                    notes = environ.get(NOTES) or Notes()
                    cache.put(key, Kept(tuple(headers), asked.body, notes.route, notes.query))
                asked.is_modified = not _has(environ, headers)
                if not asked.is_modified:
                    status, headers = _not_modified(headers)
            return start_response(status, headers, *rest)  # type: ignore[arg-type]  # the same signature

        body = self.inner(environ, started)  # type: ignore[arg-type]
        if asked.is_modified:
            return body
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return []

    def _key(self, environ: "WSGIEnvironment", edition: str | None) -> tuple[str, ...] | None:
        """What the answer to a request follows from; None if it is not to be kept."""
        if edition is None or not self.cache.limit:
            return None
        key = (edition, *(environ.get(name, "") for name in (*_ADDRESS, *_WISHES)))
        return key if sum(map(len, key)) <= _LONGEST_KEY else None

    def after(self, response: Response) -> Response:
        """Give an answer its validators, compress it, and keep it if it is worth that."""
        blueprint, is_reading = request.blueprint, request.method in _READING
        if response.status_code in _REDIRECTS and blueprint in VALIDATED:
            response.headers.setdefault("Cache-Control", self.freshness)
        if response.status_code != HTTPStatus.OK or "Content-Encoding" in response.headers:
            return response
        if is_reading and blueprint in SPEAKING and not g.get("chosen_lang"):
            response.vary.add("Accept-Language")
        if is_reading and blueprint in VALIDATED:
            self._mark(response)
        _encode(response)
        asked: _Asked | None = request.environ.get(_ASKED)
        if asked and blueprint in VALIDATED and "ETag" in response.headers and response.is_sequence:
            asked.body = response.get_data()
        return response

    def _mark(self, response: Response) -> None:
        """Say how long an answer may be used, and what it is known by."""
        asked: _Asked | None = request.environ.get(_ASKED)
        if asked is None or asked.edition != self.edition():  # the content was read anew in between
            return
        if _changes() or TRUNCATED in response.headers:
            response.headers.setdefault("Cache-Control", "no-store")
        elif "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers.setdefault("Cache-Control", self.freshness)
            if asked.edition is not None:
                kind = response.headers.get("Content-Type", "")
                speaks = kind.startswith("text/html") or request.blueprint in SPEAKING
                tag = tag_of(request.environ, asked.edition, kind, language() if speaks else "")
                response.set_etag(tag, weak=True)
            elif response.is_sequence:
                response.set_etag(digest(response.get_data()), weak=True)


def freshness(settings: Settings) -> str:
    """How long an answer may be used without asking again, as Cache-Control says it."""
    return f"public, max-age={settings.max_age}" if settings.max_age else "public, no-cache"


def register(app: Flask, settings: Settings) -> tuple[Cache, Cache]:
    """Put the layer around the routes of an app. To be registered after the choice of language.

    Gives the caches of pages and of queries, whose ``size``, ``hits`` and ``misses`` may be looked at.
    """
    layer = Layer(app, settings)
    app.after_request(layer.after)
    app.wsgi_app = layer  # type: ignore[method-assign]  # as Flask's manual says
    return layer.cache, layer.strangers


def _encode(response: Response) -> None:
    """Compress an answer if the client likes that; the other form has another ETag."""
    if response.direct_passthrough:
        if request.endpoint != "static":
            return
        response.direct_passthrough = False
        response.make_sequence()
    if not is_compressible(response):
        return
    response.vary.add("Accept-Encoding")
    if accepted(request.environ.get("HTTP_ACCEPT_ENCODING")):
        compress(response)
        response.headers.pop("Accept-Ranges", None)
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(f"{tag}-{GZIP}", weak=True)


def _changes() -> bool:
    """Whether the query that is answered gives something else each time."""
    if request.blueprint == "endpoint":
        return any(map(_says_so, request.args.getlist("query")))
    name = (request.view_args or {}).get("name", "")
    if request.blueprint == "saved" and name in site().graph.queries:
        return _saved_changes(site().graph.queries[name].text)
    return False


def _says_so(query: str) -> bool:
    """Whether a query calls what gives something else each time; most need no lexer to be told apart."""
    return may_change(query) and any(token.keyword in _CHANGING for token in Tokens(query))


_saved_changes = lru_cache(256)(_says_so)


def may_change(query: str) -> bool:
    """Whether there is anything in a query that may give something else each time."""
    return bool(_MAY_CHANGE.search(query))


def tag_of(environ: "WSGIEnvironment", edition: str, kind: str, lang: str = "") -> str:
    """What an answer in a media type and a language is known by (RFC 9110 §8.8.3)."""
    parts = (edition, *(environ.get(name, "") for name in _ADDRESS), kind, lang)
    return digest(*(part.encode() for part in parts))


def noted(environ: "WSGIEnvironment", body: bytes) -> None:
    """Let the answer to a request be kept."""
    asked: _Asked | None = environ.get(_ASKED)
    if asked is not None:
        asked.body = body


def _again(kept: Kept, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """An answer that was kept, or that the client has it."""
    notes = environ.get(NOTES)
    if notes is not None:
        notes.route, notes.query = kept.route, kept.query
    headers = list(kept.headers)
    if _has(environ, headers):
        start_response(*_not_modified(headers))
        return []
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]


def _has(environ: "WSGIEnvironment", headers: Headers) -> bool:
    """Whether the client says that it has this answer (RFC 9110 §13.1.2: weak comparison)."""
    wanted = environ.get("HTTP_IF_NONE_MATCH")
    tag = next((value for name, value in headers if name == "ETag"), "") if wanted else ""
    return bool(tag) and parse_etags(wanted).contains_weak(tag.removeprefix("W/").strip('"'))


def _not_modified(headers: Headers) -> tuple[str, Headers]:
    headers = list(headers)
    remove_entity_headers(headers)
    return "304 NOT MODIFIED", headers
