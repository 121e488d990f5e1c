"""Whether shapes can be used at all: what pySHACL would pass over in silence is a problem here."""

from collections.abc import Iterator

from pyoxigraph import Store
from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from sikkerby_kg.namespaces import shrink

_SEVERITIES = frozenset((SH.Violation, SH.Warning, SH.Info))
_COUNTS = (SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.qualifiedMinCount, SH.qualifiedMaxCount)
_TO_SHAPES = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)


def first_problem(shapes: Graph) -> str | None:
    """What makes a shapes graph unusable, or None.

    Looked for: unknown terms of SHACL, missing paths, references to nothing, parameters of the wrong kind,
    and queries that do not parse.
    """
    checks = (_unknown_terms, _wrong_paths, _dangling, _wrong_parameters, _wrong_queries)
    return next((problem for check in checks for problem in check(shapes)), None)


def _wrong_paths(shapes: Graph) -> Iterator[str]:
    for node in set(shapes.objects(None, SH.property)) | set(shapes.subjects(RDF.type, SH.PropertyShape)):
        paths = len(list(shapes.objects(node, SH.path)))
        if paths != 1:
            yield f"{_shown(node)} has {paths} × sh:path instead of 1"


def _dangling(shapes: Graph) -> Iterator[str]:
    for predicate in _TO_SHAPES:
        for subject, shape in shapes.subject_objects(predicate):
            if (shape, None, None) not in shapes:
                yield f"{_shown(subject)} {shrink(str(predicate))} {_shown(shape)}, which is not defined"


def _wrong_parameters(shapes: Graph) -> Iterator[str]:
    for subject, severity in shapes.subject_objects(SH.severity):
        if severity not in _SEVERITIES:
            yield f"{_shown(subject)} has the severity {_shown(severity)}"
    for predicate in _COUNTS:
        for subject, count in shapes.subject_objects(predicate):
            if not isinstance(count, Literal) or not isinstance(count.value, int):
                yield f"{_shown(subject)} {shrink(str(predicate))} is not a whole number: {count}"


def _wrong_queries(shapes: Graph) -> Iterator[str]:
    for node, select in shapes.subject_objects(SH.select):
        yield from _query_problem(shapes, node, str(select))


def _unknown_terms(shapes: Graph) -> Iterator[str]:
    for term in {term for _, predicate, value in shapes for term in (predicate, value)}:
        if isinstance(term, URIRef) and term.startswith(str(SH)) and term not in SH:
            yield f"{shrink(str(term))} is not a term of SHACL"


def _query_problem(shapes: Graph, node: Node, select: str) -> Iterator[str]:
    """A syntax error in a SELECT query with the prefixes that its constraint or target declares."""
    prefixes = {
        str(shapes.value(each, SH.prefix)): str(shapes.value(each, SH.namespace))
        for ontology in shapes.objects(node, SH.prefixes)
        for each in shapes.objects(ontology, SH.declare)
    }
    try:
        Store().query(select.replace("$PATH", "<urn:path>"), prefixes=prefixes)
    except SyntaxError as error:
        above = next(shapes.subjects(None, node), node)
        yield f"the query of {_shown(above)} does not parse: {error.msg}"


def _shown(node: Node) -> str:
    return shrink(str(node)) if isinstance(node, URIRef) else "a shape without a name"
