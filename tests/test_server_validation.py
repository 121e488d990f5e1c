"""The page about the validation of the content: results by severity and thing, shapes, filters, data."""

import json
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from rdflib import Graph
from rdflib.compare import isomorphic

from sikkerby_kg import Settings, open_graph
from sikkerby_kg.folders import find_folders
from sikkerby_kg.judging import Judgement
from sikkerby_kg.server import create_app
from sikkerby_kg.server.site import EXTENSION, Site
from sikkerby_kg.validation import ValidationReport, validate_content
from sikkerby_kg.validation.explanation import rules_of
from sikkerby_kg.validation.writers import Document, Files, in_order, written
from tests.conftest import CITY
from tests.running import served, wait_for

HTML = {"Accept": "text/html"}
PATTERN = "https://example.org/blob/main/{file}#L{line}"


def judged(app: Flask) -> FlaskClient:
    """A client of an app whose content has been judged."""
    site: Site = app.extensions[EXTENSION]
    assert site.judges.content(180) is not None
    return app.test_client()


def judgement_of(client: FlaskClient) -> Judgement:
    """What the pages are made from."""
    found = client.application.extensions[EXTENSION].judges.content()
    assert isinstance(found, Judgement)
    return found


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
    assert {name: int(count) for name, count in counted} == report["counts"]


def test_get_validation_links_each_result_to_its_thing_and_its_shape(ours: FlaskClient) -> None:
    report = json.loads(ours.get("/validation?format=json").text)
    page = ours.get("/validation?lang=en", headers=HTML).text
    assert len(report["results"]) > 5
    for result in report["results"]:
        thing = result["focus"]["value"].rpartition("/id/")[2]
        assert f'href="/document/{thing}?lang=en"' in page
        shape = result["shape"]["value"].rpartition("/shape/")[2]
        assert f'href="/document/shape/{shape}?lang=en"' in page
    assert "data/statements/" in page


def test_get_validation_leads_to_the_page_of_every_shape(ours: FlaskClient) -> None:
    """… and each of these says what the shape demands, with its severity."""
    page = ours.get("/validation?lang=en", headers=HTML).text
    for shape in judgement_of(ours).shapes:
        name = shape.iri.rpartition("/shape/")[2]
        href = f"/document/shape/{name}?lang=en"
        assert f'href="{href}"' in page
        about = ours.get(href, headers=HTML)
        assert about.status_code == 200
        assert 'class="tag severity"' in about.text, name


@pytest.mark.slow
def test_get_validation_leads_to_the_page_of_every_shape_of_a_property(ours: FlaskClient) -> None:
    """From page to page; each says what is demanded, how badly, what is said, why, and gives examples."""
    start = ours.get("/validation?lang=en", headers=HTML).text
    link = re.compile(r'href="/document/(shape/[^"?]+)\?lang=en"')
    waiting, pages = list(dict.fromkeys(link.findall(start))), dict[str, str]()
    while waiting:
        name = waiting.pop()
        answer = ours.get(f"/document/{name}?lang=en", headers=HTML)
        assert answer.status_code == 200, name
        pages[name] = unescape(answer.text)
        rules = answer.text.partition('id="rules"')[2].partition("</section>")[0]
        waiting += [each for each in dict.fromkeys(link.findall(rules)) if each not in {*pages, *waiting}]
    site: Site = ours.application.extensions[EXTENSION]
    named = {f"shape/{iri.rpartition('/shape/')[2]}": shape for iri, shape in site.shapes.shapes.items()}
    assert len(named) > 150
    assert named.keys() - pages.keys() == set()
    for name, shape in named.items():
        said = [
            re.sub(r"\{[?$]\w+\}", "…", each.get("en", "")) for each in (shape.message, shape.description)
        ]
        for part in (*said, 'class="tag severity"', 'id="passes"', 'id="fails"'):
            assert part in pages[name], name


def test_get_a_shape_shows_what_passes_and_what_fails(ours: FlaskClient) -> None:
    page = unescape(ours.get("/document/shape/KnowledgeGap-kind?lang=en", headers=HTML).text)
    passes = re.search(r'aria-labelledby="passes"><code>(.*?)</code>', page, re.DOTALL)
    assert passes
    assert "dct:type gap-kind:" in passes[1]
    fails = re.findall(r'<h3 id="fails-\d">(.*?)</h3>\s*<pre[^>]*><code>(.*?)</code>', page, re.DOTALL)
    assert [title for title, _ in fails][:2] == ["at least 1", "at most 1"]
    assert dict(fails)["at least 1"] == "<del>- ex:good dct:type gap-kind:not-stated .</del>"
    assert "+ is put in." in page


def test_get_a_shape_with_one_demand_shows_a_thing_that_fails(ours: FlaskClient) -> None:
    page = unescape(ours.get("/document/shape/Rationale-use?lang=en", headers=HTML).text)
    fails = re.search(r'aria-labelledby="fails"><code>(.*?)</code>', page, re.DOTALL)
    assert fails
    assert fails[1].startswith("ex:use\n")
    assert "+ is put in." not in page


def test_get_validation_says_which_shapes_have_nothing_to_look_at(citys: FlaskClient) -> None:
    page = citys.get("/validation?lang=en", headers=HTML).text
    idle = [each for each in judgement_of(citys).shapes if each.focus == 0 and not each.by_query]
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


# --- As data --------------------------------------------------------------------------------------

KINDS = {
    "json": "application/json",
    "turtle": "text/turtle",
    "sarif": "application/sarif+json",
    "junit": "application/xml",
    "text": "text/plain",
}


@cache
def _report(root: Path) -> ValidationReport:
    return validate_content(find_folders(root))


def written_by_the_command(root: Path, name: str, lang: str) -> str:
    """What ``sikkerby-kg validate`` would write, run in the folder of the root."""
    folders = find_folders(root)
    report = in_order(_report(root))
    return written(name, Document(report, lang, Files(folders, root.resolve()), rules_of(folders)))


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", ["json", "text", "codequality", "turtle"])
def test_get_validation_as_data_is_what_the_command_writes(
    citys: FlaskClient, city_root: Path, name: str, lang: str
) -> None:
    answer = citys.get(f"/validation?format={name}&lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["X-Sikkerby-Conforms"] == "false"
    wanted = written_by_the_command(city_root, name, lang)
    if name == "turtle":
        found, other = (Graph().parse(data=text, format="turtle") for text in (answer.text, wanted))
        assert isomorphic(found, other)
        assert len(found) > 100
    else:
        assert answer.text == wanted


@pytest.mark.parametrize("name", KINDS)
def test_get_validation_by_accept_is_that_by_name(citys: FlaskClient, name: str) -> None:
    liked = citys.get("/validation?lang=da", headers={"Accept": f"text/html;q=0.5, {KINDS[name]}"})
    named = citys.get(f"/validation?lang=da&format={name}", headers=HTML)
    assert liked.mimetype == KINDS[name]
    assert liked.data == named.data
    assert liked.headers["Content-Location"].endswith(f"format={name}")
    assert "Accept" in liked.headers["Vary"]


def test_get_validation_of_a_file_that_stands_alone_is_an_attachment(citys: FlaskClient) -> None:
    answer = citys.get("/validation?format=html-file&lang=en")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="validation.html"'
    assert "data/register.trig" in answer.text
    assert "<script" not in answer.text


def test_get_validation_in_a_format_there_is_not_is_a_406_that_names_those(citys: FlaskClient) -> None:
    answer = citys.get("/validation", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert {*KINDS.values(), "text/html"} <= {*json.loads(answer.text)["formats"]}


def test_get_validation_as_data_is_in_the_language_of_the_reader(citys: FlaskClient) -> None:
    """… and a cache keeps the languages apart."""
    answers = [
        citys.get("/validation?format=json", headers={"Accept-Language": lang}) for lang in ("da", "en")
    ]
    assert [json.loads(each.text)["language"] for each in answers] == ["da", "en"]
    assert all("Accept-Language" in each.headers["Vary"] for each in answers)
    assert answers[0].headers["ETag"] != answers[1].headers["ETag"]


def test_get_validation_as_json_is_as_its_schema_says(citys: FlaskClient) -> None:
    described = json.loads(citys.get("/openapi.json").text)
    (schema, _) = described["paths"]["/validation"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]["anyOf"]
    schema = {**schema, "components": described["components"]}
    report = json.loads(citys.get("/validation?format=json").text)
    Draft202012Validator(schema).validate(report)
    del report["results"][0]["severity"]
    assert not Draft202012Validator(schema).is_valid(report)


def test_get_validation_lists_the_reports(citys: FlaskClient) -> None:
    page = citys.get("/validation?lang=en", headers=HTML).text
    for name in (*KINDS, "codequality", "html-file"):
        (href,) = re.findall(rf'href="([^"]*format={name}[^"]*)"', page)
        assert citys.get(unescape(href)).status_code == 200


def test_get_metrics_has_numbers_of_judges(citys: FlaskClient) -> None:
    citys.post("/validate", data=b"<http://e/a> <http://e/b", headers={"Content-Type": "text/turtle"})
    lines = citys.get("/metrics").text.splitlines()
    numbers = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    for name in ("judges", "judges_idle", "validations_running", "validations_waiting"):
        assert float(numbers[f"sikkerby_{name}"]) >= 0
    assert float(numbers['sikkerby_validations_total{end="answered"}']) >= 1
    assert float(numbers['sikkerby_validations_total{end="ContentError"}']) >= 1
