"""The HTTP interface in words: an OpenAPI 3.1 document made from the saved queries, and its page."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for

from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.server import openapi_parts as parts, openapi_paths
from sikkerby_kg.server.as_of import PARAMETER as AS_OF
from sikkerby_kg.server.given import FORMAT, formats_of
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.negotiation import HTML
from sikkerby_kg.server.paging import names_of
from sikkerby_kg.server.saved import tag_name
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.server.sorting import DESCENDING, SORT, sortable
from sikkerby_kg.texts import text
from sikkerby_kg.version import package_version

blueprint = Blueprint("openapi", __name__)

Object = dict[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter on the page; ``kind`` is its type in words."""

    name: str
    kind: str
    note: str
    example: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on the page; ``example`` is an address that answers."""

    id: str
    method: str
    path: str
    summary: str
    note: str
    arguments: Sequence[Argument]
    media_types: Sequence[str]
    example: str


@dataclass(frozen=True, slots=True)
class ApiPage:
    """What the template of the page gets: the operations under each tag."""

    groups: Sequence[tuple[str, Sequence[Operation]]]
    document: str


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Answer with the document."""
    response = make_response(json.dumps(document(), ensure_ascii=False, indent=1) + "\n")
    response.content_type = "application/json"
    if LANG not in request.args:
        response.vary.add("Accept-Language")
    return response


@blueprint.get("/api")
def api() -> str:
    """The same in words."""
    groups: dict[str, list[Operation]] = {}
    described = document()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            found = _operation(described, path, method, operation)
            groups.setdefault(operation["tags"][0], []).append(found)
    page = ApiPage(list(groups.items()), url_for("openapi.openapi"))
    return render_template("api.html", page=page)


def document() -> Object:
    """The OpenAPI document in the reader's language (https://spec.openapis.org/oas/v3.1.1)."""
    lang = language()
    paths: Object = {}
    for queries in site().graph.queries.by_tag().values():
        for saved in queries:
            paths[f"/query/{saved.name}"] = {"get": _saved(saved)}
    paths |= {path: methods for path, methods in openapi_paths.paths().items() if _is_served(path)}
    tags = list(dict.fromkeys(o["tags"][0] for methods in paths.values() for o in methods.values()))
    return {
        "openapi": "3.1.1",
        "info": _info(lang),
        "servers": [{"url": request.script_root or "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": parts.components(),
    }


def _info(lang: str) -> Object:
    about = site().about
    info: Object = {
        "title": site().name(lang).text,
        "summary": text("api.summary", lang),
        "description": text("api.lead", lang),
        "version": package_version(),
    }
    described = in_language(about.description, lang) if about else None
    if described:
        info["description"] = f"{described.text}\n\n{info['description']}"
    if about and about.license:
        info["license"] = {"name": about.license.rstrip("/").rpartition("/")[2], "url": about.license}
    return info


def _is_served(path: str) -> bool:
    """Whether the app has a route for a path of the document."""
    rules = {re.sub(r"<[^<>]*:", "<", str(rule)) for rule in current_app.url_map.iter_rules()}
    return path.replace("{", "<").replace("}", ">") in rules


def _saved(saved: SavedQuery) -> Object:
    """The operation that answers a saved query."""
    lang = language()
    own = {parameter.name for parameter in saved.parameters}
    shared = [name for name in (LANG, AS_OF, *names_of(saved)) if name not in own]
    formats = formats_of(saved)
    described = saved.description[lang]
    if saved.empty and lang in saved.empty:
        described += f"\n\n{text('api.empty', lang, reason=saved.empty[lang])}"
    ok = parts.answer(text("api.answer", lang), (HTML, *formats))
    if saved.form == "SELECT":
        ok["headers"] = parts.PAGING_HEADERS
        ok["content"]["application/sparql-results+json"] = _solutions(saved)
    return {
        "operationId": saved.name,
        "tags": [tag_name(saved.tags[0])],
        "summary": saved.question[lang],
        "description": described,
        "parameters": [
            *map(_parameter, saved.parameters),
            _format((HTML, *formats)),
            *({"$ref": f"#/components/parameters/{name}"} for name in shared),
            *_order(saved),
        ],
        "responses": {"200": ok, **parts.refusals(304, 400, 404, 405, 406, 500, 502, 503, 504)},
    }


def _solutions(saved: SavedQuery) -> Object:
    """What the JSON of a query looks like: its columns are known."""
    columns = list(saved.columns)
    return {
        "schema": {
            "allOf": [
                {"$ref": "#/components/schemas/Solutions"},
                {"properties": {"head": {"properties": {"vars": {"const": columns}}}}},
            ]
        },
        "example": {"head": {"vars": columns}, "results": {"bindings": []}},
    }


def _parameter(parameter: Parameter) -> Object:
    """A parameter of a saved query with the schema of its type."""
    lang = language()
    schema = dict(parts.SCHEMAS[parameter.type])
    if parameter.default is not None and parameter.type != "language":  # that follows Accept-Language
        schema["default"] = parts.as_json(parameter.type, parameter.default)
    described = f"{parameter.label[lang]}. {text(f'api.type.{parameter.type}', lang)}"
    if parameter.choices:
        described += " " + text("api.choices", lang, kind=parameter.choices)
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": described,
        "schema": schema,
        "example": parts.as_json(parameter.type, parameter.example),
    }


def _order(saved: SavedQuery) -> Iterator[Object]:
    """The parameter that orders the rows, where the query has rows."""
    names = sortable(saved, language())
    if names:
        yield {
            "name": SORT,
            "in": "query",
            "description": text("api.sort", language()),
            "allowEmptyValue": True,
            "schema": {"type": "string", "enum": [way + name for name in names for way in ("", DESCENDING)]},
            "example": names[0],
        }


def _format(formats: Sequence[Format]) -> Object:
    return {
        "name": FORMAT,
        "in": "query",
        "description": text("api.format", language()),
        "allowEmptyValue": True,
        "schema": {"type": "string", "enum": [candidate.name for candidate in formats]},
        "example": "json" if formats[1:2] == RESULT_FORMATS[:1] else RDF_FORMATS[0].name,
    }


# --- The page ---------------------------------------------------------------------------------


def _operation(described: Object, path: str, method: str, operation: Object) -> Operation:
    found = [_resolved(described, parameter) for parameter in operation.get("parameters", ())]
    media_types = operation["responses"].get("200", {}).get("content", {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        note=operation.get("description", ""),
        arguments=[_argument(parameter) for parameter in found],
        media_types=list(media_types),
        example=_example(path, found) if method == "get" else "",
    )


def _resolved(described: Object, parameter: Object) -> Object:
    name = str(parameter.get("$ref", "")).rpartition("/")[2]
    return dict(described["components"]["parameters"][name]) if name else parameter


def _argument(parameter: Object) -> Argument:
    schema = parameter["schema"]
    kind = schema.get("format") or schema["type"]
    values = ", ".join(map(str, schema.get("enum", schema.get("examples", ()))))
    default = schema.get("default")
    notes = [parameter["description"], values]
    if default is not None:
        notes.append(text("api.default", language(), value=default))
    return Argument(
        name=parameter["name"],
        kind=kind,
        note=" · ".join(note for note in notes if note),
        example=str(parameter.get("example", "")),
        required=parameter.get("required", False),
    )


def _example(path: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    """An address that answers: every parameter that must be given, and those that choose rows and format."""
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    pairs = urlencode(list(_pairs(parameters)))
    return f"{request.script_root}{path}" + (f"?{pairs}" if pairs else "")


def _pairs(parameters: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for parameter in parameters:
        has_default = "default" in parameter["schema"] or parameter["name"] == LANG
        if parameter["in"] == "query" and "example" in parameter and not has_default:
            value = parameter["example"]
            yield parameter["name"], str(value).lower() if isinstance(value, bool) else str(value)
