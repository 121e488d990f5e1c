"""Whether shapes can be used at all: what pySHACL would pass over in silence is a problem here."""

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Store

from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph, text

_SH = PREFIXES["sh"]
_SEVERITIES = (SH.Violation, SH.Warning, SH.Info)
_COUNTS = (SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.qualifiedMinCount, SH.qualifiedMaxCount)
_TO_SHAPES = (SH.property, SH.node, SH.not_, SH.qualifiedValueShape)
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


def first_problem(shapes: TermGraph) -> str | None:
    """What makes a shapes graph unusable, or None.

    Looked for: unknown terms of SHACL, missing paths, references to nothing, parameters of the wrong kind,
    and queries that do not parse.
    """
    checks = (_unknown_terms, _wrong_paths, _dangling, _wrong_parameters, _wrong_queries)
    return next((problem for check in checks for problem in check(shapes)), None)


def _wrong_paths(shapes: TermGraph) -> Iterator[str]:
    used = [value for _, value in shapes.pairs(SH.property)]
    for node in dict.fromkeys([*used, *shapes.subjects(TYPE, SH.PropertyShape)]):
        paths = len(shapes.objects(node, SH.path))
        if paths != 1:
            yield f"{_shown(node)} has {paths} × sh:path instead of 1"


def _dangling(shapes: TermGraph) -> Iterator[str]:
    for predicate in _TO_SHAPES:
        for subject, shape in shapes.pairs(predicate):
            if shape not in shapes:
                yield f"{_shown(subject)} {shrink(predicate.value)} {_shown(shape)}, which is not defined"


def _wrong_parameters(shapes: TermGraph) -> Iterator[str]:
    for subject, severity in shapes.pairs(SH.severity):
        if severity not in _SEVERITIES:
            yield f"{_shown(subject)} has the severity {_shown(severity)}"
    for predicate in _COUNTS:
        for subject, count in shapes.pairs(predicate):
            if not isinstance(count, Literal) or not _is_whole(count):
                yield f"{_shown(subject)} {shrink(predicate.value)} is not a whole number: {text(count)}"


def _is_whole(count: Literal) -> bool:
    return count.datatype.value.startswith(PREFIXES["xsd"]) and _WHOLE.fullmatch(count.value) is not None


def _wrong_queries(shapes: TermGraph) -> Iterator[str]:
    store = Store()
    for node, select in shapes.pairs(SH.select):
        yield from _query_problem(shapes, node, text(select), store)


def _unknown_terms(shapes: TermGraph) -> Iterator[str]:
    from rdflib import SH as KNOWN  # noqa: PLC0415  (a tenth of a second; it lists the terms of SHACL)

    used = {term for _, predicate, value in shapes for term in (predicate, value)}
    for iri in sorted(term.value for term in used if isinstance(term, NamedNode)):
        if iri.startswith(_SH) and iri not in KNOWN:
            yield f"{shrink(iri)} is not a term of SHACL"


def _query_problem(shapes: TermGraph, node: Term, select: str, store: Store) -> Iterator[str]:
    """A syntax error in a SELECT query with the prefixes that its constraint or target declares."""
    prefixes = {
        text(shapes.value(each, SH.prefix)): text(shapes.value(each, SH.namespace))
        for ontology in shapes.objects(node, SH.prefixes)
        for each in shapes.objects(ontology, SH.declare)
    }
    try:
        store.query(select.replace("$PATH", "<urn:path>"), prefixes=prefixes)
    except SyntaxError as error:
        above = next(shapes.users(node), node)
        yield f"the query of {_shown(above)} does not parse: {error.msg}"


def _shown(node: Term) -> str:
    return shrink(node.value) if isinstance(node, NamedNode) else "a shape without a name"
