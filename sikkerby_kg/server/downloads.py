"""Everything to take home: the whole dataset and each graph in every RDF format, listed on one page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request, url_for
from pyoxigraph import NamedNode, Quad

from sikkerby_kg.dump import dump
from sikkerby_kg.formats import RDF_FORMATS, Format
from sikkerby_kg.server.excerpt import sources_of
from sikkerby_kg.server.files_as_of import as_it_stood, dated_name, note_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import choose, media_type
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import SPARQL, readable
from sikkerby_kg.statistics import graph_sizes
from sikkerby_kg.texts import text

blueprint = Blueprint("downloads", __name__)

SUFFIXES = ",".join(candidate.name for candidate in RDF_FORMATS)
_GRAPH = "SELECT ?s ?p ?o {{ GRAPH {graph} {{ ?s ?p ?o }} }}"


@dataclass(frozen=True, slots=True)
class Link:
    """A file to download."""

    text: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Row:
    """One graph: what it is called, how many statements it holds, and its files."""

    graph: Shown
    count: int
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class DownloadsPage:
    """What the template gets."""

    everything: Sequence[tuple[Link, str]]
    descriptions: Sequence[Link]
    graphs: Sequence[Row]


@blueprint.get("/downloads")
def downloads() -> str:
    """Show what can be downloaded."""
    sizes = graph_sizes(site().graph.store)
    show = Show()
    show.prefetch(sizes)
    rows = [Row(show.iri(graph), count, list(_of_graph(graph))) for graph, count in sizes.items()]
    page = DownloadsPage(
        everything=list(_everything()),
        descriptions=list(_descriptions()),
        graphs=sorted(rows, key=lambda row: alphabetical(row.graph.text)),
    )
    return render_template("downloads.html", page=page)


@blueprint.get(f"/dataset.<any({SUFFIXES}):suffix>")
def dataset(suffix: str) -> Response:
    """Answer with all statements, in their graphs where the format holds graphs."""
    quads = as_it_stood(site().graph.store.quads())
    return _file([*quads, *note_of()], choose(RDF_FORMATS, suffix), "dataset")


@blueprint.get(f"/graph.<any({SUFFIXES}):suffix>")
def graph(suffix: str) -> Response:
    """Answer with the graph named by ``iri``, and with its sources in formats that hold graphs."""
    iri = request.args.get("iri", "")
    chosen = choose(RDF_FORMATS, suffix)
    quads = set(_quads(iri))
    if not quads:
        raise ProblemError(404, text("web.no_graph", language(), iri=readable(iri) or "–"))
    quads = set(as_it_stood(quads))
    if chosen.keeps_graphs:
        quads |= sources_of(site().graph.store, [iri])
    return _file(quads, chosen, "graph")


def _quads(iri: str) -> Iterator[Quad]:
    """The statements of a graph; none for what is no IRI."""
    try:
        name = NamedNode(iri)
    except ValueError:
        return
    for s, p, o in site().graph.store.evaluate(_GRAPH.format(graph=name)).solutions():
        yield Quad(s, p, o, name)


def _file(quads: Iterable[Quad], chosen: Format, name: str) -> Response:
    response = make_response(dump(quads, chosen.name, site().graph.prefixes))
    response.content_type = media_type(chosen)
    response.headers["Content-Disposition"] = f'attachment; filename="{dated_name(name)}.{chosen.name}"'
    return response


def _everything() -> Iterator[tuple[Link, str]]:
    for candidate in RDF_FORMATS:
        href = url_for("downloads.dataset", suffix=candidate.name)
        note = text("web.with_sources" if candidate.keeps_graphs else "web.without_sources", language())
        yield Link(f"dataset.{candidate.name}", href, candidate.media_type), note


def _descriptions() -> Iterator[Link]:
    turtle = RDF_FORMATS[0].media_type
    yield Link(
        text("web.service_description", language()), f"{request.script_root}{SPARQL}?format=ttl", turtle
    )
    yield Link("VoID", url_for("catalog.void"), turtle)
    yield Link("DCAT-AP-DK", url_for("catalog.record"), turtle)
    yield Link(text("web.saved_queries", language()), url_for("catalog.examples"), turtle)


def _of_graph(iri: str) -> Iterator[Link]:
    for candidate in RDF_FORMATS:
        href = url_for("downloads.graph", suffix=candidate.name, iri=iri)
        yield Link(candidate.name, href, candidate.media_type)
