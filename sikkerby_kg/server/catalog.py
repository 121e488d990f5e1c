"""What the service says about itself to machines: service description, VoID, DCAT and example queries."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, request, url_for
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from sikkerby_kg import offer
from sikkerby_kg.about import About
from sikkerby_kg.catalog import Described
from sikkerby_kg.dialect import dialect_of
from sikkerby_kg.errors import ContentError
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCAT, DCT
from sikkerby_kg.offer import Limit, Places, Publisher
from sikkerby_kg.server.negotiation import choose, media_type, say_where
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.settings import SETTINGS
from sikkerby_kg.statistics import statistics_of
from sikkerby_kg.texts import LANGUAGES
from sikkerby_kg.writing import write_rdf

blueprint = Blueprint("catalog", __name__)

LIMITS: tuple[str, ...] = ("query_seconds", "query_megabytes", "query_length", "query_depth", "result_rows")
LIMITS += ("result_megabytes", "workers", "queue", "slow_after")
LIMITS += ("connections", "client_seconds", "waiting_megabytes")
LIMITS += ("validate_megabytes", "validate_seconds", "validations")
"""The settings that limit readers and their queries: the one list that every announcement is made from."""

SUFFIXES = ",".join(candidate.name for candidate in RDF_FORMATS)
_PUBLISHER = f"SELECT ?publisher {{ {{dataset}} <{DCT.publisher}> ?publisher }} ORDER BY ?publisher LIMIT 1"


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Answer with the VoID description of the dataset (VoID §7.2)."""
    return _answer(offer.dataset_of(described(), places()))


@blueprint.get("/.well-known/sparql-examples")
def examples() -> Response:
    """Answer with the saved queries, as editors of SPARQL read them."""
    return _answer(offer.examples_of(described(), places()))


@blueprint.get("/catalog")
def record() -> Response:
    """Answer with the catalogue record of DCAT-AP-DK."""
    return _answer(_record())


@blueprint.get(f"/catalog.<any({SUFFIXES}):suffix>")
def record_as(suffix: str) -> Response:
    """Answer with the catalogue record in the format of a suffix."""
    return _answer(_record(), suffix)


def _record() -> Iterator[Triple]:
    """The record with everything that the content says of itself in the terms of DCAT and Dublin Core."""
    content = described()
    said = site().graph.store.evaluate(f"CONSTRUCT WHERE {{ {NamedNode(content.about.iri)} ?p ?o }}")
    yield from (
        triple
        for triple in said.triples()
        if triple.predicate.value.startswith((str(DCT), str(DCAT)))
        and not isinstance(triple.object, BlankNode)
    )
    yield from offer.record_of(content, places(), _publisher())


def service_description() -> Response:
    """The description of the endpoint, in the RDF format that is asked for. Raises ProblemError (406)."""
    graph = site().graph
    dialect = dialect_of(graph.store, federated=bool(graph.services))
    return _answer(offer.service_of(described(), places(), limits(), dialect))


def places() -> Places:
    """Where the site is, as readers see it: the public address if there is one, else the one asked for."""
    public = site().graph.settings.public_url.rstrip("/")
    home = public if urlsplit(public).scheme else request.url_root.rstrip("/")
    return Places(home + "/", home + SPARQL)


def limits() -> Iterable[Limit]:
    """The limits on queries of readers, in the words of the settings."""
    values: dict[str, Any] = site().graph.settings.as_dict()
    return [Limit(name, values[name], said) for name, _, said in SETTINGS if name in LIMITS]


def described() -> Described:
    """What is described; content without a record of itself is known by the address of the site."""
    graph = site().graph
    try:
        return graph.described
    except ContentError:
        about = About(places().home + "dataset", places().home, {}, {}, None)
        return Described(about, graph.prefixes, (), statistics_of(graph.store))


def _publisher() -> Publisher:
    """The publisher that the content names, else the site itself."""
    graph, about = site().graph, described().about
    itself = places().home + "#publisher"
    query = _PUBLISHER.replace("{dataset}", str(NamedNode(about.iri)))
    for (found,) in graph.store.evaluate(query).solutions():
        if isinstance(found, NamedNode):
            return Publisher(found.value, _names(partial(graph.labels.of, found.value)))
        if isinstance(found, Literal):
            return Publisher(itself, {found})
    return Publisher(itself, _names(site().name))


def _names(name: Callable[[str], Label]) -> set[Literal]:
    """What something is called in all our languages: the reader's has no say in a record for machines."""
    return {Literal(label.text, language=label.language or None) for label in map(name, LANGUAGES)}


def _answer(triples: Iterable[Triple], named: str = "") -> Response:
    """The statements in the format of a name, else in the one that Accept likes best."""
    chosen = choose(RDF_FORMATS, named or request.args.get("format", ""))
    response = make_response(write_rdf(set(triples), chosen, site().graph.prefixes))
    response.content_type = media_type(chosen)
    if not named:
        response.vary.add("Accept")
        response.headers["Link"] = f'<{url_for("catalog.void")}>; rel="describedby"'
        say_where(response, chosen, RDF_FORMATS)
    return response
