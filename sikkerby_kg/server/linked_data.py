"""Linked Data: the IRI of a thing answers 303 to the document about it, which comes in every RDF format."""

import re
from collections.abc import Iterator

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sikkerby_kg.dump import dump
from sikkerby_kg.formats import Format
from sikkerby_kg.server.entity import entity_page
from sikkerby_kg.server.excerpt import excerpt
from sikkerby_kg.server.files_as_of import as_it_stood
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import DOCUMENT_FORMATS, HTML, choose, media_type
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import readable
from sikkerby_kg.texts import text

blueprint = Blueprint("linked_data", __name__)

_NOT_IN_HEADER = re.compile(r'[<> "]')
SUFFIXES = ",".join(candidate.name for candidate in DOCUMENT_FORMATS)


@blueprint.get("/<path:path>")
def thing(path: str) -> Response:
    """Lead from the IRI of a thing to the document about it.

    The document's format is that of a suffix to the IRI, else the one that Accept likes best.
    """
    iri = _described(site().addresses.identities(path))
    stem, _, suffix = path.rpartition(".")
    if iri is None and suffix in SUFFIXES.split(","):
        iri = _described(site().addresses.identities(stem))
    else:
        suffix = ""
    if iri is None:
        raise ProblemError(404, text("web.not_found", language(), path=readable(request.path)))
    chosen = choose(DOCUMENT_FORMATS, suffix)
    response = make_response(
        redirect(site().addresses.href(iri, suffix or ("" if chosen is HTML else chosen.name)), 303)
    )
    response.headers["Link"] = ", ".join(_alternates(iri))
    response.vary.add("Accept")
    return response


@blueprint.get("/document/<path:path>")
def document(path: str) -> Response:
    """Answer with the document at a path, in the format that Accept likes best."""
    iri = _described(site().addresses.candidates(path))
    if iri is None:
        raise _nothing_about(next(site().addresses.candidates(path)))
    chosen = choose(DOCUMENT_FORMATS, request.args.get("format", ""))
    response = _document(iri, chosen)
    response.headers["Content-Location"] = site().addresses.href(iri, chosen.name)
    response.vary.add("Accept")
    return response


@blueprint.get(f"/document/<path:path>.<any({SUFFIXES}):suffix>")
def document_as(path: str, suffix: str) -> Response:
    """Answer with the document at a path in the format of a suffix."""
    if _described(site().addresses.candidates(f"{path}.{suffix}")):
        return document(f"{path}.{suffix}")
    iri = _described(site().addresses.candidates(path))
    if iri is None:
        raise _nothing_about(next(site().addresses.candidates(path)))
    return _document(iri, choose(DOCUMENT_FORMATS, suffix))


@blueprint.get("/resource")
def resource() -> Response:
    """Answer with the document about any IRI, such as one of another site that the graph mentions."""
    iri = request.args.get("iri", "")
    if _described(iter((iri,))) is None:
        raise _nothing_about(iri or "–")
    response = _document(iri, choose(DOCUMENT_FORMATS, request.args.get("format", "")))
    response.vary.add("Accept")
    return response


def _described(iris: Iterator[str]) -> str | None:
    """The first of the IRIs that the graph says something about."""
    return next((iri for iri in iris if site().is_described(iri)), None)


def _nothing_about(iri: str) -> ProblemError:
    return ProblemError(404, text("web.nothing_about", language(), iri=readable(iri)))


def _document(iri: str, chosen: Format) -> Response:
    if chosen is HTML:
        response = make_response(render_template("document.html", page=entity_page(iri)))
    else:
        graph = site().graph
        quads = excerpt(graph.store, iri, with_sources=chosen.keeps_graphs)
        response = make_response(dump(as_it_stood(quads), chosen.name, graph.prefixes))
        response.content_type = media_type(chosen)
    response.headers["Link"] = ", ".join((*_alternates(iri), f'<{_ascii(iri)}>; rel="describes"'))
    return response


def _alternates(iri: str) -> Iterator[str]:
    """Link values that name the document in each format (RFC 8288)."""
    for candidate in DOCUMENT_FORMATS:
        href = _ascii(site().addresses.href(iri, candidate.name))
        yield f'<{href}>; rel="alternate"; type="{candidate.media_type}"'


def _ascii(iri: str) -> str:
    """An IRI as a URI (RFC 3987 §3.1): a header holds nothing else."""
    if iri.isascii() and not _NOT_IN_HEADER.search(iri):
        return iri
    return "".join(
        c if c.isascii() and c not in '<> "' else "".join(f"%{b:02X}" for b in c.encode()) for c in iri
    )
