"""Nothing is sent or made twice: validators and 304 on every answer, and answers kept in memory.

An answer follows from the edition of the site (content, queries, templates, software), the address, the
format and the language. So its ETag is made from these, and what was made once is kept until the edition
changes. RFC 9110 §8.8.3 (ETag), §13.1.2 (If-None-Match), RFC 9111 §5.2 (Cache-Control).
"""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from weakref import WeakKeyDictionary

from flask import Flask, Response, g, request

import sikkerby_kg
from sikkerby_kg.folders import own_folders
from sikkerby_kg.graph import KnowledgeGraph
from sikkerby_kg.server.compression import GZIP, accepted, compress, is_compressible
from sikkerby_kg.server.language import language
from sikkerby_kg.server.site import site
from sikkerby_kg.settings import Settings

KEPT = frozenset({"catalog", "downloads", "linked_data", "openapi", "pages", "saved", "search"})
"""Blueprints whose answers follow from the edition and the request, and are worth keeping."""

VALIDATED = KEPT | {"endpoint"}
"""Blueprints whose answers have an ETag; those to queries of strangers are not kept."""

SPEAKING = frozenset({"saved", "search"})
"""Blueprints whose data depend on the reader's language, as pages do."""

TRUNCATED = "X-Sikkerby-Truncated"

_READING = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 303, 308})
_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID)\s*\(", re.IGNORECASE)
_OVERHEAD = 1_000  # bytes that an entry takes beside its body and its key
_SHARE = 8  # no answer takes more than this part of the memory
_LONGEST_KEY = 4_000


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


class Cache:
    """Answers by key, the least recently used of them forgotten when they take more than ``limit`` bytes.

    Any number of threads may use it.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Kept | None:
        """The answer that was put under a key, if it is still kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer, unless it takes too large a share."""
        size = len(kept.body) + len(repr(key)) + _OVERHEAD
        if size > self.limit // _SHARE:
            return
        with self._lock:
            self.size += size - self._kept.pop(key, (kept, 0))[1]
            self._kept[key] = (kept, size)
            while self.size > self.limit:
                self.size -= self._kept.popitem(last=False)[1][1]


class _Layer:
    """What stands between the routes of an app and its clients."""

    def __init__(self, settings: Settings) -> None:
        self.cache = Cache(settings.cache_megabytes * 1_000_000)
        self.freshness = f"public, max-age={settings.max_age}" if settings.max_age else "public, no-cache"
        self._editions: WeakKeyDictionary[KnowledgeGraph, str] = WeakKeyDictionary()

    def edition(self) -> str | None:
        """What identifies everything that answers are made from; None for a store that may change."""
        graph = site().graph
        if graph.version is None:
            return None
        if graph not in self._editions:
            self._editions[graph] = edition_of(graph)
        return self._editions[graph]

    def before(self) -> Response | None:
        """The answer to a request, if it is kept."""
        g.cache_key = None
        if request.blueprint not in KEPT or request.method not in _READING or not self.cache.limit:
            return None
        edition = self.edition()
        if edition is None:
            return None
        headers = request.headers
        coding = accepted(headers.get("Accept-Encoding"))
        key = (edition, request.url, headers.get("Accept", ""), language(), coding)
        if sum(map(len, key)) > _LONGEST_KEY:
            return None
        kept = self.cache.get(key)
        if kept is None:
            g.cache_key = key
            return None
        response = Response(kept.body)
        response.headers.clear()
        response.headers.extend(kept.headers)
        return _conditional(response)

    def after(self, response: Response) -> Response:
        """Give an answer its validators, compress and keep it, or say that the client has it already."""
        if response.status_code in _REDIRECTS and request.blueprint in VALIDATED:
            response.headers.setdefault("Cache-Control", self.freshness)
        if response.status_code != HTTPStatus.OK or "Content-Encoding" in response.headers:
            return response
        if request.blueprint in SPEAKING and request.method in _READING and not g.get("chosen_lang"):
            response.vary.add("Accept-Language")
        is_final = "ETag" in response.headers and request.blueprint in KEPT  # it came from the cache
        if is_final:
            return response
        self._mark(response)
        self._encode(response)
        key = g.get("cache_key")
        if key and "ETag" in response.headers and response.is_sequence:
            self.cache.put(key, Kept(tuple(response.headers), response.get_data()))
        return _conditional(response)

    def _mark(self, response: Response) -> None:
        """Say how long an answer may be used, and what it is known by."""
        if request.method not in _READING or request.blueprint not in VALIDATED:
            return
        if _changes() or TRUNCATED in response.headers:
            response.headers.setdefault("Cache-Control", "no-store")
        elif "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers.setdefault("Cache-Control", self.freshness)
            edition = self.edition()
            if edition is not None:
                kind = response.content_type or ""
                speaks = kind.startswith("text/html") or request.blueprint in SPEAKING
                parts = (edition, request.url, kind, language() if speaks else "")
                response.set_etag(_digest(*(part.encode() for part in parts)), weak=True)
            elif response.is_sequence:
                response.set_etag(_digest(response.get_data()), weak=True)

    def _encode(self, response: Response) -> None:
        """Compress an answer if the client likes that; the other form has another ETag."""
        if response.direct_passthrough:
            if request.endpoint != "static":
                return
            response.direct_passthrough = False
            response.make_sequence()
        if not is_compressible(response):
            return
        response.vary.add("Accept-Encoding")
        if accepted(request.headers.get("Accept-Encoding")):
            compress(response)
            response.headers.pop("Accept-Ranges", None)
            tag, _ = response.get_etag()
            if tag:
                response.set_etag(f"{tag}-{GZIP}", weak=True)


def register(app: Flask, settings: Settings) -> Cache:
    """Put the layer around the routes of an app. To be registered after the choice of language.

    Gives the cache, whose ``size``, ``hits`` and ``misses`` may be looked at.
    """
    layer = _Layer(settings)
    app.before_request(layer.before)
    app.after_request(layer.after)
    return layer.cache


def edition_of(graph: KnowledgeGraph) -> str:
    """A digest of the content as it was loaded, of queries and templates, and of the software itself."""
    package = Path(sikkerby_kg.__file__).parent
    parts = [(graph.version or "").encode()]
    for folder in (graph.folders.queries, graph.folders.web, own_folders().web, package):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                parts += [path.relative_to(folder).as_posix().encode(), path.read_bytes()]
    return _digest(*parts)


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=15)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _changes() -> bool:
    """Whether the query that is answered gives something else each time."""
    texts = request.args.getlist("query") if request.blueprint == "endpoint" else []
    name = (request.view_args or {}).get("name", "")
    if request.blueprint == "saved" and name in site().graph.queries:
        texts = [site().graph.queries[name].text]
    return any(_CHANGING.search(text) for text in texts)


def _conditional(response: Response) -> Response:
    """The response, or 304 if the client says that it has this one (RFC 9110 §13.1.2: weak comparison)."""
    tag, _ = response.get_etag()
    if tag and request.method in _READING and request.if_none_match.contains_weak(tag):
        close = getattr(response.response, "close", None)
        if close:
            close()
        response.response = []
        response.status_code = HTTPStatus.NOT_MODIFIED
    return response
