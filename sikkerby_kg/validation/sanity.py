"""Whether shapes can be used at all: what pySHACL would pass over in silence is a problem here."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.errors import ContentError, ShapesError, SikkerbyError, SparqlError, SparqlSyntaxError
from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.sparql import require_syntax, with_prefixes
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.placing import Asked, Placing
from sikkerby_kg.validation.report import Part, Place
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph, text
from sikkerby_kg.validation.standard_terms import standard_terms
from sikkerby_kg.validation.steps import Step

_SH = PREFIXES["sh"]
_SEVERITIES = (SH.Violation, SH.Warning, SH.Info)
_COUNTS = (SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.qualifiedMinCount, SH.qualifiedMaxCount)
_TO_SHAPES = (SH.property, SH.node, SH.not_, SH.qualifiedValueShape)
_IRIS = tuple(
    SH[name]
    for name in (
        *("class", "datatype", "disjoint", "equals", "lessThan", "lessThanOrEquals", "path"),
        *("targetClass", "targetObjectsOf", "targetSubjectsOf"),
    )
)
"""Parameters that name a class, a datatype or a property."""
_FORBIDDEN = re.compile(
    r"^[^#\"'\n]*?\b(MINUS|VALUES|SERVICE)\b\s*(?:SILENT\s*)?[({?$<]", re.MULTILINE | re.IGNORECASE
)
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


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


def require_usable(shapes: TermGraph, sources: Iterable[Source]) -> None:
    """Raises ShapesError, with each problem at its place, for a shapes graph that cannot be used.

    Looked for: unknown terms of SHACL, missing paths, references to nothing, parameters of the wrong kind,
    and queries that do not parse or call functions that there are not. ``sources`` are the files that the
    shapes were read from.
    """
    checks = (_unknown_terms, _wrong_paths, _dangling, _wrong_parameters, _wrong_texts, _wrong_queries)
    found = [problem for check in checks for problem in check(shapes)]
    if found:
        refuse(found, sources)


def refuse(found: Sequence[Problem], sources: Iterable[Source]) -> NoReturn:
    """Raises ShapesError with each problem at its place in the sources."""
    placing = Placing(sources, [each.asked for each in found])
    told = [(_place(each, placing), each) for each in found]
    told.sort(key=lambda pair: (pair[0].file, pair[0].line or 0, pair[0].column or 0, pair[1].key))
    raise ShapesError("shapes.problems", problems=tuple(_error(place, each) for place, each in told))


def _place(problem: Problem, placing: Placing) -> Place:
    """Where a problem stands; within a query, if its lines are those of the file."""
    found = placing.places(problem.asked)
    place = found[0] if found else Place(placing.files[0])
    query = problem.asked.value
    if not isinstance(query, Literal) or place.part is not Part.VALUE or place.line is None:
        return place
    is_as_written = problem.key in (
        "shapes.query",
        "shapes.forbidden",
        "shapes.model",
    ) and place.end_line == place.line + query.value.count("\n")
    if problem.line == 1 or not is_as_written:
        return place
    return replace(place, line=place.line + problem.line - 1, column=problem.column)


def _error(place: Place, problem: Problem) -> ContentError:
    where = {"path": place.file, "line": place.line, "column": place.column}
    return ContentError(problem.key, place=str(place), **where, **problem.values)


def _wrong_paths(shapes: TermGraph) -> Iterator[Problem]:
    used = [value for _, value in shapes.pairs(SH.property)]
    for node in dict.fromkeys([*used, *shapes.subjects(TYPE, SH.PropertyShape)]):
        paths = len(shapes.objects(node, SH.path))
        if paths != 1:
            yield Problem("shapes.paths", _asked(node, SH.path), {"shape": _shown(node), "count": paths})


def _dangling(shapes: TermGraph) -> Iterator[Problem]:
    for predicate in _TO_SHAPES:
        for subject, shape in shapes.pairs(predicate):
            if shape not in shapes:
                values = {
                    "shape": _shown(subject),
                    "property": shrink(predicate.value),
                    "target": _shown(shape),
                }
                yield Problem("shapes.undefined", _asked(subject, predicate, shape), values)


def _wrong_parameters(shapes: TermGraph) -> Iterator[Problem]:
    for subject, severity in shapes.pairs(SH.severity):
        if severity not in _SEVERITIES:
            values = {"shape": _shown(subject), "severity": _shown(severity)}
            yield Problem("shapes.severity", _asked(subject, SH.severity, severity), values)
    for predicate in _COUNTS:
        for subject, count in shapes.pairs(predicate):
            if not isinstance(count, Literal) or not _is_whole(count):
                values = {"shape": _shown(subject), "property": shrink(predicate.value), "value": text(count)}
                yield Problem("shapes.count", _asked(subject, predicate, count), values)


def _wrong_texts(shapes: TermGraph) -> Iterator[Problem]:
    """Texts where a parameter wants an IRI, and patterns that are none."""
    for predicate in _IRIS:
        for subject, value in shapes.pairs(predicate):
            if isinstance(value, Literal):
                values = {"shape": _shown(subject), "property": shrink(predicate.value), "value": value.value}
                yield Problem("shapes.iri", _asked(subject, predicate, value), values)
    for subject, pattern in shapes.pairs(SH.pattern):
        try:
            re.compile(text(pattern))
        except re.error as error:
            values = {"shape": _shown(subject), "pattern": text(pattern), "problem": error}
            yield Problem("shapes.pattern", _asked(subject, SH.pattern, pattern), values)


def _is_whole(count: Literal) -> bool:
    return count.datatype.value.startswith(PREFIXES["xsd"]) and _WHOLE.fullmatch(count.value) is not None


def _wrong_queries(shapes: TermGraph) -> Iterator[Problem]:
    for node, select in shapes.pairs(SH.select):
        yield from _query_problem(shapes, node, select)
    for node in dict.fromkeys(value for _, value in shapes.pairs(SH.sparql)):
        for select in shapes.objects(node, SH.select):
            yield from _forbidden(shapes, node, select)


def _forbidden(shapes: TermGraph, node: Term, select: Term) -> Iterator[Problem]:
    """What a query must not use in which ``$this`` is bound beforehand (SHACL appendix A)."""
    query = text(select)
    match = _FORBIDDEN.search(query)
    if match:
        before = query[: match.start(1)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        values = {"shape": _shown(next(shapes.users(node), node)), "word": match[1].upper()}
        yield Problem("shapes.forbidden", _asked(node, SH.select, select), values, line, column)


def _unknown_terms(shapes: TermGraph) -> Iterator[Problem]:
    known = standard_terms()[_SH]
    for subject, predicate, value in shapes:
        for term in (predicate, value):
            if isinstance(term, NamedNode) and term.value.startswith(_SH) and term.value not in known:
                close = difflib.get_close_matches(term.value, sorted(known), 1)
                values = {"term": shrink(term.value), "close": shrink(close[0]) if close else ""}
                yield Problem("shapes.term", replace(_asked(subject, predicate, value), term=term), values)


def _query_problem(shapes: TermGraph, node: Term, select: Term) -> Iterator[Problem]:
    """A syntax error in a SELECT query with the prefixes that its constraint or target declares."""
    prefixes = declared_in(shapes, node)
    query = text(select).replace("$PATH", "<urn:path>")
    try:
        require_syntax(query, with_prefixes(query, prefixes))
    except SparqlError as error:
        values = {"shape": _shown(next(shapes.users(node), node)), "problem": error}
        line, column = (error.line, error.column) if isinstance(error, SparqlSyntaxError) else (1, 1)
        yield Problem("shapes.query", _asked(node, SH.select, select), values, line, column)


def declared_in(shapes: TermGraph, node: Term) -> dict[str, str]:
    """The prefixes that a constraint or target declares (SHACL §5.2.1)."""
    return {
        text(shapes.value(each, SH.prefix)): text(shapes.value(each, SH.namespace))
        for ontology in shapes.objects(node, SH.prefixes)
        for each in shapes.objects(ontology, SH.declare)
    }


def _asked(subject: Term, predicate: Term, value: Term | None = None) -> Asked:
    return Asked(subject, Step(text(predicate)), value)


def _shown(node: Term) -> object:
    """What a shape is called in a message."""
    return shrink(node.value) if isinstance(node, NamedNode) else SikkerbyError("shapes.nameless")
