"""Terms in shapes that the model does not have: such a shape never looks at anything."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.lexer import Tokens, place
from sikkerby_kg.namespaces import OWL, PREFIXES, RDF, SKOS, namespace_of, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.placing import Asked
from sikkerby_kg.validation.sanity import Problem, declared_in, refuse
from sikkerby_kg.validation.scope import Source, own_model
from sikkerby_kg.validation.shapes import Shapes
from sikkerby_kg.validation.shapes_graph import SH, TermGraph, text
from sikkerby_kg.validation.standard_terms import standard_terms
from sikkerby_kg.validation.steps import Step

_DEFINING = frozenset(
    (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, SKOS.Concept)
)

Known = Mapping[str, frozenset[str]]
"""Namespace → all terms in it."""


def require_known_terms(shapes: Shapes, sources: Sequence[Source]) -> None:
    """Raises ShapesError, with each at its place, for terms that neither the ontology nor a standard has.

    ``sources`` are what is validated; those in Turtle hold the ontology. A root need not define again what
    the model of the software does.
    """
    problems = _problems(shapes, _defined(sources))
    if problems:  # reading the software's model takes time, which shapes without fault need not
        problems = _problems(shapes, _defined([*sources, *own_model()]))
    if problems:
        refuse(problems, [source for part in shapes.parts for source in part.sources])


def _problems(shapes: Shapes, defined: Known) -> list[Problem]:
    known = {**standard_terms(), **defined}
    del known[PREFIXES["sh"]]  # which other words say
    return [problem for part in shapes.parts for problem in _unknown(part.graph, known)]


def _defined(sources: Iterable[Source]) -> dict[str, frozenset[str]]:
    """The terms that the ontology and its code lists define."""
    found: dict[str, set[str]] = {}
    for source in sources:
        if source.suffix != ".ttl":
            continue
        for quad in source.quads:
            is_defining = quad.predicate.value == RDF.type and text(quad.object) in _DEFINING
            if is_defining and isinstance(quad.subject, NamedNode):
                found.setdefault(namespace_of(quad.subject.value), set()).add(quad.subject.value)
    spaces = standard_terms()
    return {space: frozenset(terms) for space, terms in found.items() if space not in spaces}


def _unknown(shapes: TermGraph, known: Known) -> Iterator[Problem]:
    for subject, predicate, value in shapes:
        for term in (predicate, value):
            if isinstance(term, NamedNode) and _is_unknown(term.value, known):
                asked = Asked(subject, Step(text(predicate)), value, term=term)
                yield Problem("shapes.model", asked, _values(term.value, known))
        if predicate == SH.select and isinstance(value, Literal):
            yield from _in_query(shapes, subject, value, known)


def _in_query(shapes: TermGraph, node: Term, query: Literal, known: Known) -> Iterator[Problem]:
    tokens = Tokens(query.value)
    prefixes = {**declared_in(shapes, node), **tokens.prefixes}
    for token in tokens:
        iri = token.text[1:-1] if token.kind == "iri" else ""
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            iri = prefixes.get(prefix, "") + local if local else ""
        if iri and _is_unknown(iri, known):
            line, column = place(query.value, token.start)
            asked = Asked(node, Step(text(SH.select)), query)
            yield Problem("shapes.model", asked, _values(iri, known), line, column)


def _is_unknown(iri: str, known: Known) -> bool:
    space = namespace_of(iri)
    return space in known and iri != space and iri not in known[space]


def _values(iri: str, known: Known) -> dict[str, object]:
    names: Sequence[str] = sorted(known[namespace_of(iri)])
    close = difflib.get_close_matches(iri, names, 1, 0)
    return {"term": shrink(iri), "close": shrink(close[0])}
