"""What a thing is directly connected with: as data for a drawing, and the same as a page with a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from pyoxigraph import NamedNode

from sikkerby_kg.formats import Format
from sikkerby_kg.namespaces import RDF, RDFS
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import later, left_out_things
from sikkerby_kg.server.negotiation import HTML, choose
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import readable
from sikkerby_kg.texts import text

blueprint = Blueprint("neighbourhood", __name__)

MOST = 300
"""Things that are shown, the one in the middle included."""

STYLES = 8
"""Kinds that have a shape and a colour of their own; the others share the last one."""

JSON = Format("json", "application/json", ())

_HIDDEN = f"<{RDF.type}>, <{RDFS.isDefinedBy}>"
_AROUND = f"""SELECT DISTINCT ?from ?name ?to WHERE {{{{
  {{{{ {{thing}} ?name ?to . FILTER(isIRI(?to)) BIND({{thing}} AS ?from) }}}}
  UNION {{{{ ?from ?name {{thing}} . FILTER(isIRI(?from)) BIND({{thing}} AS ?to) }}}}
  FILTER(?name NOT IN ({_HIDDEN}) && ?from != ?to)
}}}}"""
_AMONG = f"""SELECT DISTINCT ?from ?name ?to WHERE {{{{
  VALUES ?from {{{{ {{things}} }}}}
  ?from ?name ?to . FILTER(?to IN ({{listed}}) && ?name NOT IN ({_HIDDEN}) && ?from != ?to)
}}}}"""
_KINDS = f"""SELECT DISTINCT ?thing ?kind WHERE {{{{
  VALUES ?thing {{{{ {{things}} }}}} ?thing <{RDF.type}> ?kind FILTER(isIRI(?kind))
}}}}"""

Edge = tuple[str, str, str]
"""From, property, to."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing beside another: how they are connected, in words of the properties, from it and to it."""

    iri: str
    shown: Shown
    outgoing: Sequence[Shown]
    incoming: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class KindOfNeighbours:
    """Neighbours of one kind; ``style`` is the number of their shape and colour."""

    label: Shown
    style: int
    neighbours: Sequence[Neighbour]


@dataclass(frozen=True, slots=True)
class NeighbourhoodPage:
    """What the template gets. ``left_out`` counts the neighbours that are not shown.

    ``notes`` say how many came only after the date of the page.
    """

    iri: str
    middle: Shown
    style: int
    kinds: Sequence[KindOfNeighbours]
    edges: Sequence[Edge]
    left_out: int
    data: str
    notes: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many neighbours are shown."""
        return sum(len(kind.neighbours) for kind in self.kinds)


@blueprint.get("/neighbourhood")
def neighbourhood() -> Response:
    """Answer with what a thing is connected with, as a page or as JSON."""
    iri = request.args.get("iri", "")
    if not site().is_described(iri):
        raise ProblemError(404, text("web.nothing_about", language(), iri=readable(iri or "–")))
    chosen = choose((HTML, JSON), request.args.get("format", ""))
    page = _page(iri)
    response = (
        make_response(render_template("neighbourhood.html", page=page)) if chosen is HTML else _data(page)
    )
    response.vary.add("Accept")
    return response


def _page(iri: str) -> NeighbourhoodPage:
    every = _edges(_AROUND.format(thing=NamedNode(iri)))
    unknown = later() - {iri} if iri not in later() else frozenset()  # of what is to come all is shown
    around = [edge for edge in every if not unknown & {*edge}]
    missing = {end for edge in every for end in (edge[0], edge[2]) if end in unknown}
    others = list(dict.fromkeys(end for edge in around for end in (edge[0], edge[2]) if end != iri))
    show = Show()
    show.prefetch([iri, *others, *(name for _, name, _ in around)])
    others.sort(key=lambda other: (alphabetical(show.label(other).text), other))
    shown = others[: MOST - 1]
    edges = sorted({edge for edge in around if {edge[0], edge[2]} <= {iri, *shown}} | _among(shown))
    show.prefetch(name for _, name, _ in edges)
    kinds = _kinds([iri, *shown])
    grouped: dict[str, list[str]] = {}
    for other in shown:
        grouped.setdefault(kinds.get(other, ""), []).append(other)
    ordered = sorted(grouped, key=lambda kind: (not kind, -len(grouped[kind]), kind))
    styles = {kind: min(number, STYLES - 1) for number, kind in enumerate(ordered)}
    style = styles.get(kinds.get(iri, ""), min(len(styles), STYLES - 1))
    unnamed = Shown(text("web.neighbourhood.other", language()))
    return NeighbourhoodPage(
        iri=iri,
        middle=show.local(iri),
        style=style,
        kinds=[
            KindOfNeighbours(
                show.kind(kind) if kind else unnamed,
                styles[kind],
                [_neighbour(other, around, show) for other in grouped[kind]],
            )
            for kind in ordered
        ],
        edges=edges,
        left_out=len(others) - len(shown),
        data=url_for("neighbourhood.neighbourhood", iri=iri, format=JSON.name),
        notes=left_out_things(len(missing)),
    )


def _neighbour(iri: str, around: Iterable[Edge], show: Show) -> Neighbour:
    return Neighbour(
        iri,
        show.local(iri),
        [show.property(name) for start, name, end in around if end == iri],
        [show.property(name) for start, name, end in around if start == iri],
    )


def _edges(query: str) -> list[Edge]:
    found = site().graph.store.evaluate(query).solutions()
    return sorted((start.value, name.value, end.value) for start, name, end in found)


def _among(iris: Sequence[str]) -> set[Edge]:
    """How some things are connected with each other."""
    nodes = [str(NamedNode(iri)) for iri in iris]
    query = _AMONG.format(things=" ".join(nodes), listed=", ".join(nodes))
    return set(_edges(query)) if nodes else set()


def _kinds(iris: Sequence[str]) -> Mapping[str, str]:
    """What each thing is: of several classes the one with the fewest members, which says most."""
    counted = site().kinds.direct
    query = _KINDS.format(things=" ".join(str(NamedNode(iri)) for iri in iris))
    found: dict[str, str] = {}
    for thing, kind in site().graph.store.evaluate(query).solutions():
        known = found.get(thing.value)
        if known is None or (counted.get(kind.value, 0), kind.value) < (counted.get(known, 0), known):
            found[thing.value] = kind.value
    return found


def _data(page: NeighbourhoodPage) -> Response:
    show = Show()
    middle = {"iri": page.iri, "label": page.middle.text, "href": page.middle.href, "style": page.style}
    others = [
        {
            "iri": neighbour.iri,
            "label": neighbour.shown.text,
            "href": neighbour.shown.href,
            "style": kind.style,
        }
        for kind in page.kinds
        for neighbour in kind.neighbours
    ]
    edges = [{"from": start, "label": show.label(name).text, "to": end} for start, name, end in page.edges]
    return jsonify({"middle": page.iri, "nodes": [middle, *others], "edges": edges, "leftOut": page.left_out})
