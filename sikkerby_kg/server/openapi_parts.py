"""What the operations of the OpenAPI document share: schemas, parameters, answers and refusals."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sikkerby_kg.formats import Format
from sikkerby_kg.server.as_of import EXAMPLE, HEADER, PARAMETER as AS_OF
from sikkerby_kg.server.errors import PROBLEM
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.negotiation import HTML
from sikkerby_kg.server.paging import LIMIT, RANGES, TOTAL
from sikkerby_kg.texts import LANGUAGES, text
from sikkerby_kg.validation.writers.json_report import SCHEMA

Object = dict[str, Any]

SCHEMAS: Mapping[str, Object] = {
    "date": {"type": "string", "format": "date"},
    "dateTime": {"type": "string", "format": "date-time"},
    "year": {"type": "string", "pattern": "^-?([1-9][0-9]{3,}|0[0-9]{3})$"},
    "string": {"type": "string"},
    "language": {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"},
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "format": "decimal", "pattern": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"},
    "boolean": {"type": "boolean"},
    "iri": {"type": "string", "format": "iri"},
}
"""The schema for each type of a parameter."""

AS_OF_REF: Object = {"$ref": f"#/components/parameters/{AS_OF}"}
"""The date of the pages, of whatever heeds it."""

PAGING_HEADERS: Object = {
    "Link": {"$ref": "#/components/headers/Link"},
    TOTAL: {"$ref": f"#/components/headers/{TOTAL}"},
}
"""The headers of an answer that is given part by part."""


def as_json(kind: str, written: str) -> str | int | bool:
    """A value of a parameter, as it is written in the header of its query, in JSON."""
    if kind == "integer":
        return int(written)
    return written.lower() in ("true", "1") if kind == "boolean" else written


def answer(description: str, formats: Sequence[Format]) -> Object:
    """A response with a body in one of several formats."""
    content: Object = {found.media_type: {"schema": {"type": "string"}} for found in formats}
    for name in ("application/sparql-results+json", "application/ld+json"):
        if name in content:
            content[name] = {"schema": {"type": ["object", "array"]}}
    return {"description": description, "content": content}


def refusals(*statuses: int) -> Object:
    """The responses other than success, by status: these, and those to any request that is too long."""
    every = sorted({*statuses, *TOO_LONG})
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in every}


def components() -> Object:
    """The parts that several operations refer to."""
    lang = language()
    return {
        "schemas": {
            "Problem": _problem(),
            "Solutions": _solutions(),
            "ValidationReport": _validation_report(),
        },
        "parameters": {
            LANG: {
                "name": LANG,
                "in": "query",
                "description": text("api.lang", lang),
                "allowEmptyValue": True,
                "schema": {"type": "string", "examples": list(LANGUAGES)},  # any other is as none
                "example": lang,
            },
            AS_OF: {
                "name": AS_OF,
                "in": "query",
                "description": text("api.as-of", lang),
                "allowEmptyValue": True,
                "schema": {"type": "string", "format": "date"},
                "example": EXAMPLE,
            },
            **{name: _number(name) for name in RANGES},
        },
        "headers": {
            "Link": {"description": text("api.link", lang), "schema": {"type": "string"}},
            TOTAL: {"description": text("api.total", lang), "schema": {"type": "integer"}},
            HEADER: {"description": text("api.as_of_header", lang), "schema": SCHEMAS["date"]},
        },
        "responses": {
            "303": {
                "description": text("api.status.303", lang),
                "headers": {"Location": {"schema": {"type": "string", "format": "uri-reference"}}},
            },
            "304": {"description": text("api.status.304", lang)},
            **{str(status): _refusal(status) for status in REFUSED},
        },
    }


TOO_LONG = (414, 431)
REFUSED = (400, 403, 404, 405, 406, 413, *TOO_LONG, 415, 500, 502, 503, 504)


def _number(name: str) -> Object:
    least, most, example = RANGES[name]
    return {
        "name": name,
        "in": "query",
        "description": text(f"api.{name}", language()),
        "allowEmptyValue": True,
        "schema": {"type": "integer", "minimum": least, "maximum": most},
        "example": int(example) if name == LIMIT else 0,
    }


def _refusal(status: int) -> Object:
    return {
        "description": text(f"api.status.{status}", language()),
        "content": {
            PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}},
            HTML.media_type: {"schema": {"type": "string"}},
        },
    }


def _validation_report() -> Object:
    """The JSON Schema of a validation report, its parts being found from here."""
    written = SCHEMA.read_text(encoding="utf-8")
    schema: Object = json.loads(written.replace("#/$defs/", "#/components/schemas/ValidationReport/$defs/"))
    del schema["$schema"]  # the document says which one it speaks
    return schema


def _problem() -> Object:
    """A problem document (RFC 9457) with the members that ours may have."""
    names = ("title", "detail", "parameter", "type_expected", "example", "source")
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "status": {"type": "integer"},
            **{name: {"type": "string"} for name in names},
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
            "formats": {"type": "array", "items": {"type": "string"}},
        },
    }


def _solutions() -> Object:
    """Solutions as SPARQL 1.1 Query Results JSON Format has them (§3)."""
    term = {
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": {"type": "string", "enum": ["uri", "literal", "bnode", "typed-literal", "triple"]},
            "xml:lang": {"type": "string"},
            "datatype": {"type": "string"},
        },
    }
    row = {"type": "object", "additionalProperties": term}
    return {
        "type": "object",
        "required": ["head", "results"],
        "properties": {
            "head": {
                "type": "object",
                "required": ["vars"],
                "properties": {"vars": {"type": "array", "items": {"type": "string"}}},
            },
            "results": {
                "type": "object",
                "required": ["bindings"],
                "properties": {"bindings": {"type": "array", "items": row}},
            },
        },
    }
