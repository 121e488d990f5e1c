"""Whether shapes can be used at all: what pySHACL would pass over in silence is a problem here."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from sikkerby_kg.errors import ContentError, ShapesError, SikkerbyError, SparqlError, SparqlSyntaxError
from sikkerby_kg.namespaces import shrink
from sikkerby_kg.sparql import require_syntax, with_prefixes
from sikkerby_kg.validation.placing import Asked, Placing
from sikkerby_kg.validation.report import Part, Place
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.steps import Step

_SEVERITIES = frozenset((SH.Violation, SH.Warning, SH.Info))
_COUNTS = (SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.qualifiedMinCount, SH.qualifiedMaxCount)
_TO_SHAPES = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)


@dataclass(frozen=True)
class Problem:
    """What makes shapes unusable: the key of its text with the values for it, and what is to be placed.

    ``line`` and ``column`` say where in the value it is, if the value is a query.
    """

    key: str
    asked: Asked
    values: Mapping[str, object]
    line: int = 1
    column: int = 1


def require_usable(shapes: Graph, sources: Iterable[Source]) -> None:
    """Raises ShapesError, with each problem at its place, for a shapes graph that cannot be used.

    Looked for: unknown terms of SHACL, missing paths, references to nothing, parameters of the wrong kind,
    and queries that do not parse or call functions that there are not. ``sources`` are the files that the
    shapes were read from.
    """
    checks = (_unknown_terms, _wrong_paths, _dangling, _wrong_parameters, _wrong_queries)
    found = [problem for check in checks for problem in check(shapes)]
    if not found:
        return
    placing = Placing(sources, [each.asked for each in found])
    told = [(_place(each, placing), each) for each in found]
    told.sort(key=lambda pair: (pair[0].file, pair[0].line or 0, pair[0].column or 0, pair[1].key))
    raise ShapesError("shapes.problems", problems=tuple(_error(place, each) for place, each in told))


def _place(problem: Problem, placing: Placing) -> Place:
    """Where a problem stands; within a query, if its lines are those of the file."""
    found = placing.places(problem.asked)
    place = found[0] if found else Place(placing.files[0])
    query = problem.asked.value
    if problem.key != "shapes.query" or place.part is not Part.VALUE or place.line is None:
        return place
    is_as_written = place.end_line == place.line + str(query).count("\n")
    if problem.line == 1 or not is_as_written:
        return place
    return replace(place, line=place.line + problem.line - 1, column=problem.column)


def _error(place: Place, problem: Problem) -> ContentError:
    where = {"path": place.file, "line": place.line, "column": place.column}
    return ContentError(problem.key, place=str(place), **where, **problem.values)


def _wrong_paths(shapes: Graph) -> Iterator[Problem]:
    for node in set(shapes.objects(None, SH.property)) | set(shapes.subjects(RDF.type, SH.PropertyShape)):
        paths = len(list(shapes.objects(node, SH.path)))
        if paths != 1:
            asked = Asked(node, Step(str(SH.path)))
            yield Problem("shapes.paths", asked, {"shape": _shown(node), "count": paths})


def _dangling(shapes: Graph) -> Iterator[Problem]:
    for predicate in _TO_SHAPES:
        for subject, shape in shapes.subject_objects(predicate):
            if (shape, None, None) not in shapes:
                values = {
                    "shape": _shown(subject),
                    "property": shrink(str(predicate)),
                    "target": _shown(shape),
                }
                yield Problem("shapes.undefined", Asked(subject, Step(str(predicate)), shape), values)


def _wrong_parameters(shapes: Graph) -> Iterator[Problem]:
    for subject, severity in shapes.subject_objects(SH.severity):
        if severity not in _SEVERITIES:
            values = {"shape": _shown(subject), "severity": _shown(severity)}
            yield Problem("shapes.severity", Asked(subject, Step(str(SH.severity)), severity), values)
    for predicate in _COUNTS:
        for subject, count in shapes.subject_objects(predicate):
            if not isinstance(count, Literal) or not isinstance(count.value, int):
                values = {"shape": _shown(subject), "property": shrink(str(predicate)), "value": str(count)}
                yield Problem("shapes.count", Asked(subject, Step(str(predicate)), count), values)


def _wrong_queries(shapes: Graph) -> Iterator[Problem]:
    for node, select in shapes.subject_objects(SH.select):
        yield from _query_problem(shapes, node, select)


def _unknown_terms(shapes: Graph) -> Iterator[Problem]:
    for subject, predicate, value in shapes:
        for term in (predicate, value):
            if isinstance(term, URIRef) and term.startswith(str(SH)) and term not in SH:
                asked = Asked(subject, Step(str(predicate)), value, term=term)
                close = difflib.get_close_matches(str(term), map(str, dir(SH)), 1)
                values = {"term": shrink(str(term)), "close": shrink(close[0]) if close else ""}
                yield Problem("shapes.term", asked, values)


def _query_problem(shapes: Graph, node: Node, select: Node) -> Iterator[Problem]:
    """A syntax error in a SELECT query with the prefixes that its constraint or target declares."""
    prefixes = {
        str(shapes.value(each, SH.prefix)): str(shapes.value(each, SH.namespace))
        for ontology in shapes.objects(node, SH.prefixes)
        for each in shapes.objects(ontology, SH.declare)
    }
    text = str(select).replace("$PATH", "<urn:path>")
    try:
        require_syntax(text, with_prefixes(text, prefixes))
    except SparqlError as error:
        above = next(shapes.subjects(None, node), node)
        values = {"shape": _shown(above), "problem": error}
        asked = Asked(node, Step(str(SH.select)), select)
        line, column = (error.line, error.column) if isinstance(error, SparqlSyntaxError) else (1, 1)
        yield Problem("shapes.query", asked, values, line, column)


def _shown(node: Node) -> object:
    """What a shape is called in a message."""
    return shrink(str(node)) if isinstance(node, URIRef) else SikkerbyError("shapes.nameless")
