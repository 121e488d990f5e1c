"""What is offered where the content is served: service description, catalogue record, dumps, examples."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, Triple

from sikkerby_kg.about import About
from sikkerby_kg.catalog import Described, numbers_of, prefixes_of, query_of, vocabularies_of
from sikkerby_kg.dialect import Dialect
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.namespaces import DCAT, DCT, FOAF, RDF, SCHEMA, SD, VOID
from sikkerby_kg.triples import integer, resource, say

W3C_FORMATS = "http://www.w3.org/ns/formats/"
IANA = "https://www.iana.org/assignments/media-types/"
SIMPLE = "http://www.w3.org/ns/entailment/Simple"

_OF_W3C = {
    "ttl": "Turtle",
    "trig": "TriG",
    "jsonld": "JSON-LD",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "rdf": "RDF_XML",
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}
"""The formats as https://www.w3.org/ns/formats/ names them."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the content is served: absolute addresses."""

    home: str
    endpoint: str

    def dump(self, candidate: Format) -> str:
        """The address of everything in a format."""
        return f"{self.home}dataset.{candidate.name}"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who answers for the content, and what they are called in each language."""

    iri: str
    names: Collection[Literal]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on queries of readers: its name, its value and its unit in the words of the settings."""

    name: str
    value: int | float
    meaning: str


def service_of(
    content: Described, places: Places, limits: Iterable[Limit], dialect: Dialect
) -> Iterator[Triple]:
    """The service description (SPARQL 1.1 SD §3), with the prefixes that may be used and the limits."""
    yield from _service(content, places, limits)
    yield from _language(places, dialect)
    yield from prefixes_of(content.about, content.prefixes)


def record_of(content: Described, places: Places, publisher: Publisher) -> Iterator[Triple]:
    """The catalogue record of DCAT-AP-DK."""
    yield from _catalogue(content.about, places, publisher)
    yield from _distributions(content.about, places)


def dataset_of(content: Described, places: Places) -> Iterator[Triple]:
    """The description of VoID with its partitions, and where everything can be had."""
    document = places.home + ".well-known/void"
    yield from say(
        document,
        (RDF.type, resource(VOID.DatasetDescription)),
        (FOAF.primaryTopic, resource(content.about.iri)),
    )
    yield from say(
        content.about.iri,
        (RDF.type, resource(VOID.Dataset)),
        (VOID.uriSpace, Literal(content.about.base)),
        *((DCT.title, Literal(said, language=lang)) for lang, said in content.about.title.items() if lang),
        *([(DCT.license, resource(content.about.license))] if content.about.license else []),
        *((VOID.vocabulary, resource(ns)) for ns in vocabularies_of(content)),
    )
    yield from numbers_of(content)
    yield from _distributions(content.about, places)


def examples_of(content: Described, places: Places) -> Iterator[Triple]:
    """The saved queries as SHACL executables that name the endpoint, with the prefixes."""
    yield from prefixes_of(content.about, content.prefixes)
    for query in content.queries:
        yield from query_of(content.about, query)
        yield from say(f"{content.about.base}query/{query.name}", (SCHEMA.target, resource(places.endpoint)))


def _service(content: Described, places: Places, limits: Iterable[Limit]) -> Iterator[Triple]:
    """The service description (SPARQL 1.1 SD §3), with the limits on queries."""
    service, dataset = places.endpoint + "#service", places.endpoint + "#dataset"
    yield from say(
        service,
        (RDF.type, resource(SD.Service)),
        (SD.endpoint, resource(places.endpoint)),
        (SD.feature, resource(SD.UnionDefaultGraph)),
        (SD.defaultEntailmentRegime, resource(SIMPLE)),
        (SD.defaultDataset, resource(dataset)),
        *(
            (SD.resultFormat, resource(W3C_FORMATS + _OF_W3C[f.name]))
            for f in (*RESULT_FORMATS, *RDF_FORMATS)
        ),
    )
    yield from say(
        dataset, (RDF.type, resource(SD.Dataset)), (SD.defaultGraph, resource(dataset + "-default"))
    )
    total = content.statistics.all.triples
    yield from say(dataset + "-default", (RDF.type, resource(SD.Graph)), (VOID.triples, integer(total)))
    for index, (name, number) in enumerate(content.statistics.graphs.items(), start=1):
        named = f"{places.endpoint}#graph-{index}"
        yield from say(dataset, (SD.namedGraph, resource(named)))
        yield from say(
            named,
            (RDF.type, resource(SD.NamedGraph)),
            (SD.name, resource(name)),
            (SD.graph, resource(named + "-content")),
        )
        yield from say(named + "-content", (RDF.type, resource(SD.Graph)), (VOID.triples, integer(number)))
    for limit in limits:
        node = f"{places.endpoint}#limit-{limit.name}"
        yield from say(service, (SCHEMA.additionalProperty, resource(node)))
        yield from say(
            node,
            (RDF.type, resource(SCHEMA.PropertyValue)),
            (SCHEMA.name, Literal(limit.name)),
            (SCHEMA.value, Literal(limit.value)),
            (SCHEMA.unitText, Literal(limit.meaning, language="en")),
        )


def _language(places: Places, dialect: Dialect) -> Iterator[Triple]:
    """What may be asked: the language as versions 1.1 and 1.2 of the description name it, and functions."""
    yield from say(
        places.endpoint + "#service",
        (SD.supportedLanguage, resource(SD.SPARQL11Query)),
        (SD.supportedLanguage, resource(SD.SPARQLQuery)),
        *([(SD.feature, resource(SD.BasicFederatedQuery))] if dialect.federated else []),
        *((SD.supportedVersion, resource(version)) for version in dialect.versions),
        *((SD.extensionFunction, resource(function)) for function in dialect.functions),
    )
    for function in dialect.functions:
        yield from say(function, (RDF.type, resource(SD.Function)))


def _catalogue(about: About, places: Places, publisher: Publisher) -> Iterator[Triple]:
    """The catalogue record of DCAT-AP-DK: a catalogue with one dataset, and the service that serves it."""
    catalogue, service = places.home + "catalog#catalog", places.endpoint + "#service"
    agent = publisher.iri
    titles = [(DCT.title, Literal(said, language=lang)) for lang, said in about.title.items() if lang]
    said = [(DCT.description, Literal(t, language=lang)) for lang, t in about.description.items() if lang]
    license_ = [(DCT.license, resource(about.license))] if about.license else []
    yield from say(
        catalogue,
        (RDF.type, resource(DCAT.Catalog)),
        *titles,
        *said,
        *license_,
        (DCT.publisher, resource(agent)),
        (FOAF.homepage, resource(places.home)),
        (DCAT.dataset, resource(about.iri)),
        (DCAT.service, resource(service)),
    )
    yield from say(agent, (RDF.type, resource(FOAF.Agent)), *((FOAF.name, name) for name in publisher.names))
    yield from say(
        about.iri,
        (RDF.type, resource(DCAT.Dataset)),
        (RDF.type, resource(VOID.Dataset)),
        *titles,
        *said,
        *license_,
        (DCT.publisher, resource(agent)),
        (DCT.identifier, Literal(about.iri)),
        (DCAT.landingPage, resource(places.home)),
    )
    yield from say(
        service,
        (RDF.type, resource(DCAT.DataService)),
        *((DCT.title, Literal(f"SPARQL: {t.value}", language=t.language)) for _, t in titles),
        *license_,
        (DCT.publisher, resource(agent)),
        (DCAT.endpointURL, resource(places.endpoint)),
        (DCAT.endpointDescription, resource(places.home + "openapi.json")),
        (DCAT.servesDataset, resource(about.iri)),
        (DCT.conformsTo, resource("https://www.w3.org/TR/sparql11-protocol/")),
    )


def _distributions(about: About, places: Places) -> Iterator[Triple]:
    yield from say(about.iri, (VOID.sparqlEndpoint, resource(places.endpoint)))
    license_ = [(DCT.license, resource(about.license))] if about.license else []
    for candidate in RDF_FORMATS:
        address = places.dump(candidate)
        node = address + "#distribution"
        yield from say(
            about.iri,
            (DCAT.distribution, resource(node)),
            (VOID.dataDump, resource(address)),
            (VOID.feature, resource(W3C_FORMATS + _OF_W3C[candidate.name])),
        )
        yield from say(
            node,
            (RDF.type, resource(DCAT.Distribution)),
            *(
                (DCT.title, Literal(f"{t} ({candidate.name})", language=lang))
                for lang, t in about.title.items()
            ),
            *license_,
            (DCAT.accessURL, resource(address)),
            (DCAT.downloadURL, resource(address)),
            (DCAT.mediaType, resource(IANA + candidate.media_type)),
            (DCT.format, resource(W3C_FORMATS + _OF_W3C[candidate.name])),
        )
