"""Whatever is sent, the server answers: in time, never with a mistake of its own, and as it says it does.

The default run is the same every time. To search further, with other seeds each time:
``python3 run.py test tests/test_fuzz_requests.py --hypothesis-profile=long``.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import example, given, strategies as st

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.formats import RDF_FORMATS, Format, media_ranges, negotiate
from sikkerby_kg.queries import Queries
from sikkerby_kg.server import create_app
from sikkerby_kg.server.compression import accepted
from sikkerby_kg.server.negotiation import DOCUMENT_FORMATS
from sikkerby_kg.server.site import EXTENSION, Site
from tests.fuzz_asking import SEEN, Request, ask
from tests.fuzz_values import (
    HEADER_VALUES,
    MEDIA_TYPES,
    METHODS,
    NAMES,
    bodies,
    encoded,
    headers,
    mutated,
    paths_of,
    queries,
    query_strings,
    raw,
    words,
)

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module", autouse=True)
def seen(request: pytest.FixtureRequest) -> Iterator[TextIO]:
    """Standard error as whoever runs the tests sees it, for the traceback of what hangs."""
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        descriptor = os.dup(2)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        SEEN.append(stream)
        yield stream
        SEEN.remove(stream)


@pytest.fixture(scope="module", autouse=True)
def _nothing_changes(city: KnowledgeGraph, graph: KnowledgeGraph) -> Iterator[None]:
    """No request changes a statement."""
    before = [sorted(each.dump("nq").splitlines()) for each in (city, graph)]
    yield
    assert [sorted(each.dump("nq").splitlines()) for each in (city, graph)] == before


# --- The application ----------------------------------------------------------------------------


@given(st.data())
def test_every_request_is_answered_as_promised(app: Flask, city_app: Flask, data: st.DataObject) -> None:
    served = data.draw(st.sampled_from([city_app, city_app, app]), label="app")
    request = data.draw(
        st.builds(Request, st.sampled_from(METHODS), paths_of(served), query_strings, headers, bodies)
    )
    ask(served, request)


@given(st.data())
def test_get_every_route_is_answered_as_promised(app: Flask, city_app: Flask, data: st.DataObject) -> None:
    """Requests that get further: well-formed ones with one wild value."""
    served = data.draw(st.sampled_from([city_app, city_app, app]), label="app")
    method = data.draw(st.sampled_from(["GET", "HEAD"]))
    accept = data.draw(st.sampled_from([*MEDIA_TYPES, "*/*"]))
    name, value = data.draw(st.tuples(st.sampled_from(NAMES), encoded))
    request = Request(method, data.draw(paths_of(served)), f"{name}={value}", [("Accept", accept)])
    ask(served, request)


@given(st.data())
def test_get_saved_query_with_any_value_is_a_200_or_says_what_is_wrong(
    app: Flask, data: st.DataObject
) -> None:
    saved = data.draw(st.sampled_from(sorted(served_queries(app).values(), key=lambda query: query.name)))
    names = [parameter.name for parameter in saved.parameters] + [
        "limit",
        "offset",
        "lang",
        "format",
        "no-such",
    ]
    examples = [parameter.example for parameter in saved.parameters]
    value = encoded | st.sampled_from([*examples, "json", "10", "html"]).map(quote)
    given_ = data.draw(st.dictionaries(st.sampled_from(names), value, max_size=4))
    accept = data.draw(st.sampled_from(["application/json", "text/html", "text/csv", "text/turtle"]))
    query = "&".join(f"{name}={value}" for name, value in given_.items())
    answer = ask(app, Request("GET", f"/query/{saved.name}", query, [("Accept", accept)]))
    assert answer.status in (200, 400, 406)


def served_queries(app: Flask) -> Queries:
    site: Site = app.extensions[EXTENSION]
    return site.graph.queries


@given(
    query=st.one_of(
        queries, mutated(), words, st.sampled_from("\"'\\({[<?:_.#-a0@\n").map(lambda c: c * 9_000)
    ),
    accept=st.sampled_from(MEDIA_TYPES),
    method=st.sampled_from(["GET", "POST", "form"]),
)
@example("SELECT * { ?a ?b " + '"\\' * 9_000, "text/html", "POST")
@example('SELECT * { ?a ?b "\ud800" }', "text/html", "form")
def test_any_query_is_answered_or_refused_with_its_place(
    city_app: Flask, query: str, accept: str, method: str
) -> None:
    plain = query.encode("utf-8", "surrogatepass")
    kind = ("Accept", accept)
    form = b"query=" + quote(plain).encode()
    request = {
        "GET": Request("GET", "/sparql", form.decode(), [kind]),
        "POST": Request("POST", "/sparql", "", [kind, ("Content-Type", "application/sparql-query")], plain),
        "form": Request(
            "POST", "/sparql", "", [kind, ("Content-Type", "application/x-www-form-urlencoded")], form
        ),
    }[method]
    answer = ask(city_app, request)
    assert answer.status in (200, 400, 403, 406)
    if answer.kind == "application/problem+json":
        problem = json.loads(answer.body)
        assert problem.get("line", 1) >= 1
        assert problem.get("column", 1) >= 1


@given(st.integers(0, 12), st.sampled_from(["json", "csv", "tsv", "xml", "html", "nt", "ttl", "jsonld"]))
def test_a_cut_result_is_never_silent(small_app: Flask, count: int, name: str) -> None:
    """An answer that holds fewer rows than there are says so; one that holds all does not."""
    head = "SELECT *" if name in ("json", "csv", "tsv", "xml", "html") else "CONSTRUCT { ?s ?p ?o }"
    values = " ".join(f"(<http://e/{n}> <http://e/p> {n})" for n in range(count))
    query = quote(f"{head} {{ VALUES (?s ?p ?o) {{ {values} }} }}")
    answer = ask(small_app, Request("GET", "/sparql", f"query={query}&format={name}"))
    assert answer.status == 200
    assert answer.headers.get("X-Sikkerby-Truncated") == (f"rows={MOST_ROWS}" if count > MOST_ROWS else None)


MOST_ROWS = 5


@pytest.fixture(scope="module")
def small_app() -> Iterator[Flask]:
    """A server that gives few rows."""
    settings = Settings(root=str(ROOT / "tests/city"), result_rows=MOST_ROWS)
    with open_graph(settings=settings) as graph:
        yield create_app(settings, graph)


# --- Negotiation --------------------------------------------------------------------------------


@given(st.text() | raw | HEADER_VALUES["Accept"])
def test_any_accept_header_chooses_what_is_offered_or_nothing(header: str) -> None:
    assert negotiate(header, DOCUMENT_FORMATS) in (None, *DOCUMENT_FORMATS)
    assert all(0 <= quality <= 1 for _, quality in media_ranges(header))
    assert accepted(header) in ("gzip", "")


@given(st.dictionaries(st.sampled_from(["text/turtle", "application/trig", "text/*", "application/*", "*/*"]),
                       st.integers(0, 10), min_size=1))  # fmt: skip
def test_accept_is_weighed_as_the_standard_says(wanted: dict[str, int]) -> None:
    """The most specific range counts (RFC 9110 §12.5.1), worked out in another way."""
    offered = [found for found in RDF_FORMATS if found.media_type in ("text/turtle", "application/trig")]

    def weight(found: Format) -> int:
        kind = found.media_type.split("/")[0]
        return next((wanted[name] for name in (found.media_type, f"{kind}/*", "*/*") if name in wanted), 0)

    best = max(offered, key=weight)
    header = ", ".join(f"{name} ; q={number / 10}" for name, number in wanted.items())
    assert negotiate(header, offered) is (best if weight(best) else None)
