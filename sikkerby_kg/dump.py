"""Writing all statements in one format: the same statements give the same bytes."""

import re
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, serialize

from sikkerby_kg.dataset import union
from sikkerby_kg.formats import rdf_format

_TURTLE_PREFIXES = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_XML_PREFIXES = re.compile(rb'(?<=<rdf:RDF)(?: xmlns:[\w.-]+="[^"]*")+')


def dump(quads: Iterable[Quad], name: str, prefixes: Mapping[str, str]) -> bytes:
    """The statements in a format; one without graphs gets each statement once, from whatever graph.

    Statements and prefixes are sorted, and blank nodes labelled by RDF Dataset Canonicalization 1.0.
    Raises UnknownNameError for another format.
    """
    wanted = rdf_format(name)
    dataset = Dataset(quads if wanted.keeps_graphs else union(quads))
    if any(isinstance(term, BlankNode) for quad in dataset for term in _terms(quad)):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    ordered = sorted(dataset, key=lambda quad: tuple(map(str, (quad.graph_name, *quad.triple))))
    used = _used(ordered, prefixes)
    statements = ordered if wanted.keeps_graphs else [quad.triple for quad in ordered]
    written = serialize(statements, format=wanted.rdf, prefixes=used) or b""
    # Oxigraph writes prefixes in the order of a hash table, another one in every process.
    written = _TURTLE_PREFIXES.sub(
        lambda m: b"".join(sorted(m[0].splitlines(keepends=True))), written, count=1
    )
    return _XML_PREFIXES.sub(lambda m: b" " + b" ".join(sorted(m[0].split())), written, count=1)


def _terms(quad: Quad) -> tuple[object, ...]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def _used(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Those of the prefixes in whose namespace something is."""
    iris = {term.value for quad in quads for term in _terms(quad) if isinstance(term, NamedNode)}
    iris |= {q.object.datatype.value for q in quads if hasattr(q.object, "datatype")}
    return {name: ns for name, ns in prefixes.items() if any(iri.startswith(ns) for iri in iris)}
