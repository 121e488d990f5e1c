"""The ontology as objects: its header, classes, properties and code lists, for pages and checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.labels import Label, Labels
from sikkerby_kg.namespaces import OWL, RDFS, SIK, SKOS, local_name
from sikkerby_kg.stores import Store

_QUERY = f"""SELECT DISTINCT ?term ?kind ?property ?value WHERE {{
  VALUES ?kind {{ <{OWL.Class}> <{OWL.ObjectProperty}> <{OWL.DatatypeProperty}> <{OWL.AnnotationProperty}>
                 <{SKOS.ConceptScheme}> <{SKOS.Concept}> <{OWL.Ontology}> }}
  ?term a ?kind ; ?property ?value .
  FILTER(isIRI(?term))
}}"""

KINDS: Mapping[str, str] = {
    OWL.Ontology: "ontology",
    OWL.Class: "class",
    OWL.ObjectProperty: "property",
    OWL.DatatypeProperty: "property",
    OWL.AnnotationProperty: "property",
    SKOS.ConceptScheme: "scheme",
    SKOS.Concept: "concept",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property, concept or scheme. Texts are by language; the others are IRIs."""

    iri: str
    kind: str
    label: Label
    definition: Mapping[str, str] = field(default_factory=dict)
    scope_note: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    scheme: tuple[str, ...] = ()
    deprecated: bool = False
    inverse: Mapping[str, str] = field(default_factory=dict)
    """What a property is called when it is read backwards."""

    @property
    def name(self) -> str:
        """The last part of the IRI."""
        return local_name(self.iri)


@dataclass(frozen=True, slots=True)
class Ontology:
    """All terms that the content declares, by kind, in the order of their labels."""

    terms: tuple[Term, ...]

    def of_kind(self, kind: str) -> tuple[Term, ...]:
        """The terms of a kind: ontology, class, property, scheme or concept."""
        return tuple(term for term in self.terms if term.kind == kind)

    def concepts(self, scheme: str) -> tuple[Term, ...]:
        """The concepts of a scheme."""
        return tuple(term for term in self.of_kind("concept") if scheme in term.scheme)

    def term(self, iri: str) -> Term | None:
        """The term with an IRI."""
        return next((term for term in self.terms if term.iri == iri), None)


def read_ontology(store: Store, labels: Labels, lang: str) -> Ontology:
    """The terms declared in a store, with labels in the wanted language where there are any."""
    kinds: dict[str, str] = {}
    properties: dict[str, dict[str, set[NamedNode | Literal]]] = {}
    for solution in store.evaluate(_QUERY).solutions():
        term, kind, name, value = solution
        kinds.setdefault(term.value, KINDS[kind.value])
        if isinstance(value, NamedNode | Literal):
            properties.setdefault(term.value, {}).setdefault(name.value, set()).add(value)
    labels.prefetch(kinds)
    terms = [_term(iri, kind, properties[iri], labels.of(iri, lang)) for iri, kind in kinds.items()]
    return Ontology(tuple(sorted(terms, key=lambda term: (term.label.text.casefold(), term.iri))))


def _term(iri: str, kind: str, properties: Mapping[str, set[NamedNode | Literal]], label: Label) -> Term:
    def iris(*names: str) -> tuple[str, ...]:
        values = (value for name in names for value in properties.get(name, ()))
        return tuple(sorted(value.value for value in values if isinstance(value, NamedNode)))

    def texts(name: str) -> dict[str, str]:
        values = (value for value in properties.get(name, ()) if isinstance(value, Literal))
        return {value.language or "": value.value for value in sorted(values, key=str)}

    return Term(
        iri=iri,
        kind=kind,
        label=label,
        definition=texts(SKOS.definition),
        scope_note=texts(SKOS.scopeNote),
        parents=iris(RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader),
        domain=iris(RDFS.domain),
        range=iris(RDFS.range),
        scheme=iris(SKOS.inScheme),
        deprecated=any(value.value in ("true", "1") for value in properties.get(OWL.deprecated, ())),
        inverse=texts(SIK.inverseLabel),
    )
