"""The short way to the endpoint, for what programs ask most: a query in the address, answered as data.

Flask makes objects of a request and of its answer that nobody looks at here, and takes much longer for them
than a small query takes. Whatever is not plainly such a request, and whatever goes wrong, is left to the
endpoint itself (``endpoint``); a test holds that both ways give the same answers.
"""

import gzip
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from flask import Flask

from sikkerby_kg.formats import Format, negotiate
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.server import cross_origin, security
from sikkerby_kg.server.asked import DEFAULT_GRAPH, MOST_PAIRS, NAMED_GRAPH
from sikkerby_kg.server.caching import may_change, noted, tag_of
from sikkerby_kg.server.compression import GZIP, accepted, level_of, pays
from sikkerby_kg.server.language import PARAMETER as LANGUAGE
from sikkerby_kg.server.measuring import NOTES, Notes
from sikkerby_kg.server.negotiation import GRAPH_FORMATS, HTML, SOLUTION_FORMATS, media_type, where
from sikkerby_kg.server.running import DISCONNECTED, FAILED, TRUNCATED, truncation
from sikkerby_kg.server.site import EXTENSION, Site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.server.wsgi import TOO_LONG
from sikkerby_kg.workers import Answer, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]

_KNOWN = frozenset({"query", "format", LANGUAGE, DEFAULT_GRAPH, NAMED_GRAPH})
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}(?::[0-9]{1,5})?")
_ALWAYS = (*security.HEADERS.items(), *cross_origin.HEADERS.items())


class Direct:
    """A WSGI application before an app: answers what is plain, and hands on everything else."""

    def __init__(self, app: Flask, freshness: str) -> None:
        self.app = app
        self.inner: WSGIApplication = app.wsgi_app
        self.freshness = freshness

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        answered = self._answered(environ) if _is_plain(environ) else None
        if answered is None:
            return self.inner(environ, start_response)
        headers, body = answered
        start_response("200 OK", headers)
        return [body]

    def _answered(self, environ: "WSGIEnvironment") -> tuple[Headers, bytes] | None:
        """Headers and body of the answer to a query; None if that is not for here to say."""
        site = cast(Site, self.app.extensions[EXTENSION])
        if not site.edition or not site.graph.labels.base:
            return None
        read = _read(environ["QUERY_STRING"])
        if read is None or may_change(read[0]):
            return None
        query, named, graphs = read
        accept = environ.get("HTTP_ACCEPT")
        solutions, triples = (_chosen(f, named, accept) for f in (SOLUTION_FORMATS, GRAPH_FORMATS))
        if HTML in (solutions, triples):
            return None
        wanted = Request(
            query,
            solutions.name if solutions else "",
            triples.name if triples else "",
            graphs,
            site.graph.labels.base,
        )
        gone = cast(Callable[[], bool] | None, environ.get(DISCONNECTED))
        try:
            answer = site.runner.run(wanted, gone)
        except Exception as error:  # noqa: BLE001  (whatever it is, the app tells it)
            environ[FAILED] = error  # it is run once only
            return None
        chosen, offered = (
            (triples, GRAPH_FORMATS) if answer.form == "CONSTRUCT" else (solutions, SOLUTION_FORMATS)
        )
        return None if chosen is None else self._written(environ, site, answer, chosen, offered)

    def _written(
        self,
        environ: "WSGIEnvironment",
        site: Site,
        answer: Answer,
        chosen: Format,
        offered: Sequence[Format],
    ) -> tuple[Headers, bytes]:
        """Headers and body as the endpoint and everything around it would write them."""
        kind, body = media_type(chosen), answer.body
        headers: Headers = [("Content-Type", kind), *_ALWAYS]
        headers += where(environ, SPARQL, chosen, offered)
        is_large = pays(chosen.media_type, len(body))
        headers.append(("Vary", "Accept, Accept-Encoding" if is_large else "Accept"))
        tag = tag_of(environ, site.edition or "", kind)
        if is_large and accepted(environ.get("HTTP_ACCEPT_ENCODING")):
            body = gzip.compress(body, level_of(len(body)), mtime=0)
            headers.append(("Content-Encoding", GZIP))
            tag = f"{tag}-{GZIP}"
        headers.append(("Content-Length", str(len(body))))
        cut = truncation(answer, site.runner.limits)
        if cut:
            headers += [(TRUNCATED, cut), ("Cache-Control", "no-store")]
        else:
            headers += [("Cache-Control", self.freshness), ("ETag", f'W/"{tag}"')]
            noted(environ, body)
        notes = environ.get(NOTES) or Notes()
        notes.route = SPARQL
        return headers, body


def register(app: Flask, freshness: str) -> None:
    """Put the short way before an app. To be registered before what keeps answers."""
    app.wsgi_app = Direct(app, freshness)  # type: ignore[method-assign]  # as Flask's manual says


def _is_plain(environ: "WSGIEnvironment") -> bool:
    """Whether a request is a GET of the endpoint that nothing else has to be done for."""
    return bool(
        environ.get("PATH_INFO") == SPARQL
        and environ.get("REQUEST_METHOD") == "GET"
        and environ.get("QUERY_STRING")
        and TOO_LONG not in environ
        and _HOST.fullmatch(environ.get("HTTP_HOST", "localhost"))
    )


def _read(query_string: str) -> tuple[str, str, Graphs] | None:
    """The query, the name of a format and the graphs; None for anything that needs a second look."""
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=MOST_PAIRS)
    except ValueError:
        return None
    found: dict[str, list[str]] = {name: [] for name in _KNOWN}
    for name, value in pairs:
        if name not in found:
            return None
        found[name].append(value)
    queries = found["query"]
    if len(queries) != 1 or not queries[0].strip():
        return None
    graphs = Graphs(tuple(found[DEFAULT_GRAPH]), tuple(found[NAMED_GRAPH]))
    return queries[0], next(filter(None, found["format"]), ""), graphs


def _chosen(offered: Sequence[Format], named: str, accept: str | None) -> Format | None:
    """The format for one form of result; None if there is none."""
    if named:
        return next((candidate for candidate in offered if candidate.name == named.lower()), None)
    return negotiate(accept, offered)
