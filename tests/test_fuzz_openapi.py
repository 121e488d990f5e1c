"""The OpenAPI document is true: requests made from it, or from what it rules out, are answered as it says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask, Response
from hypothesis import HealthCheck, Phase, errors, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

MORE = settings().max_examples // 100
"""One, and many times as many examples with ``--hypothesis-profile=long``."""


def skipped(operation: Any, case: Case[Any]) -> Iterator[Any]:
    """The checks that mean nothing for an operation."""
    kinds = {parameter["schema"].get("format") for parameter in parameters(operation)}
    # By their schemas alone, not every text is a query, an IRI, a file of RDF, or the name of a shape.
    if operation.path in ("/sparql", "/validate", "/validation") or "iri" in kinds:
        yield CHECKS.get_one("positive_data_acceptance")
    if "" in (case.query or {}).values():  # allowEmptyValue: as if it was not given
        yield CHECKS.get_one("negative_data_rejection")


def as_written(value: object) -> object:
    """A whole number without a point: 30.0 is one in JSON Schema, but nobody writes it so in an address."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def parameters(operation: Any) -> list[dict[str, Any]]:
    return [parameter.definition for parameter in operation.query] if operation.query else []


def failures_of(operation: Any, mode: GenerationMode, examples: int) -> list[str]:
    """What requests to one operation show to be other than described."""
    found: list[str] = []

    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        case.headers["Accept-Encoding"] = "identity"
        case.query = {name: as_written(value) for name, value in (case.query or {}).items()}
        try:
            case.call_and_validate(excluded_checks=list(skipped(operation, case)))
        except FailureGroup as group:
            found.extend(
                f"{operation.label} {case.formatted_path} {case.query} {case.body!r:.80}: {failure}"
                for failure in group.exceptions
            )

    try:
        ask()
    except errors.Unsatisfiable:  # an operation that takes nothing: no request is wrong
        assert mode is GenerationMode.NEGATIVE
        assert not parameters(operation)
    return found


def failures(served: Flask, path: str, examples: int) -> list[str]:
    """What requests to all operations show."""
    schema = schemathesis.openapi.from_wsgi(path, served)
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    return [
        failure
        for operation in operations
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for failure in failures_of(operation, mode, examples)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "examples"), [("city_app", 10), ("app", 4)])
def test_every_operation_is_as_it_is_described(
    name: str, examples: int, request: pytest.FixtureRequest
) -> None:
    served: Flask = request.getfixturevalue(name)
    assert len(json.loads(served.test_client().get("/openapi.json").text)["paths"]) > 10
    found = failures(served, "/openapi.json?lang=en", examples * MORE)
    assert not found, "\n\n".join(failure[:420] for failure in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "media_type", "body", "failure"),
    [
        (200, "application/json", '{"a": 1}', ""),
        (200, "application/json", '{"a": "x"}', "schema"),
        (200, "text/html", "x", "Content-Type"),
        (500, "application/json", '{"a": 1}', "Server error"),
        (404, "application/json", '{"a": 1}', "status code"),
    ],
)
def test_an_untrue_document_is_found(status: int, media_type: str, body: str, failure: str) -> None:
    lying = Flask("lying")
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    ok = {"description": "x", "content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": "3.1.1",
        "info": {"title": "x", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": ok}}}},
    }
    lying.add_url_rule("/openapi.json", "document", lambda: document)
    lying.add_url_rule("/a", "a", lambda: Response(body, status, content_type=media_type))
    found = failures(lying, "/openapi.json", 1)
    assert any(failure.lower() in each.lower() for each in found) if failure else not found


@pytest.mark.parametrize("name", ["city_app", "app"])
def test_methods_that_are_not_described_are_a_405(name: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(name).test_client()
    described = json.loads(client.get("/openapi.json").text)["paths"]
    for path, operations in described.items():
        address = path.replace("{suffix}", "ttl").replace("{path}", "x")
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
            if method.lower() in operations:
                continue
            response = client.open(address, method=method)
            assert response.status_code == 405, (method, path)
            allowed = {name.strip().lower() for name in response.headers["Allow"].split(",")}
            assert operations.keys() <= allowed, (method, path)
