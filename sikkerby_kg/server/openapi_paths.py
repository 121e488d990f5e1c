"""The paths of the OpenAPI document beside those of the saved queries."""

from collections.abc import Sequence
from typing import Any

from sikkerby_kg import terms
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.search import LIMIT as HITS, MOST
from sikkerby_kg.server import openapi_validation
from sikkerby_kg.server.asked import DRAFT
from sikkerby_kg.server.endpoint import FIRST_QUERY
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.negotiation import DOCUMENT_FORMATS, HTML
from sikkerby_kg.server.neighbourhood import JSON
from sikkerby_kg.server.openapi_parts import AS_OF_REF, answer, refusals
from sikkerby_kg.server.overview import UNDER
from sikkerby_kg.server.paging import LIMIT
from sikkerby_kg.server.saved import TOPIC
from sikkerby_kg.server.search import SUGGEST
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import ENTITY, VALIDATE
from sikkerby_kg.texts import text

Object = dict[str, Any]

_MANY = {"type": "array", "items": {"type": "string", "format": "iri"}}


def paths() -> Object:
    """The paths beside those of the saved queries."""
    return {
        "/sparql": {"get": _sparql(), "post": _sparql_post()},
        "/document/{path}": {"get": _document("document", "path", RDF_FORMATS)},
        "/resource": {"get": _document("resource", "query", RDF_FORMATS)},
        "/{path}": {"get": _thing()},
        "/search": {"get": _search()},
        "/neighbourhood": {"get": _neighbourhood()},
        "/vocab.json": {"get": _vocabulary()},
        "/dataset.{suffix}": {"get": _file("dataset")},
        "/graph.{suffix}": {"get": _file("graph")},
        "/catalog": {"get": _record("catalog")},
        "/.well-known/void": {"get": _record("void")},
        "/.well-known/sparql-examples": {"get": _record("sparql-examples")},
        "/catalog.{suffix}": {"get": _file("catalog-file")},
        "/document/{path}.{suffix}": {"get": _document_file()},
        "/": {"get": _page("home")},
        "/kind": {"get": _page("kinds")},
        "/kind/{name}": {"get": _page("kind")},
        "/query": {"get": _page("queries")},
        "/timeline": {"get": _page("timeline")},
        "/coverage": {"get": _page("coverage")},
        "/gaps": {"get": _page("gaps")},
        "/downloads": {"get": _page("downloads")},
        "/validation": {"get": openapi_validation.validation()},
        VALIDATE: {"get": _page("validate"), "post": openapi_validation.validate_post()},
        "/api": {"get": _page("api")},
        "/about": {"get": _page("about")},
        "/accessibility": {"get": _page("accessibility")},
        "/robots.txt": {"get": _plain("robots", "text/plain")},
        "/sitemap.xml": {"get": _plain("sitemap", "application/xml")},
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
        "allowEmptyValue": True,
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
        "example": FIRST_QUERY,
    }
    draft = {
        "name": DRAFT,
        "in": "query",
        "description": text("api.draft", lang),
        "schema": {"type": "string"},
    }
    formats = [found.name for found in (*RESULT_FORMATS, *RDF_FORMATS, HTML)]
    return {
        **_described("sparql", "sparql"),
        "parameters": [
            query,
            draft,
            _chosen(formats),
            *map(_graphs, ("default-graph-uri", "named-graph-uri")),
        ],
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
                "application/sparql-query": {"schema": {"type": "string"}, "example": FIRST_QUERY},
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
        "description": text("api.document" if where == "path" else "api.resource", lang),
        "schema": {"type": "string"},
        "example": shown,
    }
    return {
        **_described(name, "documents"),
        "parameters": [
            found,
            _chosen([f.name for f in (*formats, HTML)]),
            {"$ref": f"#/components/parameters/{LANG}"},
            AS_OF_REF,
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


def _search() -> Object:
    lang = language()
    words = {
        "name": "q",
        "in": "query",
        "required": True,
        "description": text("api.q", lang),
        "schema": {"type": "string", "minLength": 1},
        "example": "plan",
    }
    limit = {
        "name": LIMIT,
        "in": "query",
        "description": text("api.hits", lang),
        "allowEmptyValue": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": HITS},
        "example": 5,
    }
    suggest = {
        "name": SUGGEST,
        "in": "query",
        "description": text("api.suggest", lang),
        "allowEmptyValue": True,
        "schema": {"type": "string"},
    }
    kind = {
        "name": "kind",
        "in": "query",
        "description": text("api.search_kind", lang),
        "schema": {"type": "string"},
    }
    content = {
        "application/json": {"schema": {"type": "object", "required": ["query", "hits"]}},
        HTML.media_type: {"schema": {"type": "string"}},
    }
    return {
        **_described("search", "documents"),
        "parameters": [words, limit, suggest, kind, {"$ref": f"#/components/parameters/{LANG}"}],
        "responses": {
            "200": {"description": text("api.answer", lang), "content": content},
            **refusals(304, 400, 405, 500, 502, 503, 504),
        },
    }


def _neighbourhood() -> Object:
    """What a thing is connected with, as a page or as JSON."""
    described = _document("neighbourhood", "query", ())
    _, chosen, *_ = described["parameters"]
    chosen["schema"]["enum"] = [HTML.name, JSON.name]
    chosen["example"] = JSON.name
    schema = {"type": "object", "required": ["middle", "nodes", "edges", "leftOut"]}
    described["responses"]["200"] = answer(text("api.answer", language()), (HTML,))
    described["responses"]["200"]["content"][JSON.media_type] = {"schema": schema}
    return described


def _vocabulary() -> Object:
    """The terms and names of the graph, as JSON."""
    schema = {"type": "object", "required": ["prefixes", "terms", "complete"]}
    content = {"application/json": {"schema": schema}}
    return {
        **_described("vocabulary", "documents"),
        "responses": {
            "200": {"description": text("api.answer", language()), "content": content},
            **refusals(304, 405, 500, 502, 503, 504),
        },
    }


def _suffix(formats: Sequence[Format]) -> Object:
    return {
        "name": "suffix",
        "in": "path",
        "required": True,
        "description": text("api.format", language()),
        "schema": {"type": "string", "enum": [found.name for found in formats]},
        "example": RDF_FORMATS[1].name,
    }


def _document_file() -> Object:
    """A document about something in the format of its suffix."""
    described = _document("document-file", "path", RDF_FORMATS)
    found, _, *kept = described["parameters"]
    described["parameters"] = [found, _suffix((HTML, *RDF_FORMATS)), *kept]
    del described["responses"]["406"]
    return described


def _page(name: str) -> Object:
    """A page for people; that of a kind takes its name."""
    lang = language()
    kind = {
        "name": "name",
        "in": "path",
        "required": True,
        "description": text("api.kind", lang),
        "schema": {"type": "string"},
        "example": site().kind_name(min(site().kinds.direct, default="")),
    }
    under = {
        "name": UNDER,
        "in": "query",
        "description": text("api.under", lang),
        "allowEmptyValue": True,
        "schema": {"type": "string"},
        "example": site().addresses.document_path(_an_example()) or "",
    }
    own = {"kind": [kind], "gaps": [under], "queries": [_topic()]}.get(name, [])
    return {
        **_described(name, "pages"),
        "parameters": [*own, {"$ref": f"#/components/parameters/{LANG}"}, AS_OF_REF],
        "responses": {
            "200": answer(text("api.answer", lang), (HTML,)),
            **refusals(304, 400, *([404] if own else []), 405, 500, 502, 503, 504),
        },
    }


def _topic() -> Object:
    """What the saved queries in the list are about."""
    tags = sorted({tag for query in site().graph.queries.values() for tag in query.tags})
    return {
        "name": TOPIC,
        "in": "query",
        "description": text("api.topic", language()),
        "allowEmptyValue": True,
        "schema": {"type": "string", **({"enum": tags} if tags else {})},
        **({"example": tags[0]} if tags else {}),
    }


def _file(name: str) -> Object:
    """A download in the format of its suffix: everything, one graph, or the record of the dataset."""
    lang = language()
    suffix = _suffix(RDF_FORMATS)
    iri = {
        "name": "iri",
        "in": "query",
        "required": True,
        "description": text("api.graph", lang),
        "schema": {"type": "string"},
        "example": _a_graph(),
    }
    return {
        **_described(name, "documents"),
        "parameters": [suffix, *([iri] if name == "graph" else []), AS_OF_REF],
        "responses": {
            "200": answer(text("api.answer", lang), RDF_FORMATS),
            **refusals(304, 400, 404, 405, 500, 502, 503, 504),
        },
    }


def _record(name: str) -> Object:
    """A description of the dataset as RDF."""
    return {
        **_described(name, "documents"),
        "parameters": [_chosen([found.name for found in RDF_FORMATS])],
        "responses": {
            "200": answer(text("api.answer", language()), RDF_FORMATS),
            **refusals(304, 400, 404, 405, 406, 500, 502, 503, 504),
        },
    }


def _a_graph() -> str:
    """The name of a graph, the same over every store."""
    found = site().graph.store.evaluate("SELECT (MIN(STR(?g)) AS ?name) { GRAPH ?g { ?s ?p ?o } }")
    return next((str(terms.to_python(name)) for (name,) in found.solutions() if name is not None), "")


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
