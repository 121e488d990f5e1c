"""What the OpenAPI document is made of beside the saved queries: schemas, answers, and the other paths."""

from collections.abc import Mapping, Sequence
from typing import Any

from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.server.endpoint import EXAMPLE
from sikkerby_kg.server.errors import PROBLEM
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.negotiation import DOCUMENT_FORMATS, HTML
from sikkerby_kg.server.paging import LIMIT, RANGES, TOTAL
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import ENTITY
from sikkerby_kg.texts import LANGUAGES, text

Object = dict[str, Any]

SCHEMAS: Mapping[str, Object] = {
    "date": {"type": "string", "format": "date"},
    "dateTime": {"type": "string", "format": "date-time"},
    "year": {"type": "string", "pattern": "^-?([1-9][0-9]{3,}|0[0-9]{3})$"},
    "string": {"type": "string"},
    "language": {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "iri": {"type": "string", "format": "iri"},
}
"""The schema for each type of a parameter."""

PAGING_HEADERS: Object = {
    "Link": {"$ref": "#/components/headers/Link"},
    TOTAL: {"$ref": f"#/components/headers/{TOTAL}"},
}
"""The headers of an answer that is given part by part."""

_MANY = {"type": "array", "items": {"type": "string", "format": "iri"}}


def as_json(kind: str, written: str) -> str | int | float | bool:
    """A value of a parameter, as it is written in the header of its query, in JSON."""
    if kind == "integer":
        return int(written)
    if kind == "decimal":
        return float(written)
    return written.lower() in ("true", "1") if kind == "boolean" else written


def answer(description: str, formats: Sequence[Format]) -> Object:
    """A response with a body in one of several formats."""
    content: Object = {found.media_type: {"schema": {"type": "string"}} for found in formats}
    for name in ("application/sparql-results+json", "application/ld+json"):
        if name in content:
            content[name] = {"schema": {"type": ["object", "array"]}}
    return {"description": description, "content": content}


def refusals(*statuses: int) -> Object:
    """The responses other than success, by status."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def components() -> Object:
    """The parts that several operations refer to."""
    lang = language()
    return {
        "schemas": {"Problem": _problem(), "Solutions": _solutions()},
        "parameters": {
            LANG: {
                "name": LANG,
                "in": "query",
                "description": text("api.lang", lang),
                "schema": {"type": "string", "enum": list(LANGUAGES)},
                "example": lang,
            },
            **{name: _number(name) for name in RANGES},
        },
        "headers": {
            "Link": {"description": text("api.link", lang), "schema": {"type": "string"}},
            TOTAL: {"description": text("api.total", lang), "schema": {"type": "integer"}},
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


REFUSED = (400, 403, 404, 405, 406, 413, 415, 500, 502, 503, 504)


def _number(name: str) -> Object:
    least, most, example = RANGES[name]
    return {
        "name": name,
        "in": "query",
        "description": text(f"api.{name}", language()),
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


# --- Paths ------------------------------------------------------------------------------------


def paths() -> Object:
    """The paths beside those of the saved queries."""
    return {
        "/sparql": {"get": _sparql(), "post": _sparql_post()},
        "/document/{path}": {"get": _document("document", "path", RDF_FORMATS)},
        "/resource": {"get": _document("resource", "query", RDF_FORMATS)},
        "/{path}": {"get": _thing()},
        "/openapi.json": {"get": _plain("openapi", "application/json")},
        "/health": {"get": _plain("health", "application/json", 503)},
        "/health/live": {"get": _plain("live", "application/json")},
        "/metrics": {"get": _plain("metrics", "text/plain")},
    }


def _described(name: str, tag: str) -> Object:
    lang = language()
    return {
        "operationId": name,
        "tags": [text(f"api.tag.{tag}", lang)],
        "summary": text(f"api.path.{name}", lang),
    }


def _chosen(names: Sequence[str]) -> Object:
    return {
        "name": "format",
        "in": "query",
        "description": text("api.format", language()),
        "schema": {"type": "string", "enum": list(dict.fromkeys(names))},
        "example": names[0],
    }


def _graphs(name: str) -> Object:
    return {
        "name": name,
        "in": "query",
        "description": text(f"api.{name}", language()),
        "schema": _MANY,
    }


def _sparql() -> Object:
    lang = language()
    query = {
        "name": "query",
        "in": "query",
        "description": text("api.query", lang),
        "schema": {"type": "string"},
        "example": EXAMPLE,
    }
    formats = [found.name for found in (*RESULT_FORMATS, *RDF_FORMATS, HTML)]
    return {
        **_described("sparql", "sparql"),
        "parameters": [query, _chosen(formats), *map(_graphs, ("default-graph-uri", "named-graph-uri"))],
        "responses": {
            "200": answer(text("api.answer", lang), (*RESULT_FORMATS, *RDF_FORMATS, HTML)),
            **refusals(304, 400, 403, 405, 406, 500, 502, 503, 504),
        },
    }


def _sparql_post() -> Object:
    lang = language()
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {"type": "string"},
            "default-graph-uri": _MANY,
            "named-graph-uri": _MANY,
            "format": {"type": "string"},
        },
    }
    return {
        **_described("sparql-post", "sparql"),
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": form},
                "application/sparql-query": {"schema": {"type": "string"}, "example": EXAMPLE},
            },
        },
        "responses": {
            "200": answer(text("api.answer", lang), (*RESULT_FORMATS, *RDF_FORMATS, HTML)),
            **refusals(400, 403, 405, 406, 413, 415, 500, 502, 503, 504),
        },
    }


def _document(name: str, where: str, formats: Sequence[Format]) -> Object:
    """A document about something, named by its path or by its IRI."""
    lang = language()
    example = _an_example()
    shown = site().addresses.document_path(example) or "" if where == "path" else example
    found = {
        "name": "path" if where == "path" else "iri",
        "in": where,
        "required": True,
        "description": text(f"api.{name}", lang),
        "schema": {"type": "string"},
        "example": shown,
    }
    return {
        **_described(name, "documents"),
        "parameters": [
            found,
            _chosen([f.name for f in (*formats, HTML)]),
            {"$ref": f"#/components/parameters/{LANG}"},
        ],
        "responses": {
            "200": answer(text("api.answer", lang), DOCUMENT_FORMATS),
            **refusals(304, 400, 404, 405, 406, 500, 502, 503, 504),
        },
    }


def _thing() -> Object:
    lang = language()
    base = site().addresses.base
    return {
        **_described("thing", "documents"),
        "parameters": [
            {
                "name": "path",
                "in": "path",
                "required": True,
                "description": text("api.thing", lang),
                "schema": {"type": "string"},
                "example": _an_example().removeprefix(base) or ENTITY,
            }
        ],
        "responses": refusals(303, 304, 404, 405, 406, 500, 502, 503, 504),
    }


def _an_example() -> str:
    """Something that the content describes and that has a path: what it is about, itself, or anything."""
    about = site().about
    likely = (*about.subjects, about.iri) if about else ()
    some = site().graph.sparql("SELECT DISTINCT ?s { ?s a ?c FILTER(isIRI(?s)) } ORDER BY ?s LIMIT 50")
    for iri in (*likely, *(str(row["s"]) for row in some)):
        if site().addresses.document_path(iri):
            return iri
    return site().addresses.base


def _plain(name: str, media: str, *statuses: int) -> Object:
    """An operation that takes nothing and answers in one format."""
    schema = {"type": "object"} if media.startswith("application/json") else {"type": "string"}
    content = {media: {"schema": schema}}
    responses = {"200": {"description": text("api.answer", language()), "content": content}}
    for status in statuses:
        described = text(f"api.status.{status}", language())
        responses[str(status)] = {"description": described, "content": content}
    return {**_described(name, "operation"), "responses": {**responses, **refusals(405)}}
