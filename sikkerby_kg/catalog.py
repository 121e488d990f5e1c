"""What the content says about itself to machines: VoID, prefixes and saved queries, with computed numbers.

All of it follows from the content alone; what depends on where that is served is in ``offer``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, Triple

from sikkerby_kg.about import About
from sikkerby_kg.headers import MARK
from sikkerby_kg.namespaces import (
    DCT,
    MODEL,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
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
from sikkerby_kg.triples import Term, integer, resource, say, typed

PROVENANCE = MODEL.removesuffix("model/") + "concept/origin/provenance"
"""The origin of the description: it says what the graph is, not what it is about."""

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


@dataclass(frozen=True, slots=True)
class Described:
    """What a description is made from."""

    about: About
    prefixes: Mapping[str, str]
    queries: Sequence[SavedQuery]
    statistics: Statistics


def graph_name(about: About) -> str:
    """The IRI of the graph that holds the description."""
    return about.base + "dataset/description"


def description_of(
    about: About, prefixes: Mapping[str, str], queries: Iterable[SavedQuery]
) -> Iterator[Triple]:
    """What stands in the graph itself: what the graph of the description is, prefixes and saved queries.

    Default values that are IRIs are left out: they would be statements about what they name.
    """
    yield from _graph(about)
    yield from prefixes_of(about, prefixes)
    for query in queries:
        for triple in query_of(about, query):
            if triple.predicate.value != SH.defaultValue or isinstance(triple.object, Literal):
                yield triple


def _graph(about: About) -> Iterator[Triple]:
    yield from say(
        graph_name(about),
        (RDF.type, resource(SIK.StatementGraph)),
        (DCT.type, resource(PROVENANCE)),
        (PROV.wasDerivedFrom, resource(about.iri)),
        *_in_languages(SKOS.prefLabel, "catalog.graph"),
        *_in_languages(DCT.description, "catalog.graph_description"),
    )


def prefixes_of(about: About, prefixes: Mapping[str, str]) -> Iterator[Triple]:
    """Prefixes as SHACL declares them."""
    for prefix, namespace in sorted(prefixes.items()):
        declaration = f"{about.base}dataset/prefix/{prefix}"
        yield from say(about.iri, (SH.declare, resource(declaration)))
        yield from say(
            declaration,
            (RDF.type, resource(SH.PrefixDeclaration)),
            (SH.prefix, Literal(prefix)),
            (SH.namespace, typed(namespace, XSD.anyURI)),
        )


def vocabularies_of(content: Described) -> Iterator[str]:
    """The namespaces of the properties and classes that are used."""
    used = (*content.statistics.properties, *content.statistics.classes)
    for namespace in sorted(set(content.prefixes.values())):
        if any(iri.startswith(namespace) for iri in used):
            yield namespace


def numbers_of(content: Described) -> Iterator[Triple]:
    """The partitions of VoID §4.4, by property, by class, and by property within a class."""
    about, found = content.about, content.statistics
    part = f"{about.base}dataset/partition/"
    yield from say(
        about.iri,
        (VOID.triples, integer(found.all.triples)),
        (VOID.distinctSubjects, integer(found.all.subjects)),
        (VOID.distinctObjects, integer(found.all.objects)),
        (VOID.properties, integer(len(found.properties))),
        (VOID.classes, integer(len(found.classes))),
    )
    for name, count in found.properties.items():
        node = part + "property/" + _slug(name, content.prefixes)
        yield from say(about.iri, (VOID.propertyPartition, resource(node)))
        yield from say(
            node,
            (VOID.property, resource(name)),
            (VOID.triples, integer(count.triples)),
            (VOID.distinctSubjects, integer(count.subjects)),
            (VOID.distinctObjects, integer(count.objects)),
        )
    for kind, number in found.classes.items():
        node = part + "class/" + _slug(kind, content.prefixes)
        yield from say(about.iri, (VOID.classPartition, resource(node)))
        yield from say(node, (_CLASS, resource(kind)), (VOID.entities, integer(number)))
        yield from _uses(content, node, kind)


def _uses(content: Described, node: str, kind: str) -> Iterator[Triple]:
    for name, use in content.statistics.uses.get(kind, {}).items():
        inner = f"{node}/property/{_slug(name, content.prefixes)}"
        yield from say(node, (VOID.propertyPartition, resource(inner)))
        yield from say(inner, (VOID.property, resource(name)), (VOID.triples, integer(use.triples)))
        for other, number in use.targets.items():
            innermost = f"{inner}/class/{_slug(other, content.prefixes)}"
            yield from say(inner, (VOID.classPartition, resource(innermost)))
            yield from say(innermost, (_CLASS, resource(other)), (VOID.triples, integer(number)))


def query_of(about: About, query: SavedQuery) -> Iterator[Triple]:
    """A saved query as SHACL describes what can be executed; nothing for a DESCRIBE."""
    iri = f"{about.base}query/{query.name}"
    if query.form not in _EXECUTABLE:  # SHACL has no word for DESCRIBE
        return
    kind, property_of_text = _EXECUTABLE[query.form]
    yield from say(
        iri,
        (RDF.type, resource(SH.SPARQLExecutable)),
        (RDF.type, resource(kind)),
        (property_of_text, Literal(without_header(query.text))),
        (SH.prefixes, resource(about.iri)),
        *((RDFS.label, Literal(said, language=lang)) for lang, said in query.title.items()),
        *((RDFS.comment, Literal(said, language=lang)) for lang, said in query.question.items()),
        *((DCT.description, Literal(said, language=lang)) for lang, said in query.description.items()),
        *((SCHEMA.keywords, Literal(tag)) for tag in query.tags),
    )
    for order, parameter in enumerate(query.parameters):
        node = f"{iri}/parameter/{parameter.name}"
        datatype = _DATATYPES.get(parameter.type)
        yield from say(iri, (SH.parameter, resource(node)))
        yield from say(
            node,
            (RDF.type, resource(SH.Parameter)),
            (SH.path, resource(f"{about.base}query-parameter/{parameter.name}")),
            (SH.order, integer(order)),
            (SH.optional, typed(str(not parameter.required).lower(), XSD.boolean)),
            (SH.datatype, resource(datatype)) if datatype else (SH.nodeKind, resource(SH.IRI)),
            *((SH.name, Literal(said, language=lang)) for lang, said in parameter.label.items()),
        )
        if parameter.default is not None:
            default = parameter.term(parameter.default, parameter.prefixes or {})
            yield from say(node, (SH.defaultValue, default))


def without_header(text_: str) -> str:
    """A query without the header of its file: what is left is what one would type."""
    return "\n".join(line for line in text_.split("\n") if not line.startswith(MARK)).strip() + "\n"


# --- Terms ------------------------------------------------------------------------------------

_CLASS = str(VOID) + "class"  # a keyword of Python


def _in_languages(name: str, key: str) -> Iterator[tuple[str, Term]]:
    return ((name, Literal(text(key, lang), language=lang)) for lang in LANGUAGES)


def _slug(iri: str, prefixes: Mapping[str, str]) -> str:
    """An IRI as a part of another one: its CURIE with a dash, or all of it quoted."""
    short = shrink(iri, prefixes)
    return quote(iri, safe="") if short == iri else quote(short.replace(":", "-", 1), safe="-.")
