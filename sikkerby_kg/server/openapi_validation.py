"""The operations of the OpenAPI document that are about validation."""

from typing import Any

from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.judging.judgement import SEVERITIES
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.negotiation import HTML
from sikkerby_kg.server.openapi_parts import AS_OF_REF, refusals
from sikkerby_kg.server.reports import CONFORMS, DATA, FOR_PEOPLE, JSON
from sikkerby_kg.server.upload import FILE, SYNTAX, TEXT
from sikkerby_kg.server.validation import SEVERITY, SHAPE
from sikkerby_kg.texts import text

Object = dict[str, Any]

_EXAMPLE = "<https://example.org/a> a <https://example.org/B> .\n"


def validation() -> Object:
    """The report on the content."""
    lang = language()
    severity = {
        "name": SEVERITY,
        "in": "query",
        "description": text("api.severity", lang),
        "allowEmptyValue": True,
        "schema": {"type": "string", "enum": [each.lower() for each in SEVERITIES]},
    }
    shape = {
        "name": SHAPE,
        "in": "query",
        "description": text("api.shape", lang),
        "allowEmptyValue": True,
        "schema": {"type": "string"},
    }
    return {
        **_described("validation"),
        "parameters": [severity, shape, _format(), {"$ref": f"#/components/parameters/{LANG}"}, AS_OF_REF],
        "responses": {"200": _report(), **refusals(304, 400, 405, 406, 500, 502, 503, 504)},
    }


def validate_post() -> Object:
    """The report on a file that is sent."""
    form = {
        "type": "object",
        "properties": {
            TEXT: {"type": "string"},
            FILE: {"type": "string", "contentMediaType": "application/octet-stream"},
            SYNTAX: {"type": "string", "enum": ["", *(each.name for each in RDF_FORMATS)]},
        },
    }
    files: Object = {each.media_type: {"schema": {"type": "string"}} for each in RDF_FORMATS}
    files[RDF_FORMATS[0].media_type]["example"] = _EXAMPLE
    answered = _report()
    answered["headers"] = {
        CONFORMS: {
            "description": text("api.conforms", language()),
            "schema": {"type": "string", "enum": ["true", "false"]},
        }
    }
    return {
        **_described("validate-post"),
        "parameters": [_format(), {"$ref": f"#/components/parameters/{LANG}"}],
        "requestBody": {"required": True, "content": {**files, "multipart/form-data": {"schema": form}}},
        "responses": {"200": answered, **refusals(400, 405, 406, 413, 415, 500, 502, 503, 504)},
    }


def _described(name: str) -> Object:
    lang = language()
    return {
        "operationId": name,
        "tags": [text("api.tag.validation", lang)],
        "summary": text(f"api.path.{name}", lang),
    }


def _format() -> Object:
    return {
        "name": "format",
        "in": "query",
        "description": text("api.format", language()),
        "allowEmptyValue": True,
        "schema": {"type": "string", "enum": [each.name for each in FOR_PEOPLE]},
        "example": JSON.name,
    }


def _report() -> Object:
    """The answer with a report."""
    told = {"$ref": "#/components/schemas/ValidationReport"}
    listed = {"type": "array", "items": {"type": "object"}}  # the format codequality
    content: Object = {each.media_type: {"schema": {"type": "string"}} for each in (HTML, *DATA)}
    content[JSON.media_type] = {"schema": {"anyOf": [told, listed]}}
    return {"description": text("api.answer", language()), "content": content}
