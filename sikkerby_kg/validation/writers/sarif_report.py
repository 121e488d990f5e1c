"""A report as SARIF 2.1.0, the format of static analysis that code hosts and editors read."""

import json
from collections.abc import Iterable
from typing import Any

from sikkerby_kg.namespaces import local_name
from sikkerby_kg.shape_rules import Shape
from sikkerby_kg.texts import LANGUAGES, text
from sikkerby_kg.validation.report import Place, Severity, ValidationResult, in_language
from sikkerby_kg.validation.shapes_graph import text as plain
from sikkerby_kg.validation.writers.document import Document, Problem, rule_of
from sikkerby_kg.version import package_version

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT = "%SRCROOT%"
_FINGERPRINT = "resultIdentity/v1"
MOST = 25_000
"""Results that GitHub takes of a run; it refuses a file with more. The worst come first."""
_UNUSABLE = "unusable-input"
"""The rule of what cannot be read at all."""


def as_sarif(document: Document) -> str:
    """The report as a log with one run; ends with a line end."""
    following = set(document.following)
    standing = [each for each in document.report.results if each not in following]
    written = standing[: MOST - len(document.problems)]
    shapes = list(dict.fromkeys(rule_of(each) for each in written))
    rules = _rules(document, shapes)
    index = {iri: number for number, iri in enumerate(shapes)}
    identities = document.identity()
    results = [_problem(document, each, len(shapes)) for each in document.problems]
    for each in written:
        rule = rule_of(each)
        results.append(_result(document, each, rules[index[rule]]["id"], index[rule], identities[each]))
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "sikkerby-kg",
                "version": package_version(),
                "language": document.lang,
                "rules": rules,
            }
        },
        "language": document.lang,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": text("report.sarif.root", document.lang)}}},
        "invocations": [_invocation(document, len(standing) - len(written))],
        "artifacts": [{"location": _location(document, name)} for name in document.report.files],
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rules(document: Document, shapes: list[str]) -> list[dict[str, Any]]:
    """The shapes as rules (SARIF §3.49); one is called by the last part of its IRI where that is its own."""
    names = [local_name(iri) for iri in shapes]
    ids = [name if names.count(name) == 1 else iri for name, iri in zip(names, shapes, strict=True)]
    rules = [_rule(document, name, iri) for name, iri in zip(ids, shapes, strict=True)]
    if document.problems:
        words = text("report.problem", document.lang)
        rules.append({"id": _UNUSABLE, "shortDescription": {"text": words}})
    return rules


def _rule(document: Document, name: str, iri: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name}
    shape = document.shapes.get(iri)
    if shape is not None:
        found |= {
            key: {"text": words}
            for key, words in (
                ("shortDescription", in_language(tuple(shape.name.items()), document.lang)),
                ("fullDescription", in_language(tuple(shape.description.items()), document.lang)),
                ("help", _help(shape, document.lang)),
            )
            if words
        }
        severity = next((each for each in Severity if each.name == shape.severity.upper()), None)
        if severity is not None:
            found["defaultConfiguration"] = {"level": _LEVELS[severity]}
    if "://" in iri:
        found["helpUri"] = iri
    return found


def _help(shape: Shape, lang: str) -> str:
    """What to do and why, in every language, the reader's first."""
    paragraphs = []
    for each in sorted(LANGUAGES, key=lambda each: each != lang):
        words = [texts[each] for texts in (shape.message, shape.description) if each in texts]
        paragraphs += ["\n".join(words)] if words else []
    return "\n\n".join(paragraphs)


def _result(
    document: Document, result: ValidationResult, rule: str, index: int, identity: str
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": index,
        "level": _LEVELS[result.severity],
        "message": {"text": document.headline(result)},
        "locations": _locations(document, result.places[:1], plain(result.focus_term)),
        "partialFingerprints": {_FINGERPRINT: identity},
    }
    if len(result.places) > 1:
        also = text("report.also", document.lang)
        found["relatedLocations"] = [
            {"id": number, "message": {"text": also}, **each}
            for number, each in enumerate(_locations(document, result.places[1:]), 1)
        ]
    if document.accepted:
        found["suppressions"] = [{"kind": "external"}] if result in document.accepted else []
    return found


def _problem(document: Document, problem: Problem, index: int) -> dict[str, Any]:
    places = () if problem.place is None else (problem.place,)
    found: dict[str, Any] = {
        "ruleId": _UNUSABLE,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": problem.message},
        "locations": _locations(document, places),
    }
    return found | ({"suppressions": []} if document.accepted else {})


def _invocation(document: Document, more: int) -> dict[str, Any]:
    """Whether the validation was carried out, what kept it from that, and what is left out (SARIF §3.20)."""
    notes: list[dict[str, Any]] = [
        {
            "level": "error",
            "message": {"text": each.message},
            "locations": _locations(document, () if each.place is None else (each.place,)),
        }
        for each in document.problems
    ]
    notes += [{"level": "note", "message": {"text": remark}} for remark in document.remarks()]
    if more:
        words = text("report.sarif.more", document.lang, count=more, most=MOST)
        notes.append({"level": "warning", "message": {"text": words}})
    found: dict[str, Any] = {"executionSuccessful": not document.problems}
    return found | ({"toolExecutionNotifications": notes} if notes else {})


def _locations(document: Document, places: Iterable[Place], thing: str = "") -> list[dict[str, Any]]:
    """Places as locations (SARIF §3.28); where no line is known, none is made up."""
    found = []
    for place in places:
        physical: dict[str, Any] = {"artifactLocation": _location(document, place.file)}
        if region := _region(place):
            physical["region"] = region
        location: dict[str, Any] = {"physicalLocation": physical}
        if "://" in thing:
            location["logicalLocations"] = [{"fullyQualifiedName": thing, "kind": "resource"}]
        found.append(location)
    return found


def _region(place: Place) -> dict[str, int]:
    """The part of a file (SARIF §3.30); the end column is the one after the last character, as here."""
    pairs = (
        ("startLine", place.line),
        ("startColumn", place.column),
        ("endLine", place.end_line),
        ("endColumn", place.end_column),
    )
    return {name: number for name, number in pairs if number is not None} if place.line else {}


def _location(document: Document, name: str) -> dict[str, Any]:
    uri, relative = document.files.uri(name)
    found: dict[str, Any] = {"uri": uri}
    if relative:
        found["uriBaseId"] = _ROOT
    index = document.report.files.index(name) if name in document.report.files else -1
    return found | ({"index": index} if index >= 0 else {})
