"""The interface is described as it is: a valid OpenAPI 3.1 document, the same for people, true examples."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.parameters import TYPES
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.server.openapi_parts import SCHEMAS
from sikkerby_kg.server.openapi_paths import paths
from sikkerby_kg.server.site import EXTENSION
from sikkerby_kg.texts import LANGUAGES

HTML = {"Accept": "text/html"}


def document_of(client: FlaskClient, lang: str = "en") -> dict[Any, Any]:
    """The document that a server gives."""
    response = client.get(f"/openapi.json?lang={lang}")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return dict(json.loads(response.text))


@pytest.fixture(scope="module")
def described(app: Flask) -> dict[str, Any]:
    """The document of the real content."""
    return document_of(app.test_client())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_get_openapi_is_valid(client: FlaskClient, city_client: FlaskClient, lang: str) -> None:
    for each in (client, city_client):
        document = document_of(each, lang)
        assert document["openapi"].startswith("3.1.")
        assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_get_openapi_speaks_the_readers_language(client: FlaskClient) -> None:
    danish = client.get("/openapi.json", headers={"Accept-Language": "da"})
    english = client.get("/openapi.json", headers={"Accept-Language": "en"})
    assert "Accept-Language" in danish.headers["Vary"]
    assert danish.text != english.text


def test_every_saved_query_is_described(described: dict[str, Any], graph: KnowledgeGraph) -> None:
    for saved in graph.queries.values():
        operation = described["paths"][f"/query/{saved.name}"]["get"]
        assert operation["summary"] == saved.question["en"]
        found = {p["name"]: p for p in operation["parameters"] if "name" in p}
        for parameter in saved.parameters:
            shown = found[parameter.name]
            assert shown["required"] is parameter.required
            assert shown["schema"].items() >= SCHEMAS[parameter.type].items()
            assert str(shown["example"]) == parameter.example
            if parameter.default is not None and parameter.type != "language":
                assert str(shown["schema"]["default"]) == parameter.default


def test_no_parameter_is_described_twice(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            names = [p.get("name") or p["$ref"].rpartition("/")[2] for p in operation.get("parameters", ())]
            assert len(names) == len(set(names)), path


def test_every_type_of_a_parameter_has_a_schema() -> None:
    assert SCHEMAS.keys() == TYPES.keys()


def test_what_is_described_is_served(described: dict[str, Any], app: Flask) -> None:
    with app.test_request_context("/openapi.json"):
        known = paths().keys()
    assert [path for path in known if path not in described["paths"]] == []


def test_what_is_served_is_described(described: dict[str, Any], app: Flask) -> None:
    served = set()
    for rule in app.url_map.iter_rules():
        served.add(re.sub(r"<(?:[^<>]*:)?([^<>]*)>", r"{\1}", str(rule)))
    assert served - described["paths"].keys() == {"/query/{name}", "/static/{filename}"}


def example_of(saved: SavedQuery) -> dict[str, str]:
    return {parameter.name: parameter.example for parameter in saved.parameters}


def test_every_example_answers_as_its_schema_says(
    client: FlaskClient, graph: KnowledgeGraph, described: dict[str, Any]
) -> None:
    for saved in graph.queries.values():
        href = f"/query/{saved.name}?" + urlencode({**example_of(saved), "format": "json", "limit": "3"})
        response = client.get(href)
        assert response.status_code == 200, response.text
        content = described["paths"][f"/query/{saved.name}"]["get"]["responses"]["200"]["content"]
        schema = {**content[response.mimetype]["schema"], "components": described["components"]}
        Draft202012Validator(schema).validate(json.loads(response.text))
        assert int(response.headers["X-Total-Count"]) >= 0


def test_a_refusal_is_as_its_schema_says(client: FlaskClient, described: dict[str, Any]) -> None:
    schema = {**described["components"]["schemas"]["Problem"]}
    for path in ("/query/plans-valid-on-date?asOf=soon", "/query/no-such", "/sparql?query=SELECT"):
        response = client.get(path, headers={"Accept": "application/json;q=0.5, text/csv"})
        assert response.mimetype == "application/problem+json"
        Draft202012Validator(schema).validate(json.loads(response.text))


def test_get_api_shows_every_operation_and_its_examples_answer(
    client: FlaskClient, described: dict[str, Any]
) -> None:
    assert client.application.extensions[EXTENSION].judges.content(180), (
        "else its validation is not there yet"
    )
    page = client.get("/api?lang=en", headers=HTML).text
    assert not re.search(r'<script(?! (?:type="module" )?src="/static/| type="application/ld\+json")', page)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert f"<code>{method.upper()} {path}</code>" in page
            assert f'id="{operation["operationId"]}"' in page
    examples = [unescape(href) for href in re.findall(r'Try: <a href="([^"]*)"', page)]
    assert len(examples) >= len(described["paths"]) - 1
    for href in examples:
        assert client.get(href).status_code in (200, 303), href


def test_get_api_is_found_from_every_page(city_client: FlaskClient) -> None:
    assert 'href="/api?lang=da" rel="service-doc"' in city_client.get("/?lang=da", headers=HTML).text


def test_get_openapi_under_a_path_names_it(city_app: Flask) -> None:
    response = city_app.test_client().get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/by/graf"})
    assert json.loads(response.text)["servers"] == [{"url": "/by/graf"}]
