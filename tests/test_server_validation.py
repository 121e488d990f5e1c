"""The page about the validation of the content: results by severity and thing, shapes, filters, data."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sikkerby_kg import Settings, open_graph
from sikkerby_kg.server import create_app
from sikkerby_kg.server.site import EXTENSION, Site
from tests.conftest import CITY
from tests.running import served, wait_for

HTML = {"Accept": "text/html"}
PATTERN = "https://example.org/blob/main/{file}#L{line}"


def judged(app: Flask) -> FlaskClient:
    """A client of an app whose content has been judged."""
    site: Site = app.extensions[EXTENSION]
    assert site.judges.content(180) is not None
    return app.test_client()


@pytest.fixture(scope="module")
def ours(app: Flask) -> FlaskClient:
    return judged(app)


@pytest.fixture(scope="module")
def citys(city_app: Flask) -> FlaskClient:
    return judged(city_app)


@pytest.fixture
def small(make_root: Path) -> Iterator[Flask]:
    """A server over a root with two shapes of its own: one finds mistakes, one has nothing to look at."""
    (make_root / "ontology/shapes.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<http://e/shapes> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
        "<http://e/Thing-shape> a sh:NodeShape ; sh:targetClass <http://e/Thing> ;\n"
        '  sh:name "<b>ting</b>"@da ; sh:property [ sh:path <http://e/p> ; sh:minCount 1 ;\n'
        '  sh:message "Giv den p: <script>alert(1)</script>"@da ] .\n'
        "<http://e/Other-shape> a sh:NodeShape ; sh:targetClass <http://e/Other> ; sh:nodeKind sh:IRI .\n",
        encoding="utf-8",
    )
    (make_root / "data/a b.trig").write_text(
        "<http://e/g> { <http://e/x> a <http://e/Thing> . <javascript:alert(1)> a <http://e/Thing> }",
        encoding="utf-8",
    )
    settings = Settings(root=str(make_root), source_url=PATTERN)
    app = create_app(settings)
    yield app
    app.extensions[EXTENSION].judges.close()


@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_validation_tells_verdict_counts_and_edition(ours: FlaskClient, lang: str) -> None:
    page = ours.get(f"/validation?lang={lang}", headers=HTML).text
    assert ("overholder formerne" if lang == "da" else "conforms to the shapes") in page
    assert "0.1.0" in page
    counted = re.findall(r"severity=(\w+)\"[^>]*>[^<]*</a> <span class=\"count\">(\d+)<", page)
    report = json.loads(ours.get("/validation?format=json").text)
    assert {name.capitalize(): int(count) for name, count in counted} == report["counts"]


def test_get_validation_links_each_result_to_its_thing_and_its_shape(ours: FlaskClient) -> None:
    report = json.loads(ours.get("/validation?format=json").text)
    page = ours.get("/validation?lang=en", headers=HTML).text
    assert len(report["findings"]) > 5
    for finding in report["findings"]:
        thing = finding["focus"].rpartition("/id/")[2]
        assert f'href="/document/{thing}?lang=en"' in page
        shape = finding["shape"].rpartition("/shape/")[2]
        assert f'href="/document/shape/{shape}?lang=en"' in page
    assert "data/statements/" in page


def test_get_validation_leads_to_the_page_of_every_shape(ours: FlaskClient) -> None:
    """… and each of these says what the shape demands, with its severity."""
    report = json.loads(ours.get("/validation?format=json").text)
    page = ours.get("/validation?lang=en", headers=HTML).text
    for shape in report["shapes"]:
        name = shape["iri"].rpartition("/shape/")[2]
        href = f"/document/shape/{name}?lang=en"
        assert f'href="{href}"' in page
        about = ours.get(href, headers=HTML)
        assert about.status_code == 200
        assert 'class="tag severity"' in about.text, name


def test_get_validation_says_which_shapes_have_nothing_to_look_at(citys: FlaskClient) -> None:
    page = citys.get("/validation?lang=en", headers=HTML).text
    report = json.loads(citys.get("/validation?format=json").text)
    idle = [each for each in report["shapes"] if each["focus"] == 0 and not each["by_query"]]
    assert len(idle) > 10
    assert f"{len(idle)} of them have nothing to look at" in page
    assert page.count("Has nothing to look at") == len(idle)
    assert 'href="/document/shape' not in page, "the city does not hold our shapes"


@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_validation_narrowed_down_shows_only_that(citys: FlaskClient, lang: str) -> None:
    whole = citys.get(f"/validation?lang={lang}", headers=HTML).text
    assert 'id="violation"' in whole
    assert 'id="warning"' in whole
    warnings = citys.get(f"/validation?severity=warning&lang={lang}", headers=HTML).text
    assert 'id="violation"' not in warnings
    assert 'id="warning"' in warnings
    (href,) = set(re.findall(r'href="([^"]*shape=[^"]*Concept)"', whole.replace("&amp;", "&")))
    narrowed = citys.get(href, headers=HTML).text
    assert 'id="warning"' not in narrowed
    assert 0 < narrowed.count('class="rule violation"') < whole.count('class="rule violation"')


@pytest.mark.parametrize("query", ["severity=bad", "shape=no-such", "format=xlsx", "severity=%3Cscript%3E"])
def test_get_validation_narrowed_by_what_there_is_not_is_a_400(citys: FlaskClient, query: str) -> None:
    answer = citys.get(f"/validation?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert json.loads(answer.text)["parameter"] == query.partition("=")[0]


def test_get_validation_is_kept_until_the_content_changes(ours: FlaskClient) -> None:
    first = ours.get("/validation", headers=HTML)
    again = ours.get("/validation", headers={**HTML, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_get_validation_links_files_where_the_operator_says_they_are(small: Flask) -> None:
    page = judged(small).get("/validation?lang=da", headers=HTML).text
    assert 'href="https://example.org/blob/main/data/a%20b.trig' in page
    assert ">data/a b.trig" in page


def test_get_validation_of_hostile_content_is_text(small: Flask) -> None:
    page = judged(small).get("/validation?lang=da", headers=HTML).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;ting&lt;/b&gt;" in page
    assert 'href="javascript:' not in page
    assert page.count("Har intet at se på") == 1


def test_get_validation_without_an_address_of_files_names_them_only(citys: FlaskClient) -> None:
    page = citys.get("/validation?lang=en", headers=HTML).text
    assert "data/register.trig" in page
    assert 'register.trig"' not in page


def test_get_validation_of_content_that_cannot_be_used_is_a_503_that_says_why(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        "<http://e/g> { <http://e/a> <http://e/b> <http://e/c> }", encoding="utf-8"
    )
    (make_root / "ontology/shapes.ttl").write_text(
        "<http://e/o> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
        "<http://e/s> a <http://www.w3.org/ns/shacl#NodeShap> .\n",
        encoding="utf-8",
    )
    app = create_app(graph=open_graph(make_root / "."))
    client, judges = app.test_client(), app.extensions[EXTENSION].judges
    assert wait_for(lambda: client.get("/validation", headers=HTML).status_code == 503, 60)
    page = client.get("/validation?lang=en", headers=HTML)
    assert "sh:NodeShap is not a term of SHACL" in page.text.replace("&#39;", "'")
    assert str(make_root) not in page.text
    sent = client.post("/validate?lang=en", data={"text": "<http://e/a> <http://e/b> 1 ."})
    assert sent.status_code == 503
    assert "Nothing can be validated here" in sent.text
    judges.close()


def test_get_validation_while_it_runs_says_so_and_blocks_no_page() -> None:
    with served(root=CITY) as server:
        first = server.get("/validation?lang=en", "Accept: text/html\r\n")
        if b"Refresh: 5" in first:  # else the machine was quick
            assert b"no-store" in first
            assert b"The content is being validated" in first
            data = server.get("/validation", "Accept: application/json\r\n")
            assert b" 200 " in data.splitlines()[0] or b"Retry-After: 5" in data
        assert server.status("/") == 200
        assert wait_for(
            lambda: b'id="shapes"' in server.get("/validation?lang=en", "Accept: text/html\r\n"), 90
        )


@pytest.mark.slow
def test_get_validation_of_an_endpoint_says_that_files_are_validated(
    city_endpoint: str,
) -> None:
    settings = Settings(root=str(CITY), store=city_endpoint)
    with open_graph(settings=settings) as graph:
        app = create_app(settings, graph)
        page = judged(app).get("/validation?lang=en", headers=HTML).text
        app.extensions[EXTENSION].judges.close()
    assert "the pages answer from an endpoint" in page


def test_pages_lead_to_the_validation(client: FlaskClient) -> None:
    for path in ("/", "/about", "/gaps"):
        assert "/validation?" in client.get(f"{path}?lang=en", headers=HTML).text
    assert "/validation" in client.get("/sitemap.xml?kind=").text
    assert "/validate" in client.get("/sitemap.xml?kind=").text
