"""Which type of schema.org the things of a class are, by the alignments of the content's ontology."""

from collections.abc import Mapping
from types import MappingProxyType

from sikkerby_kg import terms
from sikkerby_kg.graph import KnowledgeGraph
from sikkerby_kg.namespaces import DCAT, ORG, OWL, PREFIXES, RDF, RDFS, SIK, SKOS
from sikkerby_kg.server.kinds import SUBCLASSES

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        ORG.Organization: "Organization",
        SKOS.Concept: "DefinedTerm",
        SKOS.ConceptScheme: "DefinedTermSet",
        OWL.Class: "DefinedTerm",
        OWL.ObjectProperty: "DefinedTerm",
        OWL.DatatypeProperty: "DefinedTerm",
        OWL.Ontology: "DefinedTermSet",
        DCAT.Dataset: "Dataset",
        SIK.Passage: "Quotation",
        SIK.PolicyInstrument: "CreativeWork",
        PREFIXES["dct"] + "Location": "Place",
        PREFIXES["eli"] + "LegalResource": "Legislation",
    }
)
"""Class → type for classes of other vocabularies, and where no alignment names one."""

ANY = "Thing"

_ALIGNED = f"""SELECT DISTINCT ?class ?type WHERE {{
  ?class <{RDFS.seeAlso}>|<{RDFS.subClassOf}>|<{OWL.equivalentClass}> ?type
  FILTER(isIRI(?class) && STRSTARTS(STR(?type), "{PREFIXES["schema"]}"))
}} ORDER BY ?class ?type"""
_PARENTS = (
    f"SELECT DISTINCT ?class ?parent WHERE {{ ?class <{RDFS.subClassOf}> ?parent FILTER(isIRI(?parent)) }}"
)
_USED = f"SELECT DISTINCT ?class WHERE {{ ?thing <{RDF.type}> ?class FILTER(isIRI(?class)) }}"


def types_of(graph: KnowledgeGraph) -> dict[str, str]:
    """Class → type, for every class that has instances; the nearest class above that has a type lends it.

    An alignment that only points at something akin (``rdfs:seeAlso``) is enough: search engines know few
    types, and the class itself is named beside it.
    """

    def pairs(query: str) -> list[tuple[str, str]]:
        found = graph.store.evaluate(query).solutions()
        return [(terms.to_python(one), terms.to_python(other)) for one, other in found]

    aligned = dict(KNOWN)
    for kind, address in reversed(pairs(_ALIGNED)):
        name = address.removeprefix(PREFIXES["schema"])
        if name[:1].isupper():
            aligned[kind] = name
    parents: dict[str, list[str]] = {kind: [parent] for kind, parent in SUBCLASSES.items()}
    for kind, parent in sorted(pairs(_PARENTS)):
        parents.setdefault(kind, []).append(parent)
    used = (terms.to_python(kind) for (kind,) in graph.store.evaluate(_USED).solutions())
    return {kind: _nearest(kind, aligned, parents) for kind in used}


def _nearest(kind: str, aligned: Mapping[str, str], parents: Mapping[str, list[str]]) -> str:
    """The type of a class, else of the nearest class above it."""
    waiting, seen = [kind], {kind}
    for name in waiting:
        if name in aligned:
            return aligned[name]
        new = [parent for parent in parents.get(name, ()) if parent not in seen]
        seen.update(new)
        waiting += new
    return ANY
