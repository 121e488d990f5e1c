"""The one place where addresses are spelled: canonical IRI ↔ path of the document about it.

An entity ``{base}id/plan/x`` has the document ``/document/plan/x``; anything else under the base keeps its
path: ``{base}concept/origin/asserted`` has ``/document/concept/origin/asserted``. What lies elsewhere but is
described in the graph has ``/resource?iri=…``. Data holds canonical IRIs; only links in pages are local.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from flask import url_for

from sikkerby_kg.namespaces import MODEL
from sikkerby_kg.server.memory import Memory

SPARQL = "/sparql"
"""The path of the endpoint."""

VALIDATE = "/validate"
"""The path that files are sent to."""

ENTITY = "id/"
_MODEL_PATH = "model/"
_KEPT = frozenset({"id", "model", "concept", "dataset", "shape", "query"})
"""First parts of paths that are never left out, so that ``id/model/x`` and ``model/x`` stay apart."""

_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


class Addresses:
    """The addresses of a content whose IRIs start with ``base``."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._hrefs: Memory[str] = Memory()

    def document_path(self, iri: str) -> str | None:
        """The path, after ``/document/``, of the document about an IRI; None if it lies elsewhere.

        >>> Addresses("https://example.org/").document_path("https://example.org/id/plan/x")
        'plan/x'
        """
        if self.base and iri.startswith(self.base):
            rest = iri[len(self.base) :]
        elif iri.startswith(MODEL):
            rest = _MODEL_PATH + iri[len(MODEL) :]
        else:
            return None
        if rest.startswith(ENTITY) and rest[len(ENTITY) :].partition("/")[0] not in _KEPT:
            rest = rest[len(ENTITY) :]
        rest = rest.removesuffix("/")
        # A path cannot hold these: a query or fragment would end it, empty and dotted parts are tidied away.
        if not rest or re.search(r"[?#]|//|^/|(?:^|/)\.{1,2}(?:/|$)", rest):
            return None
        return rest

    def candidates(self, path: str) -> Iterator[str]:
        """The IRIs that a document path can stand for, likeliest first."""
        if path.partition("/")[0] not in _KEPT:
            yield from self.identities(ENTITY + path)
        yield from self.identities(path)

    def identities(self, path: str) -> Iterator[str]:
        """The IRIs that have this path themselves: under the base, or the model's."""
        path = _NOT_IN_IRI.sub(lambda match: quote(match[0]), path)
        yield self.base + path
        yield self.base + path + "/"
        if path.startswith(_MODEL_PATH) or path == _MODEL_PATH[:-1]:
            yield MODEL + path[len(_MODEL_PATH) :]

    def href(self, iri: str, suffix: str = "") -> str:
        """The local address of the document about an IRI, in one format if a suffix is given."""
        known = self._hrefs.here()
        key = f"{suffix} {iri}"
        if key not in known:
            known[key] = self._href(iri, suffix)
        return known[key]

    def _href(self, iri: str, suffix: str) -> str:
        path = self.document_path(iri)
        if path is None:
            return url_for("linked_data.resource", iri=iri, format=suffix or None)
        if suffix:
            return url_for("linked_data.document_as", path=path, suffix=suffix)
        return url_for("linked_data.document", path=path)


def readable(iri: str) -> str:
    """An IRI with its percent-escapes of letters undone, for people.

    >>> readable("https://example.org/%C3%B8")
    'https://example.org/ø'
    """
    try:
        shown = unquote(iri, errors="strict")
    except UnicodeDecodeError:
        return iri
    return iri if _NOT_IN_IRI.search(shown) else shown
