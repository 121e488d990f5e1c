"""What the content says about itself to machines: VoID, prefixes and saved queries, with computed numbers.

``description_of`` depends on the content alone, and is part of the graph; ``offer_of`` adds where it is
served: service description (SPARQL 1.1 SD), DCAT-AP-DK catalogue, distributions and dumps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from sikkerby_kg.about import About
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.headers import MARK
from sikkerby_kg.namespaces import (
    DCAT,
    DCT,
    FOAF,
    MODEL,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SD,
    SH,
    SIK,
    SKOS,
    VOID,
    XSD,
    shrink,
)
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.statistics import Statistics
from sikkerby_kg.texts import LANGUAGES, text

DERIVED = MODEL.removesuffix("model/") + "concept/origin/derived"
"""The origin of the description: it is computed from everything else."""

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

_EXECUTABLE = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
}
_DATATYPES = {
    "date": XSD.date,
    "dateTime": XSD.dateTime,
    "year": XSD.gYear,
    "string": XSD.string,
    "language": XSD.string,
    "integer": XSD.integer,
    "decimal": XSD.decimal,
    "boolean": XSD.boolean,
}

Term = NamedNode | Literal


@dataclass(frozen=True, slots=True)
class Places:
    """Where the content is served: absolute addresses."""

    home: str
    endpoint: str

    def dump(self, candidate: Format) -> str:
        """The address of everything in a format."""
        return f"{self.home}dataset.{candidate.name}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on queries of readers: its name, its value and its unit in the words of the settings."""

    name: str
    value: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Described:
    """What a description is made from."""

    about: About
    prefixes: Mapping[str, str]
    declared: frozenset[str]
    queries: Sequence[SavedQuery]
    statistics: Statistics


def graph_name(about: About) -> str:
    """The IRI of the graph that holds the description."""
    return about.base + "dataset/description"


def description_of(content: Described) -> Iterator[Triple]:
    """The description of a content, wherever it is served."""
    yield from _graph(content.about)
    yield from _prefixes(content)
    yield from _numbers(content)
    for query in content.queries:
        yield from _saved_query(content.about, query)


def service_of(content: Described, places: Places, limits: Iterable[Limit]) -> Iterator[Triple]:
    """The service description (SPARQL 1.1 SD §3), with the prefixes that may be used and the limits."""
    yield from _service(content, places, limits)
    yield from _prefixes(content, everything=True)


def record_of(content: Described, places: Places, publisher: tuple[str, str]) -> Iterator[Triple]:
    """The catalogue record of DCAT-AP-DK; ``publisher`` is the IRI and name of who answers for it."""
    yield from _catalogue(content.about, places, publisher)
    yield from _distributions(content.about, places)


def dataset_of(content: Described, places: Places) -> Iterator[Triple]:
    """The description of VoID with its partitions, and where everything can be had."""
    document = places.home + ".well-known/void"
    yield from _say(
        document, (RDF.type, _iri(VOID.DatasetDescription)), (FOAF.primaryTopic, _iri(content.about.iri))
    )
    yield from _say(
        content.about.iri,
        (RDF.type, _iri(VOID.Dataset)),
        (VOID.uriSpace, Literal(content.about.base)),
        *((DCT.title, Literal(said, language=lang)) for lang, said in content.about.title.items() if lang),
        *([(DCT.license, _iri(content.about.license))] if content.about.license else []),
        *((VOID.vocabulary, _iri(ns)) for ns in _vocabularies(content)),
    )
    yield from _numbers(content)
    yield from _distributions(content.about, places)


def examples_of(content: Described, places: Places) -> Iterator[Triple]:
    """The saved queries as SHACL executables that name the endpoint, with the prefixes."""
    yield from _prefixes(content, everything=True)
    for query in content.queries:
        yield from _saved_query(content.about, query)
        yield from _say(f"{content.about.base}query/{query.name}", (SCHEMA.target, _iri(places.endpoint)))


# --- Of the content ---------------------------------------------------------------------------


def _graph(about: About) -> Iterator[Triple]:
    yield from _say(
        graph_name(about),
        (RDF.type, _iri(SIK.StatementGraph)),
        (DCT.type, _iri(DERIVED)),
        (PROV.wasDerivedFrom, _iri(about.iri)),
        *_in_languages(SKOS.prefLabel, "catalog.graph"),
        *_in_languages(DCT.description, "catalog.graph_description"),
    )


def _prefixes(content: Described, *, everything: bool = False) -> Iterator[Triple]:
    """The prefixes as SHACL declares them; those of the content itself only if everything is wanted."""
    for prefix, namespace in sorted(content.prefixes.items()):
        if prefix in content.declared and not everything:
            continue
        declaration = f"{content.about.base}dataset/prefix/{prefix}"
        yield from _say(content.about.iri, (SH.declare, _iri(declaration)))
        yield from _say(
            declaration,
            (RDF.type, _iri(SH.PrefixDeclaration)),
            (SH.prefix, Literal(prefix)),
            (SH.namespace, _typed(namespace, XSD.anyURI)),
        )


def _vocabularies(content: Described) -> Iterator[str]:
    """The namespaces of the properties and classes that are used."""
    used = (*content.statistics.properties, *content.statistics.classes)
    for namespace in sorted(set(content.prefixes.values())):
        if any(iri.startswith(namespace) for iri in used):
            yield namespace


def _numbers(content: Described) -> Iterator[Triple]:
    """The partitions of VoID §4.4, by property, by class, and by property within a class."""
    about, found = content.about, content.statistics
    part = f"{about.base}dataset/partition/"
    yield from _say(
        about.iri,
        (VOID.triples, _number(found.all.triples)),
        (VOID.distinctSubjects, _number(found.all.subjects)),
        (VOID.distinctObjects, _number(found.all.objects)),
        (VOID.properties, _number(len(found.properties))),
        (VOID.classes, _number(len(found.classes))),
    )
    for name, count in found.properties.items():
        node = part + "property/" + _slug(name, content.prefixes)
        yield from _say(about.iri, (VOID.propertyPartition, _iri(node)))
        yield from _say(
            node,
            (VOID.property, _iri(name)),
            (VOID.triples, _number(count.triples)),
            (VOID.distinctSubjects, _number(count.subjects)),
            (VOID.distinctObjects, _number(count.objects)),
        )
    for kind, number in found.classes.items():
        node = part + "class/" + _slug(kind, content.prefixes)
        yield from _say(about.iri, (VOID.classPartition, _iri(node)))
        yield from _say(node, (_CLASS, _iri(kind)), (VOID.entities, _number(number)))
        yield from _uses(content, node, kind)


def _uses(content: Described, node: str, kind: str) -> Iterator[Triple]:
    for name, use in content.statistics.uses.get(kind, {}).items():
        inner = f"{node}/property/{_slug(name, content.prefixes)}"
        yield from _say(node, (VOID.propertyPartition, _iri(inner)))
        yield from _say(inner, (VOID.property, _iri(name)), (VOID.triples, _number(use.triples)))
        for other, number in use.targets.items():
            innermost = f"{inner}/class/{_slug(other, content.prefixes)}"
            yield from _say(inner, (VOID.classPartition, _iri(innermost)))
            yield from _say(innermost, (_CLASS, _iri(other)), (VOID.triples, _number(number)))


def _saved_query(about: About, query: SavedQuery) -> Iterator[Triple]:
    iri = f"{about.base}query/{query.name}"
    if query.form not in _EXECUTABLE:  # SHACL has no word for DESCRIBE
        return
    kind, property_of_text = _EXECUTABLE[query.form]
    yield from _say(
        iri,
        (RDF.type, _iri(SH.SPARQLExecutable)),
        (RDF.type, _iri(kind)),
        (property_of_text, Literal(without_header(query.text))),
        (SH.prefixes, _iri(about.iri)),
        *((RDFS.label, Literal(said, language=lang)) for lang, said in query.title.items()),
        *((RDFS.comment, Literal(said, language=lang)) for lang, said in query.question.items()),
        *((DCT.description, Literal(said, language=lang)) for lang, said in query.description.items()),
        *((SCHEMA.keywords, Literal(tag)) for tag in query.tags),
    )
    for order, parameter in enumerate(query.parameters):
        node = f"{iri}/parameter/{parameter.name}"
        datatype = _DATATYPES.get(parameter.type)
        yield from _say(iri, (SH.parameter, _iri(node)))
        yield from _say(
            node,
            (RDF.type, _iri(SH.Parameter)),
            (SH.path, _iri(f"{about.base}query-parameter/{parameter.name}")),
            (SH.order, _number(order)),
            (SH.optional, _typed(str(not parameter.required).lower(), XSD.boolean)),
            (SH.datatype, _iri(datatype)) if datatype else (SH.nodeKind, _iri(SH.IRI)),
            *((SH.name, Literal(said, language=lang)) for lang, said in parameter.label.items()),
        )
        if parameter.default is not None:
            default = parameter.term(parameter.default, parameter.prefixes or {})
            yield from _say(node, (SH.defaultValue, default))


# --- Of the place -----------------------------------------------------------------------------


def _service(content: Described, places: Places, limits: Iterable[Limit]) -> Iterator[Triple]:
    """The service description (SPARQL 1.1 SD §3), with the limits on queries."""
    service, dataset = places.endpoint + "#service", places.endpoint + "#dataset"
    yield from _say(
        service,
        (RDF.type, _iri(SD.Service)),
        (SD.endpoint, _iri(places.endpoint)),
        (SD.supportedLanguage, _iri(SD.SPARQL11Query)),
        (SD.feature, _iri(SD.UnionDefaultGraph)),
        (SD.defaultEntailmentRegime, _iri(SIMPLE)),
        (SD.defaultDataset, _iri(dataset)),
        *((SD.resultFormat, _iri(W3C_FORMATS + _OF_W3C[f.name])) for f in (*RESULT_FORMATS, *RDF_FORMATS)),
    )
    yield from _say(dataset, (RDF.type, _iri(SD.Dataset)), (SD.defaultGraph, _iri(dataset + "-default")))
    total = content.statistics.all.triples
    yield from _say(dataset + "-default", (RDF.type, _iri(SD.Graph)), (VOID.triples, _number(total)))
    for index, (name, number) in enumerate(content.statistics.graphs.items(), start=1):
        named = f"{places.endpoint}#graph-{index}"
        yield from _say(dataset, (SD.namedGraph, _iri(named)))
        yield from _say(
            named,
            (RDF.type, _iri(SD.NamedGraph)),
            (SD.name, _iri(name)),
            (SD.graph, _iri(named + "-content")),
        )
        yield from _say(named + "-content", (RDF.type, _iri(SD.Graph)), (VOID.triples, _number(number)))
    for limit in limits:
        node = f"{places.endpoint}#limit-{limit.name}"
        yield from _say(service, (SCHEMA.additionalProperty, _iri(node)))
        yield from _say(
            node,
            (RDF.type, _iri(SCHEMA.PropertyValue)),
            (SCHEMA.name, Literal(limit.name)),
            (SCHEMA.value, Literal(limit.value)),
            (SCHEMA.unitText, Literal(limit.meaning, language="en")),
        )


def _catalogue(about: About, places: Places, publisher: tuple[str, str]) -> Iterator[Triple]:
    """The catalogue record of DCAT-AP-DK: a catalogue with one dataset, and the service that serves it."""
    catalogue, service = places.home + "catalog#catalog", places.endpoint + "#service"
    agent, name = publisher
    titles = [(DCT.title, Literal(said, language=lang)) for lang, said in about.title.items() if lang]
    said = [(DCT.description, Literal(t, language=lang)) for lang, t in about.description.items() if lang]
    license_ = [(DCT.license, _iri(about.license))] if about.license else []
    yield from _say(
        catalogue,
        (RDF.type, _iri(DCAT.Catalog)),
        *titles,
        *said,
        *license_,
        (DCT.publisher, _iri(agent)),
        (FOAF.homepage, _iri(places.home)),
        (DCAT.dataset, _iri(about.iri)),
        (DCAT.service, _iri(service)),
    )
    yield from _say(agent, (RDF.type, _iri(FOAF.Agent)), (FOAF.name, Literal(name)))
    yield from _say(
        about.iri,
        (RDF.type, _iri(DCAT.Dataset)),
        (RDF.type, _iri(VOID.Dataset)),
        *titles,
        *said,
        *license_,
        (DCT.publisher, _iri(agent)),
        (DCT.identifier, Literal(about.iri)),
        (DCAT.landingPage, _iri(places.home)),
    )
    yield from _say(
        service,
        (RDF.type, _iri(DCAT.DataService)),
        *((DCT.title, Literal(f"SPARQL: {t.value}", language=t.language)) for _, t in titles),
        *license_,
        (DCT.publisher, _iri(agent)),
        (DCAT.endpointURL, _iri(places.endpoint)),
        (DCAT.endpointDescription, _iri(places.home + "openapi.json")),
        (DCAT.servesDataset, _iri(about.iri)),
        (DCT.conformsTo, _iri("https://www.w3.org/TR/sparql11-protocol/")),
    )


def _distributions(about: About, places: Places) -> Iterator[Triple]:
    yield from _say(about.iri, (VOID.sparqlEndpoint, _iri(places.endpoint)))
    license_ = [(DCT.license, _iri(about.license))] if about.license else []
    for candidate in RDF_FORMATS:
        address = places.dump(candidate)
        node = address + "#distribution"
        yield from _say(
            about.iri,
            (DCAT.distribution, _iri(node)),
            (VOID.dataDump, _iri(address)),
            (VOID.feature, _iri(W3C_FORMATS + _OF_W3C[candidate.name])),
        )
        yield from _say(
            node,
            (RDF.type, _iri(DCAT.Distribution)),
            *(
                (DCT.title, Literal(f"{t} ({candidate.name})", language=lang))
                for lang, t in about.title.items()
            ),
            *license_,
            (DCAT.accessURL, _iri(address)),
            (DCAT.downloadURL, _iri(address)),
            (DCAT.mediaType, _iri(IANA + candidate.media_type)),
            (DCT.format, _iri(W3C_FORMATS + _OF_W3C[candidate.name])),
        )


def without_header(text_: str) -> str:
    """A query without the header of its file: what is left is what one would type."""
    return "\n".join(line for line in text_.split("\n") if not line.startswith(MARK)).strip() + "\n"


# --- Terms ------------------------------------------------------------------------------------

_CLASS = str(VOID) + "class"  # a keyword of Python


def _say(subject: str, *pairs: tuple[str, Term]) -> Iterator[Triple]:
    node = NamedNode(subject)
    return (Triple(node, NamedNode(name), value) for name, value in pairs)


def _in_languages(name: str, key: str) -> Iterator[tuple[str, Term]]:
    return ((name, Literal(text(key, lang), language=lang)) for lang in LANGUAGES)


def _iri(iri: str) -> NamedNode:
    return NamedNode(iri)


def _typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(datatype))


def _number(value: int) -> Literal:
    return Literal(value)


def _slug(iri: str, prefixes: Mapping[str, str]) -> str:
    """An IRI as a part of another one: its CURIE with a dash, or all of it quoted."""
    short = shrink(iri, prefixes)
    return quote(iri, safe="") if short == iri else quote(short.replace(":", "-", 1), safe="-.")
