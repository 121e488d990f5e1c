"""A report as JSON for programs: the same names and order in every run, described by a JSON Schema."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal

from sikkerby_kg.namespaces import XSD
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.report import Place, ValidationResult
from sikkerby_kg.validation.shapes_graph import text
from sikkerby_kg.validation.writers.document import Document, Problem, numbered, rule_of
from sikkerby_kg.version import package_version

VERSION = 1
"""Raised when a name in it goes or changes its meaning; new names may come at any time."""

SCHEMA = Path(__file__).with_name("report.schema.json")
"""The JSON Schema (2020-12) of the format."""


def as_json(document: Document) -> str:
    """The report as one object, each result on a line of its own; ends with a line end."""
    results = document.report.results
    numbers, identities = numbered(results), document.identity()
    counts, causes = document.counts(), document.report.causes
    content = {
        "version": VERSION,
        "tool": {"name": "sikkerby-kg", "version": package_version()},
        "language": document.lang,
        "holds": document.holds,
        "threshold": document.threshold.name.lower(),
        "counts": {each.name.lower(): count for each, count in counts.items()},
        "files": [document.files.shown(name) for name in document.report.files],
        "problems": [_problem(document, each) for each in document.problems],
        "results": (
            {
                "id": identities[each],
                "accepted": each in document.accepted,
                "follows": [identities[cause] for cause in causes.get(each, ()) if cause in identities],
                **_result(document, each, numbers),
            }
            for each in results
        ),
        "stale": [
            {
                **dict(zip(("shape", "component", "focus", "path", "value"), each.key, strict=True)),
                "file": each.file,
                "count": each.count,
            }
            for each in document.stale
        ],
    }
    return "".join(_written(content))


def _written(content: Mapping[str, object]) -> Iterator[str]:
    """The pieces of an object as JSON: of a member with several things, each has a line of its own."""
    for number, (name, value) in enumerate(content.items()):
        yield f'{"," if number else "{"}\n  "{name}": '
        if not isinstance(value, list | Iterator):
            yield json.dumps(value, ensure_ascii=False)
            continue
        between = "[\n    "
        for each in value:
            yield between
            yield json.dumps(each, ensure_ascii=False)
            between = ",\n    "
        yield "[]" if between[0] == "[" else "\n  ]"
    yield "\n}\n"


def _problem(document: Document, problem: Problem) -> dict[str, Any]:
    place = None if problem.place is None else _place(document, problem.place)
    return {"message": problem.message, "place": place}


def _result(document: Document, result: ValidationResult, numbers: dict[str, int]) -> dict[str, Any]:
    node_shape = None if result.node_shape_term is None else _term(result.node_shape_term, numbers)
    return {
        "severity": result.severity.name.lower(),
        "rule": rule_of(result),
        "shape": _term(result.shape_term, numbers),
        "nodeShape": node_shape,
        "component": result.component,
        "focus": _term(result.focus_term, numbers),
        "label": document.label(result),
        "path": result.path,
        "pathIri": result.path_iri,
        "pathName": result.name(document.lang) or None,
        "value": None if result.value_term is None else _term(result.value_term, numbers),
        "message": result.message(document.lang),
        "messages": dict(result.messages),
        "places": [_place(document, each) for each in result.places],
        "detail": [_result(document, each, numbers) for each in result.detail],
    }


def _place(document: Document, place: Place) -> dict[str, Any]:
    return {
        "file": document.files.shown(place.file),
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "part": place.part.value,
    }


def _term(term: Term, numbers: dict[str, int]) -> dict[str, str]:
    """A term as in SPARQL results (SPARQL 1.1 Query Results JSON Format §3.2.2); blank nodes are numbered."""
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": f"b{numbers.setdefault(term.value, len(numbers) + 1)}"}
    if not isinstance(term, Literal):
        return {"type": "uri", "value": text(term)}
    found = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype.value != XSD.string:
        found["datatype"] = term.datatype.value
    return found
